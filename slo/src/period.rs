//! The time over which an objective holds.

use std::ops::Range;

use jiff::{Timestamp, ToSpan, civil::Weekday, tz::TimeZone};

use crate::Minute;

/// A rolling or a calendar window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Period {
    /// The last so many minutes.
    Rolling {
        /// Minutes, at least one.
        minutes: u32,
    },
    /// From the first midnight of a calendar unit to that of the next.
    Calendar {
        /// The unit.
        unit: Calendar,
        /// The zone in which midnights are.
        zone: TimeZone,
    },
}

/// Units of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calendar {
    /// Monday to Sunday.
    Week,
    /// A month.
    Month,
    /// Three months from January, April, July or October.
    Quarter,
    /// A year.
    Year,
}

/// A window that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAPeriod {
    /// It has no length.
    #[error("a window of 0 min has nothing in it; 30 d and 28 d are usual")]
    Empty,
    /// Nobody keeps minutes for so long.
    #[error("a window of {days} d is too long; at most 366 d are kept")]
    TooLong {
        /// Its days.
        days: u32,
    },
}

impl Period {
    /// The last so many minutes.
    ///
    /// # Errors
    /// When it is empty or longer than 366 days.
    pub fn rolling(minutes: u32) -> Result<Self, NotAPeriod> {
        match minutes {
            0 => Err(NotAPeriod::Empty),
            minutes if minutes > 366 * 24 * 60 => {
                Err(NotAPeriod::TooLong { days: minutes.div_ceil(24 * 60) })
            }
            minutes => Ok(Self::Rolling { minutes }),
        }
    }

    /// Minutes of a window, those of the calendar as if clocks never changed: 7, 30, 90 and 365 days.
    pub fn minutes(&self) -> u32 {
        match self {
            Self::Rolling { minutes } => *minutes,
            Self::Calendar { unit, .. } => unit.days() * 24 * 60,
        }
    }

    /// The minutes of the window in which `now` lies. A rolling one ends with the last whole minute; one of the calendar
    /// goes on into the future.
    pub fn range(&self, now: Timestamp) -> Range<Minute> {
        match self {
            Self::Rolling { minutes } => {
                let end = Minute::of(now);
                Minute(end.0 - i64::from(*minutes))..end
            }
            Self::Calendar { unit, zone } => unit.range(now, zone),
        }
    }
}

impl Calendar {
    const fn days(self) -> u32 {
        match self {
            Self::Week => 7,
            Self::Month => 30,
            Self::Quarter => 90,
            Self::Year => 365,
        }
    }

    fn range(self, now: Timestamp, zone: &TimeZone) -> Range<Minute> {
        let today = now.to_zoned(zone.clone()).date();
        let first = match self {
            Self::Week => {
                let back = i64::from(today.weekday().since(Weekday::Monday));
                today.saturating_sub(back.days())
            }
            Self::Month => today.first_of_month(),
            Self::Quarter => {
                let back = i64::from((today.month() - 1) % 3);
                today.first_of_month().saturating_sub(back.months())
            }
            Self::Year => today.first_of_year(),
        };
        let next = first.saturating_add(match self {
            Self::Week => 1.week(),
            Self::Month => 1.month(),
            Self::Quarter => 3.months(),
            Self::Year => 1.year(),
        });
        let midnight =
            |date: jiff::civil::Date| date.to_zoned(zone.clone()).map_or(now, |zoned| zoned.timestamp());
        Minute::of(midnight(first))..Minute::of(midnight(next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar(unit: Calendar, zone: &str) -> Period {
        Period::Calendar { unit, zone: TimeZone::get(zone).unwrap() }
    }

    #[test]
    fn calendar_windows_go_from_midnight_to_midnight_of_their_zone() {
        for (unit, zone, now, from, to) in [
            (Calendar::Week, "UTC", "2026-11-20T14:32:07Z", "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z"),
            (Calendar::Month, "UTC", "2026-02-28T23:59:59Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"),
            (
                Calendar::Quarter,
                "UTC",
                "2026-12-31T12:00:00Z",
                "2026-10-01T00:00:00Z",
                "2027-01-01T00:00:00Z",
            ),
            (Calendar::Year, "UTC", "2028-07-01T00:00:00Z", "2028-01-01T00:00:00Z", "2029-01-01T00:00:00Z"),
            // In Berlin the week has begun, in UTC it is still Sunday.
            (
                Calendar::Week,
                "Europe/Berlin",
                "2026-11-15T23:30:00Z",
                "2026-11-15T23:00:00Z",
                "2026-11-22T23:00:00Z",
            ),
        ] {
            let range = calendar(unit, zone).range(now.parse().unwrap());
            let minute = |text: &str| Minute::of(text.parse().unwrap());
            assert_eq!(range, minute(from)..minute(to), "{unit:?} {zone} {now}");
        }
    }

    #[test]
    fn a_week_in_which_clocks_change_is_an_hour_shorter_or_longer() {
        for (now, hours) in
            [("2026-03-25T12:00:00Z", 167), ("2026-10-21T12:00:00Z", 169), ("2026-06-10T12:00:00Z", 168)]
        {
            let range = calendar(Calendar::Week, "Europe/Berlin").range(now.parse().unwrap());
            assert_eq!(range.end.0 - range.start.0, hours * 60, "{now}");
        }
    }

    #[test]
    fn a_rolling_window_ends_with_the_last_whole_minute() {
        let range = Period::rolling(60).unwrap().range("1970-01-01T02:00:59Z".parse().unwrap());
        assert_eq!(range, Minute(60)..Minute(120));
        assert_eq!(Period::rolling(0), Err(NotAPeriod::Empty));
        assert_eq!(Period::rolling(400 * 24 * 60), Err(NotAPeriod::TooLong { days: 400 }));
    }
}
