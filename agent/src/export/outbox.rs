//! Keeps encoded requests until they are delivered.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use bytes::Bytes;
use opentelemetry_proto::tonic::collector::{
    logs::v1::ExportLogsServiceResponse, metrics::v1::ExportMetricsServiceResponse,
    trace::v1::ExportTraceServiceResponse,
};
use prost::Message;
use seaworthy_protocol::{LossReason, Signal};
use tokio::sync::Notify;

use super::{Answer, Backoff, Client, Endpoint, Payload, diary::Diary};
use crate::losses::Losses;

/// Requests of one signal that wait for the portal, oldest first. When they become too many, the oldest is dropped and
/// counted.
#[derive(Debug)]
pub(crate) struct Outbox {
    signal: Signal,
    limit: Limit,
    losses: Arc<Losses>,
    waiting: Mutex<Waiting>,
    arrived: Notify,
    left: Notify,
    in_a_hurry: AtomicBool,
    hurry: Notify,
}

/// How much may wait. One request may always wait, however large.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    /// Spans, metric points or log records.
    pub(crate) items: u64,
    /// Bytes of encoded requests.
    pub(crate) bytes: usize,
}

#[derive(Debug, Default)]
struct Waiting {
    requests: VecDeque<Payload>,
    items: u64,
    bytes: usize,
    /// Spans, metric points or log records in the request that is being sent.
    in_flight: Option<u64>,
}

/// Between attempts, when the process is about to end.
const HURRIED_WAIT: Duration = Duration::from_millis(200);

impl Outbox {
    pub(crate) fn new(signal: Signal, limit: Limit, losses: Arc<Losses>) -> Self {
        Self {
            signal,
            limit,
            losses,
            waiting: Mutex::default(),
            arrived: Notify::new(),
            left: Notify::new(),
            in_a_hurry: AtomicBool::new(false),
            hurry: Notify::new(),
        }
    }

    /// Adds a request to the end.
    pub(crate) fn push(&self, request: Payload) {
        let mut waiting = self.waiting();
        waiting.add(request);
        while waiting.requests.len() > 1 && waiting.exceeds(self.limit) {
            if let Some(oldest) = waiting.take_oldest() {
                self.lost(LossReason::Unreachable, oldest.items);
            }
        }
        drop(waiting);
        self.arrived.notify_one();
    }

    /// Delivers requests for as long as it is polled.
    pub(crate) async fn deliver(&self, client: &Client, endpoint: &Endpoint) {
        let mut diary = Diary::new(endpoint);
        loop {
            let request = self.next().await;
            self.deliver_one(client, endpoint, &request, &mut diary).await;
            self.waiting().in_flight = None;
            self.left.notify_one();
        }
    }

    /// Waits until everything has been delivered or refused.
    pub(crate) async fn emptied(&self) {
        while !self.is_empty() {
            self.left.notified().await;
        }
        // Somebody else may wait as well.
        self.left.notify_one();
    }

    /// From now on does not wait long between attempts.
    pub(crate) fn hurry(&self) {
        self.in_a_hurry.store(true, Relaxed);
        self.hurry.notify_one();
    }

    /// Counts all that has not been delivered as lost, because the process ends.
    pub(crate) fn abandon(&self) {
        let mut waiting = self.waiting();
        let items = waiting.items + waiting.in_flight.take().unwrap_or_default();
        *waiting = Waiting::default();
        drop(waiting);
        self.lost(LossReason::Shutdown, items);
    }

    async fn next(&self) -> Payload {
        loop {
            if let Some(request) = self.waiting().begin_oldest() {
                return request;
            }
            self.arrived.notified().await;
        }
    }

    async fn deliver_one(&self, client: &Client, endpoint: &Endpoint, request: &Payload, diary: &mut Diary) {
        let mut backoff = Backoff::default();
        loop {
            match client.post(endpoint, request).await {
                Answer::Accepted(body) => return self.accepted(&body, request, diary),
                Answer::Refused { why } => {
                    diary.refused(&why);
                    return self.lost(LossReason::Refused, request.items);
                }
                Answer::Later { after, why } => {
                    diary.unreachable(&why);
                    self.wait(backoff.next(after)).await;
                }
            }
        }
    }

    /// Taken, though perhaps not all of it. An answer that makes no sense says nothing else.
    fn accepted(&self, body: &Bytes, request: &Payload, diary: &mut Diary) {
        match rejected(self.signal, body) {
            None => diary.delivered(),
            Some((rejected, why)) => {
                diary.refused(&format!("it did not take all of it: {why}"));
                self.lost(LossReason::Refused, rejected.min(request.items));
            }
        }
    }

    async fn wait(&self, wait: Duration) {
        if self.in_a_hurry.load(Relaxed) {
            return tokio::time::sleep(wait.min(HURRIED_WAIT)).await;
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = self.hurry.notified() => {}
        }
    }

    fn is_empty(&self) -> bool {
        let waiting = self.waiting();
        waiting.requests.is_empty() && waiting.in_flight.is_none()
    }

    fn lost(&self, reason: LossReason, items: u64) {
        self.losses.add(self.signal, reason, items);
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn add(&mut self, request: Payload) {
        self.items += request.items;
        self.bytes += request.body.len();
        self.requests.push_back(request);
    }

    fn take_oldest(&mut self) -> Option<Payload> {
        let request = self.requests.pop_front()?;
        self.items -= request.items;
        self.bytes -= request.body.len();
        Some(request)
    }

    fn begin_oldest(&mut self) -> Option<Payload> {
        let request = self.take_oldest()?;
        self.in_flight = Some(request.items);
        Some(request)
    }

    fn exceeds(&self, limit: Limit) -> bool {
        self.items > limit.items || self.bytes > limit.bytes
    }
}

/// What OTLP calls a partial success: how many were not taken, and why.
fn rejected(signal: Signal, body: &Bytes) -> Option<(u64, String)> {
    let (count, why) = match signal {
        Signal::Spans => {
            let partial = ExportTraceServiceResponse::decode(body.clone()).ok()?.partial_success?;
            (partial.rejected_spans, partial.error_message)
        }
        Signal::Metrics => {
            let partial = ExportMetricsServiceResponse::decode(body.clone()).ok()?.partial_success?;
            (partial.rejected_data_points, partial.error_message)
        }
        Signal::Logs => {
            let partial = ExportLogsServiceResponse::decode(body.clone()).ok()?.partial_success?;
            (partial.rejected_log_records, partial.error_message)
        }
        // They are taken as a whole.
        Signal::Profiles => return None,
    };
    u64::try_from(count).ok().filter(|&count| count > 0).map(|count| (count, why))
}
