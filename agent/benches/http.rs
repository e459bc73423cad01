//! What measuring a request costs a router of axum: span, metrics, request id, task, and what is open; beside a middleware that
//! makes the same span for tracing-opentelemetry and the same metrics with the OpenTelemetry SDK, and nothing else.
//!
//! `cargo bench -p seaworthy-agent --bench http`. No network: what is measured is the router.

#![allow(clippy::unwrap_used, missing_docs, reason = "a bench ends where it fails, and is no library")]

mod common;

use std::time::{Duration, Instant};

use axum::{
    Router,
    body::Body,
    extract::{MatchedPath, Path, Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
    routing::get,
};
use http_body_util::BodyExt;
use opentelemetry::{
    KeyValue,
    metrics::{Histogram, MeterProvider as _, UpDownCounter},
    trace::TracerProvider as _,
};
use opentelemetry_sdk::trace::Sampler;
use seaworthy_agent::Agent;
use tower::ServiceExt;
use tracing::{Instrument, field::Empty, info_span};
use tracing_subscriber::{filter::LevelFilter, prelude::*};

use self::common::{Figures, nowhere};

const REQUESTS: u32 = 2_000;

fn main() {
    common::contest(&[
        ("seaworthy", || seaworthy(1.0)),
        ("seaworthy, 1 % of the traces", || seaworthy(0.01)),
        ("OpenTelemetry", || peer(1.0)),
        ("OpenTelemetry, 1 % of the traces", || peer(0.01)),
        ("not measured", || requests(shop(), || {})),
    ]);
}

fn shop() -> Router {
    Router::new().route("/orders/{id}", get(|Path(id): Path<u32>| async move { format!("order {id}") }))
}

fn requests(router: Router, flush: impl Fn()) -> Figures {
    // As whoever serves a router does, so that its layers are put around its handlers once, and not for every request.
    let router = router.with_state(());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let round = || {
        runtime.block_on(async {
            for number in 0..REQUESTS {
                let request = Request::get(format!("/orders/{number}")).header("host", "shop.example");
                let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
                response.into_body().collect().await.unwrap();
            }
        });
    };
    let nanoseconds = common::quickest_with_pauses(round, flush);
    vec![("a request, from the router to the last byte of its answer", nanoseconds / f64::from(REQUESTS))]
}

fn seaworthy(ratio: f64) -> Figures {
    let agent =
        Agent::builder("bench").log_filter("off").admin_address(None).sample_ratio(ratio).start().unwrap();
    let figures = requests(shop().layer(agent.layer()), || assert!(agent.flush(Duration::from_secs(5))));
    assert_eq!(agent.losses(), []);
    figures
}

#[derive(Clone)]
struct Meters {
    active: UpDownCounter<i64>,
    duration: Histogram<f64>,
}

fn peer(ratio: f64) -> Figures {
    let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(ratio)));
    let tracers = nowhere::tracers(sampler);
    let layer = tracing_opentelemetry::layer().with_tracer(tracers.tracer("bench"));
    tracing_subscriber::registry().with(LevelFilter::INFO).with(layer).init();
    let provider = nowhere::meters();
    let meter = provider.meter("bench");
    let meters = Meters {
        active: meter.i64_up_down_counter("http.server.active_requests").build(),
        duration: meter.f64_histogram("http.server.request.duration").build(),
    };
    requests(shop().layer(from_fn_with_state(meters, measure)), || tracers.force_flush().unwrap())
}

async fn measure(State(meters): State<Meters>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().to_string();
    let route = request.extensions().get::<MatchedPath>().unwrap().as_str().to_owned();
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
