//! The peer: the OpenTelemetry SDK, which sends what it has recorded to the same place as the agent.

use std::time::Duration;

use axum::Router;
use opentelemetry_otlp::{MetricExporter, Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{
    metrics::{PeriodicReader, SdkMeterProvider},
    trace::{BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider},
};

use super::peer;

/// As with the agent.
const BETWEEN_METRICS: Duration = Duration::from_secs(10);
/// Spans that may wait to be sent: so many that none is dropped.
const QUEUE: usize = 1 << 18;

/// The OpenTelemetry SDK as a service sets it up.
pub(crate) struct Peer {
    meters: SdkMeterProvider,
}

impl Peer {
    /// Records the spans of this process, and sends to this place, by OTLP as protobuf over HTTP.
    pub(crate) fn new(portal: &str, ratio: f64) -> anyhow::Result<Self> {
        // Reqwest leaves the choice of a TLS library to the program. An error says that it is made already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let spans = SpanExporter::builder().with_http().with_protocol(Protocol::HttpBinary);
        let spans = spans.with_endpoint(format!("{portal}/v1/traces")).build()?;
        let metrics = MetricExporter::builder().with_http().with_protocol(Protocol::HttpBinary);
        let metrics = metrics.with_endpoint(format!("{portal}/v1/metrics")).build()?;
        let batches = BatchConfigBuilder::default().with_max_queue_size(QUEUE).build();
        let processor = BatchSpanProcessor::builder(spans).with_batch_config(batches).build();
        let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(ratio)));
        peer::record(
            &SdkTracerProvider::builder().with_sampler(sampler).with_span_processor(processor).build(),
        );
        let reader = PeriodicReader::builder(metrics).with_interval(BETWEEN_METRICS).build();
        Ok(Self { meters: SdkMeterProvider::builder().with_reader(reader).build() })
    }

    /// The router with its requests measured.
    pub(crate) fn measured(&self, router: Router) -> Router {
        peer::measured(router, &self.meters)
    }
}
