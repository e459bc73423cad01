//! Who spent a budget: routes and instances.

use std::{collections::BTreeMap, ops::Range};

use seaworthy_slo::{Counts, Exclusions, Minute, Sli};
use seaworthy_telemetry::{metric::Series, observed::is_load_test};

use super::{
    sli::{Evidence, events, uncertain},
    told::Told,
};
use crate::{
    signals::{Route, Source},
    state::App,
};

const HOUR: i64 = 60;
/// Whole hours are read by the day: only their sum matters, and a cell costs more to carry than to merge.
const LONG_STEP: u32 = 24 * 60;

/// Events by who answered them, over a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spent {
    /// By route, `POST /orders`.
    pub(crate) routes: BTreeMap<String, Counts>,
    /// By instance.
    pub(crate) instances: BTreeMap<String, Counts>,
    /// Requests that were marked as a load test, and count nowhere.
    pub(crate) load_test_events: u64,
    /// Requests that may have taken longer than the threshold of a latency, and count as good.
    pub(crate) uncertain_events: u64,
}

/// Adds up what happened in a range, without what is excluded.
pub(crate) async fn by(
    app: &App,
    service: &str,
    sli: &Sli,
    range: Range<Minute>,
    exclusions: &Exclusions,
) -> anyhow::Result<Spent> {
    let mut spent = Spent::default();
    let none = Exclusions::default();
    for (minutes, step) in pieces(range, exclusions) {
        let series = Told::series(app, service, &[sli], minutes, step).await?;
        // A long cell is known by its day's first minute, which may be an excluded one that is not in it.
        spent.add(sli, &series, if step == 1 { exclusions } else { &none });
    }
    Ok(spent)
}

impl Spent {
    fn add(&mut self, sli: &Sli, series: &[Series], exclusions: &Exclusions) {
        let mut instances: BTreeMap<&str, Vec<Series>> = BTreeMap::new();
        let mut routes: BTreeMap<String, Vec<Series>> = BTreeMap::new();
        let source = Source::among(series);
        for series in series {
            instances.entry(&series.instance).or_default().push(series.clone());
            if source.is_some_and(|source| source.has(series)) {
                let Route { method, route } = Route::of(&series.attributes);
                routes.entry(format!("{method} {route}").trim().to_owned()).or_default().push(series.clone());
                if is_load_test(&series.attributes) {
                    self.load_test_events += super::sli::observed(series);
                }
            }
        }
        let uncertain = uncertain(sli, series);
        let counted = uncertain.iter().filter(|(minute, _)| !exclusions.contain(**minute));
        self.uncertain_events += counted.map(|(_, events)| events).sum::<u64>();
        for (name, series) in instances {
            add(&mut self.instances, name.to_owned(), sum(sli, &series, exclusions));
        }
        if matches!(sli, Sli::Availability { .. } | Sli::Latency { .. }) {
            for (name, series) in routes {
                add(&mut self.routes, name, sum(sli, &series, exclusions));
            }
        }
    }
}

fn add(sums: &mut BTreeMap<String, Counts>, name: String, counts: Counts) {
    if counts.total() > 0 {
        *sums.entry(name).or_default() += counts;
    }
}

fn sum(sli: &Sli, series: &[Series], exclusions: &Exclusions) -> Counts {
    events(sli, Evidence { series, spans: &[] })
        .into_iter()
        .filter(|(minute, _)| !exclusions.contain(*minute))
        .fold(Counts::default(), |sum, (_, counts)| sum + counts)
}

/// A range in pieces with the step to read each by: whole hours where nothing is excluded, minutes where something is and
/// at the edges.
fn pieces(range: Range<Minute>, exclusions: &Exclusions) -> Vec<(Range<Minute>, u32)> {
    let mut pieces: Vec<(Range<Minute>, u32)> = Vec::new();
    let mut from = range.start;
    while from < range.end {
        let hour = Minute((from.0.div_euclid(HOUR) + 1) * HOUR);
        let to = hour.min(range.end);
        let whole = to.0 - from.0 == HOUR && !exclusions.touch(&(from..to));
        let step = if whole { LONG_STEP } else { 1 };
        match pieces.last_mut() {
            Some((last, same)) if *same == step => last.end = to,
            _ => pieces.push((from..to, step)),
        }
        from = to;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_whole_but_for_the_edges_and_what_is_excluded() {
        let minutes = |from, to| Minute(from)..Minute(to);
        let exclusions = Exclusions::new([minutes(130, 135)]);
        let expected = [
            (minutes(50, 60), 1),
            (minutes(60, 120), LONG_STEP),
            (minutes(120, 180), 1),
            (minutes(180, 300), LONG_STEP),
            (minutes(300, 301), 1),
        ];
        assert_eq!(pieces(minutes(50, 301), &exclusions), expected);
        assert!(pieces(minutes(5, 5), &exclusions).is_empty());
    }
}
