//! The waker that a tracked future is polled with: notes that the task is woken, and then wakes whoever polls it.
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

use super::{stack, task::Task};

pub(super) const FILE: &str = file!();

/// What a waker of ours points to. It never changes, so any thread may use it.
struct Node {
    task: Arc<Task>,
    host: Waker,
}

/// Statics, so that each has one address, by which our wakers are known.
static PLAIN: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, release);
static WATCHING: RawWakerVTable = RawWakerVTable::new(watched_clone, wake, wake_by_ref, release);

/// A waker that wakes what `host` wakes, and marks the task as woken.
pub(super) fn wrap(task: &Arc<Task>, host: &Waker) -> Waker {
    let node = Arc::new(Node { task: Arc::clone(task), host: host.clone() });
    // SAFETY: the functions of PLAIN keep the contract of `RawWaker` for a pointer that `Arc::into_raw` gave away
    // with one count, and `Node` is Send and Sync.
    unsafe { Waker::new(Arc::into_raw(node).cast(), &PLAIN) }
}

/// Whether `own`, which [`wrap`] has made, wakes what `host` wakes. A watching `host` is not another than the plain one.
pub(super) fn wakes(own: &Waker, host: &Waker) -> bool {
    let same = |kept: &Waker| kept.will_wake(host) || is_watching(host) && kept.data() == host.data();
    node(own).is_some_and(|node| same(&node.host))
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

/// Has a task polled once more, and every task that it is a part of, without marking any of them as woken.
pub(super) fn nudge(waker: &Waker) {
    let mut waker = waker;
    while let Some(node) = node(waker) {
        node.task.expect_nudge();
        waker = &node.host;
    }
    waker.wake_by_ref();
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
        assert!(wakes(&waker, &outer) && wakes(&waker.clone(), &outer.clone()));
        assert!(!wakes(&waker, Waker::noop()) && !wakes(Waker::noop(), &outer));
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
    fn one_within_another_is_known_by_either_kind_and_nudged_through() {
        let (inner, outer, host) = (task(), task(), Arc::<Host>::default());
        let around = wrap(&outer, &Waker::from(Arc::clone(&host)));
        let within = wrap(&inner, &around);
        assert!(wakes(&within, &around) && wakes(&within, &watching(&around)));
        assert!(!wakes(&around, &within));
        nudge(&within);
        assert_eq!(host.0.load(Relaxed), 1);
        assert_eq!((inner.doings(1).state, outer.doings(1).state), (State::Idle, State::Idle));
        assert!(inner.is_nudged() && outer.is_nudged());
    }
}
