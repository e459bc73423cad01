//! Does what the portal asks of this instance, and tells how it goes.
//!
//! Commands come with replies to check-ins, reports go with the check-ins that follow: soon, but not more than one in a
//! second. What is asked again is known by its number and not done again.

mod capture;
mod known;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::Ordering::Relaxed},
    time::Duration,
};

use seaworthy_protocol::{Command, CommandReport, Order};
use tokio::sync::Notify;

use self::known::{Known, Progress};
use crate::{
    export::{Client, Endpoint},
    shared::Shared,
};

const REFUSED: &str = "the service takes no commands from the portal (SEAWORTHY_COMMANDS)";

/// What the portal asks of this instance.
#[derive(Debug)]
pub(crate) struct Commands {
    shared: Arc<Shared>,
    client: Client,
    /// Where profiles go.
    profiles: Endpoint,
    known: Mutex<Known>,
    changed: Notify,
}

impl Commands {
    /// `check_in` is where the portal is asked.
    pub(crate) fn new(shared: Arc<Shared>, client: Client, check_in: &Endpoint) -> Arc<Self> {
        let profiles = capture::endpoint(check_in);
        let (known, changed) = (Mutex::default(), Notify::new());
        Arc::new(Self { shared, client, profiles, known, changed })
    }

    /// Begins what is asked and was not before.
    pub(crate) fn take(self: &Arc<Self>, commands: Vec<Command>) {
        for Command { id, order } in commands {
            if !self.known().is_new(id) {
                continue;
            }
            match order {
                Order::Unknown => self.end(id, Progress::NotUnderstood),
                _ if !self.shared.settings.commands => self.end(id, Progress::Failed(REFUSED.into())),
                Order::Capture { kind, seconds } => {
                    if self.known().begin(id, capture::length(kind, seconds)) {
                        let commands = Arc::clone(self);
                        tokio::spawn(async move { commands.capture(id, kind, seconds.into()).await });
                    }
                }
                Order::LogFilter { filter, for_seconds } => {
                    let changed = self.change_log_filter(&filter, for_seconds);
                    self.end(id, changed.map_or_else(Progress::Failed, |()| Progress::Done));
                }
            }
        }
        self.changed.notify_one();
    }

    /// What is to be told of them now.
    pub(crate) fn reports(&self) -> Vec<CommandReport> {
        self.known().reports()
    }

    /// These have been heard.
    pub(crate) fn told(&self, reports: &[CommandReport]) {
        self.known().told(reports);
    }

    /// Nothing more is done: the instance ends.
    pub(crate) fn give_up(&self) {
        self.known().give_up();
    }

    /// Waits for so long, or until there is something to tell that cannot wait as long.
    pub(crate) async fn wait(&self, usual: Duration) {
        /// Progress is looked at by somebody.
        const WHILE_UNDERWAY: Duration = Duration::from_secs(1);
        let soon = WHILE_UNDERWAY.min(usual);
        if self.known().is_busy() {
            return tokio::time::sleep(soon).await;
        }
        tokio::select! {
            () = tokio::time::sleep(usual) => {}
            () = self.changed.notified() => tokio::time::sleep(soon).await,
        }
    }

    fn change_log_filter(&self, filter: &str, for_seconds: u32) -> Result<(), String> {
        let shared = &self.shared;
        if shared.lines.is_none() && !shared.observed.counts_log_lines.load(Relaxed) {
            return Err("the service logs with a subscriber of its own, which the agent cannot change".into());
        }
        let length = Duration::from_secs(for_seconds.into());
        shared.log_filter.change(filter, length).map(drop).map_err(|why| why.to_string())
    }

    fn end(&self, id: u64, progress: Progress) {
        self.known().end(id, progress);
        self.changed.notify_one();
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
