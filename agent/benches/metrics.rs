//! What counting and recording cost, beside the OpenTelemetry SDK and prometheus.
//!
//! `cargo bench -p seaworthy-agent --bench metrics`. A handle that is held is the usual way with us and with prometheus; the SDK is
//! given the attributes with every call.

#![allow(clippy::unwrap_used, missing_docs, reason = "a bench ends where it fails, and is no library")]

mod common;

use std::hint::black_box;

use opentelemetry::{KeyValue, metrics::MeterProvider as _};
use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, Opts};
use seaworthy_agent::Agent;

use self::common::{Figures, nowhere};

const RECORDS: u32 = 1_000_000;

const COUNTER_HELD: &str = "a counter that is held";
const COUNTER_FOUND: &str = "a counter by two attributes";
const HISTOGRAM_HELD: &str = "a histogram that is held";
const HISTOGRAM_FOUND: &str = "a histogram by two attributes";

fn main() {
    common::contest(&[("seaworthy", seaworthy), ("opentelemetry_sdk", sdk), ("prometheus", prometheus)]);
}

/// Nanoseconds of one.
fn each(mut record: impl FnMut(f64)) -> f64 {
    common::quickest(|| (0..RECORDS).for_each(|number| record(black_box(f64::from(number % 1_000) / 1e3))))
        / f64::from(RECORDS)
}

fn seaworthy() -> Figures {
    let agent = Agent::builder("bench").without_subscriber().admin_address(None).start().unwrap();
    let counter = agent.counter("orders", "{order}", "Orders.");
    let histogram = agent.histogram("took", "s", "How long they took.");
    let attributes = || [("drink", "espresso"), ("size", "small")];
    let (one, durations) = (counter.series(attributes()), histogram.series(attributes()));
    vec![
        (COUNTER_HELD, each(|_| one.add(1))),
        (COUNTER_FOUND, each(|_| counter.series(attributes()).add(1))),
        (HISTOGRAM_HELD, each(|value| durations.record(value))),
        (HISTOGRAM_FOUND, each(|value| histogram.series(attributes()).record(value))),
    ]
}

fn sdk() -> Figures {
    let provider = nowhere::meters();
    let meter = provider.meter("bench");
    let (counter, histogram) = (meter.u64_counter("orders").build(), meter.f64_histogram("took").build());
    let attributes = [KeyValue::new("drink", "espresso"), KeyValue::new("size", "small")];
    vec![
        (COUNTER_FOUND, each(|_| counter.add(1, &attributes))),
        (HISTOGRAM_FOUND, each(|value| histogram.record(value, &attributes))),
    ]
}

fn prometheus() -> Figures {
    let labels = ["drink", "size"];
    let counter = IntCounterVec::new(Opts::new("orders", "Orders."), &labels).unwrap();
    let histogram = HistogramVec::new(HistogramOpts::new("took", "How long they took."), &labels).unwrap();
    let values = ["espresso", "small"];
    let (one, durations) = (counter.with_label_values(&values), histogram.with_label_values(&values));
    vec![
        (COUNTER_HELD, each(|_| one.inc())),
        (COUNTER_FOUND, each(|_| counter.with_label_values(&values).inc())),
        (HISTOGRAM_HELD, each(|value| durations.observe(value))),
        (HISTOGRAM_FOUND, each(|value| histogram.with_label_values(&values).observe(value))),
    ]
}
