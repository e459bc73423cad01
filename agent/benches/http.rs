//! What measuring a request costs a router of axum: span, metrics, request id, task, and what is open; beside a middleware that
//! makes the same span for tracing-opentelemetry and the same metrics with the OpenTelemetry SDK, and nothing else.
//!
//! `cargo bench -p seaworthy-agent --bench http`. No network: what is measured is the router.

#![allow(clippy::unwrap_used, missing_docs, reason = "a bench ends where it fails, and is no library")]

mod common;

use std::time::Duration;

use axum::{
    Router,
    body::Body,
    extract::{Path, Request},
    routing::get,
};
use http_body_util::BodyExt;
use opentelemetry_sdk::trace::Sampler;
use seaworthy_agent::Agent;
use tower::ServiceExt;

use self::common::{Figures, nowhere, peer};

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

fn peer(ratio: f64) -> Figures {
    let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(ratio)));
    let tracers = nowhere::tracers(sampler);
    peer::record(&tracers);
    requests(peer::measured(shop(), &nowhere::meters()), || tracers.force_flush().unwrap())
}
