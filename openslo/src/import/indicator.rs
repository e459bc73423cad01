//! What is measured: SLIs that Seaworthy evaluates, in and out.
//!
//! - `ratioMetric` with `good` or `bad` and `total`, each of a metric source of type `Seaworthy` or `OpenTelemetry` with
//!   the spec `{metric, attributes}`.
//! - `ratioMetric` with `rawType: success` and `raw`, of a metric source of type `Seaworthy` with the spec
//!   `{kind: availability, routes, methods, badStatuses}` or `{kind: latency, routes, methods, threshold}`.

use seaworthy_slo::{Counter, Scope, Sli};
use serde_json::{Map, Value, json};

use super::{
    findings::{At, Findings},
    names::Names,
    source::{Availability, Latency, Ready, Series, source_spec},
};
use crate::v1::{DataSource, Indicator, Metric, MetricSource, RatioMetric, RawType};

/// The type of metric sources that are Seaworthy's own.
pub(crate) const SEAWORTHY: &str = "Seaworthy";
const OPEN_TELEMETRY: &str = "OpenTelemetry";

/// What Seaworthy evaluates; none where it cannot, with the reason among the findings.
pub(crate) fn read(
    indicator: &Indicator,
    at: &At<'_>,
    names: &Names<'_>,
    findings: &mut Findings,
) -> Option<Sli> {
    match (&indicator.ratio_metric, &indicator.threshold_metric) {
        (Some(ratio), None) => Reader { names, findings }.ratio(ratio, &at.field("ratioMetric")),
        (None, Some(metric)) => Reader { names, findings }.threshold(metric, &at.field("thresholdMetric")),
        (Some(_), Some(_)) => {
            findings.error(at, "has both a ratioMetric and a thresholdMetric; leave one of them out")
        }
        (None, None) => findings.error(at, "has neither a ratioMetric nor a thresholdMetric; one is needed"),
    }
}

struct Reader<'r, 'd> {
    names: &'r Names<'d>,
    findings: &'r mut Findings,
}

impl Reader<'_, '_> {
    fn ratio(&mut self, ratio: &RatioMetric, at: &At<'_>) -> Option<Sli> {
        let RatioMetric { counter, good, bad, total, raw_type, raw } = ratio;
        match (good, bad, total, raw) {
            (Some(good), None, Some(total), None) if raw_type.is_none() => {
                let (good, total) = self.counters(("good", good), total, *counter, at)?;
                Some(Sli::Ratio { good, total })
            }
            (None, Some(bad), Some(total), None) if raw_type.is_none() => {
                let (bad, total) = self.counters(("bad", bad), total, *counter, at)?;
                Some(Sli::Failures { bad, total })
            }
            (None, None, None, Some(raw)) => match raw_type {
                Some(raw_type) => self.raw(raw, *raw_type, at),
                None => self.findings.error(&at.field("rawType"), "is missing; it is success or failure"),
            },
            _ => self.findings.error(
                at,
                "is to have good and total, or bad and total, or raw and rawType, and no other of them",
            ),
        }
    }

    fn counters(
        &mut self,
        part: (&str, &Metric),
        total: &Metric,
        counter: Option<bool>,
        at: &At<'_>,
    ) -> Option<(Counter, Counter)> {
        let (field, part) = part;
        let parts = [(field, part), ("total", total)].map(|(field, metric)| {
            let at = at.field(field).field("metricSource");
            self.is_ours(&metric.metric_source, &at).then(|| self.series(&metric.metric_source, &at))
        });
        if counter == Some(false) && parts.iter().all(Option::is_some) {
            self.findings
                .warn(&at.field("counter"), "is kept; the metrics are read as counters all the same");
        }
        let [Some(part), Some(total)] = parts else { return None };
        Some((part?, total?))
    }

    fn series(&mut self, source: &MetricSource, at: &At<'_>) -> Option<Counter> {
        let Series { metric, attributes } = source_spec(source, at, self.findings)?;
        Some(Counter { metric, attributes })
    }

