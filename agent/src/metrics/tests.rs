//! Whole outcomes of the registry: what goes over OTLP, what stands on `/metrics`.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use opentelemetry_proto::tonic::metrics::v1::{Metric as OtlpMetric, metric::Data, number_data_point::Value};
use seaworthy_protocol::{Loss, LossReason, Signal};

use super::{Registry, Temporality};
use crate::losses::Losses;

fn at(second: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(second)
}

fn registry(started: u64, series_limit: usize) -> Registry {
    Registry::new(at(started), series_limit, Arc::default())
}

/// Every number point as `name start..end value`.
fn numbers(metrics: &[OtlpMetric]) -> Vec<String> {
    let mut lines = Vec::new();
    for metric in metrics {
        let points = match metric.data.as_ref().unwrap() {
            Data::Sum(sum) => &sum.data_points,
            Data::Gauge(gauge) => &gauge.data_points,
            other => panic!("not a number: {other:?}"),
        };
        for point in points {
            let seconds = |nanoseconds: u64| nanoseconds / 1_000_000_000;
            let (start, end) = (seconds(point.start_time_unix_nano), seconds(point.time_unix_nano));
            let value = match point.value.unwrap() {
                Value::AsInt(number) => number.to_string(),
                Value::AsDouble(number) => format!("{number:?}"),
            };
            lines.push(format!("{} {start}..{end} {value}", metric.name));
        }
    }
    lines
}

#[test]
fn deltas_tell_everything_once_and_cumulatives_tell_it_all() {
    let registry = registry(100, 10);
    let orders = registry.counter("orders", "{order}", "").series(());
    let queue = registry.up_down_counter("queue", "{order}", "").series(());
    let heat = registry.gauge("heat", "Cel", "").series(());
    orders.add(2);
    queue.add(3);
    assert_eq!(
        numbers(&registry.collect(Temporality::Delta, at(110))),
        ["orders 100..110 2", "queue 100..110 3"]
    );
    queue.add(-1);
    heat.set(93.5);
    assert_eq!(
        numbers(&registry.collect(Temporality::Delta, at(120))),
        ["heat 0..120 93.5", "queue 100..120 2"]
    );
    orders.add(1);
    assert_eq!(
        numbers(&registry.collect(Temporality::Cumulative, at(125))),
        ["heat 0..125 93.5", "orders 100..125 3", "queue 100..125 2"]
    );
    assert_eq!(
        numbers(&registry.collect(Temporality::Delta, at(130))),
        ["heat 0..130 93.5", "orders 120..130 1", "queue 100..130 2"]
    );
}

#[test]
fn a_clock_that_goes_back_makes_no_negative_interval() {
    let registry = registry(100, 10);
    registry.counter("orders", "", "").series(()).add(1);
    assert_eq!(numbers(&registry.collect(Temporality::Delta, at(90))), ["orders 90..90 1"]);
}

