//! Where an alert goes from where it is. Pure.
//!
//! | state | means | goes to |
//! |---|---|---|
//! | pending | it is so, and has not been for long enough | firing or silenced, or resolved without a word |
//! | firing | people are told | silenced, resolved |
//! | acknowledged | somebody sees to it; stays until it is over, silence or not | resolved |
//! | silenced | it fires and nobody is told | firing once the silence ends, resolved |
//!
//! Whoever was told that it fires is told that it is over, also during a silence: a receiver that opened something on the
//! first word closes it on the second.

use jiff::{SignedDuration, Timestamp};
use seaworthy_catalog::AlertState;

use super::Event;

/// What a round finds of what an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// It is so, since a time, and has to be for a while before it fires.
    So { since: Timestamp, wait: SignedDuration },
    /// It is not so, since a time.
    NotSo { since: Timestamp },
    /// Nothing can be said now; what is open stays as it is.
    Unknown,
}

/// What bears on an alert besides what it is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Around {
    /// People have silenced it.
    pub(crate) silenced: bool,
    /// Something worse tells of the same: it does not begin to fire. Where it fires already it goes on.
    pub(crate) held_back: bool,
}

/// An alert that is not over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) state: AlertState,
    pub(crate) started_at: Timestamp,
    /// Whether people were told that it fires.
    pub(crate) told: bool,
}

/// A change of an alert, and what is to be told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) state: AlertState,
    pub(crate) tell: Option<Event>,
}

/// The change that is due; none where everything stays as it is.
pub(crate) fn step(open: Option<Standing>, finding: Finding, around: Around, now: Timestamp) -> Option<Step> {
    let Some(standing) = open else { return begin(finding, around, now) };
    match (standing.state, finding) {
        (AlertState::Resolved, _) => None,
        (AlertState::Pending, Finding::NotSo { .. }) => to(AlertState::Resolved, None),
        (_, Finding::NotSo { .. }) => to(AlertState::Resolved, standing.told.then_some(Event::Resolved)),
        (AlertState::Pending, Finding::So { wait, .. }) => {
            let due = now.duration_since(standing.started_at) >= wait;
            if due && !around.held_back { fire(around) } else { None }
        }
        (AlertState::Firing, _) if around.silenced => to(AlertState::Silenced, None),
        (AlertState::Silenced, Finding::So { .. }) if !around.silenced && !around.held_back => fire(around),
        _ => None,
    }
}

fn begin(finding: Finding, around: Around, now: Timestamp) -> Option<Step> {
    match finding {
        Finding::So { .. } if around.held_back => None,
        Finding::So { since, wait } if now.duration_since(since) < wait => to(AlertState::Pending, None),
        Finding::So { .. } => fire(around),
        Finding::NotSo { .. } | Finding::Unknown => None,
    }
}

fn fire(around: Around) -> Option<Step> {
    match around.silenced {
        true => to(AlertState::Silenced, None),
        false => to(AlertState::Firing, Some(Event::Fired)),
    }
}

fn to(state: AlertState, tell: Option<Event>) -> Option<Step> {
    Some(Step { state, tell })
}

#[cfg(test)]
mod tests {
    use super::*;
    use AlertState::{Acknowledged, Firing, Pending, Resolved, Silenced};

    const WAIT: SignedDuration = SignedDuration::from_mins(2);

