//! Errors of the service as OpenTelemetry's exceptions: panics, tasks that panic, and what the service itself reports.
//!
//! Where an error happens, its message and the addresses of the stack are all that is taken down. What the addresses mean is
//! found out on a thread of the agent.

mod budget;
mod names;
mod places;
mod report;
mod suppressed;
mod told;
mod unwinding;

use std::{
    any::type_name,
    error::Error,
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    panic::Location,
    sync::{Arc, PoisonError, RwLock, Weak},
    time::{Duration, Instant},
};

use seaworthy_protocol::{LossReason, Signal};
use tokio::sync::mpsc;
use tracing::{Level, Metadata};

pub(crate) use self::{
    names::{Names, without_names},
    places::{Place, Places},
    report::{Kind, Report},
    told::{Told, message_of},
    unwinding::{forget, happened_within, panicked, through_span, through_task},
};
use crate::{
    Handle,
    losses::Losses,
    shared::Shared,
    trace::{quiet, record::Record},
};

/// Reports on their way to the worker, at most.
const QUEUED: usize = 256;

/// Where errors are captured by `capture`. What is beyond is bounded together.
static CAPTURED: Places = Places::new();

/// The agents that are told of errors: a process has one hook for panics, whatever number of agents it has.
static LISTENERS: RwLock<Vec<Weak<Shared>>> = RwLock::new(Vec::new());

/// Whereto the errors of a process are told, for one agent.
#[derive(Debug)]
pub(crate) struct Errors {
    queue: mpsc::Sender<Arc<Report>>,
    losses: Arc<Losses>,
}

impl Errors {
    pub(crate) fn new(losses: Arc<Losses>) -> (Self, mpsc::Receiver<Arc<Report>>) {
        let (queue, reports) = mpsc::channel(QUEUED);
        (Self { queue, losses }, reports)
    }

    /// Takes a report, or counts it: one of too many at one place has not been made at all.
    fn tell(&self, report: Option<Arc<Report>>) {
        let Some(report) = report else { return self.lost(LossReason::Limit) };
        match self.queue.try_send(report) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(_)) => self.lost(LossReason::QueueFull),
            Err(mpsc::error::TrySendError::Closed(_)) => self.lost(LossReason::Shutdown),
        }
    }

    fn lost(&self, reason: LossReason) {
        self.losses.add(Signal::Logs, reason, 1);
    }
}

/// Tells where an error came from: what has it is a record of an error, or comes beside one.
const ORIGIN: &str = "seaworthy.error.origin";

/// Whether there is a record of its own for what this line tells, which else would be two errors.
pub(crate) fn is_told(metadata: &Metadata<'_>, fields: &Record) -> bool {
    *metadata.level() == Level::ERROR && fields.attributes.iter().any(|attribute| attribute.key == ORIGIN)
}

/// From now on tells this agent of errors.
pub(crate) fn listen(shared: &Arc<Shared>) {
    let mut listeners = LISTENERS.write().unwrap_or_else(PoisonError::into_inner);
    listeners.retain(|listener| listener.strong_count() > 0);
    listeners.push(Arc::downgrade(shared));
}

/// The agents that are told. Never waits; none while one is just being started.
fn listeners() -> Vec<Arc<Shared>> {
    let Ok(listeners) = LISTENERS.try_read() else { return Vec::new() };
    listeners.iter().filter_map(Weak::upgrade).collect()
}

/// Reports an error that the service has dealt with: its type, its message with what caused it, the stack of the caller, and the
/// current trace and request. Of one place in the code it takes 10 at once and 10 a minute; more are counted as lost, and by
/// the next that it takes.
///
/// ```
/// if let Err(error) = "two".parse::<u8>() {
///     seaworthy_agent::capture(&error);
/// }
/// ```
///
/// Every agent of the process is told; without one, nothing happens. Of an error behind `dyn Error` the type is the one that its
/// `Debug` form begins with. One of `anyhow` is captured by `capture(error.as_ref())`.
#[track_caller]
pub fn capture<E: Error + ?Sized>(error: &E) {
    capture_for(&listeners(), error, Location::caller());
}

impl Handle {
    /// Reports an error to this agent alone; otherwise like [`capture`](crate::capture).
    #[track_caller]
    pub fn capture<E: Error + ?Sized>(&self, error: &E) {
        capture_for(std::slice::from_ref(&self.shared), error, Location::caller());
    }
}

fn capture_for<E: Error + ?Sized>(listeners: &[Arc<Shared>], error: &E, at: &Location<'_>) {
    let told: Vec<_> = listeners.iter().filter_map(|shared| shared.errors.as_ref()).collect();
    if told.is_empty() {
        return;
    }
    let noted = CAPTURED.note(at.file(), at.line(), kind_of(type_name::<E>()));
    let report = noted.suppressed_before.map(|suppressed| Arc::new(Report::of_error(error, at, suppressed)));
    told.iter().for_each(|errors| errors.tell(report.clone()));
}

/// A number for a type; 0 for one of which nobody knows what it stands for.
fn kind_of(type_name: &str) -> u64 {
    if type_name.starts_with("dyn ") {
        0
    } else {
        BuildHasherDefault::<DefaultHasher>::default().hash_one(type_name).max(1)
    }
}

/// Tells of a panic whose report was made, or was one too many at its place.
fn tell(report: Option<&Arc<Report>>) {
    for shared in listeners() {
        if let Some(errors) = shared.errors.as_ref().filter(|_| shared.settings.capture_panics) {
            errors.tell(report.cloned());
        }
    }
}

/// Sends what is waiting, for the process is about to be aborted.
fn flush(patience: Duration) {
    // The threads that would send are the agent's own.
    if quiet::is_quiet() {
        return;
    }
    let deadline = Instant::now() + patience;
    let flush = |shared: Arc<Shared>| Some(shared.worker.try_lock().ok()?.as_ref()?.flush(deadline));
    for done in listeners().into_iter().filter_map(flush) {
        // Neither delivered in time nor gone: there is nothing more to wait for.
        let _ = done.recv_timeout(deadline.saturating_duration_since(Instant::now()));
    }
}
