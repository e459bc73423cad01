//! From the host's threads and instruments into the outboxes.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use seaworthy_protocol::Signal;
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, Interval, MissedTickBehavior, interval_at, timeout_at},
};

use super::{Flush, Queues, gathering::Gathering, naming::Naming};
use crate::{
    export::{Client, Endpoint, Limit, Outbox, Payload, Sender, resource},
    logs,
    shared::Shared,
    trace::{self, Batch},
};

/// Bytes of spans that may wait for the portal.
const SPAN_BYTES: usize = 32 << 20;
/// Bytes of log records that may wait for the portal.
const LOG_BYTES: usize = 32 << 20;
/// Metrics that may wait for the portal: hours of a usual service.
const METRICS: Limit = Limit { items: 1_000_000, bytes: 8 << 20 };

/// Gathers, encodes, and puts into the outboxes, which deliver in tasks of their own.
pub(super) struct Pipeline {
    spans: Gathering<Batch>,
    lines: Gathering<logs::Batch>,
    errors: Naming,
    out: Out,
    deliveries: JoinSet<()>,
}

/// Encodes, and puts into the outboxes.
pub(super) struct Out {
    pub(super) shared: Arc<Shared>,
    pub(super) sender: Sender,
    spans: Arc<Outbox>,
    metrics: Arc<Outbox>,
    pub(super) logs: Arc<Outbox>,
}

impl Pipeline {
    /// Starts to deliver.
    pub(super) fn start(shared: Arc<Shared>, client: &Client, queues: Queues) -> Self {
        let settings = &shared.settings;
        let (traces, logs, endpoints) = (&settings.traces, &settings.logs, &settings.endpoints);
        let outbox = |signal, limit| Arc::new(Outbox::new(signal, limit, shared.losses.clone()));
        let limit = |items: usize, bytes| Limit { items: items as u64, bytes };
        let out = Out {
            sender: Sender {
                resource: resource(&shared.identity, &settings.resource),
                mask: shared.mask.clone(),
            },
            spans: outbox(Signal::Spans, limit(traces.max_waiting, SPAN_BYTES)),
            metrics: outbox(Signal::Metrics, METRICS),
            logs: outbox(Signal::Logs, limit(logs.max_waiting, LOG_BYTES)),
            shared: shared.clone(),
        };
        let mut deliveries = JoinSet::new();
        let each = [
            (&out.spans, &endpoints.traces),
            (&out.metrics, &endpoints.metrics),
            (&out.logs, &endpoints.logs),
        ];
        for (outbox, endpoint) in each {
            deliver(&mut deliveries, outbox, client, endpoint.clone());
        }
        Self {
            spans: Gathering::new(queues.spans, traces.max_of_request),
            lines: Gathering::new(queues.lines, logs.max_of_request),
            errors: Naming::new(queues.reports),
            out,
            deliveries,
        }
    }

    /// Gathers for as long as it is polled.
    pub(super) async fn run(&mut self, flushes: &mut mpsc::Receiver<Flush>) {
        let settings = &self.out.shared.settings;
        let mut span_ticks = ticks(settings.traces.interval);
        let mut metric_ticks = ticks(settings.metrics.interval);
        let mut log_ticks = ticks(settings.logs.interval);
        let mut seconds = ticks(Duration::from_secs(1));
        loop {
            tokio::select! {
                Some(batch) = self.spans.next() => self.take_spans(batch),
                Some(batch) = self.lines.next() => self.take_lines(batch),
                _ = span_ticks.tick() => self.gather_spans(),
                _ = metric_ticks.tick() => self.out.gather_metrics(),
                _ = log_ticks.tick() => {
                    self.gather_lines();
                    self.errors.gather(&self.out);
                }
                _ = seconds.tick() => self.out.shared.log_filter.settle(),
                Some(flush) = flushes.recv() => self.flush(flush),
            }
        }
    }

