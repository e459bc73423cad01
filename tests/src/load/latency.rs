//! Latencies, summed up.

use std::time::Duration;

use serde::Serialize;

/// In milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct Latency {
    /// Half are at most this.
    pub(super) p50_ms: f64,
    /// 99 of 100 are at most this.
    pub(super) p99_ms: f64,
    /// The longest.
    pub(super) max_ms: f64,
}

impl Latency {
    pub(super) fn of(mut measured: Vec<Duration>) -> Self {
        measured.sort_unstable();
        let at = |share: f64| {
            let rank = (share * measured.len() as f64).ceil() as usize;
            measured.get(rank.saturating_sub(1)).map_or(0.0, |latency| latency.as_secs_f64() * 1e3)
        };
        Self { p50_ms: at(0.5), p99_ms: at(0.99), max_ms: at(1.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_the_nearest_rank() {
        let measured = |count: u64| Latency::of((1..=count).rev().map(Duration::from_millis).collect());
        assert_eq!(measured(200), Latency { p50_ms: 100.0, p99_ms: 198.0, max_ms: 200.0 });
        assert_eq!(measured(1), Latency { p50_ms: 1.0, p99_ms: 1.0, max_ms: 1.0 });
        assert_eq!(measured(0), Latency::default());
    }
}
