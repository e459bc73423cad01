//! OpenSLO's shorthand for lengths of time.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A length of time: `5m`, `4w`, `1M`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duration {
    /// How many, at least one.
    pub count: u32,
    /// Of what.
    pub unit: Unit,
}

/// The units of a [`Duration`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// `m`
    Minute,
    /// `h`
    Hour,
    /// `d`
    Day,
    /// `w`
    Week,
    /// `M`
    Month,
    /// `Q`
    Quarter,
    /// `Y`
    Year,
}

/// A text that is no length of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotADuration {
    /// It has no number, or no unit.
    #[error("{0:?} is no length of time; write a number and a unit, for example 5m, 1h, 30d, 4w or 1M")]
    NotANumber(String),
    /// Its unit is unknown.
    #[error(
        "{text:?} has the unknown unit {unit:?}; units are m, h, d, w, M (months), Q (quarters) and Y (years)"
    )]
    UnknownUnit {
        /// The whole text.
        text: String,
        /// The unit.
        unit: String,
    },
    /// It is 0.
    #[error("{0:?} has nothing in it; it must be at least 1")]
    Empty(String),
}

impl Unit {
    const ALL: [(Self, char); 7] = [
        (Self::Minute, 'm'),
        (Self::Hour, 'h'),
        (Self::Day, 'd'),
        (Self::Week, 'w'),
        (Self::Month, 'M'),
        (Self::Quarter, 'Q'),
        (Self::Year, 'Y'),
    ];

    /// Minutes of one; none of those that are not always as long.
    pub const fn minutes(self) -> Option<u32> {
        match self {
            Self::Minute => Some(1),
            Self::Hour => Some(60),
            Self::Day => Some(24 * 60),
            Self::Week => Some(7 * 24 * 60),
            Self::Month | Self::Quarter | Self::Year => None,
        }
    }
}

impl Duration {
    /// So many minutes, in the largest unit up to days that says it exactly: `30d` rather than `720h`.
    pub const fn of_minutes(minutes: u32) -> Self {
        match minutes {
            0 => Self { count: 0, unit: Unit::Minute },
            minutes if minutes.is_multiple_of(24 * 60) => {
                Self { count: minutes / (24 * 60), unit: Unit::Day }
            }
            minutes if minutes.is_multiple_of(60) => Self { count: minutes / 60, unit: Unit::Hour },
            minutes => Self { count: minutes, unit: Unit::Minute },
        }
    }

    /// Its minutes; none of months, quarters and years, and of more than there is a number for.
    pub const fn minutes(self) -> Option<u32> {
        match self.unit.minutes() {
            Some(minutes) => minutes.checked_mul(self.count),
            None => None,
        }
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = Unit::ALL.iter().find(|(unit, _)| *unit == self.unit).map_or('m', |(_, letter)| *letter);
        write!(f, "{}{letter}", self.count)
    }
}

impl FromStr for Duration {
    type Err = NotADuration;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let count: u32 = number.parse().map_err(|_| NotADuration::NotANumber(text.to_owned()))?;
        let known = Unit::ALL.iter().find(|(_, letter)| unit == letter.encode_utf8(&mut [0; 4]));
        let (unit, _) = known.ok_or_else(|| match unit {
            "" => NotADuration::NotANumber(text.to_owned()),
            unit => NotADuration::UnknownUnit { text: text.to_owned(), unit: unit.to_owned() },
        })?;
        if count == 0 { Err(NotADuration::Empty(text.to_owned())) } else { Ok(Self { count, unit: *unit }) }
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// A length that may be a bare number, which OpenSLO says are minutes.
pub(super) fn minutes_or_shorthand<'de, D>(deserializer: D) -> Result<Option<Duration>, D::Error>
where
    D: Deserializer<'de>,
{
    match Option::<serde_json::Value>::deserialize(deserializer)? {
        None => Ok(None),
        Some(serde_json::Value::Number(number)) => format!("{number}m").parse().map(Some),
        Some(serde_json::Value::String(text)) => text.parse().map(Some),
        Some(_) => Err(NotADuration::NotANumber("what is given".to_owned())),
    }
    .map_err(de::Error::custom)
}

/// A length of which none is what is said by `0m`.
pub(super) fn none_if_zero<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    match text.parse() {
        Ok(duration) => Ok(Some(duration)),
        Err(NotADuration::Empty(_)) => Ok(None),
        Err(error) => Err(de::Error::custom(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_and_written() {
        for (text, minutes) in [
            ("5m", Some(5)),
            ("12h", Some(720)),
            ("30d", Some(43_200)),
            ("4w", Some(40_320)),
            ("1M", None),
            ("2Q", None),
            ("1Y", None),
            ("4294967295w", None),
        ] {
            let duration: Duration = text.parse().unwrap();
            assert_eq!((duration.minutes(), duration.to_string()), (minutes, text.to_owned()));
        }
        for (minutes, text) in [(5, "5m"), (90, "90m"), (120, "2h"), (1_440, "1d"), (40_320, "28d")] {
            assert_eq!(Duration::of_minutes(minutes).to_string(), text);
        }
    }

    #[test]
    fn what_is_none_is_refused_with_the_reason() {
        for (text, told) in [
            ("", "no length"),
            ("d", "no length"),
            ("-1d", "no length"),
            ("5", "no length"),
            ("1.5h", "unknown unit \".5h\""),
            ("30x", "unknown unit \"x\""),
            ("1 d", "unknown unit"),
            ("0d", "at least 1"),
            ("99999999999d", "no length"),
        ] {
            let message = text.parse::<Duration>().unwrap_err().to_string();
            assert!(message.contains(told), "{text}: {message}");
        }
    }
}
