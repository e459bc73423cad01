//! wrk and wrk2: what they print with `--latency`.
//!
//! Source: `main` in `src/wrk.c` and `src/units.c` of wg/wrk and giltene/wrk2. wrk tells the 50th, 75th, 90th and 99th
//! percentile; wrk2 a spectrum beside them, in milliseconds, and where asked a second distribution, not corrected for delayed
//! starts, which is left out.

use url::Url;

use super::{
    Measured,
    read::{mistake, number, positive},
};
use crate::{Mistake, Stage};

const AGAIN: &str = "give what wrk --latency prints, whole and unchanged";

pub(super) fn read(output: &str) -> Result<Measured, Mistake> {
    let mut lines = Lines::default();
    output.lines().try_for_each(|line| lines.read(line.trim()))?;
    lines.measured()
}

/// What the lines of an output say.
#[derive(Default)]
struct Lines {
    target: Option<String>,
    distributions: usize,
    wrk2: bool,
    p50_ms: Option<f64>,
    p95_ms: Option<f64>,
    p99_ms: Option<f64>,
    requests: Option<f64>,
    duration_s: Option<f64>,
    lost: f64,
    bad: f64,
    rate: Option<f64>,
}

impl Lines {
    fn read(&mut self, line: &str) -> Result<(), Mistake> {
        if let Some((_, target)) = line.strip_prefix("Running ").and_then(|rest| rest.split_once(" test @ "))
        {
            self.target.get_or_insert_with(|| without_secrets(target));
        } else if line.starts_with("Latency Distribution") {
            self.distributions += 1;
            self.wrk2 |= line.contains("HdrHistogram");
        } else if let Some(rest) = line.strip_prefix("Socket errors:") {
            let counts = rest.split(',').map(|part| part.trim().rsplit(' ').next().unwrap_or_default());
            self.lost = counts.map(|count| of("Socket errors", count)).sum::<Result<f64, _>>()?;
        } else if let Some(count) = line.strip_prefix("Non-2xx or 3xx responses:") {
            self.bad = of("Non-2xx or 3xx responses", count)?;
        } else if let Some(rate) = line.strip_prefix("Requests/sec:") {
            self.rate = Some(of("Requests/sec", rate)?);
        } else if let Some((requests, rest)) = line.split_once(" requests in ") {
            self.requests = Some(of("requests", requests)?);
            let time = rest.split(',').next().unwrap_or_default();
            self.duration_s = Some(time_ms("requests in", time)? / 1_000.0);
        } else if self.distributions == 1 {
            self.read_percentile(line)?;
        }
        Ok(())
    }

    /// A line of the first distribution: `99%   48.04ms`, or in its spectrum `9.151     0.950000         4752        20.00`.
    fn read_percentile(&mut self, line: &str) -> Result<(), Mistake> {
        let words: Vec<&str> = line.split_whitespace().take(5).collect();
        match words[..] {
            [percent, time] if percent.ends_with('%') => match percent.trim_end_matches('%').parse() {
                Ok(50.0) => self.p50_ms = Some(time_ms("50%", time)?),
                Ok(99.0) => self.p99_ms = Some(time_ms("99%", time)?),
                _ => {}
            },
            [ms, "0.950000", _, _] => self.p95_ms = Some(of("95%", ms)?),
            _ => {}
        }
        Ok(())
    }

    fn measured(self) -> Result<Measured, Mistake> {
        let requests = positive("requests in", self.requests, AGAIN)?;
        let duration_s = positive("requests in", self.duration_s, AGAIN)?;
        if self.p99_ms.is_none() {
            return Err(mistake("Latency Distribution", "it is missing; run wrk again with --latency"));
        }
        let stage = Stage {
            rate: positive("Requests/sec", self.rate, AGAIN)?,
            p50_ms: self.p50_ms,
            p95_ms: self.p95_ms,
            p99_ms: self.p99_ms,
            error_share: ((self.bad + self.lost) / (requests + self.lost)).min(1.0),
        };
        let (tool, waits) = match self.wrk2 {
            true => ("wrk2", "wrk2 sends at a constant rate; its percentiles hold what waited."),
            false => (
                "wrk",
                "wrk waits for an answer before it sends the next request, so its percentiles leave out what would have waited.",
            ),
        };
        let mut remarks = vec![waits.to_owned()];
        if self.lost > 0.0 {
            remarks.push(format!(
                "{} errors of connections are counted as one failed request each; a request that times out may be counted \
                 more than once.",
                self.lost
            ));
        }
        Ok(Measured { tool, ran_at: None, target: self.target, duration_s, stage, remarks })
    }
}

/// The address without what may be secret in it: who signs in, and the query.
fn without_secrets(target: &str) -> String {
    let Ok(mut url) = Url::parse(target.trim()) else { return String::new() };
    // Only addresses without a host refuse; they hold neither.
    let _ = (url.set_username(""), url.set_password(None));
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}

fn of(field: &str, text: &str) -> Result<f64, Mistake> {
    let text = text.trim();
    // Rust also reads inf and nan, which are refused as no measurements.
    let parsed =
        text.parse().map_err(|_| mistake(field, format!("{} is no number; {AGAIN}", shown(text))))?;
    number(field, Some(parsed), AGAIN)
}

/// `44.00ms`, `1.02s`, `870.00us`, `2.00m`.
fn time_ms(field: &str, text: &str) -> Result<f64, Mistake> {
    let text = text.trim();
    let units = [("us", 0.001), ("ms", 1.0), ("s", 1_000.0), ("m", 60_000.0), ("h", 3_600_000.0)];
    let found = units.iter().find_map(|(unit, ms)| text.strip_suffix(unit).map(|number| (number, ms)));
    let (number, ms) = found.ok_or_else(|| mistake(field, format!("{} is no time; {AGAIN}", shown(text))))?;
    of(field, number).map(|number| number * ms)
}

fn shown(text: &str) -> String {
    format!("{:?}", text.chars().take(40).collect::<String>())
}
