//! The waker that a tracked future is polled with: notes that the task is woken, and then wakes whoever polls it. A part of a task
//! that is polled with the waker of the whole shares it: what wakes the one wakes the other.
//!
//! It comes in two kinds. Both point to the same node, so they are as long-lived and as fit for any thread as each other. One is
//! plain. The other is given to a poll that is watched: whoever compares it with a plain one that they keep finds that it is
//! another, clones it, and so tells where they are; what they get is a plain one.
#![allow(unsafe_code)]

use std::{
    mem::ManuallyDrop,
    ptr,
    sync::Arc,
    task::{RawWaker, RawWakerVTable, Waker},
};

use tokio::runtime::Handle;

use super::{stack, task::Task};

pub(super) const FILE: &str = file!();

/// What a waker of ours points to. It never changes, so any thread may use it.
struct Node {
    task: Arc<Task>,
    host: Waker,
    home: Home,
}

/// Where a task is polled. As long-lived as its wakers, which tokio's own hold on to the runtime as well.
#[derive(Debug)]
pub(super) struct Home {
    pub(super) runtime: Option<Handle>,
    /// The task of tokio's that it is, or is a part of.
    pub(super) within: Option<tokio::task::Id>,
}

impl Home {
    /// Of what is polled now on this thread.
    fn of_this_poll() -> Self {
        Self { runtime: Handle::try_current().ok(), within: tokio::task::try_id() }
    }
}

/// Statics, so that each has one address, by which our wakers are known.
static PLAIN: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, release);
static WATCHING: RawWakerVTable = RawWakerVTable::new(watched_clone, wake, wake_by_ref, release);

/// A waker that wakes what `host` wakes, and marks the task as woken; or a plain `host` where that does so for the task that
/// this one is a part of.
pub(super) fn wrap(task: &Arc<Task>, host: &Waker) -> Waker {
    if node(host).is_some() {
        // SAFETY: `host` is one of ours. Not its own `clone`, which tells where it is called if it is watching.
        return unsafe { Waker::from_raw(clone(host.data())) };
    }
    let node = Arc::new(Node { task: Arc::clone(task), host: host.clone(), home: Home::of_this_poll() });
    // SAFETY: the functions of PLAIN keep the contract of `RawWaker` for a pointer that `Arc::into_raw` gave away
    // with one count, and `Node` is Send and Sync.
    unsafe { Waker::new(Arc::into_raw(node).cast(), &PLAIN) }
}

/// Whether `own` is what [`wrap`] makes of `host` for this task. A watching `host` is not another than the plain one.
pub(super) fn wakes(own: &Waker, task: &Arc<Task>, host: &Waker) -> bool {
    match node(host) {
        Some(_) => own.data() == host.data(),
        // The waker of a whole that the task is a part of no longer may have the same host.
        None => node(own).is_some_and(|node| Arc::ptr_eq(&node.task, task) && node.host.will_wake(host)),
    }
}

/// The task whose waker this is; a task that is a part of it may have the same.
pub(super) fn task(waker: &Waker) -> Option<&Arc<Task>> {
    node(waker).map(|node| &node.task)
}

/// Where the tasks of this waker are polled.
pub(super) fn home(waker: &Waker) -> Option<&Home> {
    node(waker).map(|node| &node.home)
}

/// The watching kind of a waker that [`wrap`] has made; a clone of any other.
pub(super) fn watching(own: &Waker) -> Waker {
    if node(own).is_none() {
        return own.clone();
    }
    let kept = ManuallyDrop::new(own.clone());
    // SAFETY: the count of the clone passes to the new waker. The vtables differ in nothing but what else `clone` does.
    unsafe { Waker::new(kept.data(), &WATCHING) }
}

/// Whether this is of the kind that [`watching`] makes.
pub(super) fn is_watching(waker: &Waker) -> bool {
    ptr::eq(waker.vtable(), &WATCHING)
}

/// Has the task of this waker polled once more without marking it as woken.
pub(super) fn nudge(waker: &Waker) {
    if let Some(node) = node(waker) {
        node.task.expect_nudge();
        node.host.wake_by_ref();
    }
}

fn node(waker: &Waker) -> Option<&Node> {
    let is_own = ptr::eq(waker.vtable(), &PLAIN) || is_watching(waker);
    // SAFETY: only `wrap` and `watching` make wakers of these vtables, and each keeps its node alive.
    is_own.then(|| unsafe { &*waker.data().cast::<Node>() })
}

// SAFETY, of these five: `data` is what `Arc::into_raw` gave away in `wrap`. Every waker owns one count of it: clones get one
// more, `wake` and `release` take the waker's own, `wake_by_ref` leaves it.

unsafe fn clone(data: *const ()) -> RawWaker {
    unsafe { Arc::increment_strong_count(data.cast::<Node>()) };
    RawWaker::new(data, &PLAIN)
}

