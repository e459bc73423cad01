//! What chapter 5 of the SRE Workbook says of detection and reset times, played through a ledger minute by minute.
//!
//! Detection takes `(1 - SLO) / error ratio * long window * burn rate`; an alert resets when its short window has forgotten.

use crate::{Budgeting, BurnRule, Counts, Exclusions, Ledger, Minute, Objective, Severity};

const DAY: u32 = 24 * 60;
const EACH_MINUTE: u64 = 10_000;
/// The first minute of the outage.
const BEGINS: i64 = 4 * DAY as i64;

/// Minutes from the begin of an outage until a rule fires, and from its end until it does not any more.
fn times(rule: BurnRule, error_percent: f64, outage_minutes: i64) -> (Option<i64>, Option<i64>) {
    let objective: Objective = "99.9".parse().unwrap();
    let bad = (error_percent / 100.0 * EACH_MINUTE as f64).round() as u64;
    let mut ledger = Ledger::new(Budgeting::Occurrences);
    let last = BEGINS + outage_minutes + i64::from(rule.long_minutes);
    for minute in BEGINS - i64::from(rule.long_minutes)..last {
        let fails = (BEGINS..BEGINS + outage_minutes).contains(&minute);
        let good = EACH_MINUTE - if fails { bad } else { 0 };
        ledger.record(Minute(minute), Counts::new(good, EACH_MINUTE).unwrap());
    }
    let fires = |end: i64| {
        let tally = |minutes: u32| {
            ledger.tally(Minute(end - i64::from(minutes))..Minute(end), &Exclusions::default())
        };
        let (long, short) = (tally(rule.long_minutes), tally(rule.short_minutes));
        let fires = rule.fires(&long, &short, objective, 30 * DAY, 1);
        assert!(!fires || rule.goes_on(&long, &short, objective, 30 * DAY, 1));
        fires
    };
    let ends = BEGINS + outage_minutes;
    let detected = (BEGINS..=ends).find(|end| fires(*end)).map(|end| end - BEGINS);
    let reset = (ends..=last).find(|end| !fires(*end)).map(|end| end - ends);
    (detected, detected.and(reset))
}

fn rule(budget_percent: u32, long_minutes: u32, short_minutes: u32) -> BurnRule {
    BurnRule {
        budget_share_millionths: budget_percent * 10_000,
        long_minutes,
        short_minutes,
        severity: Severity::Page,
    }
}

#[test]
fn detection_and_reset_times() {
    let [fast, slow, day, three_days] = BurnRule::RECOMMENDED;
    for (what, rule, error_percent, outage, expected) in [
        // "4: alert on burn rate": 5 % in 1 h is 36 times too fast, and resets after 58 min.
        ("burn rate alone, outage", rule(5, 60, 60), 100.0, 10, Some((3, 58))),
        // "2: increased alert window": an outage is seen after 2 min 10 s, and the alert goes on for 36 h.
        ("36 h, outage", rule(5, 36 * 60, 36 * 60), 100.0, 10, Some((3, 36 * 60 - 2))),
        // "6: multiwindow, multi-burn-rate", the recommended parameters.
        ("14.4 over 1 h, outage", fast, 100.0, 20, Some((1, 5))),
        ("14.4 over 1 h, 10 %", fast, 10.0, 20, Some((9, 5))),
        ("14.4 over 1 h, 5 %", fast, 5.0, 60, Some((18, 4))),
        ("14.4 over 1 h, 2 %", fast, 2.0, 60, Some((44, 2))),
        ("14.4 over 1 h, at the factor", fast, 1.44, 120, None),
        ("6 over 6 h, outage", slow, 100.0, 20, Some((3, 30))),
        ("6 over 6 h, 10 %", slow, 10.0, 60, Some((22, 29))),
        ("6 over 6 h, 1 %", slow, 1.0, 360, Some((217, 12))),
        ("6 over 6 h, at the factor", slow, 0.6, 720, None),
        ("3 over 1 d, outage", day, 100.0, 20, Some((5, 120))),
        ("3 over 1 d, 1 %", day, 1.0, 1440, Some((433, 84))),
        ("1 over 3 d, outage", three_days, 100.0, 20, Some((5, 360))),
        ("1 over 3 d, 1 %", three_days, 1.0, 1440, Some((433, 324))),
        ("1 over 3 d, at the factor", three_days, 0.1, 2880, None),
    ] {
        let (detected, reset) = times(rule, error_percent, outage);
        assert_eq!(detected.zip(reset), expected, "{what}");
    }
}

#[test]
fn a_short_blip_pages_nobody() {
    // 2 % of the budget of 30 days are all requests of 0.864 min.
    assert_eq!(times(BurnRule::RECOMMENDED[0], 0.04, 1).0, None);
    assert_eq!(times(BurnRule::RECOMMENDED[0], 43.0, 1).0, None);
    assert_eq!(times(BurnRule::RECOMMENDED[0], 43.0, 2).0, None);
    assert_eq!(times(BurnRule::RECOMMENDED[0], 43.3, 2).0, Some(2));
}
