//! How many events must be good.

use std::{fmt, str::FromStr};

/// Parts of one, as whole numbers: 99.9 % is exact, and so is every comparison.
const WHOLE: u64 = 1_000_000_000;

/// The share of events that must be good, above 0 % and below 100 %, to seven decimals of a percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Objective(u64);

/// A text or number that is no objective.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NotAnObjective {
    /// It is not a number.
    #[error("{0:?} is not an objective; write for example 99.9 %")]
    NotANumber(String),
    /// It cannot be met, or cannot be missed.
    #[error(
        "an objective of {0} % is out of range; it must be above 0 % and below 100 %, for example 99.9 %"
    )]
    OutOfRange(f64),
}

impl Objective {
    /// From a share between 0 and 1, as OpenSLO's `target`.
    ///
    /// # Errors
    /// When it is not above 0 and below 1.
    pub fn from_ratio(ratio: f64) -> Result<Self, NotAnObjective> {
        let parts = (ratio * WHOLE as f64).round();
        if ratio.is_finite() && parts > 0.0 && parts < WHOLE as f64 {
            Ok(Self(parts as u64))
        } else {
            Err(NotAnObjective::OutOfRange(ratio * 100.0))
        }
    }

    /// From percent, as OpenSLO's `targetPercent`.
    ///
    /// # Errors
    /// When it is not above 0 and below 100.
    pub fn from_percent(percent: f64) -> Result<Self, NotAnObjective> {
        Self::from_ratio(percent / 100.0).map_err(|_| NotAnObjective::OutOfRange(percent))
    }

    /// The share that must be good.
    pub fn ratio(self) -> f64 {
        self.0 as f64 / WHOLE as f64
    }

    /// The share that may fail.
    pub fn budget_ratio(self) -> f64 {
        self.budget_parts() as f64 / WHOLE as f64
    }

    /// How many of `total` may fail.
    pub fn allowed(self, total: u64) -> f64 {
        (u128::from(total) * u128::from(self.budget_parts())) as f64 / WHOLE as f64
    }

    /// The share that may fail, in parts of [`Self::whole`].
    pub(crate) const fn budget_parts(self) -> u64 {
        WHOLE - self.0
    }

    pub(crate) const fn whole() -> u64 {
        WHOLE
    }
}

impl FromStr for Objective {
    type Err = NotAnObjective;

    /// Percent, with or without the sign: `99.9`, `99.9 %`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text.trim().trim_end_matches('%').trim_end();
        let percent: f64 = number.parse().map_err(|_| NotAnObjective::NotANumber(text.to_owned()))?;
        Self::from_percent(percent)
    }
}

impl fmt::Display for Objective {
    /// Percent without what it does not need: `99.9 %`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.0 / (WHOLE / 100);
        let part = format!("{:07}", self.0 % (WHOLE / 100));
        match part.trim_end_matches('0') {
            "" => write!(f, "{whole} %"),
            part => write!(f, "{whole}.{part} %"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objectives_are_read_and_told_as_people_write_them() {
        for (text, told) in
            [("99.9", "99.9 %"), (" 99.95 % ", "99.95 %"), ("95", "95 %"), ("99.9999999%", "99.9999999 %")]
        {
            assert_eq!(text.parse::<Objective>().unwrap().to_string(), told);
        }
        for text in ["101", "100 %", "0", "-5", "nan", "inf", "99.99999999999"] {
            assert!(matches!(text.parse::<Objective>(), Err(NotAnObjective::OutOfRange(_))), "{text}");
        }
        for text in ["", "three nines", "99,9", "99.9 percent"] {
            assert!(matches!(text.parse::<Objective>(), Err(NotAnObjective::NotANumber(_))), "{text}");
        }
    }

    #[test]
    fn what_may_fail_is_exact() {
        let three_nines: Objective = "99.9".parse().unwrap();
        assert_eq!(three_nines.allowed(2_000_000), 2_000.0);
        assert_eq!(three_nines.budget_ratio(), 0.001);
        assert_eq!(Objective::from_ratio(0.999).unwrap(), three_nines);
    }
}