unsafe fn watched_clone(data: *const ()) -> RawWaker {
    stack::note();
    unsafe { clone(data) }
}

unsafe fn wake(data: *const ()) {
    let node = unsafe { Arc::from_raw(data.cast::<Node>()) };
    node.wake();
}

unsafe fn wake_by_ref(data: *const ()) {
    let node = ManuallyDrop::new(unsafe { Arc::from_raw(data.cast::<Node>()) });
    node.wake();
}

unsafe fn release(data: *const ()) {
    drop(unsafe { Arc::from_raw(data.cast::<Node>()) });
}

impl Node {
    fn wake(&self) {
        // Before it is woken: afterwards another thread may have polled it already.
        self.task.wake();
        self.host.wake_by_ref();
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering::Relaxed},
        task::Wake,
    };

    use super::*;
    use crate::tasks::task::{Description, State};

    #[derive(Default)]
    struct Host(AtomicUsize);

    impl Wake for Host {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Relaxed);
        }
    }

    /// As who keeps a waker does: `wake` takes it.
    fn wake_a_clone(waker: &Waker) {
        let kept = waker.clone();
        kept.wake();
    }

    fn task() -> Arc<Task> {
        Arc::new(Task::new(1, Description::of::<()>(None, None), false))
    }

    #[test]
    fn it_wakes_the_host_and_marks_the_task() {
        let (task, host) = (task(), Arc::<Host>::default());
        let waker = wrap(&task, &Waker::from(Arc::clone(&host)));
        assert_eq!(task.doings(1).state, State::Idle);
        waker.wake_by_ref();
        assert_eq!((host.0.load(Relaxed), task.doings(1).state), (1, State::Woken));
        wake_a_clone(&waker);
        assert_eq!(host.0.load(Relaxed), 2);
        std::thread::scope(|scope| {
            (0..4).for_each(|_| drop(scope.spawn(|| (0..100).for_each(|_| wake_a_clone(&waker)))));
        });
        assert_eq!(host.0.load(Relaxed), 402);
    }

    #[test]
    fn every_count_is_given_back() {
        let (task, host) = (task(), Arc::<Host>::default());
        let outer = Waker::from(Arc::clone(&host));
        let waker = wrap(&task, &outer);
        assert!(wakes(&waker, &task, &outer) && wakes(&waker.clone(), &task, &outer.clone()));
        assert!(!wakes(&waker, &task, Waker::noop()) && !wakes(Waker::noop(), &task, &outer));
        assert!(waker.will_wake(&waker.clone()));
        let (first, second) = (waker.clone(), waker.clone());
        drop((waker, first));
        assert_eq!((Arc::strong_count(&task), Arc::strong_count(&host)), (2, 3));
        second.wake();
        drop(outer);
        assert_eq!((Arc::strong_count(&task), Arc::strong_count(&host)), (1, 1));
    }

    #[test]
    fn the_watching_kind_differs_until_it_is_cloned() {
        let (task, host) = (task(), Arc::<Host>::default());
        let outer = Waker::from(Arc::clone(&host));
        let plain = wrap(&task, &outer);
        let watching = watching(&plain);
        assert!(is_watching(&watching) && !is_watching(&plain) && !is_watching(&outer));
        assert!(!plain.will_wake(&watching) && !watching.will_wake(&plain));
        let kept = watching.clone();
        assert!(kept.will_wake(&plain) && !is_watching(&kept));
        // Polls may lend their waker to other threads.
        std::thread::scope(|scope| {
            (0..4).for_each(|_| drop(scope.spawn(|| (0..100).for_each(|_| drop(watching.clone())))));
        });
        watching.wake_by_ref();
        assert_eq!((host.0.load(Relaxed), task.doings(1).state), (1, State::Woken));
        drop((plain, outer));
        watching.wake();
        kept.wake();
        assert_eq!((Arc::strong_count(&task), Arc::strong_count(&host)), (1, 1));
    }

    #[test]
    fn a_part_shares_the_waker_of_the_whole() {
        let (part, whole, host) = (task(), task(), Arc::<Host>::default());
        let outer = Waker::from(Arc::clone(&host));
        let around = wrap(&whole, &outer);
        let within = wrap(&part, &watching(&around));
        assert!(within.will_wake(&around) && wakes(&within, &part, &around));
        assert!(wakes(&within, &part, &watching(&around)) && !wakes(&within, &part, Waker::noop()));
        // What was a part may go on without the whole.
        assert!(wakes(&around, &whole, &outer) && !wakes(&within, &part, &outer));
        nudge(&within);
        assert_eq!((host.0.load(Relaxed), whole.is_nudged()), (1, true));
        assert!(Arc::ptr_eq(super::task(&within).unwrap(), &whole));
        assert_eq!(Arc::strong_count(&part), 1);
    }
}
