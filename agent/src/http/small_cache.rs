//! What is made once for each of a few small keys: the series of a route, found faster than by their attributes, and its names.

use std::sync::OnceLock;

/// More than a route has in practice; beyond it, nothing is kept.
const MAX_LENGTH: usize = 64;

/// A list that only grows: looking through its few entries needs no lock.
#[derive(Debug)]
pub(crate) struct SmallCache<K, V>(OnceLock<Box<Entry<K, V>>>);

#[derive(Debug)]
struct Entry<K, V> {
    key: K,
    value: V,
    next: SmallCache<K, V>,
}

impl<K, V> Default for SmallCache<K, V> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<K: PartialEq + Copy, V> SmallCache<K, V> {
    /// What `look` sees of what there is for this key, which is made if it is not there.
    pub(crate) fn with<T>(&self, key: K, make: impl Fn() -> V, look: impl FnOnce(&V) -> T) -> T {
        match self.kept(key, &make) {
            Some(kept) => look(kept),
            None => look(&make()),
        }
    }

    /// What there is for this key, made if it is not there; none if there is no room for it.
    pub(crate) fn kept(&self, key: K, make: impl Fn() -> V) -> Option<&V> {
        let mut cache = self;
        for _ in 0..MAX_LENGTH {
            let entry = cache.0.get_or_init(|| Box::new(Entry { key, value: make(), next: Self::default() }));
            if entry.key == key {
                return Some(&entry.value);
            }
            cache = &entry.next;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn makes_each_once_while_there_is_room() {
        let (cache, made) = (SmallCache::default(), Cell::new(0));
        let get = |key: usize| {
            let make = || {
                made.set(made.get() + 1);
                key * 10
            };
            cache.with(key, make, usize::clone)
        };
        (0..64).chain(0..64).for_each(|key| assert_eq!(get(key), key * 10));
        assert_eq!(made.get(), 64);
        assert_eq!((get(64), get(64)), (640, 640));
        assert_eq!(made.get(), 66);
    }
}
