//! Batches of one signal until they make a request.

use tokio::sync::mpsc;

use crate::sink::{Gathered, Sink};

/// Takes batches from the host's threads, and hands on as many as go into one request.
pub(super) struct Gathering<B> {
    batches: mpsc::Receiver<B>,
    /// What is to be in the next request.
    pending: Vec<B>,
    max_of_request: usize,
}

impl<B: Gathered> Gathering<B> {
    pub(super) fn new(batches: mpsc::Receiver<B>, max_of_request: usize) -> Self {
        Self { batches, pending: Vec::new(), max_of_request }
    }

    /// The next batch. None where there is none any more.
    pub(super) async fn next(&mut self) -> Option<B> {
        self.batches.recv().await
    }

    /// Everything that has ended so far, wherever it is.
    pub(super) fn sweep(&mut self, sink: Option<&Sink<B>>, mut hand_on: impl FnMut(&[B])) {
        if let Some(sink) = sink {
            sink.sweep();
        }
        while let Ok(batch) = self.batches.try_recv() {
            self.take(batch, sink, &mut hand_on);
        }
        self.seal(sink, &mut hand_on);
    }

    /// Adds a batch. If it is too much for the request that is being made, that one goes first.
    pub(super) fn take(&mut self, batch: B, sink: Option<&Sink<B>>, hand_on: impl FnOnce(&[B])) {
        if let Some(sink) = sink {
            sink.taken(&batch);
        }
        let pending: usize = self.pending.iter().map(B::len).sum();
        if pending + batch.len() > self.max_of_request {
            self.seal(sink, hand_on);
        }
        self.pending.push(batch);
    }

    fn seal(&mut self, sink: Option<&Sink<B>>, hand_on: impl FnOnce(&[B])) {
        if !self.pending.is_empty() {
            hand_on(&self.pending);
            let handed_on = self.pending.drain(..);
            let Some(sink) = sink else { return drop(handed_on) };
            handed_on.for_each(|batch| sink.give_back(batch));
        }
    }
}
