//! Places in the code where something went wrong.

use std::sync::{
    OnceLock,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use super::{budget::Budget, suppressed::Suppressed};

/// Further places are counted together.
pub(crate) const MOST_PLACES: usize = 64;

/// How often something went wrong, by place. Only ever grows, to a bound. No lock: it is used where threads panic.
pub(crate) struct Places {
    /// Filled from the front.
    places: [OnceLock<Place>; MOST_PLACES],
    elsewhere: Tally,
}

pub(crate) struct Place {
    pub(crate) file: Box<str>,
    pub(crate) line: u32,
    tally: Tally,
}

struct Tally {
    count: AtomicU64,
    suppressed: Suppressed,
    budget: Budget,
}

/// What was noted.
pub(crate) struct Noted<'a> {
    /// None beyond the places that are told apart.
    pub(crate) place: Option<&'a Place>,
    /// None where it was one of too many. Else it is to be told of, and that so many of the same kind were before it.
    pub(crate) suppressed_before: Option<u64>,
}

impl Places {
    pub(crate) const fn new() -> Self {
        Self { places: [const { OnceLock::new() }; MOST_PLACES], elsewhere: Tally::new() }
    }

    /// It went wrong there once more, in this way: kinds of errors have different numbers, those that nobody knows have 0.
    pub(crate) fn note(&self, file: &str, line: u32, kind: u64) -> Noted<'_> {
        let place = self.place(file, line);
        let suppressed_before = match place {
            Some(place) => place.tally.note(kind),
            None => self.elsewhere.note(0),
        };
        Noted { place, suppressed_before }
    }

    /// It went wrong once more, nobody knows where.
    pub(crate) fn note_elsewhere(&self) -> Noted<'_> {
        Noted { place: None, suppressed_before: self.elsewhere.note(0) }
    }

    /// How often it went wrong at each place, and elsewhere.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (Option<&Place>, u64)> {
        let places = self.places.iter().map_while(OnceLock::get);
        let places = places.map(|place| (Some(place), place.tally.count.load(Relaxed)));
        places.chain([(None, self.elsewhere.count.load(Relaxed))]).filter(|(_, count)| *count > 0)
    }

    /// The place, which is remembered while there is room.
    fn place(&self, file: &str, line: u32) -> Option<&Place> {
        let new = || Place { file: file.into(), line, tally: Tally::new() };
        // What is free is taken. That another thread takes it just then is seen by what it holds.
        let mut places = self.places.iter().map(|place| place.get_or_init(new));
        places.find(|place| place.line == line && *place.file == *file)
    }
}

impl Tally {
    const fn new() -> Self {
        Self { count: AtomicU64::new(0), suppressed: Suppressed::new(), budget: Budget::new() }
    }

    fn note(&self, kind: u64) -> Option<u64> {
        self.count.fetch_add(1, Relaxed);
        if self.budget.take() {
            return Some(self.suppressed.take(kind));
        }
        self.suppressed.add(kind);
        None
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Barrier, thread};

    use super::*;

    fn counts(places: &Places) -> Vec<u64> {
        places.counts().map(|(_, count)| count).collect()
    }

    #[test]
    fn places_are_told_apart_and_bounded() {
        let places = Places::new();
        for (file, line) in [("a.rs", 1), ("a.rs", 2), ("b.rs", 1), ("a.rs", 1)] {
            assert_eq!(places.note(file, line, 1).suppressed_before, Some(0));
        }
        assert_eq!(counts(&places), [2, 1, 1]);
        let told = (10..1_000)
            .filter(|line| places.note("generated.rs", *line, 1).suppressed_before.is_some())
            .count();
        let all = counts(&places);
        assert_eq!((all.len(), all.iter().sum::<u64>()), (MOST_PLACES + 1, 4 + 990));
        assert_eq!(told, (MOST_PLACES - 3) + 10, "each place once, and those beyond as if they were one");
    }

    #[test]
    fn of_many_at_once_none_is_missed() {
        let (places, barrier) = (Places::new(), Barrier::new(8));
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    barrier.wait();
                    (0..40).for_each(|line| {
                        places.note("a.rs", line, 1);
                    });
                });
            }
        });
        assert_eq!(counts(&places), [8; 40]);
    }
}
