//! Capacity of services, one of which runs out.

use opentelemetry_proto::tonic::metrics::v1::{
    Gauge, NumberDataPoint, metric::Data, number_data_point::Value as Number,
};
use reqwest::StatusCode;
use seaworthy_tests::{Browser, LOGIN, PASSWORD, Portal, otlp};
use serde_json::json;

use super::inspect;
use crate::portal;

const MIB: i64 = 1024 * 1024;
const HOUR_NS: u64 = 3_600_000_000_000;
const DAYS: u64 = 13;

/// Twice as much by day as by night, and a little more each day, of 512 MiB.
async fn tell_days(portal: &Portal, service: &str) {
    let gauge = |name: &str, mebibytes: &dyn Fn(u64) -> i64| {
        let point = |hour: u64| NumberDataPoint {
            time_unix_nano: otlp::now() - (DAYS * 24 - hour) * HOUR_NS,
            value: Some(Number::AsInt(mebibytes(hour) * MIB)),
            ..NumberDataPoint::default()
        };
        let data_points = (0..DAYS * 24).map(point).collect();
        otlp::metric(name, "By", Data::Gauge(Gauge { data_points }))
    };
    let used = |hour: u64| {
        let (day, wave) = (hour as f64 / 24.0, (hour as f64 / 24.0 * std::f64::consts::TAU).sin());
        // Two days of seven are quiet.
        let height = if hour / 24 % 7 < 5 { 60.0 } else { 25.0 };
        (170.0 + day * 9.0 + height * wave + (hour * 7 % 13) as f64) as i64
    };
    let metrics = vec![gauge("process.memory.usage", &used), gauge("process.memory.limit", &|_| 512)];
    let taken = portal.sender().export(otlp::METRICS, &otlp::metrics(service, metrics)).await.unwrap();
    assert_eq!((taken.status, taken.body.len()), (StatusCode::OK, 0), "{}", taken.text());
}

async fn check_in(portal: &Portal, service: &str, instance: &str, memory_mebibytes: i64, cpu_cores: f64) {
    let now = jiff::Timestamp::now();
    let message = json!({
        "service": service, "instance": instance, "sequence": 1, "sent_at": now, "state": "running",
        "build": {"version": "1.8.2", "commit": "4f2c9abdeadbeef"},
        "process": {"host": format!("{service}-host"), "pid": 1, "started_at": now},
        "figures": {
            "cpu_cores": cpu_cores, "cpu_limit_cores": 2.0,
            "memory_bytes": memory_mebibytes * MIB, "memory_limit_bytes": 512 * MIB,
        },
    });
    let taken = portal.sender().post("/api/v1/check-in", "application/json", message.to_string()).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_runs_out_is_seen_with_its_trend_and_range() {
    let portal = portal().await;
    tell_days(&portal, "till").await;
    let browser = Browser::start(portal.url()).await;
    browser.sign_in(LOGIN, PASSWORD).await;
    for (name, path) in [("capacity", "/capacity"), ("capacity-service", "/capacity?service=till")] {
        // Pictures take longer than an instance may be silent.
        check_in(&portal, "oven", "9f3c21d7", 488, 1.2).await;
        check_in(&portal, "till", "5b0d9a4e", 291, 0.34).await;
        check_in(&portal, "till", "c7e1f208", 236, 0.41).await;
        inspect(&browser, name, path).await;
    }
}
