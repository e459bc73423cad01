//! Metric points of OTLP as the store knows them. Pure.

use std::sync::Arc;

use opentelemetry_proto::tonic::{
    collector::metrics::v1::ExportMetricsServiceRequest,
    common::v1::KeyValue,
    metrics::v1::{
        AggregationTemporality, DataPointFlags, ExponentialHistogramDataPoint, HistogramDataPoint, Metric,
        NumberDataPoint, exponential_histogram_data_point, metric::Data, number_data_point,
    },
};
use seaworthy_telemetry::{
    histogram::{Buckets, ExplicitHistogram, ExponentialHistogram},
    metric::{MetricKind, MetricPoint, PointValue, Temporality},
    model::{Resource, UnixNanos},
};

use super::{
    attributes::{attributes, resource},
    bounds::TimeBounds,
    rejected::Rejected,
};

/// Buckets beyond any sensible histogram.
const MOST_BUCKETS: usize = 4096;

/// The points of a request that can be stored, and a count of those that cannot.
pub(super) fn points(
    request: ExportMetricsServiceRequest,
    bounds: TimeBounds,
) -> (Vec<MetricPoint>, Rejected) {
    let mut conversion = Conversion { bounds, points: Vec::new(), rejected: Rejected::default() };
    for group in request.resource_metrics {
        let resource = resource(group.resource);
        for metric in group.scope_metrics.into_iter().flat_map(|group| group.metrics) {
            conversion.metric(&resource, metric);
        }
    }
    (conversion.points, conversion.rejected)
}

struct Conversion {
    bounds: TimeBounds,
    points: Vec<MetricPoint>,
    rejected: Rejected,
}

/// What the points of a metric have in common.
struct Common<'a> {
    resource: &'a Arc<Resource>,
    name: Arc<str>,
    unit: Arc<str>,
    kind: MetricKind,
    temporality: Option<Temporality>,
}

/// A point as OTLP has it, whatever it measures.
struct Given {
    attributes: Vec<KeyValue>,
    start: UnixNanos,
    time: UnixNanos,
    flags: u32,
    value: Result<PointValue, &'static str>,
}

impl Conversion {
    fn metric(&mut self, resource: &Arc<Resource>, metric: Metric) {
        let common = |kind, temporality| Common {
            resource,
            name: metric.name.as_str().into(),
            unit: metric.unit.as_str().into(),
            kind,
            temporality,
        };
        match metric.data {
            None => {}
            Some(Data::Gauge(gauge)) => {
                self.points(&common(MetricKind::Gauge, None), gauge.data_points.into_iter().map(number));
            }
            Some(Data::Sum(sum)) => {
                let kind = if sum.is_monotonic { MetricKind::Counter } else { MetricKind::UpDownCounter };
                let points = sum.data_points;
                if let Some(temporality) =
                    self.temporality(&metric.name, sum.aggregation_temporality, points.len())
                {
                    self.points(&common(kind, Some(temporality)), points.into_iter().map(number));
                }
            }
            Some(Data::Histogram(histogram)) => {
                let points = histogram.data_points;
                if let Some(temporality) =
                    self.temporality(&metric.name, histogram.aggregation_temporality, points.len())
                {
                    let common = common(MetricKind::ExplicitHistogram, Some(temporality));
                    self.points(&common, points.into_iter().map(explicit));
                }
            }
            Some(Data::ExponentialHistogram(histogram)) => {
                let points = histogram.data_points;
                if let Some(temporality) =
                    self.temporality(&metric.name, histogram.aggregation_temporality, points.len())
                {
                    let common = common(MetricKind::ExponentialHistogram, Some(temporality));
                    self.points(&common, points.into_iter().map(exponential));
                }
            }
            Some(Data::Summary(summary)) => self.rejected.add(
                "summaries cannot be added up and are not stored; send a histogram",
                &metric.name,
                summary.data_points.len(),
            ),
        }
    }

    fn temporality(&mut self, metric: &str, given: i32, points: usize) -> Option<Temporality> {
        match AggregationTemporality::try_from(given) {
            Ok(AggregationTemporality::Delta) => Some(Temporality::Delta),
            Ok(AggregationTemporality::Cumulative) => Some(Temporality::Cumulative),
            Ok(AggregationTemporality::Unspecified) | Err(_) => {
                const REASON: &str = "its aggregation temporality is neither delta nor cumulative";
                self.rejected.add(REASON, metric, points);
                None
            }
        }
    }

