//! Errors until the functions of their stacks have names.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::{
    sync::{mpsc, watch},
    time::{Instant, timeout_at},
};

use super::pipeline::Out;
use crate::{
    aside::{Waiting, aside},
    errors::{self, Names, Report},
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

    /// Begins to name what has come and is settled.
    pub(super) fn gather(&mut self, out: &Out) {
        self.receive();
        if *self.ended.borrow() < self.begun {
            return;
        }
        let (ready, waiting) = self.waiting.drain(..).partition(|report| report.is_settled());
        self.waiting = waiting;
        self.begin(ready, out, None);
    }

    /// Begins to name all that has come. What has no names by then goes without: of what is delivered until the deadline, half the
    /// time is for names.
    pub(super) fn gather_all(&mut self, out: &Out, deadline: Instant) {
        self.receive();
        let left = deadline.saturating_duration_since(Instant::now());
        let ready = std::mem::take(&mut self.waiting);
        self.begin(ready, out, Some(deadline - left / 2));
    }

    fn receive(&mut self) {
        while let Ok(report) = self.reports.try_recv() {
            self.waiting.push(report);
        }
    }

    /// What waits until all that was begun so far has got to the outbox.
    pub(super) fn ended(&self) -> impl Future<Output = ()> + use<> {
        let (begun, mut ended) = (self.begun, self.ended.subscribe());
        async move {
            // An error says that nobody is there to end it.
            let _ = ended.wait_for(|ended| *ended >= begun).await;
        }
    }

    fn begin(&mut self, ready: Vec<Arc<Report>>, out: &Out, until: Option<Instant>) {
        let Some(endpoint) = &out.shared.settings.endpoints.logs else { return };
        if ready.is_empty() {
            return;
        }
        self.begun += 1;
        let (ended, outbox) = (self.ended.clone(), out.logs.clone());
        let (sender, compression) = (out.sender.clone(), endpoint.compression);
        let named = named(self.names.clone(), ready.clone());
        tokio::spawn(async move {
            let named = match until {
                Some(until) => timeout_at(until, named).await.ok().flatten(),
                None => named.await,
            };
            // Out of time, or the system gives no thread.
            let reports = named.unwrap_or_else(|| errors::without_names(ready));
            outbox.push(Payload::errors(&sender, &reports, compression));
            ended.send_modify(|ended| *ended += 1);
        });
    }
}

/// The reports with the texts of their stacks.
async fn named(names: Arc<Mutex<Names>>, reports: Vec<Arc<Report>>) -> Option<Vec<(Arc<Report>, Arc<str>)>> {
    let name = move |_: &Waiting| {
        let mut names = names.lock().unwrap_or_else(PoisonError::into_inner);
        // Held only for these: it takes as much memory as the debug information that was read.
        let mut symbols = None;
        let named = reports.into_iter().map(|report| {
            let text = names.text(&report.stack, &mut symbols);
            (report, text)
        });
        named.collect()
    };
    aside("seaworthy-names", name).await
}
