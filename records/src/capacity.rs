//! When a resource will be used up.
//!
//! What runs out is the highest hour of a day, not the mean, so hours are first made into days: each the 24 hours before the
//! last point, before those, and so on, so that no day is half over. Through the highest hours of the days goes a Theil-Sen line
//! (the median of the slopes of all pairs; Sen, *Estimates of the regression coefficient based on Kendall's tau*, 1968), which
//! up to 29 % of the days cannot mislead. Its 90 % interval is Sen's, by the normal approximation of Kendall's tau (Hollander,
//! Wolfe and Chicken, *Nonparametric Statistical Methods*, 9.3). It takes days as independent: where they are not, the
//! truth may lie outside more often. How far days lie from the line widens the range further.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// The range between the 5th and 95th percentile of the normal distribution lies this many deviations around its middle.
const NINETY_PERCENT: f64 = 1.644_853_627;
/// Fewer days say nothing of a trend.
const LEAST_DAYS: usize = 7;
/// What was longer ago says nothing of tomorrow.
const MOST_DAYS: i64 = 366;
/// A day of which fewer hours are known may have had its highest among the others.
const LEAST_HOURS: usize = 18;
/// Further ahead than ten years there is no forecast.
const HORIZON_DAYS: f64 = 3_650.0;
const DAY_S: i64 = 86_400;

/// How the use of a resource grows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// What a day adds, in units of the resource; below zero where it shrinks.
    pub per_day: f64,
    /// The range that the truth of it lies in, nine times of ten.
    pub per_day_range: (f64, f64),
    /// Where the line is at the last point.
    pub level: f64,
    /// How far days lie from the line: below and above zero, nine of ten.
    pub spread: (f64, f64),
    /// Days that it rests on.
    pub days: usize,
    /// The last point.
    pub until: Timestamp,
}

/// Days from the last point until a limit is reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RunsOut {
    /// If it grows as fast as it may, from a high day.
    pub earliest_days: f64,
    /// If it goes on along the line.
    pub expected_days: f64,
    /// If it grows as slowly as it may, from a low day; none where it may not grow at all, or not within ten years.
    pub latest_days: Option<f64>,
}

/// Why there is no trend.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum NoTrend {
    /// Too little is known.
    #[error(
        "a forecast asks for {LEAST_DAYS} days of which at least {LEAST_HOURS} hours are known; so far there are {0}, so wait"
    )]
    TooFewDays(usize),
    /// A value is none.
    #[error("{0} is no use of a resource; give finite numbers")]
    NotFinite(f64),
}

impl Trend {
    /// Days that it takes.
    pub const LEAST_DAYS: usize = LEAST_DAYS;

    /// The trend of hourly points, in any order: when, and the highest use in the hour up to then. Of several in one hour the
    /// highest counts; what is more than a year before the last is left out.
    ///
    /// ```
    /// use seaworthy_records::Trend;
    ///
    /// let start: jiff::Timestamp = "2026-03-01T00:00:00Z".parse()?;
    /// // 100 at first, and one more each day: 200 is reached 90 days after the tenth.
    /// let hours = (0..240).map(|hour| (start + jiff::Span::new().hours(hour), 100.0 + (hour / 24) as f64));
    /// let runs_out = Trend::of(hours)?.runs_out(199.0).ok_or("it does not")?;
    /// assert_eq!(runs_out.expected_days.round(), 90.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When fewer than seven days are known well enough, or a value is not finite.
    pub fn of(points: impl IntoIterator<Item = (Timestamp, f64)>) -> Result<Self, NoTrend> {
        let points: Vec<(Timestamp, f64)> = points.into_iter().collect();
        if let Some((_, value)) = points.iter().find(|(_, value)| !value.is_finite()) {
            return Err(NoTrend::NotFinite(*value));
        }
        let until = points.iter().map(|(at, _)| *at).max().ok_or(NoTrend::TooFewDays(0))?;
        let days = highest_of_days(&points, until);
        if days.len() < LEAST_DAYS {
            return Err(NoTrend::TooFewDays(days.len()));
        }
        let slopes = slopes(&days);
        let per_day = quantile(&slopes, 0.5);
        let above: Vec<f64> = sorted(days.iter().map(|(day, value)| value - per_day * day));
        let level = quantile(&above, 0.5);
        let spread = (quantile(&above, 0.05) - level, quantile(&above, 0.95) - level);
        Ok(Self {
            per_day,
            per_day_range: range(&slopes, days.len()),
            level,
            spread,
            days: days.len(),
            until,
        })
    }

