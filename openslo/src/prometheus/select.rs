//! What failed and what there was, as sums over a window.

use seaworthy_slo::{Counter, Scope, Sli};

use super::{
    Histograms,
    name::{counter, duration, label, pattern, quoted, range},
};

use seaworthy_yaml::shown;

const REQUESTS: &str = "http_server_request_duration_seconds";
const STATUS: &str = "http_response_status_code";
/// The bounds that OpenTelemetry recommends for durations of requests, in milliseconds.
const BOUNDS: [f64; 14] =
    [5.0, 10.0, 25.0, 50.0, 75.0, 100.0, 250.0, 500.0, 750.0, 1e3, 2.5e3, 5e3, 7.5e3, 1e4];

/// An SLI of a service.
pub(super) struct Events<'s> {
    pub(super) service: &'s str,
    pub(super) sli: &'s Sli,
    pub(super) histograms: Histograms,
}

impl Events<'_> {
    /// How many there were in a window; nothing where nobody told of any.
    pub(super) fn total(&self, minutes: u32) -> String {
        match self.sli {
            Sli::Availability { scope, .. } | Sli::Latency { scope, .. } => {
                self.requests(&[self.of(scope)], minutes)
            }
            Sli::Ratio { total, .. } | Sli::Failures { total, .. } => self.count(total, minutes),
        }
    }

    /// How many of them failed; nothing where nobody told of any.
    pub(super) fn bad(&self, minutes: u32) -> String {
        match self.sli {
            Sli::Availability { scope, bad_statuses } => self.failed(scope, bad_statuses, minutes),
            Sli::Latency { scope, threshold_ms } => {
                format!("{}\n- {}", self.total(minutes), self.fast(scope, *threshold_ms, minutes))
            }
            // A counter that has never counted has no series.
            Sli::Ratio { good, .. } => {
                let total = self.total(minutes);
                format!("clamp_min({total} - ({} or 0 * {total}), 0)", self.count(good, minutes))
            }
            Sli::Failures { bad, .. } => {
                format!("{}\nor 0 * {}", self.count(bad, minutes), self.total(minutes))
            }
        }
    }

    /// Requests with a bad status, or without any because nothing was answered.
    fn failed(&self, scope: &Scope, bad_statuses: &[(u16, u16)], minutes: u32) -> String {
        let usual = [(500, 599)];
        let statuses = if bad_statuses.is_empty() { &usual } else { bad_statuses };
        let statuses: Vec<_> = statuses.iter().flat_map(|(from, to)| range(*from, *to)).collect();
        let (mut answered, mut unanswered) = (self.of(scope), self.of(scope));
        answered.push(format!("{STATUS}=~{}", quoted(&statuses.join("|"))));
        unanswered.push(format!("{STATUS}=\"\""));
        // A client that went away is no failure of the server.
        unanswered.push("error_type!~\"|cancelled\"".to_owned());
        format!("{}\nor 0 * {}", self.requests(&[answered, unanswered], minutes), self.total(minutes))
    }

    fn fast(&self, scope: &Scope, threshold_ms: f64, minutes: u32) -> String {
        let (mut labels, seconds) = (self.of(scope), threshold_ms / 1e3);
        match self.histograms {
            Histograms::Classic => {
                // Prometheus 3 writes whole bounds as 1.0, earlier ones as they were scraped.
                let bound = match seconds.fract() {
                    0.0 => format!("le=~\"{seconds}(\\\\.0)?\""),
                    _ => format!("le=\"{seconds}\""),
                };
                labels.push(bound);
                let (labels, window) = (labels.join(","), duration(minutes));
                format!("sum(increase({REQUESTS}_bucket{{{labels}}}[{window}]))")
            }
            Histograms::Native => {
                let (labels, window) = (labels.join(","), duration(minutes));
                let all = format!("sum(increase({REQUESTS}{{{labels}}}[{window}]))");
                format!("histogram_fraction(0, {seconds}, {all}) * histogram_count({all})")
            }
        }
    }

    /// Requests with any of these sets of labels, no request having two of them.
    fn requests(&self, sets: &[Vec<String>], minutes: u32) -> String {
        let window = duration(minutes);
        let increase = |metric: &str| -> String {
            let of = |labels: &Vec<String>| format!("increase({metric}{{{}}}[{window}])", labels.join(","));
            sets.iter().map(of).collect::<Vec<_>>().join(" or ")
        };
        match self.histograms {
            Histograms::Classic => format!("sum({})", increase(&format!("{REQUESTS}_count"))),
            Histograms::Native => format!("sum(histogram_count({}))", increase(REQUESTS)),
        }
    }

    fn count(&self, of: &Counter, minutes: u32) -> String {
        let mut labels = vec![self.job()];
        labels.extend(of.attributes.iter().map(|(name, value)| format!("{}={}", label(name), quoted(value))));
        format!("sum(increase({}{{{}}}[{}]))", counter(&of.metric), labels.join(","), duration(minutes))
    }

    fn of(&self, scope: &Scope) -> Vec<String> {
        let mut labels = vec![self.job()];
        for (name, texts) in [("http_route", &scope.routes), ("http_request_method", &scope.methods)] {
            match texts.as_slice() {
                [] => {}
                [one] => labels.push(format!("{name}={}", quoted(one))),
                many => {
                    let pattern = pattern(many.iter().map(String::as_str));
                    labels.push(format!("{name}=~{}", quoted(&pattern)));
                }
            }
        }
        labels
    }

    fn job(&self) -> String {
        format!("job={}", quoted(self.service))
    }
}

/// What whoever loads the rules of an SLO must see to.
pub(super) fn note(slo: &str, sli: &Sli, histograms: Histograms) -> Option<String> {
    let slo = shown(slo);
    match (sli, histograms) {
        (Sli::Latency { threshold_ms, .. }, Histograms::Classic) if !BOUNDS.contains(threshold_ms) => {
            Some(format!(
                "{slo} needs a bucket with the bound {} s, which is none of those that OpenTelemetry recommends. Without it \
             its alerts never fire.",
                threshold_ms / 1e3
            ))
        }
        (Sli::Ratio { .. } | Sli::Failures { .. }, _) => Some(format!(
            "{slo} is of counters without a unit. Where a counter has one, Prometheus has it in the metric's name: add it."
        )),
        _ => None,
    }
}