#[test]
fn series_beyond_the_limit_share_one_and_are_counted() {
    let losses = Arc::<Losses>::default();
    let registry = Registry::new(at(0), 2, losses.clone());
    let orders = registry.counter("orders", "", "Orders.");
    for drink in ["espresso", "latte", "mocha", "tea", "latte"] {
        orders.series([("drink", drink)]).add(1);
    }
    let lost = Loss { signal: Signal::Metrics, reason: LossReason::Limit, count: 2 };
    assert_eq!(losses.snapshot(), [lost]);
    insta::assert_snapshot!(registry.exposition(&[]), @r#"
    # HELP orders_total Orders.
    # TYPE orders_total counter
    orders_total{drink="espresso"} 1
    orders_total{drink="latte"} 2
    orders_total{otel_metric_overflow="true"} 2
    "#);
}

#[test]
fn the_same_name_is_the_same_metric_and_another_kind_is_not_exported() {
    let registry = registry(0, 10);
    registry.counter("orders", "", "").series(()).add(1);
    registry.counter("orders", "", "").series(()).add(1);
    registry.gauge("orders", "", "").series(()).set(7.0);
    registry.counter("9 lives", "", "").series(()).add(9);
    assert_eq!(numbers(&registry.collect(Temporality::Delta, at(1))), ["orders 0..1 2"]);
}

#[test]
fn names_made_from_data_are_bounded() {
    let registry = registry(0, 10);
    (0..1_500).for_each(|n| registry.counter(&format!("orders.{n}"), "", "").series(()).add(1));
    assert_eq!(registry.collect(Temporality::Cumulative, at(1)).len(), 1_000);
}

#[test]
fn what_is_observed_is_read_fresh() {
    let registry = registry(0, 10);
    let time = registry.stepped_counter("process.cpu.time", "s", "", 0.01).series(());
    registry.before_reading(move || time.advance_to(1_234));
    assert_eq!(numbers(&registry.collect(Temporality::Cumulative, at(1))), ["process.cpu.time 0..1 12.34"]);
}

#[test]
fn a_histogram_over_otlp() {
    let registry = registry(10, 10);
    let duration =
        registry.histogram("http.server.request.duration", "s", "").series([("http.route", "/menu")]);
    [0.0, 1.0, 2.0, 4.0].iter().for_each(|value| duration.record(*value));
    let metrics = registry.collect(Temporality::Delta, at(20));
    let Some(Data::ExponentialHistogram(histogram)) = &metrics[0].data else { panic!("{metrics:?}") };
    let point = &histogram.data_points[0];
    assert_eq!((point.start_time_unix_nano, point.time_unix_nano), (10_000_000_000, 20_000_000_000));
    assert_eq!((point.count, point.zero_count), (4, 1));
    assert_eq!((point.sum, point.min, point.max), (Some(7.0), Some(0.0), Some(4.0)));
    let positive = point.positive.as_ref().unwrap();
    assert_eq!((point.scale, positive.offset, positive.bucket_counts.len()), (6, -1, 129));
    assert_eq!(positive.bucket_counts.iter().sum::<u64>(), 3);
    assert!(registry.collect(Temporality::Delta, at(30)).is_empty());
}

#[test]
fn the_page_for_prometheus() {
    let registry = registry(0, 10);
    let duration = registry.histogram("http.server.request.duration", "s", "Duration of requests.");
    let hostile = "a \"quoted\\\" \n line";
    duration.series([("http.route", "/menu")]).record(0.03);
    duration.series([("http.route", "/menu")]).record(40.0);
    registry
        .gauge("shop.heat", "Cel", "Heat of\nthe \\ boiler.")
        .series([("boiler", hostile)])
        .set(f64::INFINITY);
    registry.gauge("shop_heat", "Cel", "The same name to Prometheus.").series(()).set(1.0);
    registry.gauge("never.set", "", "").series(());
    insta::assert_snapshot!(registry.exposition(&[("service.name".into(), "reception".into())]), @r#"
    # HELP target_info What is measured: attributes of the OpenTelemetry resource.
    # TYPE target_info gauge
    target_info{service_name="reception"} 1
    # HELP http_server_request_duration_seconds Duration of requests.
    # TYPE http_server_request_duration_seconds histogram
    http_server_request_duration_seconds_bucket{http_route="/menu",le="0.005"} 0
    http_server_request_duration_seconds_bucket{http_route="/menu",le="0.01"} 0
    http_server_request_duration_seconds_bucket{http_route="/menu",le="0.025"} 0
    http_server_request_duration_seconds_bucket{http_route="/menu",le="0.05"} 1
    http_server_request_duration_seconds_bucket{http_route="/menu",le="0.075"} 1
    http_server_request_duration_seconds_bucket{http_route="/menu",le="0.1"} 1
    http_server_request_duration_seconds_bucket{http_route="/menu",le="0.25"} 1
    http_server_request_duration_seconds_bucket{http_route="/menu",le="0.5"} 1
    http_server_request_duration_seconds_bucket{http_route="/menu",le="0.75"} 1
    http_server_request_duration_seconds_bucket{http_route="/menu",le="1"} 1
    http_server_request_duration_seconds_bucket{http_route="/menu",le="2.5"} 1
    http_server_request_duration_seconds_bucket{http_route="/menu",le="5"} 1
    http_server_request_duration_seconds_bucket{http_route="/menu",le="7.5"} 1
    http_server_request_duration_seconds_bucket{http_route="/menu",le="10"} 1
    http_server_request_duration_seconds_bucket{http_route="/menu",le="+Inf"} 2
    http_server_request_duration_seconds_sum{http_route="/menu"} 40.03
    http_server_request_duration_seconds_count{http_route="/menu"} 2
    # HELP shop_heat_celsius Heat of\nthe \\ boiler.
    # TYPE shop_heat_celsius gauge
    shop_heat_celsius{boiler="a \"quoted\\\" \n line"} +Inf
    "#);
}
