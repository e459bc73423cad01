//! How much a service can take.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Body;
use crate::{
    Mistake,
    mistake::{LIST, Mistakes, NOTE_BYTES},
};

/// No test runs longer, and no rate is higher: what is beyond is a slip.
const MOST: f64 = 1e9;

/// A load test: what was sent, and how the service answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadTest {
    /// When it began.
    pub ran_at: Timestamp,
    /// The version of the service that was tested, as its instances report it; none where nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<String>,
    /// What sent the load: `k6`.
    pub tool: String,
    /// What it was sent to: a URL, or a route in words.
    pub target: String,
    /// Seconds that it ran.
    pub duration_s: f64,
    /// The highest rate at which the service held its SLOs, in requests per second; none where nobody has judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub highest_rate_within_slo: Option<f64>,
    /// What was measured at each rate.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<Stage>,
    /// Whatever else there is to say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Where the whole result is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// What was measured at one rate. A percentile that the tool did not tell is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Requests per second.
    pub rate: f64,
    /// Milliseconds within which half of the requests were answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p50_ms: Option<f64>,
    /// Milliseconds within which 95 % were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p95_ms: Option<f64>,
    /// Milliseconds within which 99 % were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p99_ms: Option<f64>,
    /// The share of requests that failed, 0 to 1.
    pub error_share: f64,
}

/// What a service must hold for a rate to count: its SLOs, as far as a load test can tell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Within {
    /// The largest share of requests that may fail, 0 to 1.
    pub error_share: Option<f64>,
    /// The longest p50, in milliseconds.
    pub p50_ms: Option<f64>,
    /// The longest p95, in milliseconds.
    pub p95_ms: Option<f64>,
    /// The longest p99, in milliseconds.
    pub p99_ms: Option<f64>,
}

impl Within {
    /// Whether a stage held. What is asked but was not measured was not held; nothing that is asked holds nothing.
    pub fn held(&self, stage: &Stage) -> bool {
        let asked = [
            (self.error_share, Some(stage.error_share)),
            (self.p50_ms, stage.p50_ms),
            (self.p95_ms, stage.p95_ms),
            (self.p99_ms, stage.p99_ms),
        ];
        let mut asked =
            asked.iter().filter_map(|(limit, measured)| limit.map(|limit| (limit, *measured))).peekable();
        asked.peek().is_some()
            && asked.all(|(limit, measured)| measured.is_some_and(|measured| measured <= limit))
    }
}

impl LoadTest {
    /// The highest rate of a stage that held, below the lowest that did not.
    pub fn highest_within(&self, slo: &Within) -> Option<f64> {
        let (held, missed): (Vec<_>, Vec<_>) = self.stages.iter().partition(|stage| slo.held(stage));
        let edge = missed.iter().map(|stage| stage.rate).fold(f64::INFINITY, f64::min);
        held.iter().map(|stage| stage.rate).filter(|rate| *rate < edge).reduce(f64::max)
    }
}

impl Body for LoadTest {
    const KIND: &'static str = "load_test";

    fn check(&self) -> Result<(), Vec<Mistake>> {
        let mut mistakes = Mistakes::default();
        mistakes.some_line("build", self.build.as_deref(), "1.8.2");
        mistakes.line("tool", &self.tool, "k6");
        mistakes.said("target", &self.target, "https://shop.example/orders");
        mistakes.expect(self.duration_s > 0.0 && self.duration_s <= MOST, "duration_s", || {
            format!("{} s is no duration; write for example 300", self.duration_s)
        });
        if let Some(rate) = self.highest_rate_within_slo {
            check_rate("highest_rate_within_slo", rate, &mut mistakes);
        }
        mistakes.expect(
            self.highest_rate_within_slo.is_some() || !self.stages.is_empty(),
            "highest_rate_within_slo",
            || "the test says nothing yet; give the highest rate within SLO, or a stage with what was measured".to_owned(),
        );
        mistakes.count("stages", &self.stages, LIST);
        for (index, stage) in self.stages.iter().enumerate() {
            stage.check(index, &mut mistakes);
        }
        mistakes.text("note", &self.note, NOTE_BYTES);
        mistakes.link("link", self.link.as_deref());
        mistakes.done()
    }

    fn at(&self) -> Option<Timestamp> {
        Some(self.ran_at)
    }

    fn is_open(&self) -> bool {
        false
    }
}

fn check_rate(field: impl Into<String>, rate: f64, mistakes: &mut Mistakes) {
    mistakes.expect(rate > 0.0 && rate <= MOST, field, || {
        format!("{rate} requests/s is no rate; write for example 120")
    });
}

impl Stage {
    fn percentiles(&self) -> [(&'static str, Option<f64>); 3] {
        [("p50_ms", self.p50_ms), ("p95_ms", self.p95_ms), ("p99_ms", self.p99_ms)]
    }

    fn check(&self, index: usize, mistakes: &mut Mistakes) {
        let field = |name: &str| format!("stages[{index}].{name}");
        check_rate(field("rate"), self.rate, mistakes);
        mistakes.number(field("error_share"), self.error_share, "", 0.0, 1.0);
        let mut before = 0.0;
        for (name, percentile) in self.percentiles() {
            let Some(percentile) = percentile else { continue };
            mistakes.number(field(name), percentile, " ms", 0.0, MOST);
            mistakes.expect(percentile.is_nan() || before <= percentile, field(name), || {
                format!("{percentile} ms is less than a lower percentile, {before} ms; the higher one cannot be shorter")
            });
            before = before.max(percentile);
        }
    }
}
