//! What tools for load and for chaos write, as records.
//!
//! Nothing is invented. What a tool does not tell stays empty, what a figure stands for is said in a remark, and an output
//! that lacks what a record is for (how much failed, how long it took) is refused with the field and what to do.

mod chaos;
mod k6;
mod oha;
mod read;
mod vegeta;
mod wrk;

use jiff::Timestamp;
use serde::{Deserialize, de::IgnoredAny};

pub use chaos::scenario;
pub use read::MAX_IMPORT_BYTES;

use crate::{Body as _, LoadTest, Mistake, Stage, Within};

/// A record that was read, and what its reader should know of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported<T> {
    /// The record.
    pub record: T,
    /// Sentences about what its figures are and are not.
    pub remarks: Vec<String>,
}

/// What no tool tells, or not all of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// When the test ran, where its output does not say.
    pub ran_at: Timestamp,
    /// The version of the service that was tested.
    pub build: Option<String>,
    /// What was tested; empty where the output says.
    pub target: String,
    /// The SLOs to judge by; none where somebody else judges.
    pub within: Option<Within>,
}

/// What one tool measured.
struct Measured {
    tool: &'static str,
    ran_at: Option<Timestamp>,
    target: Option<String>,
    duration_s: f64,
    stage: Stage,
    remarks: Vec<String>,
}

/// Reads what a load tool wrote: k6 (`--summary-export`, or the data of `handleSummary`), oha (`--output-format json`, and
/// `--json` of older ones), vegeta (`vegeta report -type=json`), or wrk and wrk2 (`--latency`).
///
/// # Errors
/// When it is of none of them, too long, or lacks what a load test is for: the field, and what to do.
pub fn load_test(output: &str, given: &Given) -> Result<Imported<LoadTest>, Mistake> {
    read::fits(output)?;
    let measured = match Tool::of(output)? {
        Tool::K6 => k6::read(output),
        Tool::Oha => oha::read(output),
        Tool::Vegeta => vegeta::read(output),
        Tool::Wrk => wrk::read(output),
    }?;
    measured.into_test(given)
}

enum Tool {
    K6,
    Oha,
    Vegeta,
    Wrk,
}

/// Fields that each tool writes, and no other.
#[derive(Deserialize)]
struct Marks {
    #[serde(rename = "latencyPercentiles")]
    oha: Option<IgnoredAny>,
    #[serde(rename = "latencies")]
    vegeta: Option<IgnoredAny>,
    metrics: Option<IgnoredAny>,
    results: Option<IgnoredAny>,
    steady_states: Option<IgnoredAny>,
    summary: Option<IgnoredAny>,
}

impl Tool {
    fn of(output: &str) -> Result<Self, Mistake> {
        let text = output.trim_start();
        // People copy the line with the command, too.
        let wrk = |line: &str| line.trim_start().starts_with("Running ") && line.contains(" test @ ");
        if text.lines().take(10).any(wrk) {
            return Ok(Self::Wrk);
        }
        if !text.starts_with('{') {
            return Err(read::mistake("", UNKNOWN));
        }
        let marks: Marks = read::json(text)?;
        match marks {
            Marks { steady_states: Some(_), .. } => {
                Err(read::mistake("", "it is a journal of the Chaos Toolkit; import it into a gameday"))
            }
            Marks { vegeta: Some(_), .. } => Ok(Self::Vegeta),
            Marks { oha: Some(_), .. } => Ok(Self::Oha),
            // oha calls what k6 calls so, too, but beside a summary.
            Marks { summary: Some(_), .. } => Ok(Self::Oha),
            Marks { metrics: Some(_), .. } | Marks { results: Some(_), .. } => Ok(Self::K6),
            _ => Err(read::mistake("", UNKNOWN)),
        }
    }
}

const UNKNOWN: &str = "it is no output that can be read; give that of k6 run --summary-export FILE, oha --output-format json, \
     vegeta report -type=json or wrk --latency";

impl Measured {
    fn into_test(self, given: &Given) -> Result<Imported<LoadTest>, Mistake> {
        let Self { tool, ran_at, target, duration_s, stage, mut remarks } = self;
        let mut test = LoadTest {
            ran_at: ran_at.unwrap_or(given.ran_at),
            build: given.build.clone(),
            tool: tool.to_owned(),
            target: Some(&given.target)
                .filter(|text| !text.trim().is_empty())
                .cloned()
                .or(target)
                .unwrap_or_default(),
            duration_s,
            highest_rate_within_slo: None,
            stages: vec![stage],
            note: String::new(),
            link: None,
        };
        remarks.push(test.judge(given.within.as_ref()));
        if test.target.is_empty() {
            let message = format!(
                "{tool} does not tell what it tested; say it, for example https://shop.example/orders"
            );
            return Err(Mistake { field: "target".to_owned(), message });
        }
        test.check().map_err(|mut mistakes| mistakes.swap_remove(0))?;
        Ok(Imported { record: test, remarks })
    }
}

impl LoadTest {
    /// Takes the highest rate that held, and says so.
    fn judge(&mut self, within: Option<&Within>) -> String {
        let rate = self.stages.first().map_or(0.0, |stage| stage.rate);
        let Some(within) = within else {
            return format!(
                "The tool was not told the SLOs, so no highest rate within them is taken from it. It measured one rate, \
                 {rate:.1} requests/s: enter that as the highest rate if the service held its SLOs."
            );
        };
        self.highest_rate_within_slo = self.highest_within(within);
        match self.highest_rate_within_slo {
            Some(rate) => format!(
                "{rate:.1} requests/s is taken as the highest rate within SLO: it is the one that was measured, and it held. \
                 The service may take more."
            ),
            None => format!(
                "At {rate:.1} requests/s the SLOs did not hold, or what they ask was not measured, so there is no highest rate \
                 within them. Test with less load."
            ),
        }
    }
}

#[cfg(test)]
mod tests;
