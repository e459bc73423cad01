//! Where an instance stands in its life, and how it ends.
//!
//! The drain has phases. A signal, or [`Handle::shut_down`](crate::Handle::shut_down), begins it: from then on the
//! instance is not ready. After the delay its servers stop accepting. At the deadline they break off what still runs.

mod conductor;
mod held;
mod in_flight;
mod serve;

use std::{
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use seaworthy_protocol::{DrainReport, InstanceState};
use tokio::sync::watch;

pub(crate) use self::{in_flight::InFlight, serve::answers};

/// How long a drain may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    /// From the signal until servers stop accepting: time for load balancers to notice.
    pub(crate) delay: Duration,
    /// From the signal until what still runs is broken off.
    pub(crate) deadline: Duration,
    /// How long the agent may then take to send what is waiting.
    pub(crate) flush: Duration,
}

/// How far the drain is; only ever goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    /// There is none.
    Running,
    /// Not ready any more.
    Draining,
    /// Servers stop accepting and finish what they have begun.
    Closing,
    /// The deadline is over.
    Expired,
    /// The agent sends what is waiting.
    Stopping,
    /// The agent is gone.
    Over,
}

/// The state of the instance, and how its drain went.
#[derive(Debug)]
pub(crate) struct Drain {
    in_flight: Arc<InFlight>,
    terms: Terms,
    phase: watch::Sender<Phase>,
    /// Not before the agent has started, and not while the service says that it is not.
    ready: AtomicBool,
    conducted: AtomicBool,
    begun: OnceLock<Begun>,
    report: Mutex<Option<DrainReport>>,
}

/// How things stood when the drain began.
#[derive(Clone, Copy, Debug)]
struct Begun {
    at: Instant,
    in_flight: u64,
    finished: u64,
}

impl Drain {
    pub(crate) fn new(in_flight: Arc<InFlight>, terms: Terms) -> Self {
        Self {
            in_flight,
            terms: Terms { delay: terms.delay.min(terms.deadline), ..terms },
            phase: watch::Sender::new(Phase::Running),
            ready: AtomicBool::new(false),
            conducted: AtomicBool::new(false),
            begun: OnceLock::new(),
            report: Mutex::default(),
        }
    }

    /// Where the instance stands; never [`InstanceState::Stopped`], which only the last check-in says.
    pub(crate) fn state(&self) -> InstanceState {
        match *self.phase.borrow() {
            Phase::Running => InstanceState::Running,
            _ => InstanceState::Draining,
        }
    }

    /// Whether the instance wants requests: it does not while it drains, or while the service says so.
    pub(crate) fn wants_requests(&self) -> bool {
        self.state() == InstanceState::Running && self.ready.load(Relaxed)
    }

    pub(crate) fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Relaxed);
    }

    /// How the drain went, once it has ended.
    pub(crate) fn report(&self) -> Option<DrainReport> {
        *self.lock_report()
    }

    /// The agent stops: a drain that no server has brought to its end ends now.
    pub(crate) fn settle(&self) {
        if self.begun.get().is_some() && self.report().is_none() {
            self.finish(self.in_flight.count());
        }
        self.reach(Phase::Stopping);
    }

    /// The agent is gone.
    pub(crate) fn over(&self) {
        self.reach(Phase::Over);
    }

    fn begin(&self) -> Begun {
        let begun = *self.begun.get_or_init(|| Begun {
            at: Instant::now(),
            in_flight: self.in_flight.count(),
            finished: self.in_flight.finished(),
        });
        if self.reach(Phase::Draining) {
            tracing::info!(target: "seaworthy", in_flight = begun.in_flight, "draining");
        }
        begun
    }

    /// A server has ended and had to break off so many requests. With several servers the last one completes the
    /// report.
    fn finish(&self, aborted: u64) -> DrainReport {
        let begun = self.begin();
        let mut report = self.lock_report();
        let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let ended = DrainReport {
            in_flight_at_start: begun.in_flight,
            finished: self.in_flight.finished() - begun.finished,
            aborted: report.map_or(0, |other| other.aborted) + aborted,
            took_ms: milliseconds(begun.at.elapsed()),
            deadline_ms: milliseconds(self.terms.deadline),
        };
        *report = Some(ended);
        let DrainReport { finished, aborted, took_ms, .. } = ended;
        tracing::info!(target: "seaworthy", finished, aborted, took_ms, "drained");
        ended
    }

    /// Goes on to a phase; says whether it was a step.
    fn reach(&self, phase: Phase) -> bool {
        self.phase.send_if_modified(|current| {
            let is_step = *current < phase;
            *current = phase.max(*current);
            is_step
        })
    }

    /// Ends once the phase, or a later one, is reached. Needs no runtime.
    fn reached(&self, phase: Phase) -> impl Future<Output = ()> + Send + 'static + use<> {
        let mut phases = self.phase.subscribe();
        async move {
            // The sender is gone when the agent is, after which nothing more can be waited for.
            let _ = phases.wait_for(|current| *current >= phase).await;
        }
    }

    fn lock_report(&self) -> MutexGuard<'_, Option<DrainReport>> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
