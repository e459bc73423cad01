//! k6: `--summary-export`, the data of `handleSummary`, and `--new-machine-readable-summary`.
//!
//! Source: `internal/js/summary.go`, `summary-wrapper.js` and `internal/lib/summary/machine_readable.go` of grafana/k6.
//! Durations are milliseconds whatever `--summary-time-unit` says. The exported summary lacks how long the test ran, which
//! follows from the count of requests and their rate; the machine-readable one lacks the rate, which follows from the other two.

use serde::Deserialize;

use super::{
    Measured,
    read::{json, number, positive, share, some_number},
};
use crate::{Mistake, Stage};

#[derive(Deserialize)]
struct Summary {
    metrics: Option<Metrics>,
    state: Option<State>,
    results: Option<Results>,
    config: Option<Config>,
}

#[derive(Deserialize)]
struct State {
    #[serde(rename = "testRunDurationMs")]
    duration_ms: Option<f64>,
}

#[derive(Deserialize)]
struct Config {
    duration: Option<f64>,
}

#[derive(Deserialize)]
struct Results {
    metrics: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
    #[serde(default)]
    values: Values,
}

#[derive(Default, Deserialize)]
struct Metrics {
    http_reqs: Option<Values>,
    http_req_failed: Option<Values>,
    http_req_duration: Option<Values>,
    dropped_iterations: Option<Values>,
}

/// `handleSummary` has the values in an object of their own, the export beside the thresholds.
#[derive(Default, Deserialize)]
struct Values {
    values: Option<Box<Values>>,
    count: Option<f64>,
    rate: Option<f64>,
    value: Option<f64>,
    #[serde(rename = "med")]
    median: Option<f64>,
    #[serde(rename = "p(50)")]
    p50: Option<f64>,
    #[serde(rename = "p(95)")]
    p95: Option<f64>,
    #[serde(rename = "p(99)")]
    p99: Option<f64>,
}

const NO_REQUESTS: &str = "k6 writes it when the script sends HTTP requests; give the summary of such a test";
const NO_FAILURES: &str = "k6 writes it unless the script calls setResponseCallback(null); run it again without, so that failures are counted";
const NO_DURATIONS: &str = "run k6 with --summary-trend-stats=\"med,p(95),p(99)\"";

pub(super) fn read(output: &str) -> Result<Measured, Mistake> {
    let summary: Summary = json(output)?;
    let told_s = summary.state.and_then(|state| state.duration_ms).map(|ms| ms / 1_000.0);
    let told_s = told_s.or(summary.config.and_then(|config| config.duration));
    let metrics = summary.metrics.or(summary.results.map(Metrics::from)).unwrap_or_default();
    let [requests, failed, took, dropped] =
        [metrics.http_reqs, metrics.http_req_failed, metrics.http_req_duration, metrics.dropped_iterations]
            .map(|metric| metric.unwrap_or_default().own());
    let (duration_s, rate) = pace(&requests, told_s)?;
    let stage = Stage {
        rate,
        p50_ms: some_number("metrics.http_req_duration.med", took.median.or(took.p50), NO_DURATIONS)?,
        p95_ms: some_number("metrics.http_req_duration.p(95)", took.p95, NO_DURATIONS)?,
        p99_ms: some_number("metrics.http_req_duration.p(99)", took.p99, NO_DURATIONS)?,
        error_share: share("metrics.http_req_failed", failed.rate.or(failed.value), NO_FAILURES)?,
    };
    if stage.p95_ms.is_none() && stage.p99_ms.is_none() {
        number("metrics.http_req_duration.p(99)", None, NO_DURATIONS)?;
    }
    Ok(Measured {
        tool: "k6",
        ran_at: None,
        target: None,
        duration_s,
        remarks: remarks(&stage, &dropped),
        stage,
    })
}

/// Seconds and requests per second, each of which may follow from the other.
fn pace(requests: &Values, told_s: Option<f64>) -> Result<(f64, f64), Mistake> {
    let count = positive("metrics.http_reqs.count", requests.count, NO_REQUESTS)?;
    let rate = some_number("metrics.http_reqs.rate", requests.rate, NO_REQUESTS)?.filter(|rate| *rate > 0.0);
    let told_s = some_number("state.testRunDurationMs", told_s, NO_REQUESTS)?.filter(|told_s| *told_s > 0.0);
    match (told_s, rate) {
        (Some(told_s), rate) => Ok((told_s, rate.unwrap_or(count / told_s))),
        (None, Some(rate)) => Ok((count / rate, rate)),
        (None, None) => {
            positive("metrics.http_reqs.rate", None, NO_REQUESTS).map(|rate| (count / rate, rate))
        }
    }
}

fn remarks(stage: &Stage, dropped: &Values) -> Vec<String> {
    let mut remarks = vec![format!(
        "{:.1} requests/s is the mean of the whole run; where load was ramped up, the highest was above it.",
        stage.rate
    )];
    if stage.p99_ms.is_none() {
        remarks.push(format!("There is no p99: {NO_DURATIONS} to have it."));
    }
    if let Some(dropped) = dropped.count.filter(|count| *count > 0.0) {
        remarks.push(format!(
            "k6 dropped {dropped} iterations because it had no virtual user free, so it sent less than it was asked to."
        ));
    }
    remarks
}

impl Values {
    fn own(mut self) -> Self {
        self.values.take().map_or(self, |values| *values)
    }
}

impl From<Results> for Metrics {
    fn from(results: Results) -> Self {
        let mut metrics = Self::default();
        for Named { name, values } in results.metrics {
            match name.as_str() {
                "http_reqs" => metrics.http_reqs = Some(values),
                "http_req_failed" => metrics.http_req_failed = Some(values),
                "http_req_duration" => metrics.http_req_duration = Some(values),
                "dropped_iterations" => metrics.dropped_iterations = Some(values),
                _ => {}
            }
        }
        metrics
    }
}
