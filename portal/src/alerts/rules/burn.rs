//! The budget of an SLO burns too fast.
//!
//! One alert for each severity: it fires while any of the SLO's rules of that severity fires, as the SRE Workbook joins them
//! with `or`. There is no further wait, for the windows are the wait. A page keeps the ticket of the same SLO back.

use jiff::SignedDuration;
use seaworthy_slo::{Budgeting, BurnRule, Minute, Severity, Sli, Tally};

use super::{Behind, Condition, Look, Measured, Watched};
use crate::{alerts::machine::Finding, web::format};

/// How far back the beginning of an alert, or its end, is looked for: what a portal has not seen itself.
const LOOK_BACK_MINUTES: i64 = 24 * 60;

/// The key of an SLO's alert of a severity.
pub(crate) fn key(slo: &str, severity: Severity) -> String {
    match severity {
        Severity::Page => format!("slo/{slo}/page"),
        Severity::Ticket => format!("slo/{slo}/ticket"),
    }
}

/// How the alert of a severity stands. None for an SLO without such rules, and where there is nothing to say: none is open
/// and none is due. `open` for one that fires already.
pub(crate) fn judge(watched: &Watched<'_>, severity: Severity, open: bool) -> Option<Condition> {
    let Some(measured) = &watched.measured else {
        return open.then(|| condition(watched, severity, Finding::Unknown));
    };
    let rules: Vec<&BurnRule> = measured.slo.rules.iter().filter(|rule| rule.severity == severity).collect();
    let holding = |end: Minute| rules.iter().copied().find(|rule| holds(measured, rule, end, open));
    let (rule, finding) = match holding(measured.end) {
        Some(rule) if open => {
            (rule, Finding::So { since: measured.end.begins(), wait: SignedDuration::ZERO })
        }
        Some(rule) => {
            let since = unchanged_since(measured.end, |end| holding(end).is_some());
            (rule, Finding::So { since: since.begins(), wait: SignedDuration::ZERO })
        }
        None if open => {
            let since = unchanged_since(measured.end, |end| holding(end).is_some());
            (*rules.first()?, Finding::NotSo { since: since.begins() })
        }
        None => return None,
    };
    Some(Condition {
        title: title(watched, measured, rule),
        summary: summary(measured, rule, matches!(finding, Finding::So { .. })),
        look: look(measured, rule),
        ..condition(watched, severity, finding)
    })
}

fn condition(watched: &Watched<'_>, severity: Severity, finding: Finding) -> Condition {
    Condition {
        key: key(watched.name, severity),
        name: "SloBurnRate",
        severity,
        service: watched.service.to_owned(),
        slo: Some(watched.name.to_owned()),
        finding,
        title: String::new(),
        summary: String::new(),
        behind: match severity {
            Severity::Page => Behind::Nothing,
            Severity::Ticket => Behind::Alert(key(watched.name, Severity::Page)),
        },
        runbook: watched.measured.as_ref().and_then(|measured| measured.slo.runbook.clone()),
        look: None,
    }
}

fn holds(measured: &Measured<'_>, rule: &BurnRule, end: Minute, open: bool) -> bool {
    let (long, short) = (tally(measured, rule.long_minutes, end), tally(measured, rule.short_minutes, end));
    let (objective, period) = (measured.slo.objective, measured.slo.period.minutes());
    let least = measured.slo.least_failures;
    match open {
        true => rule.goes_on(&long, &short, objective, period, least),
        false => rule.fires(&long, &short, objective, period, least),
    }
}

fn tally(measured: &Measured<'_>, minutes: u32, end: Minute) -> Tally {
    measured.ledger.tally(Minute(end.0 - i64::from(minutes))..end, &measured.exclusions)
}

/// The earliest end from which on the answer has been what it is now.
fn unchanged_since(end: Minute, answer: impl Fn(Minute) -> bool) -> Minute {
    let now = answer(end);
    let before = (1..=LOOK_BACK_MINUTES).take_while(|back| answer(Minute(end.0 - back)) == now).count();
    Minute(end.0 - before as i64)
}

