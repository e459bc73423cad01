//! Where the lines of a grid stand, and what is written beside them.

use jiff::{SignedDuration, Span, Timestamp, tz::TimeZone};

/// The value at the upper edge and the grid's values below it, from 0: at most five, at round numbers.
pub(super) fn values(largest: f64) -> (f64, Vec<f64>) {
    if !largest.is_finite() || largest <= 0.0 {
        return (1.0, vec![0.0, 1.0]);
    }
    let rough = largest / 3.0;
    let magnitude = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0]
        .map(|factor| factor * magnitude)
        .into_iter()
        .find(|step| *step >= rough)
        .unwrap_or(10.0 * magnitude);
    let count = (largest / step).ceil() as usize;
    let grid: Vec<f64> = (0..=count).map(|index| index as f64 * step).collect();
    (grid.last().copied().unwrap_or(largest), grid)
}

/// The time that a chart shows.
#[derive(Clone, Debug)]
pub(in crate::web) struct TimeAxis {
    /// The first step.
    pub(in crate::web) from: Timestamp,
    /// The last step.
    pub(in crate::web) to: Timestamp,
    /// The zone of whoever looks.
    pub(in crate::web) zone: TimeZone,
}

impl TimeAxis {
    /// Where a time stands, from 0 to 1; none outside.
    pub(super) fn share(&self, at: Timestamp) -> Option<f64> {
        let whole = self.to.duration_since(self.from).as_secs_f64();
        let share = at.duration_since(self.from).as_secs_f64() / whole;
        (whole > 0.0 && (0.0..=1.0).contains(&share)).then_some(share)
    }

    /// Where a stretch of time begins and how long it is, from 0 to 1, as far as it is inside; none where nothing of it is.
    pub(super) fn stretch(&self, from: Timestamp, to: Timestamp) -> Option<(f64, f64)> {
        let (from, to) = (self.share(from.max(self.from))?, self.share(to.min(self.to))?);
        (to > from).then_some((from, to - from))
    }

    /// Round times of the viewer's day with what to write: `14:20`, `Fri 20` where days are shown, or `20 Nov` where months are.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        let length = self.to.duration_since(self.from);
        let step = step(length);
        let pattern = match step.get_days() {
            0 => "%H:%M",
            1 => "%a %-d",
            _ => "%-d %b",
        };
        let Ok(mut at) = self.from.to_zoned(self.zone.clone()).start_of_day() else { return Vec::new() };
        let mut ticks = Vec::new();
        while at.timestamp() <= self.to {
            if let Some(share) = self.share(at.timestamp()) {
                ticks.push((share, at.strftime(pattern).to_string()));
            }
            let Ok(next) = at.checked_add(step) else { break };
            at = next;
        }
        ticks
    }
}

/// Some six or seven ticks.
fn step(length: SignedDuration) -> Span {
    let span = Span::new();
    match length.as_secs() / 3600 {
        0..2 => span.minutes(10),
        2..8 => span.hours(1),
        8..30 => span.hours(4),
        30..200 => span.days(1),
        200..1_000 => span.days(5),
        1_000..1_500 => span.days(7),
        _ => span.days(15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grids_stand_at_round_numbers_and_hold_the_largest_value() {
        for (largest, expected) in [
            (3.1, vec![0.0, 2.0, 4.0]),
            (0.6, vec![0.0, 0.2, 0.4, 0.6]),
            (0.95, vec![0.0, 0.5, 1.0]),
            (402.0, vec![0.0, 200.0, 400.0, 600.0]),
            (7.0, vec![0.0, 2.5, 5.0, 7.5]),
            (0.0, vec![0.0, 1.0]),
            (f64::NAN, vec![0.0, 1.0]),
        ] {
            let (top, grid) = values(largest);
            assert_eq!(grid.len(), expected.len(), "{largest}: {grid:?}");
            for (found, wanted) in grid.iter().zip(&expected) {
                assert!((found - wanted).abs() < 1e-9, "{largest}: {grid:?}");
            }
            assert!(largest.is_nan() || top >= largest);
        }
    }

    #[test]
    fn ticks_are_round_in_the_zone_of_whoever_looks() {
        let axis = |from: &str, to: &str, zone: &str| TimeAxis {
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            zone: TimeZone::get(zone).unwrap(),
        };
        let hour = axis("2026-11-20T13:33:00Z", "2026-11-20T14:33:00Z", "Asia/Kolkata");
        let texts: Vec<String> = hour.ticks().into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["19:10", "19:20", "19:30", "19:40", "19:50", "20:00"]);
        // A week with the night in which clocks go back: every tick is a midnight.
        let week = axis("2026-10-21T12:00:00Z", "2026-10-28T12:00:00Z", "Europe/Berlin");
        let texts: Vec<String> = week.ticks().into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["Thu 22", "Fri 23", "Sat 24", "Sun 25", "Mon 26", "Tue 27", "Wed 28"]);
    }
}
