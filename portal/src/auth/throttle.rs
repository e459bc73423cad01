//! Slows down guessing.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

/// Keys remembered at most. Beyond it the one that failed longest ago is forgotten.
const REMEMBERED: usize = 10_000;
/// As much of a key as tells it from others; strangers choose it.
const LONGEST_KEY: usize = 255;
/// The first pause; each further failure doubles it.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_mins(1);
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(15);
/// After so long without a failure a key starts anew.
const FORGIVEN: SignedDuration = SignedDuration::from_hours(1);

/// Counts failures by key, and after some of them makes the key wait.
#[derive(Debug)]
pub(crate) struct Throttle {
    free: u32,
    failures: Mutex<HashMap<String, Failures>>,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: Timestamp,
    /// When the failure before that one was.
    before: Timestamp,
}

/// How long a key must wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pause(pub(crate) SignedDuration);

impl Throttle {
    /// One that makes a key wait after `free` failures.
    pub(crate) fn new(free: u32) -> Self {
        Self { free, failures: Mutex::default() }
    }

    /// Admits a try and counts it as failed, until [`success`](Self::success) or [`undo`](Self::undo) says otherwise:
    /// so many at once cannot slip through. Returns how many more may fail before a pause.
    pub(crate) fn attempt(&self, key: &str, now: Timestamp) -> Result<u32, Pause> {
        let key = cut(key);
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let known = failures.get(key).copied().filter(|known| now.duration_since(known.last) < FORGIVEN);
        if let Some(pause) = known.and_then(|known| self.left(known, now)) {
            return Err(pause);
        }
        let (count, before) = known.map_or((0, now), |known| (known.count, known.last));
        if failures.len() >= REMEMBERED && !failures.contains_key(key) {
            forget_one(&mut failures);
        }
        failures.insert(key.to_owned(), Failures { count: count + 1, last: now, before });
        Ok(self.free.saturating_sub(count + 1))
    }

    /// The key has shown that it guesses no more: it starts anew.
    pub(crate) fn success(&self, key: &str) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(cut(key));
    }

    /// The last try was no failure, and those before it stay, as old as they are.
    pub(crate) fn undo(&self, key: &str) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = failures.get_mut(cut(key)) {
            *known = Failures { count: known.count.saturating_sub(1), last: known.before, ..*known };
        }
    }

    /// How long the key must wait now; none if it need not.
    pub(crate) fn waits(&self, key: &str, now: Timestamp) -> Option<Pause> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.get(cut(key)).and_then(|known| self.left(*known, now))
    }

    fn left(&self, known: Failures, now: Timestamp) -> Option<Pause> {
        let left = self.pause(known.count) - now.duration_since(known.last);
        (left > SignedDuration::ZERO).then_some(Pause(left))
    }

    fn pause(&self, count: u32) -> SignedDuration {
        let Some(over) = count.checked_sub(self.free) else { return SignedDuration::ZERO };
        FIRST_PAUSE.checked_mul(1 << over.min(10)).unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE)
    }
}

fn cut(key: &str) -> &str {
    key.get(..key.floor_char_boundary(LONGEST_KEY)).unwrap_or(key)
}

fn forget_one(failures: &mut HashMap<String, Failures>) {
    let oldest = failures.iter().min_by_key(|(_, known)| known.last).map(|(key, _)| key.clone());
    if let Some(oldest) = oldest {
        failures.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn wait(seconds: i64) -> Result<u32, Pause> {
        Err(Pause(SignedDuration::from_secs(seconds)))
    }

    #[test]
    fn pauses_double_up_to_a_quarter_of_an_hour() {
        let throttle = Throttle::new(3);
        assert_eq!([0, 0, 0].map(|s| throttle.attempt("a", at(s))), [Ok(2), Ok(1), Ok(0)]);
        assert_eq!(throttle.attempt("a", at(0)), wait(60));
        assert_eq!(throttle.attempt("a", at(59)), wait(1));
        let mut now = 60;
        for pause in [120, 240, 480, 900, 900] {
            assert_eq!(throttle.attempt("a", at(now)), Ok(0));
            assert_eq!(throttle.attempt("a", at(now)), wait(pause));
            now += pause;
        }
        assert_eq!(throttle.attempt("b", at(0)), Ok(2), "others do not wait");
    }

    #[test]
    fn success_and_time_forgive() {
        let throttle = Throttle::new(1);
        assert_eq!(throttle.attempt("a", at(0)), Ok(0));
        throttle.success("a");
        assert_eq!(throttle.attempt("a", at(1)), Ok(0));
        throttle.undo("a");
        assert_eq!(throttle.attempt("a", at(2)), Ok(0));
        assert_eq!(throttle.attempt("a", at(3)), wait(59));
        assert_eq!(throttle.attempt("a", at(3602)), Ok(0));
    }

    #[test]
    fn what_was_undone_prolongs_no_pause() {
        let throttle = Throttle::new(1);
        throttle.attempt("a", at(0)).unwrap();
        assert_eq!(throttle.waits("a", at(0)), Some(Pause(SignedDuration::from_secs(60))));
        assert_eq!(throttle.waits("a", at(60)), None);
        throttle.attempt("a", at(60)).unwrap();
        throttle.undo("a");
        assert_eq!(throttle.waits("a", at(61)), None);
        throttle.attempt("a", at(61)).unwrap();
        assert_eq!(throttle.waits("a", at(61)), Some(Pause(SignedDuration::from_secs(120))));
        assert_eq!(throttle.waits("b", at(61)), None);
    }

    #[test]
    fn a_huge_key_is_remembered_by_its_beginning() {
        let throttle = Throttle::new(1);
        let huge = "é".repeat(1 << 20);
        throttle.attempt(&huge, at(0)).unwrap();
        assert!(throttle.attempt(&huge, at(0)).is_err());
        assert!(throttle.failures.lock().unwrap().keys().all(|key| key.len() <= LONGEST_KEY));
        throttle.success(&huge);
        assert!(throttle.attempt(&huge, at(0)).is_ok());
    }

    #[test]
    fn memory_is_bounded_and_the_oldest_is_forgotten() {
        let throttle = Throttle::new(1);
        for n in 0..=REMEMBERED {
            throttle.attempt(&n.to_string(), at(i64::try_from(n).unwrap())).unwrap();
        }
        assert_eq!(throttle.failures.lock().unwrap().len(), REMEMBERED);
        let now = at(i64::try_from(REMEMBERED).unwrap());
        assert_eq!(throttle.attempt("0", now), Ok(0), "forgotten");
        assert!(throttle.attempt(&REMEMBERED.to_string(), now).is_err(), "remembered");
    }
}
