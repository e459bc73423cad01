//! Metrics of every kind, as deltas and as totals.

use opentelemetry_proto::tonic::{
    collector::metrics::v1::{ExportMetricsServiceRequest, ExportMetricsServiceResponse},
    metrics::v1::{
        AggregationTemporality::{self, Cumulative, Delta, Unspecified},
        DataPointFlags, ExponentialHistogram, ExponentialHistogramDataPoint, Gauge, Histogram,
        HistogramDataPoint, NumberDataPoint, Sum, Summary, SummaryDataPoint,
        exponential_histogram_data_point::Buckets,
        metric::Data,
        number_data_point::Value as Number,
    },
};
use prost::Message;
use reqwest::StatusCode;
use seaworthy_tests::{Client, otlp};
use serde_json::{Value, json};

use super::{JSON, PROTOBUF, post_gzip};
use crate::portal;

const SECOND: u64 = 1_000_000_000;

/// Three times within the last whole minute, so that all points are of one minute.
#[derive(Clone, Copy)]
struct Times([u64; 3]);

impl Times {
    fn now() -> Self {
        let minute = (otlp::now() / (60 * SECOND) - 1) * 60 * SECOND;
        Self([1, 20, 40].map(|second| minute + second * SECOND))
    }

    /// Start and time of the first or the second point.
    fn of(self, point: usize, temporality: AggregationTemporality) -> (u64, u64) {
        let start = if temporality == Delta { self.0[point] } else { self.0[0] };
        (start, self.0[point + 1])
    }

    fn numbers(self, temporality: AggregationTemporality, values: [Number; 2]) -> Vec<NumberDataPoint> {
        let point = |(point, value)| {
            let (start_time_unix_nano, time_unix_nano) = self.of(point, temporality);
            NumberDataPoint {
                start_time_unix_nano,
                time_unix_nano,
                value: Some(value),
                ..NumberDataPoint::default()
            }
        };
        values.into_iter().enumerate().map(point).collect()
    }

    fn sum(self, temporality: AggregationTemporality, is_monotonic: bool, values: [Number; 2]) -> Data {
        let data_points = self.numbers(temporality, values);
        Data::Sum(Sum { data_points, aggregation_temporality: temporality.into(), is_monotonic })
    }

    /// Counts of what took more than a second, up to two.
    fn histogram(self, temporality: AggregationTemporality, counts: [u64; 2]) -> Data {
        let point = |(point, count)| {
            let (start_time_unix_nano, time_unix_nano) = self.of(point, temporality);
            HistogramDataPoint {
                start_time_unix_nano,
                time_unix_nano,
                count,
                sum: Some(1.5 * count as f64),
                bucket_counts: vec![0, count, 0],
                explicit_bounds: vec![1.0, 2.0],
                ..HistogramDataPoint::default()
            }
        };
        let data_points = counts.into_iter().enumerate().map(point).collect();
        Data::Histogram(Histogram { data_points, aggregation_temporality: temporality.into() })
    }

    /// The same as an exponential histogram: at scale 0 the bucket of index 0 is from 1 to 2.
    fn exponential(self, temporality: AggregationTemporality, counts: [u64; 2]) -> Data {
        let point = |(point, count)| {
            let (start_time_unix_nano, time_unix_nano) = self.of(point, temporality);
            ExponentialHistogramDataPoint {
                start_time_unix_nano,
                time_unix_nano,
                count,
                sum: Some(1.5 * count as f64),
                positive: Some(Buckets { offset: 0, bucket_counts: vec![count] }),
                ..ExponentialHistogramDataPoint::default()
            }
        };
        let data_points = counts.into_iter().enumerate().map(point).collect();
        Data::ExponentialHistogram(ExponentialHistogram {
            data_points,
            aggregation_temporality: temporality.into(),
        })
    }
}