fn title(watched: &Watched<'_>, measured: &Measured<'_>, rule: &BurnRule) -> String {
    let rate = tally(measured, rule.long_minutes, measured.end)
        .burn_rate_within(rule.long_minutes, measured.slo.objective)
        .unwrap_or_default();
    let name = if watched.title.is_empty() { watched.name } else { watched.title };
    format!("{name}: budget burns {} times too fast", format::number(rate))
}

/// What happened in both windows, and what is too much.
fn summary(measured: &Measured<'_>, rule: &BurnRule, fires: bool) -> String {
    let factor = format::number(rule.factor(measured.slo.period.minutes()));
    let verdict = match (fires, rule.severity) {
        (true, Severity::Page) => format!("above {factor} times that in both, a page is due"),
        (true, Severity::Ticket) => format!("above {factor} times that in both, a ticket is due"),
        (false, _) => format!("one of both is not above {factor} times that any more"),
    };
    format!(
        "{}; {}. {} over {} allows {}: {verdict}.",
        window(measured, rule.long_minutes, "In"),
        window(measured, rule.short_minutes, "in"),
        measured.slo.objective,
        format::span(u64::from(measured.slo.period.minutes()) * 60),
        format::percent(measured.slo.objective.budget_ratio()),
    )
}

/// `In the last 1 h 4,120 of 56,230 requests failed (7.33 %)`.
fn window(measured: &Measured<'_>, minutes: u32, preposition: &str) -> String {
    let found = tally(measured, minutes, measured.end);
    let (length, unit) = (format::span(u64::from(minutes) * 60), unit(measured));
    let told = match found.counts.sli() {
        Some(sli) => format!(
            "{} of {} {unit} {} ({})",
            format::count(found.counts.bad()),
            format::count(found.counts.total()),
            failed(measured),
            format::percent(1.0 - sli),
        ),
        None if found.covered_minutes > 0 => format!("there were no {unit}"),
        None => "nothing was told".to_owned(),
    };
    format!("{preposition} the last {length} {told}")
}

fn unit(measured: &Measured<'_>) -> &'static str {
    match (measured.slo.budgeting, &measured.slo.sli) {
        (Budgeting::Slices(_), _) => "slices of time",
        (_, Sli::Ratio { .. } | Sli::Failures { .. }) => "events",
        _ => "requests",
    }
}

fn failed(measured: &Measured<'_>) -> String {
    match (measured.slo.budgeting, &measured.slo.sli) {
        (Budgeting::Slices(_), _) => "were bad".to_owned(),
        (_, Sli::Latency { threshold_ms, .. }) => {
            format!("took longer than {}", format::seconds(threshold_ms / 1e3))
        }
        _ => "failed".to_owned(),
    }
}

/// Where the bad ones are; nowhere for counters, which have no traces.
fn look(measured: &Measured<'_>, rule: &BurnRule) -> Option<Look> {
    let (scope, mut look) = match &measured.slo.sli {
        Sli::Availability { scope, bad_statuses } => {
            // A client's mistake is no error of the span; its status alone tells of it.
            let status = match bad_statuses.as_slice() {
                [(from, to)] if from == to && *to < 500 => {
                    Some(("http.response.status_code".to_owned(), from.to_string()))
                }
                _ => None,
            };
            let errors = status.is_none();
            (
                scope,
                Look {
                    what: "Failed requests",
                    errors,
                    attributes: Vec::from_iter(status),
                    ..Look::default()
                },
            )
        }
        Sli::Latency { scope, threshold_ms } => {
            (scope, Look { what: "Slow requests", min_ms: Some(*threshold_ms), ..Look::default() })
        }
        Sli::Ratio { .. } | Sli::Failures { .. } => return None,
    };
    let only = |key: &str, names: &[String]| match names {
        [name] => Some((key.to_owned(), name.clone())),
        _ => None,
    };
    look.attributes.extend(only("http.route", &scope.routes));
    look.attributes.extend(only("http.request.method", &scope.methods));
    look.before_minutes = rule.long_minutes;
    Some(look)
}
