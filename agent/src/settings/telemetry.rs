//! Settings of traces, metrics and logs.

use std::time::Duration;

use super::{Environment, code::TelemetryInCode, or, recorded};
use crate::{
    StartError,
    metrics::{DEFAULT_SERIES_LIMIT, Temporality},
    trace::{Filter, Limits, Ratio, Sampler},
};

/// Spans that may wait, unless it is said otherwise.
const MAX_WAITING_SPANS: usize = 100_000;
/// Spans in one request, unless it is said otherwise.
const MAX_SPANS_OF_REQUEST: usize = 2048;

/// Log records that may wait, unless it is said otherwise.
const MAX_WAITING_LINES: usize = 100_000;
/// Log records in one request, unless it is said otherwise.
const MAX_LINES_OF_REQUEST: usize = 2048;
const ATTRIBUTES: &str = "OTEL_ATTRIBUTE_COUNT_LIMIT";
const TEXT_CHARS: &str = "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT";

/// Which spans are recorded, and how they are sent.
#[derive(Clone, Debug)]
pub(crate) struct Traces {
    pub(crate) sampler: Sampler,
    pub(crate) limits: Limits,
    /// Levels and targets that are looked at at all.
    pub(crate) filter: Filter,
    /// How long a span may wait for others to go with.
    pub(crate) interval: Duration,
    pub(crate) max_waiting: usize,
    pub(crate) max_of_request: usize,
}

/// How metrics are sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Metrics {
    pub(crate) interval: Duration,
    pub(crate) temporality: Temporality,
    /// Series a metric may have.
    pub(crate) series_limit: usize,
}

/// How log records are sent.
#[derive(Clone, Debug)]
pub(crate) struct Logs {
    pub(crate) limits: Limits,
    /// How long a record may wait for others to go with.
    pub(crate) interval: Duration,
    pub(crate) max_waiting: usize,
    pub(crate) max_of_request: usize,
}

impl Logs {
    pub(super) fn resolve(code: &TelemetryInCode, environment: &Environment<'_>) -> Result<Self, StartError> {
        let max_waiting = or(code.max_waiting_lines, || environment.size("OTEL_BLRP_MAX_QUEUE_SIZE"))?;
        let max_waiting = max_waiting.unwrap_or(MAX_WAITING_LINES);
        let max_of_request =
            environment.size("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE")?.unwrap_or(MAX_LINES_OF_REQUEST);
        let count = |name: &'static str| environment.parsed::<usize>(name, "a whole number");
        let default = Limits::default();
        let event_attributes = or(count("OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT")?, || count(ATTRIBUTES))?;
        let text_chars = or(count("OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT")?, || count(TEXT_CHARS))?;
        Ok(Self {
            limits: Limits {
                event_attributes: event_attributes.unwrap_or(default.event_attributes),
                text_chars: text_chars.unwrap_or(default.text_chars),
                ..default
            },
            interval: or(code.log_interval, || environment.interval("OTEL_BLRP_SCHEDULE_DELAY"))?
                .unwrap_or(Duration::from_secs(1)),
            max_waiting,
            max_of_request: max_of_request.min(max_waiting),
        })
    }
}

impl Traces {
    pub(super) fn resolve(code: &TelemetryInCode, environment: &Environment<'_>) -> Result<Self, StartError> {
        let filter = match &code.trace_filter {
            Some(filter) => recorded("Builder::trace_filter", filter)?,
            None => {
                let filter = environment.text("SEAWORTHY_TRACE_FILTER");
                recorded("SEAWORTHY_TRACE_FILTER", filter.as_deref().unwrap_or("info"))?
            }
        };
        let max_waiting = or(code.max_waiting_spans, || environment.size("OTEL_BSP_MAX_QUEUE_SIZE"))?;
        let max_waiting = max_waiting.unwrap_or(MAX_WAITING_SPANS).max(1);
        let max_of_request =
            environment.size("OTEL_BSP_MAX_EXPORT_BATCH_SIZE")?.unwrap_or(MAX_SPANS_OF_REQUEST);
        Ok(Self {
            sampler: sampler(code.sample_ratio, environment)?,
            limits: limits(environment)?,
            filter,
            interval: or(code.span_interval, || environment.interval("OTEL_BSP_SCHEDULE_DELAY"))?
                .unwrap_or(Duration::from_secs(1)),
            max_waiting,
            max_of_request: max_of_request.min(max_waiting),
        })
    }
}

impl Metrics {
    pub(super) fn resolve(code: &TelemetryInCode, environment: &Environment<'_>) -> Result<Self, StartError> {
        let interval = or(code.metric_interval, || environment.interval("OTEL_METRIC_EXPORT_INTERVAL"))?;
        let temporality = or(code.temporality, || {
            let name = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE";
            environment.checked(name, "delta, cumulative or lowmemory", temporality)
        })?;
        Ok(Self {
            interval: interval.unwrap_or(Duration::from_secs(10)),
            temporality: temporality.unwrap_or(Temporality::Delta),
            series_limit: DEFAULT_SERIES_LIMIT,
        })
    }
}

/// Low memory means deltas for what the agent measures with: counters and histograms.
fn temporality(value: &str) -> Option<Temporality> {
    match value.to_ascii_lowercase().as_str() {
        "delta" | "lowmemory" => Some(Temporality::Delta),
        "cumulative" => Some(Temporality::Cumulative),
        _ => None,
    }
}

fn sampler(code: Option<f64>, environment: &Environment<'_>) -> Result<Sampler, StartError> {
    const EXPECTED: &str = "a number from 0 to 1";
    if let Some(ratio) = code {
        let wrong = || StartError::Setting {
            setting: "Builder::sample_ratio",
            value: ratio.to_string(),
            expected: EXPECTED.into(),
        };
        return Ok(Sampler { parent_based: true, ratio: Ratio::new(ratio).ok_or_else(wrong)? });
    }
    let ratio =
        environment.checked("OTEL_TRACES_SAMPLER_ARG", EXPECTED, |value| Ratio::new(value.parse().ok()?))?;
    let expected = "always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off or \
                    parentbased_traceidratio";
    let named = |value: &str| {
        let (parent_based, alone) = match value.strip_prefix("parentbased_") {
            Some(alone) => (true, alone),
            None => (false, value),
        };
        let ratio = match alone {
            "always_on" => Ratio::ALL,
            "always_off" => Ratio::NONE,
            "traceidratio" => ratio.unwrap_or(Ratio::ALL),
            _ => return None,
        };
        Some(Sampler { parent_based, ratio })
    };
    Ok(environment.checked("OTEL_TRACES_SAMPLER", expected, named)?.unwrap_or_default())
}

fn limits(environment: &Environment<'_>) -> Result<Limits, StartError> {
    let default = Limits::default();
    let count = |name: &'static str| environment.parsed::<usize>(name, "a whole number");
    let or_general = |own: &'static str, general: &'static str| match count(own)? {
        Some(limit) => Ok::<_, StartError>(Some(limit)),
        None => count(general),
    };
    let length = or_general("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", TEXT_CHARS)?;
    Ok(Limits {
        attributes: or_general("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", ATTRIBUTES)?.unwrap_or(default.attributes),
        event_attributes: or_general("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", ATTRIBUTES)?
            .unwrap_or(default.event_attributes),
        events: count("OTEL_SPAN_EVENT_COUNT_LIMIT")?.unwrap_or(default.events),
        links: count("OTEL_SPAN_LINK_COUNT_LIMIT")?.unwrap_or(default.links),
        text_chars: length.unwrap_or(default.text_chars),
    })
}