    /// When a limit is reached; none where the trend does not lead to it, or not within ten years. What is there already runs
    /// out in 0 days.
    pub fn runs_out(&self, limit: f64) -> Option<RunsOut> {
        let days = |level: f64, per_day: f64| match limit - level {
            left if left <= 0.0 => Some(0.0),
            left => Some(left / per_day).filter(|days| per_day > 0.0 && *days <= HORIZON_DAYS),
        };
        let expected_days = days(self.level, self.per_day)?;
        Some(RunsOut {
            earliest_days: days(self.level + self.spread.1, self.per_day_range.1).unwrap_or(expected_days),
            expected_days,
            latest_days: days(self.level + self.spread.0, self.per_day_range.0),
        })
    }
}

/// The highest value of each day that is known well enough; days count back from the last point and are 0 and below.
fn highest_of_days(points: &[(Timestamp, f64)], until: Timestamp) -> Vec<(f64, f64)> {
    let mut days: BTreeMap<i64, (u32, f64)> = BTreeMap::new();
    for (at, value) in points {
        let before_s = until.as_second() - at.as_second();
        let (day, hour) = (-(before_s / DAY_S), before_s % DAY_S / 3_600);
        if day > -MOST_DAYS {
            let (hours, highest) = days.entry(day).or_insert((0, f64::NEG_INFINITY));
            *hours |= 1 << hour;
            *highest = highest.max(*value);
        }
    }
    let known = days.into_iter().filter(|(_, (hours, _))| hours.count_ones() as usize >= LEAST_HOURS);
    known.map(|(day, (_, highest))| (day as f64, highest)).collect()
}

/// The slopes of all pairs, sorted.
fn slopes(days: &[(f64, f64)]) -> Vec<f64> {
    let pairs = days.iter().enumerate().flat_map(|(index, (day, value))| {
        days[index + 1..].iter().map(move |(later, then)| (then - value) / (later - day))
    });
    sorted(pairs)
}

