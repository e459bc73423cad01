//! Series by small keys, found faster than by their attributes.

use std::sync::OnceLock;

/// More than a route has in practice; beyond it, series are looked up by their attributes.
const MAX_LENGTH: usize = 64;

/// A list that only grows: looking through its few entries needs no lock.
#[derive(Debug)]
pub(crate) struct SeriesCache<K, I>(OnceLock<Box<Entry<K, I>>>);

#[derive(Debug)]
struct Entry<K, I> {
    key: K,
    series: I,
    next: SeriesCache<K, I>,
}

impl<K, I> Default for SeriesCache<K, I> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<K: PartialEq + Copy, I> SeriesCache<K, I> {
    /// What `look` sees of the series of this key, which is made if it is not there.
    pub(crate) fn with<T>(&self, key: K, make: impl Fn() -> I, look: impl FnOnce(&I) -> T) -> T {
        match self.kept(key, &make) {
            Some(kept) => look(kept),
            None => look(&make()),
        }
    }

    /// The series of this key, made if it is not there; none if there is no room for it.
    pub(crate) fn kept(&self, key: K, make: impl Fn() -> I) -> Option<&I> {
        let mut cache = self;
        for _ in 0..MAX_LENGTH {
            let entry =
                cache.0.get_or_init(|| Box::new(Entry { key, series: make(), next: Self::default() }));
            if entry.key == key {
                return Some(&entry.series);
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
    fn makes_each_series_once_while_there_is_room() {
        let (cache, made) = (SeriesCache::default(), Cell::new(0));
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
