//! How long to wait before the next attempt.

use std::time::Duration;

/// Waits that grow exponentially, with jitter so that agents which lost their portal together do not come back together.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Backoff {
    attempts: u32,
}

impl Backoff {
    const FIRST: Duration = Duration::from_millis(500);
    const LONGEST: Duration = Duration::from_secs(10);
    /// A portal that asks for more patience than this will be asked again nevertheless.
    const LONGEST_ASKED: Duration = Duration::from_secs(300);

    /// The next wait: what the portal asked for, else between half and all of a time that doubles from 0.5 s to 10 s.
    pub(crate) fn next(&mut self, asked: Option<Duration>) -> Duration {
        let full = Self::FIRST.saturating_mul(1 << self.attempts.min(10)).min(Self::LONGEST);
        self.attempts = self.attempts.saturating_add(1);
        match asked {
            // Some jitter here as well, and never sooner than asked.
            Some(asked) => asked.min(Self::LONGEST_ASKED) + Self::FIRST.mul_f64(fraction()),
            None => full.mul_f64(0.5 + 0.5 * fraction()),
        }
    }
}

/// From 0 to 1.
fn fraction() -> f64 {
    f64::from((crate::trace::ids::random() >> 32) as u32) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_ten_seconds_with_jitter() {
        let mut backoff = Backoff::default();
        for full_ms in [500, 1000, 2000, 4000, 8000, 10000, 10000] {
            let wait = backoff.next(None).as_millis();
            assert!((full_ms / 2..=full_ms).contains(&wait), "{wait} of {full_ms}");
        }
    }

    #[test]
    fn what_the_portal_asks_for_is_kept_to_within_reason() {
        for (asked, kept) in [(0, 0), (7, 7), (86_400, 300)] {
            let wait = Backoff::default().next(Some(Duration::from_secs(asked)));
            let kept = Duration::from_secs(kept);
            assert!(wait >= kept && wait <= kept + Backoff::FIRST, "{asked}: {wait:?}");
        }
    }

    #[test]
    fn jitter_spreads() {
        let waits: std::collections::HashSet<_> = (0..100).map(|_| Backoff::default().next(None)).collect();
        assert!(waits.len() > 90, "{}", waits.len());
    }
}
