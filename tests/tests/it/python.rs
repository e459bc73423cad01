//! The unmodified OpenTelemetry SDK for Python, as anybody gets it from PyPI.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use seaworthy_tests::{Client, Portal, eventually_within};
use serde_json::{Value, json};

use crate::portal;

/// Runs the program against this portal; gives what it printed.
fn run(portal: &Portal, environment: &[(&str, &str)]) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = folder.join(".venv/bin/python");
    assert!(python.exists(), "{} is missing; scripts/test makes it", python.display());
    let mut command = Command::new(python);
    command.arg(folder.join("python/shop.py")).stderr(Stdio::piped());
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", portal.url());
    command.env("OTEL_EXPORTER_OTLP_HEADERS", format!("Authorization=Bearer%20{}", portal.ingest_token));
    let output = command.envs(environment.iter().copied()).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "{errors}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Name, kind and latest value of the metrics, when the minute in which a counter has increased is over: it has no rate before.
async fn metrics(reader: &Client, service: &str, rate: &Value) -> Vec<(Value, Value, Value)> {
    eventually_within(Duration::from_secs(75), &format!("{service} has a rate of {rate}"), async || {
        let view = reader.json(&format!("/api/v1/services/{service}")).await;
        let metrics = view["metrics"].as_array().unwrap().iter();
        let told =
            |metric: &Value| (metric["name"].clone(), metric["kind"].clone(), metric["latest"].clone());
        let told: Vec<_> = metrics.map(told).collect();
        told.iter().any(|(_, _, latest)| latest == rate).then_some(told)
    })
    .await
}

#[tokio::test]
async fn spans_metrics_logs_and_exceptions_of_the_python_sdk_are_a_service_of_their_own() {
    let portal = portal().await;
    let reader = portal.reader();
    for (service, environment) in [
        ("shop-plain", vec![]),
        ("shop-gzip", vec![("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")]),
        ("shop-delta", vec![("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta")]),
        (
            "shop-exponential",
            vec![(
                "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
                "base2_exponential_bucket_histogram",
            )],
        ),
    ] {
        let environment: Vec<_> = environment.into_iter().chain([("OTEL_SERVICE_NAME", service)]).collect();
        let trace = run(&portal, &environment);
        let trace = reader.json(&format!("/api/v1/traces/{trace}")).await;
        let rows = &trace["rows"];
        assert_eq!((&trace["name"], &trace["service"]), (&json!("GET /menu"), &json!(service)));
        assert_eq!((&rows[1]["name"], &rows[1]["status_message"]), (&json!("look up"), &json!("no tea")));
        assert_eq!(rows[0]["attributes"][0], json!({"key": "drinks", "value": r#"["tea","maté"]"#}));
        assert_eq!(rows[1]["events"][0]["name"], "exception");

        let logs = reader.json(&format!("/api/v1/logs?service={service}&target=shop.menu")).await;
        let lines: Vec<_> = logs["lines"].as_array().unwrap().iter().collect();
        let told: Vec<_> = lines.iter().map(|line| (&line["level"], &line["message"])).collect();
        let expected = [(json!("error"), json!("could not brew")), (json!("warn"), json!("the tea is gone"))];
        assert_eq!(told, expected.each_ref().map(|(level, message)| (level, message)));
        assert_eq!((&lines[1]["trace_id"], &lines[1]["span_id"]), (&trace["trace_id"], &rows[1]["span_id"]));
        assert_eq!(lines[1]["fields"], json!([{"key": "left", "value": "0"}]));
        assert_eq!(trace["lines"].as_array().unwrap().len(), 3, "and the exception of the span");
        let words = reader.json(&format!("/api/v1/logs?service={service}&text=tea+gone")).await;
        assert_eq!(words["lines"].as_array().unwrap().len(), 1);

        let errors = reader.json(&format!("/api/v1/errors?service={service}")).await;
        let mut kinds: Vec<_> = errors["groups"]
            .as_array()
            .unwrap()
            .iter()
            .map(|group| (&group["kind"], &group["message"]))
            .collect();
        kinds.sort_by_key(|(kind, _)| kind.as_str());
        let expected = [(json!("KeyError"), json!("'maté'")), (json!("ValueError"), json!("no tea"))];
        assert_eq!(kinds, expected.each_ref().map(|(kind, message)| (kind, message)));
        let brewing = errors["groups"].as_array().unwrap().iter().find(|group| group["kind"] == "KeyError");
        let group =
            reader.json(&format!("/api/v1/errors/{}", brewing.unwrap()["id"].as_str().unwrap())).await;
        assert_eq!(
            (&group["frames"][0]["function"], &group["frames"][0]["own"]),
            (&json!("brew"), &json!(true))
        );
        let mut before = group["request_lines"].as_array().unwrap().iter();
        assert!(before.any(|line| line["message"] == "the tea is gone"), "{group}");

        let view = reader.json(&format!("/api/v1/services/{service}")).await;
        assert_eq!((&view["source"], &view["routes"][0]["route"]), (&json!("http_server"), &json!("/menu")));
        let median = view["routes"][0]["p50_seconds"].as_f64().unwrap();
        assert!((0.1..=0.3).contains(&median), "{service}: {median}");
    }
    for service in ["shop-plain", "shop-gzip", "shop-delta", "shop-exponential"] {
        let expected = [
            (json!("shop.milk"), json!("gauge"), json!(1.5)),
            (json!("shop.orders"), json!("counter"), json!(0.05)),
            (json!("shop.queue"), json!("up-down counter"), json!(2.0)),
        ];
        assert_eq!(metrics(&reader, service, &expected[1].2).await, expected);
    }
    let fleet = reader.json("/api/v1/services").await;
    assert_eq!(fleet["services"].as_array().unwrap().len(), 4);
}
