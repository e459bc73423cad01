//! What comes after an attempt that failed. Pure.

use std::time::Duration;

use crate::alerts::outgoing::FailureKind;

const FIRST: Duration = Duration::from_secs(5);
/// A receiver that is back is told so soon, however long it was away.
const LONGEST: Duration = Duration::from_secs(5 * 60);
/// A receiver that wants to be left alone for longer is not asked for its opinion.
const LONGEST_ASKED_FOR: Duration = Duration::from_secs(60 * 60);
/// Long enough for a weekend in which nobody looks after the receiver.
pub(crate) const GIVE_UP_AFTER: Duration = Duration::from_secs(3 * 24 * 60 * 60);
/// What had to wait behind another message, or is tried again by hand, is old at its first attempt.
const LEAST_ATTEMPTS: u32 = 20;
/// A receiver that is being replaced may not know for a minute what it is for.
const ATTEMPTS_IF_REFUSED: u32 = 5;

/// How long to wait until the next attempt; none if there is none.
///
/// `attempts` have been made; `age` is that of the message. `jitter`, from 0 to 1, keeps messages that failed together
/// from coming back together.
pub(super) fn next(kind: FailureKind, attempts: u32, age: Duration, jitter: f64) -> Option<Duration> {
    match kind {
        FailureKind::Hopeless => None,
        FailureKind::Refused if attempts >= ATTEMPTS_IF_REFUSED => None,
        FailureKind::Passing(_) if age >= GIVE_UP_AFTER && attempts >= LEAST_ATTEMPTS => None,
        FailureKind::Refused | FailureKind::Passing(None) => Some(pause(attempts, jitter)),
        FailureKind::Passing(Some(asked_for)) => {
            Some(pause(attempts, jitter).max(asked_for.min(LONGEST_ASKED_FOR)))
        }
    }
}

/// Twice as long after each attempt, and between half and all of that.
pub(super) fn pause(attempts: u32, jitter: f64) -> Duration {
    let doubled = FIRST.saturating_mul(1 << attempts.saturating_sub(1).min(16));
    doubled.min(LONGEST).mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 24 * 60 * 60;

    #[test]
    fn pauses_grow_up_to_a_limit_and_are_jittered() {
        let full: Vec<_> = (1..=9).map(|attempts| pause(attempts, 1.0).as_secs()).collect();
        assert_eq!(full, [5, 10, 20, 40, 80, 160, 300, 300, 300]);
        assert_eq!(pause(u32::MAX, 1.0), LONGEST);
        assert_eq!(pause(1, 0.0), FIRST / 2);
        assert_eq!(pause(9, 0.5), LONGEST * 3 / 4);
    }

    #[test]
    fn what_may_pass_is_tried_for_days_and_what_is_refused_for_a_minute() {
        use FailureKind::{Hopeless, Passing, Refused};
        let wait = |seconds| Passing(Some(Duration::from_secs(seconds)));
        for (kind, attempts, age, expected) in [
            (Passing(None), 1, 0, Some(5)),
            (Passing(None), 1_000, 3 * DAY - 1, Some(300)),
            (Passing(None), 1_000, 3 * DAY, None),
            (Passing(None), 20, 3 * DAY, None),
            // Waited behind another, or was tried again by hand.
            (Passing(None), 19, 30 * DAY, Some(300)),
            (wait(120), 1, 0, Some(120)),
            (wait(1), 1, 0, Some(5)),
            (wait(DAY), 1, 0, Some(3600)),
            (wait(u64::MAX), 20, 3 * DAY, None),
            (Refused, 4, 0, Some(40)),
            (Refused, 5, 0, None),
            (Hopeless, 1, 0, None),
        ] {
            let pause = next(kind, attempts, Duration::from_secs(age), 1.0);
            assert_eq!(pause.map(|pause| pause.as_secs()), expected, "{kind:?} {attempts} {age}");
        }
    }

    /// The promise: three days, at the pauses that are made.
    #[test]
    fn a_receiver_that_is_away_for_three_days_loses_nothing() {
        for jitter in [0.0, 0.5, 1.0] {
            let (mut age, mut attempts) = (Duration::ZERO, 1);
            while let Some(pause) = next(FailureKind::Passing(None), attempts, age, jitter) {
                age += pause;
                attempts += 1;
            }
            assert!(age >= GIVE_UP_AFTER && age < GIVE_UP_AFTER + LONGEST, "{age:?}");
        }
    }
}
