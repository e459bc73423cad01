//! Whether the portal has been there to listen: who was not, cannot say that somebody was silent.

use jiff::{SignedDuration, Timestamp};

/// A portal that has not looked for longer has not listened either: it was not there, or stood still.
const GAP: SignedDuration = SignedDuration::from_secs(150);
/// Agents wait for 10 s at most before they try again; half a minute more for a portal that begins under load.
const LISTEN_FIRST: SignedDuration = SignedDuration::from_mins(2);

/// When a round is, and since when the portal has been there to listen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listening {
    pub(crate) now: Timestamp,
    pub(crate) since: Timestamp,
}

impl Listening {
    /// Whether everybody has had time to say something.
    pub(crate) fn long_enough(self) -> bool {
        self.now.duration_since(self.since) >= LISTEN_FIRST
    }
}

/// Notes the rounds that follow each other.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Listener {
    /// The first and the latest of them.
    rounds: Option<(Timestamp, Timestamp)>,
}

impl Listener {
    /// Begins a round.
    pub(crate) fn round(&mut self, now: Timestamp) -> Listening {
        let since = match self.rounds {
            Some((first, last)) if now.duration_since(last) <= GAP => first,
            _ => now,
        };
        self.rounds = Some((since, now));
        Listening { now, since }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_away_or_stood_still_listens_anew() {
        let at = |second: i64| Timestamp::from_second(1_800_000_000 + second).unwrap();
        let mut listener = Listener::default();
        for (second, since, long_enough) in [
            (0, 0, false),
            (60, 0, false),
            (120, 0, true),
            (270, 0, true),
            (421, 421, false),
            (481, 421, false),
            (541, 421, true),
        ] {
            let listening = listener.round(at(second));
            assert_eq!((listening.since, listening.long_enough()), (at(since), long_enough), "{second} s");
        }
    }
}
