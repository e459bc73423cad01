//! Errors until the functions of their stacks have names.

use std::sync::{Arc, Mutex, PoisonError};

use seaworthy_protocol::{LossReason, Signal};
use tokio::sync::{mpsc, watch};

use super::pipeline::Out;
use crate::{
    aside::aside,
    errors::{Names, Report},
    export::Payload,
};

/// Takes reports, and has them named on a thread of its own: that may take a second, and the agent's own thread has to check in.
pub(super) struct Naming {
    reports: mpsc::Receiver<Arc<Report>>,
    waiting: Vec<Arc<Report>>,
    names: Arc<Mutex<Names>>,
    /// How many lots were begun.
    begun: u64,
    /// How many of them have ended.
    ended: watch::Sender<u64>,
}

impl Naming {
    pub(super) fn new(reports: mpsc::Receiver<Arc<Report>>) -> Self {
        Self { reports, waiting: Vec::new(), names: Arc::default(), begun: 0, ended: watch::Sender::new(0) }
    }

    /// Begins to name what has come. What may become known better later waits, unless it has to be now.
    pub(super) fn gather(&mut self, out: &Out, now: bool) {
        while let Ok(report) = self.reports.try_recv() {
            self.waiting.push(report);
        }
        if self.waiting.is_empty() || !now && *self.ended.borrow() < self.begun {
            return;
        }
        let (ready, waiting) = self.waiting.drain(..).partition(|report| now || report.is_settled());
        self.waiting = waiting;
        self.begin(ready, out);
    }

    /// What waits until all that was begun so far has got to the outbox.
    pub(super) fn ended(&self) -> impl Future<Output = ()> + use<> {
        let (begun, mut ended) = (self.begun, self.ended.subscribe());
        async move {
            // An error says that nobody is there to end it.
            let _ = ended.wait_for(|ended| *ended >= begun).await;
        }
    }

    fn begin(&mut self, ready: Vec<Arc<Report>>, out: &Out) {
        let Some(endpoint) = &out.shared.settings.endpoints.logs else { return };
        if ready.is_empty() {
            return;
        }
        self.begun += 1;
        let (names, ended, compression) = (self.names.clone(), self.ended.clone(), endpoint.compression);
        let (outbox, sender, losses) = (out.logs.clone(), out.sender.clone(), out.shared.losses.clone());
        let count = ready.len() as u64;
        tokio::spawn(async move {
            let payload = aside("seaworthy-names", move |_| {
                let mut names = names.lock().unwrap_or_else(PoisonError::into_inner);
                // Held only for this lot: it takes as much memory as the debug information that was read.
                let mut symbols = None;
                let named = ready.into_iter().map(|report| {
                    let text = names.text(&report.stack, &mut symbols);
                    (report, text)
                });
                Payload::errors(&sender, &named.collect::<Vec<_>>(), compression)
            });
            match payload.await {
                Some(payload) => outbox.push(payload),
                // The system gives no thread.
                None => losses.add(Signal::Logs, LossReason::Limit, count),
            }
            ended.send_modify(|ended| *ended += 1);
        });
    }
}