    /// Delivers what can be delivered until `deadline`, and counts the rest as lost.
    pub(super) async fn finish(&mut self, deadline: Instant) {
        self.gather_spans();
        self.gather_lines();
        if let Some(recorder) = &self.out.shared.recorder {
            recorder.sink.close();
        }
        if let Some(lines) = &self.out.shared.lines {
            lines.sink.close();
        }
        // What ended while the door was being closed.
        self.gather(deadline);
        let (outboxes, named) = (self.out.boxes(), self.errors.ended());
        outboxes.iter().for_each(|outbox| outbox.hurry());
        // Out of time: what is left is counted.
        let _ = timeout_at(deadline, emptied(named, &outboxes)).await;
        self.deliveries.shutdown().await;
        outboxes.iter().for_each(|outbox| outbox.abandon());
    }

    fn flush(&mut self, flush: Flush) {
        self.gather(flush.deadline.into());
        let (outboxes, named) = (self.out.boxes(), self.errors.ended());
        tokio::spawn(async move {
            if timeout_at(flush.deadline.into(), emptied(named, &outboxes)).await.is_ok() {
                // Whoever asked has given up waiting.
                let _ = flush.done.try_send(());
            }
        });
    }

    /// Everything that has ended so far, wherever it is, becomes requests.
    fn gather(&mut self, deadline: Instant) {
        self.gather_spans();
        self.gather_lines();
        self.errors.gather_all(&self.out, deadline);
        self.out.gather_metrics();
    }

    fn gather_spans(&mut self) {
        self.spans.sweep(self.out.span_sink(), |batches| self.out.send_spans(batches));
    }

    fn gather_lines(&mut self) {
        self.lines.sweep(self.out.line_sink(), |batches| self.out.send_lines(batches));
    }

    fn take_spans(&mut self, batch: Batch) {
        self.spans.take(batch, self.out.span_sink(), |batches| self.out.send_spans(batches));
    }

    fn take_lines(&mut self, batch: logs::Batch) {
        self.lines.take(batch, self.out.line_sink(), |batches| self.out.send_lines(batches));
    }
}

impl Out {
    fn boxes(&self) -> [Arc<Outbox>; 3] {
        [self.spans.clone(), self.metrics.clone(), self.logs.clone()]
    }

    fn span_sink(&self) -> Option<&trace::Sink> {
        self.shared.recorder.as_ref().map(|recorder| &recorder.sink)
    }

    fn line_sink(&self) -> Option<&logs::Sink> {
        self.shared.lines.as_ref().map(|lines| &lines.sink)
    }

    fn send_spans(&self, batches: &[Batch]) {
        if let Some(endpoint) = &self.shared.settings.endpoints.traces {
            self.spans.push(Payload::spans(&self.sender, batches, endpoint.compression));
        }
    }

    fn send_lines(&self, batches: &[logs::Batch]) {
        if let Some(endpoint) = &self.shared.settings.endpoints.logs {
            self.logs.push(Payload::logs(&self.sender, batches, endpoint.compression));
        }
    }

    fn gather_metrics(&self) {
        let settings = &self.shared.settings;
        let Some(endpoint) = &settings.endpoints.metrics else { return };
        let metrics = self.shared.metrics.collect(settings.metrics.temporality, SystemTime::now());
        if !metrics.is_empty() {
            self.metrics.push(Payload::metrics(&self.sender, metrics, endpoint.compression));
        }
    }
}

fn deliver(deliveries: &mut JoinSet<()>, outbox: &Arc<Outbox>, client: &Client, endpoint: Option<Endpoint>) {
    if let Some(endpoint) = endpoint {
        let (outbox, client) = (outbox.clone(), client.clone());
        deliveries.spawn(async move { outbox.deliver(&client, &endpoint).await });
    }
}

async fn emptied(named: impl Future<Output = ()>, outboxes: &[Arc<Outbox>]) {
    named.await;
    for outbox in outboxes {
        outbox.emptied().await;
    }
}

/// The first tick comes after the period. A machine that slept does not make up for it.
fn ticks(period: Duration) -> Interval {
    let mut ticks = interval_at(Instant::now() + period, period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
