//! A future that is a task of its own in a dump.

use std::{
    borrow::Cow,
    fmt,
    panic::Location,
    pin::Pin,
    ptr,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use pin_project_lite::pin_project;

use super::{
    registry::{Entry, TASKS},
    stack,
    task::{Description, Task},
    waker,
};

pub(super) const FILE: &str = file!();

/// Tracks a future: from now until it ends or is dropped it stands in dumps of tasks, whatever polls it.
///
/// For what [`spawn`](super::spawn) does not start: a future on a runtime or a `LocalSet` of one's own, or a part of a task
/// that is worth a line of its own.
///
/// ```
/// # async fn restock() {}
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let local = tokio::task::LocalSet::new();
/// local.spawn_local(seaworthy_agent::tasks::instrument("restock", restock()));
/// local.await;
/// # }
/// ```
#[track_caller]
pub fn instrument<F: Future>(name: impl Into<Cow<'static, str>>, future: F) -> Tracked<F> {
    let description = Description::of::<F>(Some(name.into()), Some(Location::caller()));
    Tracked::new(future, description, false)
}

pin_project! {
    /// A future that is tracked; see [`instrument`].
    #[must_use = "futures do nothing unless they are polled"]
    pub struct Tracked<F> {
        // First, so that what the future does when it is dropped is still of a task that is alive.
        #[pin]
        future: F,
        // None once the future has ended.
        entry: Option<Entry>,
        own: Option<Waker>,
    }
}

impl<F: Future> Tracked<F> {
    /// `woken` where it is queued to be polled at once.
    pub(crate) fn new(future: F, description: Description, woken: bool) -> Self {
        Self { future, entry: Some(TASKS.enter(description, woken)), own: None }
    }

    /// The same type for a future that is not tracked.
    pub(crate) fn not_tracked(future: F) -> Self {
        Self { future, entry: None, own: None }
    }
}

impl<F: Future> Future for Tracked<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let Some(task) = this.entry.as_ref().and_then(Entry::task) else { return this.future.poll(cx) };
        let own = match this.own {
            Some(own) if waker::wakes(own, task, cx.waker()) => own,
            own => own.insert(settle(task, cx.waker())),
        };
        let is_watched = task.is_nudged() || waker::is_watching(cx.waker());
        let here = 0_u8;
        let polling = task.begin_poll(own, is_watched, ptr::from_ref(&here).addr());
        let polled = match is_watched {
            false => this.future.poll(&mut Context::from_waker(own)),
            true => watched(this.future, task, own),
        };
        drop(polling);
        if polled.is_ready() {
            *this.entry = None;
        }
        polled
    }
}

/// A poll for a dump, of this task or of one that it is a part of: shows where it waits.
#[cold]
fn watched<F: Future>(future: Pin<&mut F>, task: &Task, own: &Waker) -> Poll<F::Output> {
    let watching = waker::watching(own);
    let mut cx = Context::from_waker(&watching);
    if !task.take_question() {
        return future.poll(&mut cx);
    }
    let (polled, stacks) = stack::collect(|| future.poll(&mut cx));
    task.answer(stacks);
    polled
}

/// It is polled for the first time, or by somebody else than before.
#[cold]
fn settle(task: &Arc<Task>, host: &Waker) -> Waker {
    let own = waker::wrap(task, host);
    task.settle(own.clone());
    own
}

impl<F> fmt::Debug for Tracked<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracked")
            .field("task", &self.entry.as_ref().and_then(Entry::task))
            .finish_non_exhaustive()
    }
}
