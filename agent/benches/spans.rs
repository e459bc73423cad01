//! What a span costs the thread that makes it, beside tracing-opentelemetry with the SDK's batch processor.
//!
//! `cargo bench -p seaworthy-agent --bench spans`. Everybody is asked for levels from INFO on, and throws away what was recorded
//! on a thread in the background; nothing is dropped before that.

#![allow(clippy::unwrap_used, missing_docs, reason = "a bench ends where it fails, and is no library")]

mod common;

use std::{hint::black_box, time::Duration};

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::Sampler;
use seaworthy_agent::Agent;
use tracing::{info, info_span};
use tracing_subscriber::{filter::LevelFilter, prelude::*};

use self::common::{Figures, nowhere};

const SPANS: u32 = 4_000;

fn main() {
    common::contest(&[
        ("seaworthy", || seaworthy(1.0)),
        ("seaworthy, unsampled", || seaworthy(0.0)),
        ("tracing-opentelemetry", || peer(Sampler::AlwaysOn)),
        ("tracing-opentelemetry, unsampled", || peer(Sampler::AlwaysOff)),
        ("tracing's registry alone", nobody),
    ]);
}

fn seaworthy(ratio: f64) -> Figures {
    let agent =
        Agent::builder("bench").log_filter("off").admin_address(None).sample_ratio(ratio).start().unwrap();
    let figures = figures(|| assert!(agent.flush(Duration::from_secs(5))));
    assert_eq!(agent.losses(), []);
    figures
}

fn peer(sampler: Sampler) -> Figures {
    let provider = nowhere::tracers(sampler);
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("bench"));
    tracing_subscriber::registry().with(LevelFilter::INFO).with(layer).init();
    figures(|| provider.force_flush().unwrap())
}

fn nobody() -> Figures {
    tracing_subscriber::registry().with(LevelFilter::INFO).init();
    figures(|| {})
}

fn figures(flush: impl Fn()) -> Figures {
    let per_span = |work: fn(u32)| {
        let round = || (0..SPANS).for_each(|number| work(black_box(number)));
        common::quickest_with_pauses(round, &flush) / f64::from(SPANS)
    };
    vec![
        ("a span with 4 fields", per_span(span)),
        ("a trace of 4 spans with 2 fields each, and an event", per_span(trace)),
    ]
}

fn span(number: u32) {
    let _entered = info_span!("order", drink = "espresso", number, price = 2.5, to_go = true).entered();
}

fn trace(number: u32) {
    let _request = info_span!("request", number, method = "GET").entered();
    let _handler = info_span!("handler", number, drink = "espresso").entered();
    info!(number, "paid");
    for table in ["orders", "stock"] {
        let _query = info_span!("query", number, table).entered();
    }
}
