//! Lengths of time as people read them.

use std::{fmt, time::Duration};

/// Three digits or so: `1.9ms`, `59.3s`, `14m06s`, `3h04m`.
pub(crate) struct Length(pub(crate) Duration);

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        match seconds {
            0..60 => write!(f, "{:.1?}", self.0),
            60..3_600 => write!(f, "{}m{:02}s", seconds / 60, seconds % 60),
            _ => write!(f, "{}h{:02}m", seconds / 3_600, seconds / 60 % 60),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_few_digits() {
        for (milliseconds, expected) in [
            (0, "0.0ns"),
            (2, "2.0ms"),
            (1_940, "1.9s"),
            (59_300, "59.3s"),
            (60_000, "1m00s"),
            (846_000, "14m06s"),
            (11_040_000, "3h04m"),
            (360_000_000, "100h00m"),
        ] {
            assert_eq!(Length(Duration::from_millis(milliseconds)).to_string(), expected);
        }
    }
}
