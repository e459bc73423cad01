//! From the host's threads and instruments into the outboxes.

use std::{sync::Arc, time::SystemTime};

use opentelemetry_proto::tonic::resource::v1::Resource;
use seaworthy_protocol::Signal;
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, Interval, MissedTickBehavior, interval_at, timeout_at},
};

use super::Flush;
use crate::{
    export::{Client, Endpoint, Limit, Outbox, Payload, resource},
    shared::Shared,
    trace::Batch,
};

/// Bytes of spans that may wait for the portal.
const SPAN_BYTES: usize = 32 << 20;
/// Metrics that may wait for the portal: hours of a usual service.
const METRICS: Limit = Limit { items: 1_000_000, bytes: 8 << 20 };

/// Gathers, encodes, and puts into the outboxes, which deliver in tasks of their own.
pub(super) struct Pipeline {
    shared: Arc<Shared>,
    resource: Resource,
    batches: mpsc::Receiver<Batch>,
    /// What is to be in the next request.
    pending: Vec<Batch>,
    spans: Arc<Outbox>,
    metrics: Arc<Outbox>,
    deliveries: JoinSet<()>,
}

impl Pipeline {
    /// Starts to deliver.
    pub(super) fn start(shared: Arc<Shared>, client: &Client, batches: mpsc::Receiver<Batch>) -> Self {
        let settings = &shared.settings;
        let limit = Limit { items: settings.traces.max_waiting as u64, bytes: SPAN_BYTES };
        let outbox = |signal, limit| Arc::new(Outbox::new(signal, limit, shared.losses.clone()));
        let mut pipeline = Self {
            resource: resource(&shared.identity, &settings.resource),
            spans: outbox(Signal::Spans, limit),
            metrics: outbox(Signal::Metrics, METRICS),
            pending: Vec::new(),
            deliveries: JoinSet::new(),
            batches,
            shared: shared.clone(),
        };
        pipeline.deliver(&pipeline.spans.clone(), client, settings.endpoints.traces.clone());
        pipeline.deliver(&pipeline.metrics.clone(), client, settings.endpoints.metrics.clone());
        pipeline
    }

    /// Gathers for as long as it is polled.
    pub(super) async fn run(&mut self, flushes: &mut mpsc::Receiver<Flush>) {
        let mut span_ticks = ticks(self.shared.settings.traces.interval);
        let mut metric_ticks = ticks(self.shared.settings.metrics.interval);
        loop {
            tokio::select! {
                Some(batch) = self.batches.recv() => self.take(batch),
                _ = span_ticks.tick() => self.gather_spans(),
                _ = metric_ticks.tick() => self.gather_metrics(),
                Some(flush) = flushes.recv() => self.flush(flush),
            }
        }
    }

    /// Delivers what can be delivered until `deadline`, and counts the rest as lost.
    pub(super) async fn finish(&mut self, deadline: Instant) {
        self.gather_spans();
        if let Some(recorder) = &self.shared.recorder {
            recorder.sink.close();
        }
        // What ended while the door was being closed.
        self.gather_spans();
        self.gather_metrics();
        let outboxes = [self.spans.clone(), self.metrics.clone()];
        outboxes.iter().for_each(|outbox| outbox.hurry());
        // Out of time: what is left is counted.
        let _ = timeout_at(deadline, emptied(&outboxes)).await;
        self.deliveries.shutdown().await;
        outboxes.iter().for_each(|outbox| outbox.abandon());
    }

    fn deliver(&mut self, outbox: &Arc<Outbox>, client: &Client, endpoint: Option<Endpoint>) {
        if let Some(endpoint) = endpoint {
            let (outbox, client) = (outbox.clone(), client.clone());
            self.deliveries.spawn(async move { outbox.deliver(&client, &endpoint).await });
        }
    }

    fn flush(&mut self, flush: Flush) {
        self.gather_spans();
        self.gather_metrics();
        let outboxes = [self.spans.clone(), self.metrics.clone()];
        tokio::spawn(async move {
            if timeout_at(flush.deadline.into(), emptied(&outboxes)).await.is_ok() {
                // Whoever asked has given up waiting.
                let _ = flush.done.try_send(());
            }
        });
    }

    /// Everything that has ended so far, wherever it is, becomes requests.
    fn gather_spans(&mut self) {
        if let Some(recorder) = &self.shared.recorder {
            recorder.sink.sweep();
        }
        while let Ok(batch) = self.batches.try_recv() {
            self.take(batch);
        }
        self.seal();
    }

    fn take(&mut self, batch: Batch) {
        if let Some(recorder) = &self.shared.recorder {
            recorder.sink.taken(&batch);
        }
        let max = self.shared.settings.traces.max_of_request;
        let pending: usize = self.pending.iter().map(Batch::len).sum();
        if pending > 0 && pending + batch.len() > max {
            self.seal();
        }
        self.pending.push(batch);
    }

    fn seal(&mut self) {
        let batches = std::mem::take(&mut self.pending);
        if let Some(endpoint) = &self.shared.settings.endpoints.traces
            && !batches.is_empty()
        {
            self.spans.push(Payload::spans(&self.resource, &batches, endpoint.compression));
        }
    }

    fn gather_metrics(&mut self) {
        let settings = &self.shared.settings;
        let Some(endpoint) = &settings.endpoints.metrics else { return };
        let metrics = self.shared.metrics.collect(settings.metrics.temporality, SystemTime::now());
        if !metrics.is_empty() {
            self.metrics.push(Payload::metrics(&self.resource, metrics, endpoint.compression));
        }
    }
}

async fn emptied(outboxes: &[Arc<Outbox>]) {
    for outbox in outboxes {
        outbox.emptied().await;
    }
}

/// The first tick comes after the period. A machine that slept does not make up for it.
fn ticks(period: std::time::Duration) -> Interval {
    let mut ticks = interval_at(Instant::now() + period, period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