/// Every kind in every temporality; each grows by 6, or ends at 3.
fn every_kind(service: &str, times: Times) -> ExportMetricsServiceRequest {
    let gauge = Gauge { data_points: times.numbers(Cumulative, [Number::AsDouble(8.5), Number::AsInt(3)]) };
    let metrics = [
        ("gauge", Data::Gauge(gauge)),
        ("counter.delta", times.sum(Delta, true, [Number::AsInt(4), Number::AsInt(2)])),
        ("counter.total", times.sum(Cumulative, true, [Number::AsInt(4), Number::AsDouble(6.0)])),
        ("level.delta", times.sum(Delta, false, [Number::AsInt(5), Number::AsInt(-2)])),
        ("level.total", times.sum(Cumulative, false, [Number::AsInt(5), Number::AsInt(3)])),
        ("histogram.delta", times.histogram(Delta, [4, 2])),
        ("histogram.total", times.histogram(Cumulative, [4, 6])),
        ("exponential.delta", times.exponential(Delta, [4, 2])),
        ("exponential.total", times.exponential(Cumulative, [4, 6])),
    ];
    otlp::metrics(service, metrics.map(|(name, data)| otlp::metric(name, "{cup}", data)).into())
}

/// Name, kind and latest value of the metrics of a service.
async fn shown(reader: &Client, service: &str) -> Vec<(String, String, f64)> {
    let view = reader.json(&format!("/api/v1/services/{service}")).await;
    let text = |metric: &Value, key: &str| metric[key].as_str().unwrap().to_owned();
    let metrics = view["metrics"].as_array().unwrap().iter();
    metrics
        .map(|metric| {
            assert_eq!((&metric["unit"], &metric["series"]), (&json!("{cup}"), &json!(1)));
            (text(metric, "name"), text(metric, "kind"), metric["latest"].as_f64().unwrap())
        })
        .collect()
}

#[tokio::test]
async fn every_kind_arrives_in_every_form_and_a_retry_counts_once() {
    let portal = portal().await;
    let (sender, reader, times) = (portal.sender(), portal.reader(), Times::now());
    let protobuf = |service| every_kind(service, times).encode_to_vec();
    let json = |service| serde_json::to_vec(&every_kind(service, times)).unwrap();
    for _ in 0..2 {
        let answers = [
            sender.post(otlp::METRICS, PROTOBUF, protobuf("a")).await,
            post_gzip(&sender, otlp::METRICS, PROTOBUF, &protobuf("b")).await,
            sender.post(otlp::METRICS, JSON, json("c")).await,
            post_gzip(&sender, otlp::METRICS, JSON, &json("d")).await,
        ];
        for answer in answers {
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
            assert!(answer.body.is_empty() || answer.json() == json!({"partialSuccess": null}));
        }
    }
    for service in ["a", "b", "c", "d"] {
        for (name, kind, latest) in shown(&reader, service).await {
            let (expected_kind, expected) = match name.split('.').next().unwrap() {
                "gauge" => ("gauge", 3.0..=3.0),
                // Six in a minute, per second.
                "counter" => ("counter", 0.1..=0.1),
                "level" => ("up-down counter", 3.0..=3.0),
                _ => ("histogram", 1.01..=1.99),
            };
            assert_eq!(kind, expected_kind, "{service} {name}");
            assert!(expected.contains(&latest), "{service} {name}: {latest}");
        }
        assert_eq!(shown(&reader, service).await.len(), 9);
    }
}

/// As SDKs for JavaScript write it: integers as numbers.
#[tokio::test]
async fn durations_of_requests_are_traffic_whoever_measures_them() {
    let portal = portal().await;
    let Times([start, time, _]) = Times::now();
    let body = json!({"resourceMetrics": [{
        "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "menu"}}], "droppedAttributesCount": 0},
        "scopeMetrics": [{"scope": {"name": "http", "version": "1"}, "metrics": [{
            "name": "http.server.request.duration", "description": "", "unit": "s",
            "histogram": {"aggregationTemporality": 1, "dataPoints": [{
                "attributes": [
                    {"key": "http.request.method", "value": {"stringValue": "GET"}},
                    {"key": "http.route", "value": {"stringValue": "/menu"}},
                    {"key": "http.response.status_code", "value": {"intValue": 200}},
                ],
                "startTimeUnixNano": start, "timeUnixNano": time.to_string(),
                "count": 60, "sum": 90.0, "min": 1, "max": 2, "bucketCounts": [0, 60, 0], "explicitBounds": [1, 2],
            }]},
        }]}],
    }]});
    let answer = portal.sender().post(otlp::METRICS, JSON, body.to_string()).await;
    assert_eq!((answer.status, answer.json()), (StatusCode::OK, json!({"partialSuccess": null})));
    let view = portal.reader().json("/api/v1/services/menu").await;
    assert_eq!(view["source"], "http_server");
    let route = &view["routes"][0];
    assert_eq!((&route["method"], &route["route"]), (&json!("GET"), &json!("/menu")));
    assert_eq!(route["error_ratio"], 0.0);
    let median = route["p50_seconds"].as_f64().unwrap();
    assert!((1.01..1.99).contains(&median), "{median}");
}

