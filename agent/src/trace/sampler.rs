//! Decides which traces are recorded.

use super::{SpanContext, TraceId};

/// Decides which traces are recorded, before anything of them is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sampler {
    /// Whether a span does as its parent did; only a root is then decided by ratio.
    pub(crate) parent_based: bool,
    /// What part of the traces is recorded.
    pub(crate) ratio: Ratio,
}

/// A part of all traces, from none to every one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ratio {
    /// Traces whose randomness is below it are not recorded. Beyond 56 bits: none is.
    threshold: u64,
}

impl Sampler {
    /// The id of a trace that begins here; none for one that is not recorded, whose id nobody may ever ask for.
    pub(crate) fn new_trace(self) -> Option<TraceId> {
        TraceId::random_where(|randomness| self.ratio.has(randomness))
    }

    /// Whether a span of the trace of `parent` is recorded.
    pub(crate) fn follows(self, parent: &SpanContext) -> bool {
        if self.parent_based { parent.is_sampled() } else { self.ratio.contains(parent.trace_id) }
    }
}

impl Default for Sampler {
    fn default() -> Self {
        Self { parent_based: true, ratio: Ratio::ALL }
    }
}

impl Ratio {
    /// Every trace.
    pub(crate) const ALL: Self = Self { threshold: 0 };
    /// No trace.
    pub(crate) const NONE: Self = Self { threshold: 1 << 56 };

    /// This part of the traces; none if it is not between 0 and 1.
    pub(crate) fn new(ratio: f64) -> Option<Self> {
        const ALL: f64 = (1_u64 << 56) as f64;
        (0.0..=1.0).contains(&ratio).then(|| Self { threshold: ((1.0 - ratio) * ALL).round() as u64 })
    }

    /// The id of a trace that does not belong to this part; of any trace if there is no such.
    pub(crate) fn random_outside(self) -> TraceId {
        let id = TraceId::random();
        // Its random bits, scaled to be below the threshold.
        let below = (u128::from(id.randomness()) * u128::from(self.threshold)) >> 56;
        TraceId::from_number(id.to_number() & !u128::from(u64::MAX >> 8) | below).unwrap_or(id)
    }

    /// Whether the trace belongs to this part. Every service that uses the same ratio says the same, and a larger ratio
    /// contains all that a smaller one does. Source: OpenTelemetry, "TraceState: Probability Sampling": a trace is
    /// sampled if its randomness (the low 56 bits of the trace id) is not below the rejection threshold.
    fn contains(self, trace: TraceId) -> bool {
        self.has(trace.randomness())
    }

    fn has(self, randomness: u64) -> bool {
        randomness >= self.threshold
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::trace::{SpanId, TraceFlags};

    fn trace(number: u128) -> TraceId {
        TraceId::from_number(number).unwrap()
    }

    #[test]
    fn decides_by_the_low_56_bits_as_opentelemetry_defines_it() {
        let half = Ratio::new(0.5).unwrap();
        let cases = [
            (0x0000_0000_0000_0000_0080_0000_0000_0000, true),
            (0x0000_0000_0000_0000_007f_ffff_ffff_ffff, false),
            (0xffff_ffff_ffff_ffff_ff7f_ffff_ffff_ffff, false),
            (0x0000_0000_0000_0000_00ff_ffff_ffff_ffff, true),
        ];
        for (id, sampled) in cases {
            assert_eq!(half.contains(trace(id)), sampled, "{id:032x}");
        }
    }

    #[test]
    fn rejects_what_is_no_part() {
        for wrong in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
            assert_eq!(Ratio::new(wrong), None, "{wrong}");
        }
        assert_eq!(Ratio::new(1.0), Some(Ratio::ALL));
        assert_eq!(Ratio::new(0.0), Some(Ratio::NONE));
    }

    #[test]
    fn keeps_the_part_it_was_asked_for() {
        for part in [0.01, 0.25, 0.9] {
            let ratio = Ratio::new(part).unwrap();
            let sampler = Sampler { parent_based: true, ratio };
            let kept = (0..100_000).filter(|_| sampler.new_trace().is_some()).count() as f64;
            // Five standard deviations of a binomial distribution: fails once in two million runs.
            let spread = 5.0 * (100_000.0 * part * (1.0 - part)).sqrt();
            assert!((kept - 100_000.0 * part).abs() < spread, "{part}: {kept}");
        }
    }

    proptest! {
        #[test]
        fn a_larger_part_contains_a_smaller_one(id in 1_u128.., a in 0.0..=1.0, b in 0.0..=1.0) {
            let (small, large) = (f64::min(a, b), f64::max(a, b));
            if Ratio::new(small).unwrap().contains(trace(id)) {
                prop_assert!(Ratio::new(large).unwrap().contains(trace(id)));
            }
        }

        #[test]
        fn all_and_none_are_just_that(id in 1_u128..) {
            prop_assert!(Ratio::ALL.contains(trace(id)));
            prop_assert!(!Ratio::NONE.contains(trace(id)));
        }

        #[test]
        fn an_id_outside_is_outside(ratio in 0.0..1.0) {
            let ratio = Ratio::new(ratio).unwrap();
            let ids = [ratio.random_outside(), ratio.random_outside()];
            prop_assert!(!ids.iter().any(|id| ratio.contains(*id)));
            prop_assert_ne!(ids[0], ids[1]);
        }

        #[test]
        fn a_parent_is_followed_or_not(id in 1_u128.., ratio in 0.0..=1.0, is_sampled: bool) {
            let ratio = Ratio::new(ratio).unwrap();
            let parent = SpanContext {
                trace_id: trace(id),
                span_id: SpanId::random(),
                flags: TraceFlags::default().with_sampled(is_sampled),
                trace_state: Default::default(),
            };
            prop_assert_eq!(Sampler { parent_based: true, ratio }.follows(&parent), is_sampled);
            prop_assert_eq!(Sampler { parent_based: false, ratio }.follows(&parent), ratio.contains(trace(id)));
        }

        #[test]
        fn a_trace_that_begins_here_is_recorded_if_its_id_belongs_to_the_part(ratio in 0.0..=1.0) {
            let sampler = Sampler { parent_based: true, ratio: Ratio::new(ratio).unwrap() };
            for _ in 0..20 {
                prop_assert!(sampler.new_trace().is_none_or(|id| sampler.ratio.contains(id)));
            }
        }
    }
}