    fn raw(&mut self, raw: &Metric, raw_type: RawType, at: &At<'_>) -> Option<Sli> {
        let (source, at) = (&raw.metric_source, at.field("raw").field("metricSource"));
        if !self.is_ours(source, &at) {
            return None;
        }
        if raw_type == RawType::Failure {
            return self.findings.error(&at, "tells what was good; make rawType success");
        }
        match source.spec.get("kind").and_then(Value::as_str) {
            Some("availability") => {
                let Availability { kind: Ready, routes, methods, bad_statuses } =
                    source_spec(source, &at, self.findings)?;
                let bad_statuses = bad_statuses.into_iter().map(|range| (range.from, range.to)).collect();
                Some(Sli::Availability { scope: Scope { routes, methods }, bad_statuses })
            }
            Some("latency") => {
                let Latency { kind: Ready, routes, methods, threshold } =
                    source_spec(source, &at, self.findings)?;
                Some(Sli::Latency { scope: Scope { routes, methods }, threshold_ms: threshold.0 })
            }
            _ => self.findings.error(
                &at.field("spec").field("kind"),
                "is to be availability or latency; for a metric of your own give good and total",
            ),
        }
    }

    fn threshold(&mut self, metric: &Metric, at: &At<'_>) -> Option<Sli> {
        let at = at.field("metricSource");
        if !self.is_ours(&metric.metric_source, &at) {
            return None;
        }
        self.findings.error(
            &at,
            "is not read as a value to compare; give a ratioMetric with rawType success and raw, and there kind latency and a threshold",
        )
    }

    /// Whether Seaworthy evaluates such a source.
    fn is_ours(&mut self, source: &MetricSource, at: &At<'_>) -> bool {
        let known = match (&source.source_type, &source.metric_source_ref) {
            (Some(source_type), reference) => {
                if let Some(name) = reference
                    && self.names.find::<DataSource>(name).is_none()
                {
                    self.findings.warn(
                        &at.field("metricSourceRef"),
                        format!(
                            "is kept; there is no DataSource named {:?} in these files",
                            seaworthy_yaml::shown(name)
                        ),
                    );
                }
                Some(source_type.clone())
            }
            (None, Some(name)) => self
                .names
                .refer::<DataSource>(name, &at.field("metricSourceRef"), self.findings)
                .map(|(source, _)| source.spec.source_type.clone()),
            (None, None) => {
                self.findings.error(at, "has neither a type nor a metricSourceRef; one is needed")
            }
        };
        let Some(known) = known else { return false };
        let ours = known == SEAWORTHY || known == OPEN_TELEMETRY;
        if !ours {
            self.findings.warn(
                at,
                format!(
                    "is of type {:?}: kept, but what it measures is not evaluated; {SEAWORTHY} and {OPEN_TELEMETRY} are",
                    seaworthy_yaml::shown(&known)
                ),
            );
        }
        ours
    }
}

/// An SLI as OpenSLO says it.
pub(crate) fn write(sli: &Sli) -> Indicator {
    let ratio = match sli {
        Sli::Availability { scope, bad_statuses } => {
            let mut spec = scoped("availability", scope);
            if !bad_statuses.is_empty() {
                let ranges = bad_statuses.iter().map(|(from, to)| format!("{from}-{to}")).collect();
                spec.insert("badStatuses".to_owned(), ranges);
            }
            raw(spec)
        }
        Sli::Latency { scope, threshold_ms } => {
            let mut spec = scoped("latency", scope);
            spec.insert("threshold".to_owned(), format!("{threshold_ms}ms").into());
            raw(spec)
        }
        Sli::Ratio { good, total } => {
            RatioMetric { good: Some(series(good)), total: Some(series(total)), ..counting() }
        }
        Sli::Failures { bad, total } => {
            RatioMetric { bad: Some(series(bad)), total: Some(series(total)), ..counting() }
        }
    };
    Indicator { ratio_metric: Some(ratio), ..Indicator::default() }
}

fn counting() -> RatioMetric {
    RatioMetric { counter: Some(true), ..RatioMetric::default() }
}

fn raw(spec: Map<String, Value>) -> RatioMetric {
    RatioMetric { raw_type: Some(RawType::Success), raw: Some(ours(spec)), ..RatioMetric::default() }
}

fn scoped(kind: &str, Scope { routes, methods }: &Scope) -> Map<String, Value> {
    let mut spec = Map::from_iter([("kind".to_owned(), kind.into())]);
    for (field, names) in [("routes", routes), ("methods", methods)] {
        if !names.is_empty() {
            spec.insert(field.to_owned(), names.clone().into());
        }
    }
    spec
}

fn series(Counter { metric, attributes }: &Counter) -> Metric {
    let mut spec = Map::from_iter([("metric".to_owned(), metric.clone().into())]);
    if !attributes.is_empty() {
        spec.insert("attributes".to_owned(), json!(attributes));
    }
    ours(spec)
}

fn ours(spec: Map<String, Value>) -> Metric {
    let source_type = Some(SEAWORTHY.to_owned());
    Metric { metric_source: MetricSource { metric_source_ref: None, source_type, spec } }
}
