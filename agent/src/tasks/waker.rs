//! The waker that a tracked future is polled with: notes that the task is woken, and then wakes whoever polls it.
//!
//! The standard library's `Wake` would do, were it not for what else a waker can tell when it is cloned.
#![allow(unsafe_code)]

use std::{
    mem::ManuallyDrop,
    ptr,
    sync::Arc,
    task::{RawWaker, RawWakerVTable, Waker},
};

use super::task::Task;

/// What a waker of ours points to. It never changes, so any thread may use it.
struct Node {
    task: Arc<Task>,
    host: Waker,
}

/// A `static`, so that it has one address, by which our wakers are known.
static PLAIN: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, release);

/// A waker that wakes what `host` wakes, and marks the task as woken.
pub(super) fn wrap(task: &Arc<Task>, host: &Waker) -> Waker {
    let node = Arc::new(Node { task: Arc::clone(task), host: host.clone() });
    // SAFETY: the functions of PLAIN keep the contract of `RawWaker` for a pointer that `Arc::into_raw` gave away
    // with one count, and `Node` is Send and Sync.
    unsafe { Waker::new(Arc::into_raw(node).cast(), &PLAIN) }
}

/// Whether `own`, which [`wrap`] has made, wakes what `host` wakes.
pub(super) fn wakes(own: &Waker, host: &Waker) -> bool {
    node(own).is_some_and(|node| node.host.will_wake(host))
}

fn node(waker: &Waker) -> Option<&Node> {
    // SAFETY: only `wrap` makes wakers of this vtable, and they keep their node alive.
    ptr::eq(waker.vtable(), &PLAIN).then(|| unsafe { &*waker.data().cast::<Node>() })
}

// SAFETY, of these four: `data` is what `Arc::into_raw` gave away in `wrap`. Every waker owns one count of it: `clone` adds
// one, `wake` and `release` take the waker's own, `wake_by_ref` leaves it.

unsafe fn clone(data: *const ()) -> RawWaker {
    unsafe { Arc::increment_strong_count(data.cast::<Node>()) };
    RawWaker::new(data, &PLAIN)
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
}
