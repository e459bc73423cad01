//! Polls that took so long that other tasks had to wait for the thread, by where their tasks come from.

use std::{
    cell::Cell,
    panic::Location,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use super::{clock, registry::TASKS, task::Description};
use crate::aside::Waiting;

/// Nanoseconds from which on a poll is slow.
pub(super) const SLOW: u64 = 100_000_000;
/// Who had a slow poll so short a while ago is expected to have another.
const RECENT: Duration = Duration::from_secs(60);
/// How long that is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between looking for it, at least: and no more than a fifth of the time is looked.
const PAUSE: Duration = Duration::from_millis(20);
/// Slow polls from further places are counted together.
const MOST_PLACES: usize = 64;

thread_local! {
    /// When the latest slow poll of this thread ended.
    static LATEST: Cell<u64> = const { Cell::new(0) };
}

/// Those of the process.
pub(super) static SLOW_POLLS: SlowPolls = SlowPolls::new();

/// How many slow polls there were. Only ever grows, to a bound, and nobody waits.
pub(super) struct SlowPolls {
    /// Filled from the front.
    places: [OnceLock<Place>; MOST_PLACES],
    elsewhere: Counts,
}

struct Place {
    label: Box<str>,
    spawned_at: Option<&'static Location<'static>>,
    counts: Counts,
}

struct Counts {
    polls: AtomicU64,
    longest: AtomicU64,
    /// When the latest ended.
    latest: AtomicU64,
}

/// The slow polls of the tasks from one place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct OfPlace {
    /// Name, or else type, of the first such task. None for those of further places together.
    pub(super) label: Option<String>,
    pub(super) spawned_at: Option<&'static Location<'static>>,
    pub(super) polls: u64,
    pub(super) longest: Duration,
    /// How long ago the latest ended.
    pub(super) latest: Duration,
}

impl SlowPolls {
    const fn new() -> Self {
        Self { places: [const { OnceLock::new() }; MOST_PLACES], elsewhere: Counts::new() }
    }

    /// A poll of this task on this thread began and ended then. It is that of the innermost task: one that this is a part of
    /// was only held up with it.
    #[cold]
    pub(super) fn note(&self, task: &Description, began: u64, ended: u64) {
        if LATEST.replace(ended) <= began {
            self.add(task, began, ended);
        }
    }

    fn add(&self, task: &Description, began: u64, ended: u64) {
        let counts = self.place(task).map_or(&self.elsewhere, |place| &place.counts);
        counts.polls.fetch_add(1, Relaxed);
        counts.longest.fetch_max(ended.saturating_sub(began), Relaxed);
        counts.latest.fetch_max(ended, Relaxed);
    }

    /// The place, which is remembered while there is room.
    fn place(&self, task: &Description) -> Option<&Place> {
        let new = || Place { label: task.label().into(), spawned_at: task.spawned_at, counts: Counts::new() };
        // What is free is taken. That another thread takes it just then is seen by what it holds.
        self.places.iter().map(|place| place.get_or_init(new)).find(|place| place.is_of(task))
    }

    pub(super) fn read(&self) -> Vec<OfPlace> {
        let places = self.places.iter().map_while(OnceLock::get);
        let places =
            places.map(|place| place.counts.read(Some(String::from(&*place.label)), place.spawned_at));
        places.chain([self.elsewhere.read(None, None)]).filter(|place| place.polls > 0).collect()
    }
}

/// Where a poll was slow within the last minute, waits until one is, for 5 s at most: to see where it is, one must look meanwhile. Says
/// whether somebody waits to the end.
pub(super) fn wait_for_the_next(waiting: &Waiting) -> bool {
    let until = Instant::now() + PATIENCE;
    let is_expected = SLOW_POLLS.read().iter().any(|place| place.latest < RECENT);
    while is_expected && Instant::now() < until {
        let (looked, now) = (Instant::now(), clock::now());
        if TASKS.any(|task| task.slow_poll(now).is_some()) {
            return true;
        }
        if !waiting.sleep(PAUSE.max(4 * looked.elapsed())) {
            return false;
        }
    }
    true
}

impl Place {
    /// One place in the code is one place, whatever its tasks are named.
    fn is_of(&self, task: &Description) -> bool {
        match (self.spawned_at, task.spawned_at) {
            (Some(own), Some(other)) => own == other,
            (None, None) => *self.label == *task.label(),
            _ => false,
        }
    }
}

impl Counts {
    const fn new() -> Self {
        Self { polls: AtomicU64::new(0), longest: AtomicU64::new(0), latest: AtomicU64::new(0) }
    }

    fn read(&self, label: Option<String>, spawned_at: Option<&'static Location<'static>>) -> OfPlace {
        let longest = Duration::from_nanos(self.longest.load(Relaxed));
        let latest = clock::between(self.latest.load(Relaxed), clock::now());
        OfPlace { label, spawned_at, polls: self.polls.load(Relaxed), longest, latest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(name: &str, spawned_at: Option<&'static Location<'static>>) -> Description {
        Description::of::<()>(Some(name.to_owned().into()), spawned_at)
    }

    #[test]
    fn places_are_told_apart_by_code_or_else_by_name() {
        let slow = SlowPolls::new();
        let here = Location::caller();
        // A place is what it says, wherever that is kept: generic code has it several times.
        let there: &'static Location<'static> = Box::leak(Box::new(*here));
        for (name, at, took) in
            [("a", Some(here), 3), ("b", Some(there), 7), ("a", None, 1), ("b", None, 2), ("a", None, 5)]
        {
            slow.add(&task(name, at), 10, 10 + took);
        }
        let told: Vec<_> =
            slow.read().into_iter().map(|place| (place.polls, place.longest.as_nanos())).collect();
        assert_eq!(told, [(2, 7), (2, 5), (1, 2)]);
    }

    #[test]
    fn places_are_bounded_and_none_is_missed() {
        let slow = SlowPolls::new();
        for number in 0..100 {
            slow.add(&task(&number.to_string(), None), 10, 10 + number);
        }
        let told = slow.read();
        assert_eq!(told.len(), MOST_PLACES + 1);
        let elsewhere = told.last().unwrap();
        assert_eq!((elsewhere.label.as_deref(), elsewhere.polls), (None, 100 - MOST_PLACES as u64));
        assert_eq!(elsewhere.longest, Duration::from_nanos(99));
    }

    #[test]
    fn what_holds_up_a_part_is_not_told_of_the_whole_again() {
        let slow = SlowPolls::new();
        let (part, whole) = (task("part", None), task("whole", None));
        slow.note(&part, 10, 20);
        slow.note(&whole, 5, 21);
        slow.note(&whole, 22, 30);
        let told: Vec<_> = slow.read().into_iter().map(|place| (place.label.unwrap(), place.polls)).collect();
        assert_eq!(told, [("part".to_owned(), 1), ("whole".to_owned(), 1)]);
    }
}
