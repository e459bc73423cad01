//! The lines that a service logs, as its agents count them.

use seaworthy_telemetry::{
    ReadError, Telemetry,
    metric::{Cell, CellValue, MetricQuery, Series},
    model::{Attributes, Value, Window},
};

const METRIC: &str = "seaworthy.log.lines";

/// How many lines were logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LogLines {
    pub(super) all: u64,
    /// Within a request, of which the line tells the id.
    pub(super) told: u64,
    /// Within a request, of which it does not.
    pub(super) not_told: u64,
    /// Of level DEBUG or TRACE, from instances in production.
    pub(super) debug_in_production: u64,
}

impl LogLines {
    /// Asks telemetry of one service.
    pub(super) async fn read(
        telemetry: &dyn Telemetry,
        service: &str,
        window: Window,
    ) -> Result<Self, ReadError> {
        let (service, name) = (Some(service.to_owned()), Some(METRIC.to_owned()));
        let series = telemetry.series(MetricQuery { service, name, window, step_minutes: 60 }).await?;
        Ok(Self::of_series(&series))
    }

    /// From all series of the metric.
    pub(super) fn of_series(series: &[Series]) -> Self {
        let mut lines = Self::default();
        for Series { attributes, cells, .. } in series {
            let count = increase(cells);
            lines.all += count;
            match text(attributes, "request") {
                Some("told") => lines.told += count,
                Some("not_told") => lines.not_told += count,
                _ => {}
            }
            let is_debug = matches!(text(attributes, "level"), Some("debug" | "trace"));
            let environment = text(attributes, "deployment.environment.name");
            if is_debug && environment.is_some_and(is_production) {
                lines.debug_in_production += count;
            }
        }
        lines
    }
}

/// As it is called, in full or in short.
fn is_production(environment: &str) -> bool {
    ["production", "prod"].iter().any(|name| environment.eq_ignore_ascii_case(name))
}

fn text<'a>(attributes: &'a Attributes, name: &str) -> Option<&'a str> {
    attributes.iter().find_map(|(key, value)| match value {
        Value::String(text) if key == name => Some(text.as_str()),
        _ => None,
    })
}

/// Whole lines, whatever somebody has sent under the name of the metric.
fn increase(cells: &[Cell]) -> u64 {
    let increases = cells.iter().map(|cell| match cell.value {
        CellValue::Increase(by) if by > 0.0 => by.min(1e15) as u64,
        _ => 0,
    });
    increases.sum()
}

#[cfg(test)]
pub(super) mod tests {
    use seaworthy_telemetry::metric::MetricKind;

    use super::*;

    /// So many lines of a level from an environment, and what they tell of a request.
    pub(crate) fn series(level: &str, request: &str, environment: &str, count: f64) -> Series {
        let attributes =
            [("level", level), ("request", request), ("deployment.environment.name", environment)];
        let attributes = attributes.into_iter().filter(|(_, value)| !value.is_empty());
        Series {
            service: "reception".into(),
            instance: "1".into(),
            name: METRIC.into(),
            unit: "{line}".into(),
            kind: MetricKind::Counter,
            attributes: attributes.map(|(key, value)| (key.into(), Value::String(value.into()))).collect(),
            cells: vec![Cell { at: 0, value: CellValue::Increase(count) }],
        }
    }

    #[test]
    fn lines_are_told_apart_by_request_level_and_environment() {
        let lines = LogLines::of_series(&[
            series("info", "told", "production", 100.0),
            series("warn", "not_told", "", 3.0),
            series("debug", "told", "Production", 7.0),
            series("trace", "", "prod", 5.0),
            series("debug", "", "staging", 1_000.0),
            series("debug", "", "", 1_000.0),
        ]);
        assert_eq!(lines, LogLines { all: 2_115, told: 107, not_told: 3, debug_in_production: 12 },);
    }

    #[test]
    fn what_makes_no_sense_counts_as_nothing_and_what_is_beyond_reason_does_not_overflow() {
        for (count, expected) in [(-1.0, 0), (f64::NAN, 0), (f64::INFINITY, 1_000_000_000_000_000)] {
            let lines = LogLines::of_series(&[series("info", "", "", count)]);
            assert_eq!(lines.all, expected, "{count}");
        }
    }
}
