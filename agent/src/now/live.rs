//! What is alive of one kind, and the oldest of it.

use std::{
    cmp::Ordering,
    collections::BinaryHeap,
    ops::Deref,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Instant,
};

use slab::Slab;

use crate::threads::shard_of_this_thread;

/// Each thread has its own, nearly always.
const SHARDS: usize = 16;

/// What is alive of one kind. The first so many can be listed; what is beyond is counted.
#[derive(Debug)]
pub(crate) struct Live<T> {
    limit: usize,
    count: AtomicUsize,
    shards: [Mutex<Slab<Arc<T>>>; SHARDS],
}

/// What began at some time.
pub(crate) trait Begun {
    fn begun(&self) -> Instant;
}

impl<T> Live<T> {
    pub(crate) fn new(limit: usize) -> Arc<Self> {
        let shards = [const { Mutex::new(Slab::new()) }; SHARDS];
        Arc::new(Self { limit, count: AtomicUsize::new(0), shards })
    }

    /// Lists something for as long as what is returned lives.
    pub(crate) fn enter(self: &Arc<Self>, value: T) -> Entry<T> {
        let value = Arc::new(value);
        let is_listed = self.count.fetch_add(1, Relaxed) < self.limit;
        let place = is_listed.then(|| {
            let shard = shard_of_this_thread(SHARDS);
            (shard, lock(&self.shards[shard]).insert(Arc::clone(&value)))
        });
        Entry { live: Arc::clone(self), value, place }
    }

    /// How many are alive, listed or not.
    pub(crate) fn count(&self) -> usize {
        self.count.load(Relaxed)
    }

    /// Looks at each that is listed. `look` must be quick: it holds up whoever begins or ends.
    pub(crate) fn each(&self, mut look: impl FnMut(&Arc<T>)) {
        for shard in &self.shards {
            lock(shard).iter().for_each(|(_, value)| look(value));
        }
    }
}

impl<T: Begun> Live<T> {
    /// The oldest `most` of those that are listed, in this order.
    pub(crate) fn oldest(&self, most: usize) -> Vec<Arc<T>> {
        let mut oldest = Keep::new(most);
        self.each(|value| oldest.offer(value.begun(), || Arc::clone(value)));
        oldest.into_vec()
    }
}

/// Of all that is offered, the oldest few.
pub(crate) struct Keep<K: Ord + Copy, T> {
    most: usize,
    /// The youngest is on top, to give way.
    kept: BinaryHeap<Kept<K, T>>,
}

struct Kept<K, T>(K, T);

impl<K: Ord + Copy, T> Keep<K, T> {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, kept: BinaryHeap::new() }
    }

    /// Takes what `make` makes if there is room, or something younger to give way.
    pub(crate) fn offer(&mut self, begun: K, make: impl FnOnce() -> T) {
        if self.kept.len() >= self.most {
            match self.kept.peek() {
                Some(youngest) if begun < youngest.0 => drop(self.kept.pop()),
                _ => return,
            }
        }
        self.kept.push(Kept(begun, make()));
    }

    /// The oldest first.
    pub(crate) fn into_vec(self) -> Vec<T> {
        self.kept.into_sorted_vec().into_iter().map(|kept| kept.1).collect()
    }
}

impl<K: Ord, T> PartialEq for Kept<K, T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<K: Ord, T> Eq for Kept<K, T> {}

impl<K: Ord, T> PartialOrd for Kept<K, T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K: Ord, T> Ord for Kept<K, T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

/// That something is alive. Dropping it takes it off the list.
#[derive(Debug)]
pub(crate) struct Entry<T> {
    live: Arc<Live<T>>,
    value: Arc<T>,
    place: Option<(usize, usize)>,
}

impl<T> Entry<T> {
    /// The thing itself, for those who may look at it after its end.
    pub(crate) fn share(&self) -> Arc<T> {
        Arc::clone(&self.value)
    }
}

impl<T> Deref for Entry<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Drop for Entry<T> {
    fn drop(&mut self) {
        if let Some((shard, key)) = self.place {
            // The value is dropped after the lock: what it holds is none of the others' business.
            let removed = lock(&self.live.shards[shard]).try_remove(key);
            drop(removed);
        }
        self.live.count.fetch_sub(1, Relaxed);
    }
}

/// A panic elsewhere leaves a list that is still good.
fn lock<T>(shard: &Mutex<Slab<Arc<T>>>) -> MutexGuard<'_, Slab<Arc<T>>> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    struct Thing(Instant);

    impl Begun for Thing {
        fn begun(&self) -> Instant {
            self.0
        }
    }

    #[test]
    fn the_oldest_come_first_and_what_ends_is_gone() {
        let (live, start) = (Live::new(100), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut entries: Vec<_> = [5, 1, 4, 2, 3].map(|at| live.enter(Thing(after(at)))).into();
        let oldest = |most| -> Vec<u64> {
            live.oldest(most).iter().map(|thing| (thing.0 - start).as_secs()).collect()
        };
        assert_eq!((oldest(3), oldest(9), oldest(0)), (vec![1, 2, 3], vec![1, 2, 3, 4, 5], vec![]));
        entries.remove(1);
        assert_eq!((oldest(2), live.count()), (vec![2, 3], 4));
        drop(entries);
        assert_eq!((oldest(9), live.count()), (vec![], 0));
    }

    #[test]
    fn what_is_beyond_the_limit_is_counted_and_makes_room_again() {
        let live = Live::new(2);
        let enter = || live.enter(Thing(Instant::now()));
        let (first, _second, third) = (enter(), enter(), enter());
        assert_eq!((live.oldest(9).len(), live.count()), (2, 3));
        drop(third);
        drop(first);
        let _fourth = enter();
        assert_eq!((live.oldest(9).len(), live.count()), (2, 2));
    }

    #[test]
    fn of_many_that_come_and_go_on_all_threads_nothing_is_left() {
        let live = Live::new(1_000);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..300 {
                        let entries: Vec<_> = (0..20).map(|_| live.enter(Thing(Instant::now()))).collect();
                        assert!(live.oldest(5).len() == 5);
                        drop(entries);
                    }
                });
            }
        });
        assert_eq!((live.count(), live.oldest(9).len()), (0, 0));
    }
}
