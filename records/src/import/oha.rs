//! oha: `--output-format json`, and `--json` before 1.0.
//!
//! Source: `print_json` in `src/printer.rs` and `schema.json` of hatoo/oha. Times are seconds. Its success rate counts every
//! answer as a success, 500 too, so failures are counted here from the distribution of statuses and errors.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    Measured,
    read::{json, mistake, positive, some_number},
};
use crate::{Mistake, Stage};

#[derive(Deserialize)]
struct Output {
    summary: Option<Summary>,
    #[serde(rename = "latencyPercentiles")]
    percentiles: Option<Percentiles>,
    #[serde(rename = "statusCodeDistribution")]
    statuses: Option<BTreeMap<u16, u64>>,
    #[serde(rename = "errorDistribution")]
    errors: Option<BTreeMap<String, u64>>,
}

#[derive(Deserialize)]
struct Summary {
    total: Option<f64>,
    #[serde(rename = "requestsPerSec")]
    rate: Option<f64>,
}

#[derive(Deserialize)]
struct Percentiles {
    p50: Option<f64>,
    p95: Option<f64>,
    p99: Option<f64>,
}

const AGAIN: &str = "give the output of oha --output-format json of a test that was answered";
/// Requests that were under way when the time was up: neither answered nor failed.
const UNFINISHED: &str = "aborted due to deadline";

pub(super) fn read(output: &str) -> Result<Measured, Mistake> {
    let Output { summary, percentiles, statuses, errors } = json(output)?;
    let summary = summary.ok_or_else(|| mistake("summary", format!("it is missing; {AGAIN}")))?;
    let percentiles =
        percentiles.ok_or_else(|| mistake("latencyPercentiles", format!("it is missing; {AGAIN}")))?;
    let ms = |name: &str, seconds: Option<f64>| {
        some_number(&format!("latencyPercentiles.{name}"), seconds.map(|seconds| seconds * 1_000.0), AGAIN)
    };
    let stage = Stage {
        rate: positive("summary.requestsPerSec", summary.rate, AGAIN)?,
        p50_ms: ms("p50", percentiles.p50)?,
        p95_ms: ms("p95", percentiles.p95)?,
        p99_ms: ms("p99", percentiles.p99)?,
        error_share: error_share(statuses, errors)?,
    };
    if stage.p95_ms.is_none() && stage.p99_ms.is_none() {
        return Err(mistake("latencyPercentiles.p99", format!("it is missing; {AGAIN}")));
    }
    let remarks = vec![
        "Statuses other than 2xx and 3xx are counted as failures, as requests without an answer are.".to_owned(),
        "Unless it ran with -q and --latency-correction, oha waits for an answer before it sends the next request, and its \
         percentiles leave out what would have waited."
            .to_owned(),
    ];
    let duration_s = positive("summary.total", summary.total, AGAIN)?;
    Ok(Measured { tool: "oha", ran_at: None, target: None, duration_s, stage, remarks })
}

fn error_share(
    statuses: Option<BTreeMap<u16, u64>>,
    errors: Option<BTreeMap<String, u64>>,
) -> Result<f64, Mistake> {
    let statuses =
        statuses.ok_or_else(|| mistake("statusCodeDistribution", format!("it is missing; {AGAIN}")))?;
    let errors = errors.ok_or_else(|| mistake("errorDistribution", format!("it is missing; {AGAIN}")))?;
    let count = |counts: &mut dyn Iterator<Item = u64>| counts.map(|count| count as f64).sum::<f64>();
    let answers = count(&mut statuses.values().copied());
    let bad = count(
        &mut statuses.iter().filter(|(status, _)| !(200..400).contains(*status)).map(|(_, count)| *count),
    );
    let lost = count(&mut errors.iter().filter(|(why, _)| *why != UNFINISHED).map(|(_, count)| *count));
    match answers + lost {
        0.0 => Err(mistake("statusCodeDistribution", format!("no request was answered or failed; {AGAIN}"))),
        all => Ok((bad + lost) / all),
    }
}
