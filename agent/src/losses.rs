//! Counts what could not be delivered.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use seaworthy_protocol::{Loss, LossReason, Signal};

use crate::metrics::Registry;

const SIGNALS: [Signal; 4] = [Signal::Spans, Signal::Metrics, Signal::Logs, Signal::Profiles];
const REASONS: [LossReason; 5] = [
    LossReason::QueueFull,
    LossReason::Unreachable,
    LossReason::Refused,
    LossReason::Shutdown,
    LossReason::Limit,
];

/// How much was lost, by signal and reason. Only ever grows.
#[derive(Debug, Default)]
pub(crate) struct Losses([AtomicU64; SIGNALS.len() * REASONS.len()]);

impl Losses {
    /// Counts `count` spans, metric points or log records as lost.
    pub(crate) fn add(&self, signal: Signal, reason: LossReason, count: u64) {
        self.0[index(signal, reason)].fetch_add(count, Relaxed);
    }

    /// Every count that is not zero.
    pub(crate) fn snapshot(&self) -> Vec<Loss> {
        let every = SIGNALS.into_iter().flat_map(|signal| REASONS.map(|reason| (signal, reason)));
        every
            .map(|(signal, reason)| Loss {
                signal,
                reason,
                count: self.0[index(signal, reason)].load(Relaxed),
            })
            .filter(|loss| loss.count > 0)
            .collect()
    }
}

impl Losses {
    /// Lets every reading of the metrics have the losses in it.
    pub(crate) fn export(self: &Arc<Self>, registry: &Registry) {
        let dropped = registry.counter(
            "seaworthy.agent.dropped",
            "{item}",
            "Spans, metric points and log records that the agent could not deliver.",
        );
        let losses = Arc::clone(self);
        registry.before_reading(move || {
            for loss in losses.snapshot() {
                let attributes =
                    [("signal", name_of_signal(loss.signal)), ("reason", name_of_reason(loss.reason))];
                dropped.series(attributes).advance_to(loss.count);
            }
        });
    }
}

fn name_of_signal(signal: Signal) -> &'static str {
    match signal {
        Signal::Spans => "spans",
        Signal::Metrics => "metrics",
        Signal::Logs => "logs",
        Signal::Profiles => "profiles",
    }
}

fn name_of_reason(reason: LossReason) -> &'static str {
    match reason {
        LossReason::QueueFull => "queue_full",
        LossReason::Unreachable => "unreachable",
        LossReason::Refused => "refused",
        LossReason::Shutdown => "shutdown",
        LossReason::Limit => "limit",
    }
}

const fn index(signal: Signal, reason: LossReason) -> usize {
    let row = match signal {
        Signal::Spans => 0,
        Signal::Metrics => 1,
        Signal::Logs => 2,
        Signal::Profiles => 3,
    };
    let column = match reason {
        LossReason::QueueFull => 0,
        LossReason::Unreachable => 1,
        LossReason::Refused => 2,
        LossReason::Shutdown => 3,
        LossReason::Limit => 4,
    };
    row * REASONS.len() + column
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_by_signal_and_reason() {
        let losses = Losses::default();
        for signal in SIGNALS {
            for reason in REASONS {
                losses.add(signal, reason, 1 + index(signal, reason) as u64);
            }
        }
        let counts: Vec<u64> = losses.snapshot().iter().map(|loss| loss.count).collect();
        assert_eq!(counts, (1..=20).collect::<Vec<_>>());
    }

    #[test]
    fn losses_are_a_metric() {
        let (losses, now) = (Arc::<Losses>::default(), std::time::SystemTime::now());
        let registry = Registry::new(now, 100, losses.clone());
        losses.export(&registry);
        assert_eq!(registry.exposition(&[]), "");
        losses.add(Signal::Spans, LossReason::QueueFull, 3);
        losses.add(Signal::Spans, LossReason::QueueFull, 1);
        let page = registry.exposition(&[]);
        assert!(
            page.ends_with("seaworthy_agent_dropped_total{reason=\"queue_full\",signal=\"spans\"} 4\n"),
            "{page}"
        );
    }

    #[test]
    fn says_nothing_about_what_was_not_lost() {
        let losses = Losses::default();
        losses.add(Signal::Metrics, LossReason::Refused, 3);
        let lost = Loss { signal: Signal::Metrics, reason: LossReason::Refused, count: 3 };
        assert_eq!(losses.snapshot(), [lost]);
    }
}
