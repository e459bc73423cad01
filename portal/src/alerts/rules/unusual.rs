//! Errors and durations that are unusual for the hour.
//!
//! The last 15 minutes are compared with the same hour of the day, in UTC, on each of the last 14 days. Usual is the median of
//! those days; how far they usually lie from it is told by their median absolute deviation. Neither bends for a day or two
//! on which something was broken.
//!
//! | | unusual above the larger of |
//! |---|---|
//! | share of 5xx | median + 4 deviations, median + 1 percentage point |
//! | share of 4xx | median + 4 deviations, median + 5 percentage points |
//! | p95 | median + 4 deviations, 1.5 times the median, median + 50 ms |
//!
//! It takes 100 requests in the 15 minutes, of a share 20 that are what it is about, and 7 days with 100 requests in the
//! hour; without them nothing is said. It fires once it has lasted for five minutes, and is over at less than half way from
//! usual to unusual. What a page of the service tells is not told here as well.

use jiff::SignedDuration;
use seaworthy_slo::Severity;

use super::{Behind, Condition, Look, key_of};
use crate::{alerts::machine::Finding, listening::Listening, web::format};

/// Minutes that are compared.
pub(crate) const MINUTES: u32 = 15;
/// Days that they are compared with.
pub(crate) const DAYS: u32 = 14;
/// An hour with fewer requests, or so many minutes with fewer, say nothing.
const LEAST_REQUESTS: u64 = 100;
/// Fewer of what a share is of are no alert.
const LEAST_CASES: u64 = 20;
/// Fewer days say nothing of what is usual.
const LEAST_DAYS: usize = 7;
const DEVIATIONS: f64 = 4.0;
/// Turns a median absolute deviation into a standard deviation, where values are spread normally.
const NORMAL: f64 = 1.4826;
const WAIT: SignedDuration = SignedDuration::from_mins(5);

/// Requests of some time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Sample {
    pub(crate) requests: u64,
    /// Answered with 4xx.
    pub(crate) refused: u64,
    /// Answered with 5xx, or not at all.
    pub(crate) failed: u64,
    pub(crate) p95_seconds: Option<f64>,
}

/// What can be unusual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Failed,
    Refused,
    Slow,
}

/// What the same hours of other days were like.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Usual {
    median: f64,
    deviation: f64,
    days: usize,
}

impl What {
    pub(crate) const ALL: [Self; 3] = [Self::Failed, Self::Refused, Self::Slow];

    /// The key of its alert.
    pub(crate) fn key(self, service: &str) -> String {
        let end = match self {
            Self::Failed => "5xx",
            Self::Refused => "4xx",
            Self::Slow => "p95",
        };
        format!("{}/{end}", key_of("unusual", service))
    }

    fn value(self, sample: &Sample) -> Option<f64> {
        let share = |cases: u64| (sample.requests > 0).then(|| cases as f64 / sample.requests as f64);
        match self {
            Self::Failed => share(sample.failed),
            Self::Refused => share(sample.refused),
            Self::Slow => sample.p95_seconds,
        }
    }

    fn has_enough(self, sample: &Sample) -> bool {
        match self {
            Self::Failed => sample.failed >= LEAST_CASES,
            Self::Refused => sample.refused >= LEAST_CASES,
            Self::Slow => true,
        }
    }

    /// Above this it is unusual.
    fn threshold(self, usual: Usual) -> f64 {
        let margin = match self {
            Self::Failed => 0.01,
            Self::Refused => 0.05,
            Self::Slow => f64::max(usual.median / 2.0, 0.05),
        };
        usual.median + f64::max(DEVIATIONS * usual.deviation, margin)
    }

    fn told(self, value: f64) -> String {
        match self {
            Self::Failed | Self::Refused => format::percent(value),
            Self::Slow => format::seconds(value),
        }
    }

    /// What is so, before its value: `5xx are`.
    fn subject(self) -> &'static str {
        match self {
            Self::Failed => "5xx are",
            Self::Refused => "4xx are",
            Self::Slow => "p95 is",
        }
    }

    fn look(self, threshold: f64) -> Option<Look> {
        let before_minutes = MINUTES;
        match self {
            Self::Failed => {
                Some(Look { what: "Failed requests", errors: true, before_minutes, ..Look::default() })
            }
            // A search asks for one status, and they have many.
            Self::Refused => None,
            Self::Slow => {
                let min_ms = Some((threshold * 1e3).round());
                Some(Look { what: "Slow requests", min_ms, before_minutes, ..Look::default() })
            }
        }
    }
}

