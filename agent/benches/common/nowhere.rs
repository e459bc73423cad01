//! Where the OpenTelemetry SDK sends what it has recorded: it is dropped, on the thread that would send it.

use std::time::Duration;

use opentelemetry_sdk::{
    error::OTelSdkResult,
    metrics::{
        PeriodicReader, SdkMeterProvider, Temporality, data::ResourceMetrics, exporter::PushMetricExporter,
    },
    trace::{BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider, SpanData, SpanExporter},
};

#[derive(Debug)]
struct Nowhere;

/// Spans, with a queue so long that nothing is dropped before.
pub(crate) fn tracers(sampler: Sampler) -> SdkTracerProvider {
    let batches = BatchConfigBuilder::default().with_max_queue_size(1 << 20).build();
    let processor = BatchSpanProcessor::builder(Nowhere).with_batch_config(batches).build();
    SdkTracerProvider::builder().with_sampler(sampler).with_span_processor(processor).build()
}

/// Metrics, every 10 s as with the agent.
pub(crate) fn meters() -> SdkMeterProvider {
    let reader = PeriodicReader::builder(Nowhere).with_interval(Duration::from_secs(10)).build();
    SdkMeterProvider::builder().with_reader(reader).build()
}

impl SpanExporter for Nowhere {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        drop(batch);
        Ok(())
    }
}

impl PushMetricExporter for Nowhere {
    async fn export(&self, _: &ResourceMetrics) -> OTelSdkResult {
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn temporality(&self) -> Temporality {
        Temporality::Delta
    }
}
