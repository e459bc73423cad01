//! Metrics as OTLP writes them.

use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, KeyValue, any_value},
    metrics::v1::{
        self as otlp, AggregationTemporality, ExponentialHistogramDataPoint, NumberDataPoint,
        exponential_histogram_data_point::Buckets, metric::Data, number_data_point::Value,
    },
};

use super::{
    attributes::{AttributeValue, Attributes},
    distribution::Distribution,
    family::Collected,
    instrument::{Kind, Reading, Temporality},
};

/// What a reading covers, in nanoseconds since the Unix epoch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Interval {
    /// When the process started: where cumulative values start.
    started: u64,
    /// Where delta values start.
    previous: u64,
    now: u64,
}

impl Interval {
    /// A clock that went back must not make an interval that ends before it starts.
    pub(crate) fn new(started: SystemTime, previous: SystemTime, now: SystemTime) -> Self {
        let now = nanoseconds(now);
        Self { started: nanoseconds(started).min(now), previous: nanoseconds(previous).min(now), now }
    }

    fn start(&self, temporality: Temporality) -> u64 {
        match temporality {
            Temporality::Delta => self.previous,
            Temporality::Cumulative => self.started,
        }
    }
}

/// The metric as a message; none where no series has anything to tell.
pub(crate) fn to_otlp(
    metric: Collected,
    temporality: Temporality,
    interval: Interval,
) -> Option<otlp::Metric> {
    if metric.series.is_empty() {
        return None;
    }
    let data = match metric.kind {
        Kind::Counter => sum(metric.series, temporality, true, interval),
        Kind::UpDownCounter => sum(metric.series, Temporality::Cumulative, false, interval),
        Kind::Gauge => {
            Data::Gauge(otlp::Gauge { data_points: numbers(metric.series, 0, interval.now).collect() })
        }
        Kind::Histogram => Data::ExponentialHistogram(otlp::ExponentialHistogram {
            data_points: distributions(metric.series, interval.start(temporality), interval.now).collect(),
            aggregation_temporality: name_of(temporality),
        }),
    };
    let description = metric.description;
    Some(otlp::Metric {
        name: description.name,
        unit: description.unit,
        description: description.text,
        metadata: Vec::new(),
        data: Some(data),
    })
}

type Series = Vec<(Attributes, Reading)>;

fn sum(series: Series, temporality: Temporality, is_monotonic: bool, interval: Interval) -> Data {
    Data::Sum(otlp::Sum {
        data_points: numbers(series, interval.start(temporality), interval.now).collect(),
        aggregation_temporality: name_of(temporality),
        is_monotonic,
    })
}

fn numbers(series: Series, start: u64, now: u64) -> impl Iterator<Item = NumberDataPoint> {
    series.into_iter().filter_map(move |(attributes, reading)| {
        let value = match reading {
            Reading::Whole(number) => Value::AsInt(number),
            Reading::Real(number) => Value::AsDouble(number),
            Reading::Distribution(_) => return None,
        };
        Some(NumberDataPoint {
            attributes: key_values(&attributes),
            start_time_unix_nano: start,
            time_unix_nano: now,
            value: Some(value),
            ..NumberDataPoint::default()
        })
    })
}

fn distributions(
    series: Series,
    start: u64,
    now: u64,
) -> impl Iterator<Item = ExponentialHistogramDataPoint> {
    series.into_iter().filter_map(move |(attributes, reading)| match reading {
        Reading::Distribution(counted) => Some(distribution(&attributes, *counted, start, now)),
        _ => None,
    })
}

fn distribution(
    attributes: &Attributes,
    counted: Distribution,
    start: u64,
    now: u64,
) -> ExponentialHistogramDataPoint {
    let positive = counted.exponential;
    ExponentialHistogramDataPoint {
        attributes: key_values(attributes),
        start_time_unix_nano: start,
        time_unix_nano: now,
        count: counted.count,
        sum: Some(counted.sum),
        min: Some(counted.min),
        max: Some(counted.max),
        scale: positive.scale,
        zero_count: counted.zero_count,
        positive: Some(Buckets { offset: positive.offset, bucket_counts: positive.counts }),
        ..ExponentialHistogramDataPoint::default()
    }
}

fn key_values(attributes: &Attributes) -> Vec<KeyValue> {
    let any = |value: &AttributeValue| match value {
        AttributeValue::Text(text) => any_value::Value::StringValue(text.to_string()),
        AttributeValue::Integer(number) => any_value::Value::IntValue(*number),
        AttributeValue::Boolean(truth) => any_value::Value::BoolValue(*truth),
    };
    attributes
        .iter()
        .map(|(key, value)| KeyValue {
            key: key.to_owned(),
            value: Some(AnyValue { value: Some(any(value)) }),
            ..KeyValue::default()
        })
        .collect()
}

fn name_of(temporality: Temporality) -> i32 {
    match temporality {
        Temporality::Delta => AggregationTemporality::Delta.into(),
        Temporality::Cumulative => AggregationTemporality::Cumulative.into(),
    }
}

fn nanoseconds(at: SystemTime) -> u64 {
    at.duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}