/// How a service compares with what is usual for the hour; none where nothing is unusual and no alert is open. `open` for
/// an alert that is pending or fires already.
pub(crate) fn judge(
    what: What,
    service: &str,
    now: &Sample,
    days: &[Sample],
    listening: Listening,
    open: bool,
) -> Option<Condition> {
    let not_so = Finding::NotSo { since: listening.now };
    let compared = usual(what, days).zip(what.value(now)).filter(|_| now.requests >= LEAST_REQUESTS);
    let (finding, title, summary, threshold) = match compared {
        None if now.requests == 0 => {
            (not_so, String::new(), "Nobody asks anything of the service any more.".to_owned(), 0.0)
        }
        None => (Finding::Unknown, String::new(), String::new(), 0.0),
        Some((usual, value)) => {
            let threshold = what.threshold(usual);
            let bar = if open { usual.median + (threshold - usual.median) / 2.0 } else { threshold };
            let so = value > bar && (open || what.has_enough(now));
            let finding = if so { Finding::So { since: listening.now, wait: WAIT } } else { not_so };
            let title = format!("{service}: {} {}, unusual for the hour", what.subject(), what.told(value));
            (finding, title, summary(what, now, value, usual, threshold), threshold)
        }
    };
    let nothing = !open && !matches!(finding, Finding::So { .. });
    (!nothing).then(|| Condition {
        key: what.key(service),
        name: match what {
            What::Failed => "UnusualErrors",
            What::Refused => "UnusualRefusals",
            What::Slow => "UnusualDurations",
        },
        severity: Severity::Ticket,
        service: service.to_owned(),
        slo: None,
        finding,
        title,
        summary,
        behind: Behind::PagesOfService,
        runbook: None,
        look: what.look(threshold),
    })
}

fn summary(what: What, now: &Sample, value: f64, usual: Usual, threshold: f64) -> String {
    let happened = match what {
        What::Failed => {
            format!("{} of {} requests failed", format::count(now.failed), format::count(now.requests))
        }
        What::Refused => {
            format!(
                "{} of {} requests were answered with 4xx",
                format::count(now.refused),
                format::count(now.requests)
            )
        }
        What::Slow => format!(
            "one in twenty of {} requests took longer than {}",
            format::count(now.requests),
            what.told(value)
        ),
    };
    let value = if what == What::Slow { String::new() } else { format!(" ({})", what.told(value)) };
    format!(
        "In the last {MINUTES} min {happened}{value}. At this hour of the last {} days it was {}; above {} it is unusual.",
        usual.days,
        what.told(usual.median),
        what.told(threshold),
    )
}