    fn points(&mut self, common: &Common<'_>, given: impl Iterator<Item = Given>) {
        for given in given {
            // "No recorded value" marks the end of a series; there is nothing to store.
            if given.flags & DataPointFlags::NoRecordedValueMask as u32 != 0 {
                continue;
            }
            match self.point(common, given) {
                Ok(point) => self.points.push(point),
                Err(reason) => self.rejected.add(reason, &common.name, 1),
            }
        }
    }

    fn point(&self, common: &Common<'_>, given: Given) -> Result<MetricPoint, &'static str> {
        if common.name.is_empty() {
            return Err("its metric has no name");
        }
        if !self.bounds.allow(given.time) {
            return Err(TimeBounds::REASON);
        }
        let value = given.value?;
        if common.kind == MetricKind::Counter && matches!(value, PointValue::Number(number) if number < 0.0) {
            return Err("a monotonic sum is negative");
        }
        Ok(MetricPoint {
            resource: common.resource.clone(),
            name: common.name.clone(),
            unit: common.unit.clone(),
            kind: common.kind,
            temporality: common.temporality,
            attributes: attributes(given.attributes),
            start: given.start,
            time: given.time,
            value,
        })
    }
}

fn number(given: NumberDataPoint) -> Given {
    let value = match given.value {
        Some(number_data_point::Value::AsDouble(value)) if !value.is_finite() => {
            Err("its value is not a finite number")
        }
        Some(number_data_point::Value::AsDouble(value)) => Ok(PointValue::Number(value)),
        Some(number_data_point::Value::AsInt(value)) => Ok(PointValue::Number(value as f64)),
        None => Err("it has no value"),
    };
    Given {
        attributes: given.attributes,
        start: given.start_time_unix_nano,
        time: given.time_unix_nano,
        flags: given.flags,
        value,
    }
}

fn explicit(given: HistogramDataPoint) -> Given {
    let mut histogram = ExplicitHistogram {
        bounds: given.explicit_bounds,
        counts: given.bucket_counts,
        sum: given.sum.filter(|sum| sum.is_finite()).unwrap_or_default(),
    };
    // OTLP allows a histogram without buckets, which only counts.
    if histogram.counts.is_empty() && histogram.bounds.is_empty() {
        histogram.counts = vec![given.count];
    }
    let value = if histogram.counts.len() > MOST_BUCKETS {
        Err("its histogram has too many buckets")
    } else if !histogram.is_well_formed() {
        Err("its histogram is malformed: one more count than bounds, and rising bounds, are asked for")
    } else if histogram.counts.iter().try_fold(0u64, |sum, count| sum.checked_add(*count))
        != Some(given.count)
    {
        Err("its histogram is malformed: the counts of the buckets are not its count")
    } else {
        Ok(PointValue::Explicit(histogram))
    };
    Given {
        attributes: given.attributes,
        start: given.start_time_unix_nano,
        time: given.time_unix_nano,
        flags: given.flags,
        value,
    }
}

fn exponential(given: ExponentialHistogramDataPoint) -> Given {
    let histogram = ExponentialHistogram {
        scale: given.scale,
        sum: given.sum.filter(|sum| sum.is_finite()).unwrap_or_default(),
        zero_count: given.zero_count,
        zero_threshold: given.zero_threshold,
        positive: buckets(given.positive),
        negative: buckets(given.negative),
    };
    Given {
        attributes: given.attributes,
        start: given.start_time_unix_nano,
        time: given.time_unix_nano,
        flags: given.flags,
        value: sound(histogram, given.count).map(PointValue::Exponential),
    }
}

fn sound(histogram: ExponentialHistogram, count: u64) -> Result<ExponentialHistogram, &'static str> {
    let buckets = [&histogram.positive, &histogram.negative];
    if !(-10..=20).contains(&histogram.scale) {
        return Err("its histogram has a scale outside -10 to 20");
    }
    if buckets.iter().any(|buckets| buckets.counts.len() > MOST_BUCKETS) {
        return Err("its histogram has too many buckets");
    }
    // Beyond this, no bucket holds a number that a double can be.
    let widest = 1100i64 << histogram.scale.max(0);
    if buckets.iter().any(|buckets| i64::from(buckets.offset).abs() > widest) {
        return Err("its histogram has buckets beyond the range of numbers");
    }
    let mut counts = buckets.iter().flat_map(|buckets| &buckets.counts);
    if counts.try_fold(histogram.zero_count, |sum, count| sum.checked_add(*count)) != Some(count) {
        return Err("its histogram is malformed: the counts of the buckets are not its count");
    }
    Ok(histogram)
}

fn buckets(given: Option<exponential_histogram_data_point::Buckets>) -> Buckets {
    given.map(|given| Buckets { offset: given.offset, counts: given.bucket_counts }).unwrap_or_default()
}
