//! vegeta: `vegeta report -type=json`.
//!
//! Source: `lib/metrics.go` of tsenart/vegeta. Durations are nanoseconds. A success is a status of 200 to 399.

use jiff::Timestamp;
use serde::Deserialize;

use super::{
    Measured,
    read::{json, mistake, number, positive, share, some_number, time},
};
use crate::{Mistake, Stage};

#[derive(Deserialize)]
struct Report {
    latencies: Option<Latencies>,
    #[serde(default, deserialize_with = "time")]
    earliest: Option<Timestamp>,
    duration: Option<f64>,
    wait: Option<f64>,
    requests: Option<f64>,
    rate: Option<f64>,
    success: Option<f64>,
}

#[derive(Deserialize)]
struct Latencies {
    #[serde(rename = "50th")]
    p50: Option<f64>,
    #[serde(rename = "95th")]
    p95: Option<f64>,
    #[serde(rename = "99th")]
    p99: Option<f64>,
}

const AGAIN: &str = "give the output of vegeta report -type=json of an attack of some seconds";

pub(super) fn read(output: &str) -> Result<Measured, Mistake> {
    let report: Report = json(output)?;
    let latencies =
        report.latencies.ok_or_else(|| mistake("latencies", format!("it is missing; {AGAIN}")))?;
    let ms =
        |name: &str, ns: Option<f64>| some_number(&format!("latencies.{name}"), ns.map(|ns| ns / 1e6), AGAIN);
    let requests = positive("requests", report.requests, AGAIN)?;
    let duration_s = positive("duration", report.duration, AGAIN)? / 1e9;
    let answered_s = duration_s + number("wait", report.wait, AGAIN)? / 1e9;
    let stage = Stage {
        rate: requests / answered_s,
        p50_ms: ms("50th", latencies.p50)?,
        p95_ms: ms("95th", latencies.p95)?,
        p99_ms: ms("99th", latencies.p99)?,
        // Without what only binary fractions know.
        error_share: ((1.0 - share("success", report.success, AGAIN)?) * 1e9).round() / 1e9,
    };
    if stage.p95_ms.is_none() && stage.p99_ms.is_none() {
        return Err(mistake("latencies.99th", format!("it is missing; {AGAIN}")));
    }
    let sent = some_number("rate", report.rate, AGAIN)?.unwrap_or(requests / duration_s);
    let remarks = vec![format!(
        "{:.1} requests/s is what was sent and waited for, {requests} in {answered_s:.1} s; {sent:.1} requests/s were sent.",
        stage.rate
    )];
    Ok(Measured { tool: "vegeta", ran_at: report.earliest, target: None, duration_s, stage, remarks })
}
