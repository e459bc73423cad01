//! The tasks that are alive.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
};

use slab::Slab;

use super::task::{Description, Task};

/// Tasks that are shown. Each costs about 300 bytes beside the future itself.
pub(super) const MOST_TASKS: usize = 200_000;
const SHARDS: usize = 32;

/// Those of the process, whatever runtimes and agents it has.
pub(super) static TASKS: Registry = Registry::new(MOST_TASKS);

/// All tasks, up to a limit. A lock is taken when a task begins and ends, never when it is polled.
pub(super) struct Registry {
    limit: usize,
    shown: AtomicUsize,
    not_shown: AtomicUsize,
    latest: AtomicU64,
    shards: [Mutex<Slab<Arc<Task>>>; SHARDS],
}

impl Registry {
    pub(super) const fn new(limit: usize) -> Self {
        Self {
            limit,
            shown: AtomicUsize::new(0),
            not_shown: AtomicUsize::new(0),
            latest: AtomicU64::new(0),
            shards: [const { Mutex::new(Slab::new()) }; SHARDS],
        }
    }

    /// Enters a task for as long as what is returned lives.
    pub(super) fn enter(&'static self, description: Description, woken: bool) -> Entry {
        if self.shown.fetch_add(1, Relaxed) >= self.limit {
            self.shown.fetch_sub(1, Relaxed);
            self.not_shown.fetch_add(1, Relaxed);
            return Entry { registry: self, shown: None };
        }
        let id = self.latest.fetch_add(1, Relaxed) + 1;
        let task = Arc::new(Task::new(id, description, woken));
        let key = self.shard(id).insert(Arc::clone(&task));
        Entry { registry: self, shown: Some(Shown { task, key }) }
    }

    /// Every task that is shown. A copy, because whoever begins or ends a task must not wait until all are read.
    pub(super) fn all(&self) -> Vec<Arc<Task>> {
        let mut all = Vec::with_capacity(self.shown());
        for id in 0..SHARDS as u64 {
            all.extend(self.shard(id).iter().map(|(_, task)| Arc::clone(task)));
        }
        all
    }

    /// Whether there is such a task among those that are shown.
    pub(super) fn any(&self, is_such: impl Fn(&Task) -> bool) -> bool {
        (0..SHARDS as u64).any(|id| self.shard(id).iter().any(|(_, task)| is_such(task)))
    }

    /// How many are alive and shown.
    pub(super) fn shown(&self) -> usize {
        self.shown.load(Relaxed).min(self.limit)
    }

    /// How many are alive and beyond the limit.
    pub(super) fn not_shown(&self) -> usize {
        self.not_shown.load(Relaxed)
    }

    /// Where the task of this id stands.
    fn shard(&self, id: u64) -> MutexGuard<'_, Slab<Arc<Task>>> {
        self.shards[id as usize % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// That a task is alive. Dropping it takes the task out.
pub(super) struct Entry {
    registry: &'static Registry,
    shown: Option<Shown>,
}

struct Shown {
    task: Arc<Task>,
    key: usize,
}

impl Entry {
    /// None for one that is beyond the limit.
    pub(super) fn task(&self) -> Option<&Arc<Task>> {
        self.shown.as_ref().map(|shown| &shown.task)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let Some(Shown { task, key }) = self.shown.take() else {
            self.registry.not_shown.fetch_sub(1, Relaxed);
            return;
        };
        task.unsettle();
        let removed = self.registry.shard(task.id).try_remove(key);
        drop(removed);
        self.registry.shown.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registry(limit: usize) -> &'static Registry {
        Box::leak(Box::new(Registry::new(limit)))
    }

    fn ids(registry: &Registry) -> Vec<u64> {
        let mut ids: Vec<_> = registry.all().iter().map(|task| task.id).collect();
        ids.sort_unstable();
        ids
    }

    #[test]
    fn what_is_beyond_the_limit_is_counted_and_makes_room_again() {
        let registry = registry(2);
        let enter = || registry.enter(Description::of::<()>(None, None), false);
        let (first, second, third) = (enter(), enter(), enter());
        assert_eq!((ids(registry), registry.shown(), registry.not_shown()), (vec![1, 2], 2, 1));
        assert!(first.task().is_some() && third.task().is_none());
        drop(third);
        assert_eq!(registry.not_shown(), 0);
        drop(first);
        let fourth = enter();
        assert_eq!((ids(registry), registry.shown()), (vec![2, 3], 2));
        drop((second, fourth));
        assert_eq!((ids(registry), registry.shown(), registry.not_shown()), (vec![], 0, 0));
    }

    #[test]
    fn tasks_that_come_and_go_on_all_threads_leave_nothing() {
        let registry = registry(100);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        let enter = |_| registry.enter(Description::of::<()>(None, None), false);
                        let entries: Vec<_> = (0..40).map(enter).collect();
                        assert!(registry.all().iter().all(|task| task.id > 0));
                        drop(entries);
                    }
                });
            }
        });
        assert_eq!((registry.all().len(), registry.shown(), registry.not_shown()), (0, 0, 0));
    }
}
