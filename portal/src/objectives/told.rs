//! What a service told, as far as SLIs can be about it.

use std::{collections::BTreeSet, ops::Range};

use anyhow::Context;
use seaworthy_slo::{Minute, Sli};
use seaworthy_telemetry::{
    metric::{MetricQuery, Series},
    model::{SpanMinute, Window},
};

use super::sli::Evidence;
use crate::{signals::Source, state::App};

/// Metrics that a service sends whether somebody asks something of it or not.
const SIGNS_OF_LIFE: [&str; 2] = ["process.cpu.time", "http.server.active_requests"];

/// Series and spans of some time.
#[derive(Debug)]
pub(crate) struct Told {
    series: Vec<Series>,
    spans: Vec<SpanMinute>,
}

impl Told {
    /// Loads what any of these SLIs can be about, in cells of so many minutes. Spans are always by the minute.
    pub(crate) async fn load(
        app: &App,
        service: &str,
        slis: &[&Sli],
        minutes: Range<Minute>,
        step_minutes: u32,
    ) -> anyhow::Result<Self> {
        let series = Self::series(app, service, slis, minutes.clone(), step_minutes).await?;
        let window = window(&minutes);
        let spans = match Source::among(&series) {
            Some(_) => Vec::new(),
            None => app.telemetry().span_minutes(service, window).await.context("the spans of an SLO")?,
        };
        Ok(Self { series, spans })
    }

    /// Only the series, for what spans cannot tell.
    pub(super) async fn series(
        app: &App,
        service: &str,
        slis: &[&Sli],
        minutes: Range<Minute>,
        step_minutes: u32,
    ) -> anyhow::Result<Vec<Series>> {
        let mut series = Vec::new();
        for name in metrics(slis) {
            let query = MetricQuery {
                service: Some(service.to_owned()),
                name: Some(name.to_owned()),
                window: window(&minutes),
                step_minutes,
            };
            series.extend(app.telemetry().series(query).await.context("the telemetry of an SLO")?);
        }
        Ok(series)
    }

    /// The same for the maths.
    pub(crate) fn evidence(&self) -> Evidence<'_> {
        Evidence { series: &self.series, spans: &self.spans }
    }
}

fn window(minutes: &Range<Minute>) -> Window {
    let nanos = |minute: Minute| u64::try_from(minute.0).unwrap_or_default() * 60_000_000_000;
    Window { from: nanos(minutes.start), to: nanos(minutes.end) }
}

fn metrics<'s>(slis: &[&'s Sli]) -> BTreeSet<&'s str> {
    let mut names: BTreeSet<&'s str> = SIGNS_OF_LIFE.into_iter().collect();
    for sli in slis {
        match sli {
            Sli::Availability { .. } | Sli::Latency { .. } => {
                for name in Source::METRICS.into_iter().filter_map(Source::metric) {
                    names.insert(name);
                }
            }
            Sli::Ratio { good: part, total } | Sli::Failures { bad: part, total } => {
                names.extend([part.metric.as_str(), total.metric.as_str()]);
            }
        }
    }
    names
}
