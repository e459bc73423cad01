//! How many customers come, by the time of day.

use jiff::Timestamp;

/// Customers per second at each full hour (UTC): a queue before work, another at noon, and a few all night.
const AT_HOUR: [f64; 24] = [
    1.6, 1.5, 1.5, 1.5, 1.6, 2.0, 3.4, 5.4, 6.4, 5.8, 4.8, 4.4, 5.2, 5.6, 4.6, 4.2, 4.6, 4.4, 3.4, 2.6, 2.2,
    2.0, 1.8, 1.7,
];
const HOUR: f64 = 3600.0;
const DAY: i64 = 24 * 3600;

/// Customers per second, in a straight line from one full hour to the next.
pub(super) fn customers_per_second(now: Timestamp) -> f64 {
    let of_day = now.as_second().rem_euclid(DAY);
    let hour = usize::try_from(of_day / 3600).unwrap_or_default();
    let into_hour = (of_day % 3600) as f64 / HOUR;
    let at = |hour: usize| AT_HOUR[hour % AT_HOUR.len()];
    at(hour) + (at(hour + 1) - at(hour)) * into_hour
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_goes_in_a_straight_line_from_hour_to_hour() {
        let cases = [
            ("2026-11-20T08:00:00Z", 6.4),
            ("2026-11-20T08:30:00Z", 6.1),
            ("2026-11-20T23:30:00Z", 1.65),
            ("2026-11-21T00:00:00Z", 1.6),
            ("1969-12-31T18:00:00Z", 3.4),
        ];
        for (time, want) in cases {
            let got = customers_per_second(time.parse().unwrap());
            assert!((got - want).abs() < 1e-9, "{time}: {got}");
        }
    }
}
