//! What a team puts around its router where it has tracing-opentelemetry and the OpenTelemetry SDK: span and metrics of each request
//! by the same conventions as the agent's, and nothing else.

use std::time::Instant;

use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use opentelemetry::{
    KeyValue,
    metrics::{Histogram, MeterProvider as _, UpDownCounter},
    trace::TracerProvider as _,
};
use opentelemetry_sdk::{metrics::SdkMeterProvider, trace::SdkTracerProvider};
use tracing::{Instrument, field::Empty, info_span};
use tracing_subscriber::{filter::LevelFilter, prelude::*};

#[derive(Clone)]
struct Meters {
    active: UpDownCounter<i64>,
    duration: Histogram<f64>,
}

/// Records the spans of the process.
pub(crate) fn record(tracers: &SdkTracerProvider) {
    let layer = tracing_opentelemetry::layer().with_tracer(tracers.tracer("bench"));
    tracing_subscriber::registry().with(LevelFilter::INFO).with(layer).init();
}

/// Measures every request to this router.
pub(crate) fn measured(router: Router, meters: &SdkMeterProvider) -> Router {
    let meter = meters.meter("bench");
    let meters = Meters {
        active: meter.i64_up_down_counter("http.server.active_requests").build(),
        duration: meter.f64_histogram("http.server.request.duration").build(),
    };
    router.layer(from_fn_with_state(meters, measure))
}

async fn measure(
    State(meters): State<Meters>,
    matched: MatchedPath,
    request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let method = request.method().to_string();
    let route = matched.as_str().to_owned();
    let host = request.headers().get("host").and_then(|host| host.to_str().ok());
    let span = info_span!(
        "HTTP request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        url.scheme = "http",
        url.path = request.uri().path(),
        server.address = host,
        network.protocol.version = "1.1",
    );
    let of_request = [
        KeyValue::new("http.request.method", method),
        KeyValue::new("url.scheme", "http"),
        KeyValue::new("http.route", route),
    ];
    meters.active.add(1, &of_request);
    let response = next.run(request).instrument(span.clone()).await;
    let status = response.status().as_u16();
    span.record("http.response.status_code", status);
    meters.active.add(-1, &of_request);
    let [method, scheme, route] = of_request;
    let of_answer = [method, scheme, route, KeyValue::new("http.response.status_code", i64::from(status))];
    meters.duration.record(began.elapsed().as_secs_f64(), &of_answer);
    response
}
