//! The part of a trace that is shown, and where spans stand in it.

use crate::view::trace::{SpanRow, TraceView};

/// From where to where, in nanoseconds since the start of the trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) whole: bool,
}

/// A part of the picture's width: where it begins and how long it is, in percent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Part {
    pub(super) x: f64,
    pub(super) width: f64,
}

impl Frame {
    /// What was asked for, as far as it is within the trace and not empty.
    pub(super) fn of(trace: &TraceView, from: Option<u64>, to: Option<u64>) -> Self {
        let end = trace.duration_nanos.max(1);
        let asked = Self { from: from.unwrap_or(0).min(end), to: to.unwrap_or(end).min(end), whole: false };
        if asked.from < asked.to && (asked.from, asked.to) != (0, end) {
            asked
        } else {
            Self { from: 0, to: end, whole: true }
        }
    }

    /// As in an address, empty for the whole trace.
    pub(super) fn query(self) -> [(&'static str, String); 2] {
        let text = |value: u64| if self.whole { String::new() } else { value.to_string() };
        [("from", text(self.from)), ("to", text(self.to))]
    }

    /// Where a time from `start` on for `length` stands; none outside.
    pub(super) fn part(self, start: u64, length: u64) -> Option<Part> {
        let end = start.saturating_add(length);
        if end < self.from || start > self.to {
            return None;
        }
        let percent = |at: u64| (at.clamp(self.from, self.to) - self.from) as f64 / self.length() * 100.0;
        let (x, right) = (percent(start), percent(end));
        Some(Part { x, width: right - x })
    }

    fn length(self) -> f64 {
        (self.to - self.from) as f64
    }

    /// Round times within, three to six of them.
    pub(super) fn ticks(self) -> Vec<u64> {
        let rough = (self.length() / 5.0).max(1.0);
        let magnitude = 10_f64.powf(rough.log10().floor());
        let factor = [1.0, 2.0, 5.0, 10.0].into_iter().find(|factor| factor * magnitude >= rough);
        let step = ((factor.unwrap_or(10.0) * magnitude) as u64).max(1);
        let first = self.from.div_ceil(step) * step;
        (first..self.to).step_by(usize::try_from(step).unwrap_or(usize::MAX)).collect()
    }

    /// A little more than a span, to look at it closely.
    pub(super) fn around(trace: &TraceView, row: &SpanRow) -> (u64, u64) {
        let margin = row.duration_nanos / 20 + 1;
        let end = row.offset_nanos.saturating_add(row.duration_nanos).saturating_add(margin);
        (row.offset_nanos.saturating_sub(margin), end.min(trace.duration_nanos.max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(from: u64, to: u64) -> Frame {
        Frame { from, to, whole: false }
    }

    #[test]
    fn what_lies_across_an_edge_is_cut_there() {
        let frame = frame(100, 200);
        let part = |x, width| Some(Part { x, width });
        assert_eq!(frame.part(100, 100), part(0.0, 100.0));
        assert_eq!(frame.part(150, 25), part(50.0, 25.0));
        assert_eq!(frame.part(50, 100), part(0.0, 50.0));
        assert_eq!(frame.part(190, 1_000), part(90.0, 10.0));
        assert_eq!(frame.part(150, 0), part(50.0, 0.0));
        assert_eq!(frame.part(0, 99), None);
        assert_eq!(frame.part(201, u64::MAX), None);
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(frame(0, 236_400_000).ticks(), [0, 50_000_000, 100_000_000, 150_000_000, 200_000_000]);
        assert_eq!(frame(130, 170).ticks(), [130, 140, 150, 160]);
        assert_eq!(frame(0, 1).ticks(), [0]);
        assert!(frame(0, u64::MAX).ticks().len() <= 6);
    }
}