/// What is usual, if enough days tell.
fn usual(what: What, days: &[Sample]) -> Option<Usual> {
    let values: Vec<f64> =
        days.iter().filter(|day| day.requests >= LEAST_REQUESTS).filter_map(|day| what.value(day)).collect();
    if values.len() < LEAST_DAYS {
        return None;
    }
    let median = median(values.clone())?;
    let away = values.iter().map(|value| (value - median).abs()).collect();
    Some(Usual { median, deviation: self::median(away)? * NORMAL, days: values.len() })
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() % 2 {
        1 => values.get(middle).copied(),
        _ => Some((values.get(middle.checked_sub(1)?)? + values.get(middle)?) / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(requests: u64, failed: u64, refused: u64, p95_seconds: f64) -> Sample {
        Sample { requests, failed, refused, p95_seconds: Some(p95_seconds) }
    }

    /// Ten days of about 0.5 % 5xx, 3 % 4xx and 200 ms.
    fn days() -> Vec<Sample> {
        (0..10)
            .map(|day| sample(4_000, 18 + day % 5, 110 + 4 * (day % 5), 0.19 + 0.005 * (day % 5) as f64))
            .collect()
    }

    fn finding(what: What, now: Sample, days: &[Sample], open: bool) -> Option<Finding> {
        let at = "2026-11-20T12:00:00Z".parse().unwrap();
        judge(what, "reception", &now, days, Listening { now: at, since: at }, open)
            .map(|found| found.finding)
    }

    #[test]
    fn what_is_far_from_usual_is_unusual_and_nothing_else() {
        use What::{Failed, Refused, Slow};
        let days = days();
        for (what, now, unusual) in [
            (Failed, sample(1_000, 20, 30, 0.2), true),
            (Failed, sample(1_000, 14, 30, 0.2), false),
            (Failed, sample(150, 19, 0, 0.2), false),
            (Failed, sample(99, 99, 0, 0.2), false),
            (Refused, sample(1_000, 5, 90, 0.2), true),
            (Refused, sample(1_000, 5, 70, 0.2), false),
            (Slow, sample(1_000, 5, 30, 0.31), true),
            (Slow, sample(1_000, 5, 30, 0.29), false),
            (Slow, sample(50, 5, 30, 9.0), false),
        ] {
            let found = finding(what, now, &days, false);
            assert_eq!(matches!(found, Some(Finding::So { .. })), unusual, "{what:?} {now:?}: {found:?}");
        }
    }

    #[test]
    fn days_that_were_broken_or_quiet_do_not_say_what_is_usual() {
        let broken = || sample(4_000, 2_000, 100, 5.0);
        let mut some = days();
        some[0] = broken();
        some[4] = broken();
        some[7] = broken();
        let now = sample(1_000, 40, 30, 0.2);
        assert!(matches!(finding(What::Failed, now, &some, false), Some(Finding::So { .. })));
        // Where it is always so, it is not unusual.
        let always: Vec<Sample> = (0..10).map(|_| sample(4_000, 400, 100, 0.2)).collect();
        assert_eq!(finding(What::Failed, sample(1_000, 105, 30, 0.2), &always, false), None);
        // Six days are not enough, nor are seven of which one was quiet.
        assert_eq!(finding(What::Failed, now, &days()[..6], false), None);
        let mut quiet = days()[..7].to_vec();
        assert!(finding(What::Failed, now, &quiet, false).is_some());
        quiet[3].requests = 99;
        assert_eq!(finding(What::Failed, now, &quiet, false), None);
    }

    #[test]
    fn it_is_over_half_way_back_to_usual_and_stays_where_nothing_is_known() {
        let at: jiff::Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let not_so = Some(Finding::NotSo { since: at });
        let days = days();
        assert!(matches!(
            finding(What::Failed, sample(1_000, 12, 0, 0.2), &days, true),
            Some(Finding::So { .. })
        ));
        assert_eq!(finding(What::Failed, sample(1_000, 9, 0, 0.2), &days, true), not_so);
        assert_eq!(finding(What::Failed, sample(50, 50, 0, 0.2), &days, true), Some(Finding::Unknown));
        assert_eq!(
            finding(What::Failed, sample(1_000, 50, 0, 0.2), &days[..3], true),
            Some(Finding::Unknown)
        );
        assert_eq!(finding(What::Failed, Sample::default(), &days, true), not_so);
    }

    #[test]
    fn it_is_told_with_its_numbers() {
        let at = "2026-11-20T12:00:00Z".parse().unwrap();
        let listening = Listening { now: at, since: at };
        let told = |what, now| {
            let found = judge(what, "reception", &now, &days(), listening, false).unwrap();
            format!("{}: {}. {}", found.key, found.title, found.summary)
        };
        assert_eq!(
            told(What::Failed, sample(1_000, 40, 30, 0.2)),
            "unusual/reception/5xx: reception: 5xx are 4 %, unusual for the hour. In the last 15 min 40 of 1,000 requests \
             failed (4 %). At this hour of the last 10 days it was 0.50 %; above 1.50 % it is unusual."
        );
        assert_eq!(
            told(What::Slow, sample(1_000, 0, 30, 0.4)),
            "unusual/reception/p95: reception: p95 is 400 ms, unusual for the hour. In the last 15 min one in twenty of \
             1,000 requests took longer than 400 ms. At this hour of the last 10 days it was 200 ms; above 300 ms it is \
             unusual."
        );
    }
}