    fn minute(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minute * 60).unwrap()
    }

    /// What somebody or something does at a minute.
    #[derive(Clone, Copy, Debug)]
    enum At {
        So(i64),
        Not,
        Unknown,
        /// Somebody acknowledges it, and it is so.
        Acknowledge,
    }

    /// Plays rounds of a minute, as the engine would, and tells how each left the alert and what was told.
    fn play(wait: SignedDuration, rounds: &[(At, Around)]) -> Vec<(Option<AlertState>, Option<Event>)> {
        let mut open: Option<Standing> = None;
        let mut seen = Vec::new();
        for (index, (at, around)) in (0..).zip(rounds) {
            let since = |minutes: i64| Finding::So { since: minute(minutes), wait };
            let finding = match at {
                At::So(from) => since(*from),
                At::Acknowledge => {
                    open = open.map(|standing| Standing { state: Acknowledged, ..standing });
                    since(0)
                }
                At::Not => Finding::NotSo { since: minute(index) },
                At::Unknown => Finding::Unknown,
            };
            let step = step(open, finding, *around, minute(index));
            if let Some(step) = step {
                let started_at = match (open, finding) {
                    (Some(standing), _) => standing.started_at,
                    (None, Finding::So { since, .. }) => since,
                    (None, _) => panic!("something began that is not so"),
                };
                let told = open.is_some_and(|standing| standing.told) || step.tell.is_some();
                open = Some(Standing { state: step.state, started_at, told });
            }
            seen.push((open.map(|standing| standing.state), step.and_then(|step| step.tell)));
            open = open.filter(|standing| standing.state != Resolved);
        }
        seen
    }

    const PLAIN: Around = Around { silenced: false, held_back: false };
    const SILENCED: Around = Around { silenced: true, ..PLAIN };
    const HELD_BACK: Around = Around { held_back: true, ..PLAIN };

    fn quiet(state: AlertState) -> (Option<AlertState>, Option<Event>) {
        (Some(state), None)
    }

    fn fired() -> (Option<AlertState>, Option<Event>) {
        (Some(Firing), Some(Event::Fired))
    }

    fn over() -> (Option<AlertState>, Option<Event>) {
        (Some(Resolved), Some(Event::Resolved))
    }

    #[test]
    fn what_needs_no_wait_fires_at_once_and_resolves_at_once() {
        use At::{Not, So, Unknown};
        let rounds =
            [(Not, PLAIN), (So(1), PLAIN), (So(1), PLAIN), (Unknown, PLAIN), (Not, PLAIN), (Not, PLAIN)];
        let expected = [(None, None), fired(), quiet(Firing), quiet(Firing), over(), (None, None)];
        assert_eq!(play(SignedDuration::ZERO, &rounds), expected);
        // It comes back as another alert.
        let rounds = [(So(0), PLAIN), (Not, PLAIN), (So(2), PLAIN)];
        assert_eq!(play(SignedDuration::ZERO, &rounds), [fired(), over(), fired()]);
    }

    #[test]
    fn what_has_to_wait_is_pending_and_ends_without_a_word() {
        use At::{Not, So};
        let rounds = [(So(0), PLAIN), (So(0), PLAIN), (So(0), PLAIN), (Not, PLAIN)];
        assert_eq!(play(WAIT, &rounds), [quiet(Pending), quiet(Pending), fired(), over()]);
        let rounds = [(So(0), PLAIN), (Not, PLAIN), (So(2), PLAIN)];
        assert_eq!(play(WAIT, &rounds), [quiet(Pending), quiet(Resolved), quiet(Pending)]);
        // What has been so for long before anybody looked fires at once.
        assert_eq!(play(WAIT, &[(So(-5), PLAIN)]), [fired()]);
    }

    #[test]
    fn acknowledged_stays_acknowledged_until_it_is_over() {
        use At::{Acknowledge, Not, So, Unknown};
        let rounds = [
            (So(0), PLAIN),
            (Acknowledge, PLAIN),
            (So(0), SILENCED),
            (So(0), PLAIN),
            (Unknown, PLAIN),
            (Not, PLAIN),
        ];
        let acknowledged = quiet(Acknowledged);
        assert_eq!(
            play(SignedDuration::ZERO, &rounds),
            [fired(), acknowledged, acknowledged, acknowledged, acknowledged, over()]
        );
    }

    #[test]
    fn a_silence_keeps_it_silent_and_its_end_tells_what_still_fires() {
        use At::{Not, So, Unknown};
        let rounds =
            [(So(0), SILENCED), (So(0), SILENCED), (Unknown, PLAIN), (So(0), PLAIN), (Not, SILENCED)];
        assert_eq!(
            play(SignedDuration::ZERO, &rounds),
            [quiet(Silenced), quiet(Silenced), quiet(Silenced), fired(), over()]
        );
        // Nobody heard of it, so nobody hears that it is over.
        let rounds = [(So(0), SILENCED), (Not, SILENCED)];
        assert_eq!(play(SignedDuration::ZERO, &rounds), [quiet(Silenced), quiet(Resolved)]);
        // Who heard of it before the silence hears that it is over.
        let rounds = [(So(0), PLAIN), (So(0), SILENCED), (Not, SILENCED)];
        assert_eq!(play(SignedDuration::ZERO, &rounds), [fired(), quiet(Silenced), over()]);
        let rounds = [(So(0), PLAIN), (So(0), SILENCED), (So(0), PLAIN)];
        assert_eq!(play(SignedDuration::ZERO, &rounds), [fired(), quiet(Silenced), fired()]);
        assert_eq!(play(WAIT, &[(So(-2), SILENCED)]), [quiet(Silenced)]);
    }

    #[test]
    fn what_something_worse_tells_of_does_not_begin_and_does_not_end() {
        use At::{Not, So};
        let rounds = [(So(0), HELD_BACK), (So(0), PLAIN), (So(0), HELD_BACK), (Not, HELD_BACK)];
        assert_eq!(play(SignedDuration::ZERO, &rounds), [(None, None), fired(), quiet(Firing), over()]);
        let rounds = [(So(0), PLAIN), (So(0), PLAIN), (So(0), HELD_BACK), (So(0), PLAIN)];
        assert_eq!(play(WAIT, &rounds), [quiet(Pending), quiet(Pending), quiet(Pending), fired()]);
        let rounds = [(So(0), SILENCED), (So(0), HELD_BACK), (So(0), PLAIN)];
        assert_eq!(play(SignedDuration::ZERO, &rounds), [quiet(Silenced), quiet(Silenced), fired()]);
    }
}