/// Sen's interval: as many slopes away from the middle as Kendall's tau may be, nine times of ten.
fn range(slopes: &[f64], days: usize) -> (f64, f64) {
    let (pairs, days) = (slopes.len() as f64, days as f64);
    let away = NINETY_PERCENT * (days * (days - 1.0) * (2.0 * days + 5.0) / 18.0).sqrt();
    let low = ((pairs - away) / 2.0).floor().max(1.0) as usize - 1;
    let high = (((pairs + away) / 2.0).ceil() as usize).min(slopes.len() - 1);
    (slopes[low], slopes[high])
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

/// A quantile of sorted values, between two of them where it falls between.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    below + (above - below) * place.fract()
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;
    use proptest::prelude::*;

    use super::*;

    fn start() -> Timestamp {
        "2026-03-01T00:00:00Z".parse().unwrap()
    }

    /// Hourly points of so many days, from a value for each day; by night it is a tenth.
    fn hours(days: &[f64]) -> Vec<(Timestamp, f64)> {
        let hour = |day: usize, hour: i64, value: f64| {
            let at = start() + (day as i64 * 24 + hour).hours();
            (at, if hour == 12 { value } else { value / 10.0 })
        };
        days.iter().enumerate().flat_map(|(day, value)| (0..24).map(move |h| hour(day, h, *value))).collect()
    }

    fn line(days: usize, level: f64, per_day: f64) -> Vec<f64> {
        (0..days).map(|day| level + per_day * day as f64).collect()
    }

    fn close(left: f64, right: f64) -> bool {
        (left - right).abs() <= 1e-6 * right.abs().max(1.0)
    }

    #[test]
    fn seven_days_are_needed_and_a_day_needs_its_hours() {
        let of = |points: Vec<(Timestamp, f64)>| Trend::of(points).map(|trend| trend.days);
        assert_eq!(of(vec![]), Err(NoTrend::TooFewDays(0)));
        assert_eq!(of(hours(&[1.0; 6])), Err(NoTrend::TooFewDays(6)));
        assert_eq!(of(hours(&[1.0; 7])), Ok(7));
        let with_a_gap = |gap: i64| {
            let in_gap = move |at: Timestamp| at >= start() + 24.hours() && at < start() + (24 + gap).hours();
            hours(&[1.0; 7]).into_iter().filter(move |(at, _)| !in_gap(*at)).collect()
        };
        assert_eq!(of(with_a_gap(6)), Ok(7));
        assert_eq!(of(with_a_gap(7)), Err(NoTrend::TooFewDays(6)));
        let twice: Vec<_> = hours(&[1.0; 3]).into_iter().cycle().take(500).collect();
        assert_eq!(of(twice), Err(NoTrend::TooFewDays(3)));
        assert_eq!(of(hours(&[1.0; 500])), Ok(366));
        for value in [f64::NAN, f64::INFINITY] {
            assert!(matches!(of(hours(&[value; 9])), Err(NoTrend::NotFinite(_))));
        }
        let told = Trend::of(hours(&[1.0; 2])).unwrap_err().to_string();
        assert!(told.contains("asks for 7 days") && told.contains("so far there are 2"), "{told}");
    }

    #[test]
    fn a_line_is_told_as_it_is() {
        let trend = Trend::of(hours(&line(10, 50.0, 2.0))).unwrap();
        assert!(close(trend.per_day, 2.0) && close(trend.level, 68.0), "{trend:?}");
        let runs_out = trend.runs_out(88.0).unwrap();
        assert!(close(runs_out.expected_days, 10.0) && close(runs_out.earliest_days, 10.0), "{runs_out:?}");
        assert!(close(runs_out.latest_days.unwrap(), 10.0));
        assert_eq!(trend.runs_out(60.0).map(|runs_out| runs_out.expected_days), Some(0.0));
        assert_eq!(trend.runs_out(68.0 + 2.0 * 3_651.0), None);
    }

    #[test]
    fn what_does_not_grow_does_not_run_out() {
        for per_day in [0.0, -1.0] {
            assert_eq!(Trend::of(hours(&line(30, 50.0, per_day))).unwrap().runs_out(80.0), None);
        }
    }

    #[test]
    fn doubt_makes_the_range_wide() {
        // Weekdays high and weekends low, growing slowly.
        let weeks = |weeks: usize| -> Vec<f64> {
            let day =
                |day: usize| day as f64 * 0.5 + (day * 5 % 11) as f64 + if day % 7 < 5 { 50.0 } else { 30.0 };
            (0..7 * weeks).map(day).collect()
        };
        let of = |number: usize| Trend::of(hours(&weeks(number))).unwrap();
        let (little, much) = (of(1), of(8));
        assert!(little.per_day_range.0 < 0.0 && much.per_day_range.0 > 0.0, "{little:?} {much:?}");
        let width = |trend: &Trend| trend.per_day_range.1 - trend.per_day_range.0;
        assert!(width(&much) < width(&little) / 4.0);
        let runs_out = much.runs_out(120.0).unwrap();
        assert!(runs_out.earliest_days < runs_out.expected_days, "{runs_out:?}");
        assert!(runs_out.expected_days < runs_out.latest_days.unwrap(), "{runs_out:?}");
    }

    #[test]
    fn the_interval_is_that_of_the_book() {
        // Ten days: 45 slopes, and 1.6449 times the root of 125 is 18.39: the 13th and the 33rd of them.
        let slopes: Vec<f64> = (1..=45).map(f64::from).collect();
        assert_eq!(range(&slopes, 10), (13.0, 33.0));
    }

    proptest! {
        #[test]
        fn days_that_stand_out_do_not_mislead(
            days in 14..60_usize,
            level in 1.0..1e6_f64,
            share in 0.0001..0.1_f64,
            spikes in proptest::collection::vec((0..60_usize, 0.0..50.0_f64), 0..4),
        ) {
            let per_day = level * share;
            let mut values = line(days, level, per_day);
            let most = days / 7;
            for (day, times) in spikes.into_iter().take(most) {
                values[day % days] *= times;
            }
            let trend = Trend::of(hours(&values)).unwrap();
            // By night it is a tenth, so a spike down to less than that of its neighbours shows as its own.
            prop_assert!((trend.per_day - per_day).abs() <= 1e-6 * level, "{trend:?} {per_day}");
        }

        #[test]
        fn ranges_are_in_order_and_follow_the_limit(
            values in proptest::collection::vec(0.0..100.0_f64, 7..40),
            limit in 50.0..1000.0_f64,
            more in 0.0..500.0_f64,
        ) {
            let trend = Trend::of(hours(&values)).unwrap();
            prop_assert!(trend.per_day_range.0 <= trend.per_day && trend.per_day <= trend.per_day_range.1, "{trend:?}");
            prop_assert!(trend.spread.0 <= 0.0 && 0.0 <= trend.spread.1);
            let (sooner, later) = (trend.runs_out(limit), trend.runs_out(limit + more));
            if let Some(sooner) = sooner {
                prop_assert!(0.0 <= sooner.earliest_days && sooner.earliest_days <= sooner.expected_days);
                prop_assert!(sooner.latest_days.is_none_or(|latest| sooner.expected_days <= latest));
            }
            if let Some(later) = later {
                let sooner = sooner.unwrap();
                prop_assert!(sooner.expected_days <= later.expected_days && sooner.earliest_days <= later.earliest_days);
            }
        }

        #[test]
        fn order_does_not_matter(values in proptest::collection::vec(0.0..100.0_f64, 7..12), seed in 0..1000_usize) {
            let points = hours(&values);
            let mut turned = points.clone();
            turned.rotate_left(seed % points.len());
            turned.reverse();
            prop_assert_eq!(Trend::of(points), Trend::of(turned));
        }
    }
}