#[tokio::test]
async fn points_that_cannot_be_are_counted_by_reason_and_the_others_are_stored() {
    let portal = portal().await;
    let times = Times::now();
    let good = times.sum(Delta, true, [Number::AsInt(4), Number::AsInt(2)]);
    let summary = SummaryDataPoint { time_unix_nano: times.0[1], count: 1, ..SummaryDataPoint::default() };
    let number = |change: fn(&mut NumberDataPoint)| {
        let mut data_points = times.numbers(Delta, [Number::AsInt(1), Number::AsInt(1)]);
        data_points.iter_mut().for_each(change);
        Data::Sum(Sum { data_points, aggregation_temporality: Delta.into(), is_monotonic: true })
    };
    let histogram = |change: fn(&mut HistogramDataPoint)| {
        let Data::Histogram(mut histogram) = times.histogram(Delta, [4, 2]) else { unreachable!() };
        histogram.data_points.iter_mut().for_each(change);
        Data::Histogram(histogram)
    };
    let metrics = [
        ("good", good.clone()),
        ("", good),
        ("summary", Data::Summary(Summary { data_points: vec![summary] })),
        ("neither", times.sum(Unspecified, true, [Number::AsInt(4), Number::AsInt(2)])),
        ("negative", times.sum(Cumulative, true, [Number::AsInt(-1), Number::AsDouble(-2.0)])),
        ("infinite", number(|point| point.value = Some(Number::AsDouble(f64::INFINITY)))),
        ("without a value", number(|point| point.value = None)),
        ("ended", number(|point| point.flags = DataPointFlags::NoRecordedValueMask as u32)),
        ("of 1970", number(|point| point.time_unix_nano = 1)),
        ("bounds", histogram(|point| point.explicit_bounds = vec![2.0, 1.0])),
        ("buckets", histogram(|point| point.bucket_counts.push(0))),
        ("count", histogram(|point| point.count += 1)),
    ];
    let request =
        otlp::metrics("reception", metrics.map(|(name, data)| otlp::metric(name, "{cup}", data)).into());
    let answer = portal.sender().export(otlp::METRICS, &request).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK);
    let reasons = [
        r#"2 (first of "negative"): a monotonic sum is negative"#,
        r#"2 (first of "without a value"): it has no value"#,
        r#"2 (first of "neither"): its aggregation temporality is neither delta nor cumulative"#,
        r#"4 (first of "bounds"): its histogram is malformed: one more count than bounds, and rising bounds, are asked for"#,
        r#"2 (first of "count"): its histogram is malformed: the counts of the buckets are not its count"#,
        r#"2 (first of ""): its metric has no name"#,
        r#"2 (first of "of 1970"): its time is before what is kept or more than an hour ahead of the portal's clock"#,
        r#"2 (first of "infinite"): its value is not a finite number"#,
        r#"1 (first of "summary"): summaries cannot be added up and are not stored; send a histogram"#,
    ];
    let partial = ExportMetricsServiceResponse::decode(&answer.body[..]).unwrap().partial_success.unwrap();
    assert_eq!((partial.rejected_data_points, partial.error_message), (19, reasons.join("; ")));
    let stored = shown(&portal.reader(), "reception").await;
    assert_eq!(stored, [("good".to_owned(), "counter".to_owned(), 0.1)]);
}
