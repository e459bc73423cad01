//! Requests, errors and durations that can be added up.

use seaworthy_telemetry::{
    histogram::{ExplicitHistogram, ExponentialHistogram},
    metric::CellValue,
    model::{Attributes, SpanMinute},
};

/// What was asked for: the route, not the path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Route {
    pub(crate) method: String,
    /// Empty for requests that no route answered.
    pub(crate) route: String,
}

impl Route {
    /// The route that a series is of.
    pub(crate) fn of(attributes: &Attributes) -> Self {
        let text = |names: &[&str]| {
            attributes
                .iter()
                .find(|(key, _)| names.contains(&key.as_str()))
                .and_then(|(_, value)| value.as_text())
                .unwrap_or_default()
                .into_owned()
        };
        Self {
            method: text(&["http.request.method", "http.method", "rpc.service"]),
            route: text(&["http.route", "http.target", "rpc.method"]),
        }
    }
}

/// What became of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Answered,
    /// What was asked for was wrong: 4xx.
    Refused,
    /// The server failed.
    Failed,
}

/// Requests of some time. Parts add up to the whole without loss.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Traffic {
    requests: u64,
    refused: u64,
    errors: u64,
    /// Seconds in the unit of the durations.
    unit: f64,
    exponential: ExponentialHistogram,
    explicit: ExplicitHistogram,
}

impl Traffic {
    pub(super) fn nothing(unit: f64) -> Self {
        Self {
            requests: 0,
            refused: 0,
            errors: 0,
            unit,
            exponential: ExponentialHistogram::default(),
            explicit: ExplicitHistogram::default(),
        }
    }

    pub(super) fn add(&mut self, cell: &CellValue, outcome: Outcome) {
        let count = match cell {
            CellValue::Exponential(durations) => {
                self.exponential.merge(durations);
                durations.count()
            }
            CellValue::Explicit(durations) => {
                self.explicit.merge(durations);
                durations.count()
            }
            CellValue::Increase(_) | CellValue::Level { .. } => 0,
        };
        self.requests += count;
        match outcome {
            Outcome::Answered => {}
            Outcome::Refused => self.refused += count,
            Outcome::Failed => self.errors += count,
        }
    }

    pub(super) fn add_spans(&mut self, minute: &SpanMinute) {
        self.requests += minute.requests;
        self.errors += minute.errors;
        self.exponential.merge(&minute.durations);
    }

    /// All of it together; none of none.
    pub(crate) fn sum<'t>(parts: impl IntoIterator<Item = &'t Self>) -> Option<Self> {
        parts.into_iter().cloned().reduce(|mut sum, part| {
            sum.merge(&part);
            sum
        })
    }

    fn merge(&mut self, other: &Self) {
        self.requests += other.requests;
        self.refused += other.refused;
        self.errors += other.errors;
        self.exponential.merge(&other.exponential);
        self.explicit.merge(&other.explicit);
    }

    pub(crate) fn requests(&self) -> u64 {
        self.requests
    }

    /// Requests that were answered with 4xx. Spans do not tell of them.
    pub(crate) fn refused(&self) -> u64 {
        self.refused
    }

    pub(crate) fn errors(&self) -> u64 {
        self.errors
    }

    /// The share of requests that failed; none without requests.
    pub(crate) fn error_ratio(&self) -> Option<f64> {
        (self.requests > 0).then(|| self.errors as f64 / self.requests as f64)
    }

    /// The duration in seconds that the share `q` of requests did not exceed; none without requests.
    pub(crate) fn quantile(&self, q: f64) -> Option<f64> {
        // A service whose instances send both kinds is between versions; the kind with more requests speaks for it.
        let quantile = if self.exponential.count() >= self.explicit.count() {
            self.exponential.quantile(q)
        } else {
            self.explicit.quantile(q)
        };
        quantile.map(|value| value * self.unit)
    }
}

#[cfg(test)]
mod tests {
    use seaworthy_telemetry::{
        metric::{Cell, MetricKind, Series},
        model::Value,
    };

    use super::super::Source;
    use super::*;

    fn series(name: &str, attributes: &[(&str, Value)], values: &[f64]) -> Series {
        let mut durations = ExponentialHistogram::empty(8);
        for value in values {
            durations.record(*value);
        }
        Series {
            service: "reception".into(),
            instance: "1".into(),
            name: name.into(),
            unit: "s".into(),
            kind: MetricKind::ExponentialHistogram,
            attributes: attributes.iter().map(|(key, value)| ((*key).into(), value.clone())).collect(),
            cells: vec![Cell { at: 60, value: CellValue::Exponential(durations) }],
        }
    }

    fn total(source: Source, series: &[Series]) -> Traffic {
        Traffic::sum(source.by_time(series).values()).unwrap_or_else(|| Traffic::nothing(1.0))
    }

    #[test]
    fn server_errors_are_told_from_what_clients_did_wrong() {
        let text = |text: &str| Value::String(text.into());
        let cases: [(&[(&str, Value)], f64); 8] = [
            (&[("http.response.status_code", Value::Int(200))], 0.0),
            (&[("http.response.status_code", Value::Int(404)), ("error.type", text("404"))], 0.0),
            (&[("http.response.status_code", Value::Int(500))], 1.0),
            (&[("http.status_code", text("503"))], 1.0),
            (&[("error.type", text("panic"))], 1.0),
            (&[("error.type", text("cancelled"))], 0.0),
            (&[("rpc.grpc.status_code", Value::Int(0))], 0.0),
            (&[("rpc.grpc.status_code", Value::Int(14))], 1.0),
        ];
        for (attributes, expected) in cases {
            let series = [series("http.server.request.duration", attributes, &[0.1])];
            assert_eq!(total(Source::HttpServer, &series).error_ratio(), Some(expected), "{attributes:?}");
        }
    }

    #[test]
    fn instances_add_up_and_older_conventions_are_read_in_milliseconds() {
        let new = [
            series("http.server.request.duration", &[], &[0.1, 0.1]),
            series("http.server.request.duration", &[], &[0.1, 10.0]),
            series("other", &[], &[1.0]),
        ];
        assert_eq!(Source::among(&new), Some(Source::HttpServer));
        let sum = total(Source::HttpServer, &new);
        assert_eq!(sum.requests(), 4);
        assert!((sum.quantile(0.5).unwrap() - 0.1).abs() < 0.01);
        assert!((sum.quantile(1.0).unwrap() - 10.0).abs() < 0.3);

        let old = [series("http.server.duration", &[], &[250.0])];
        assert_eq!(Source::among(&old), Some(Source::HttpServerBefore));
        assert!((total(Source::HttpServerBefore, &old).quantile(0.5).unwrap() - 0.25).abs() < 0.01);
    }

    #[test]
    fn nothing_is_not_zero() {
        assert_eq!(Source::among(&[]), None);
        let nothing = total(Source::HttpServer, &[]);
        assert_eq!((nothing.requests(), nothing.error_ratio(), nothing.quantile(0.5)), (0, None, None));
    }
}
