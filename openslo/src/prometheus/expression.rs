//! Expressions of the rules of an SLO.

use seaworthy_slo::{Budgeting, BurnRule, Slices, Slo};

use super::{
    name::{duration, quoted},
    select::Events,
};

/// Whether a slice of time was bad, by 1 and 0.
pub(super) const SLICE: &str = "slo:slice_bad:bool";

/// The share that failed, in a window.
pub(super) fn error_ratio_name(minutes: u32) -> String {
    format!("slo:error_ratio:increase{}", duration(minutes))
}

/// How many failed, in a window.
pub(super) fn errors_name(minutes: u32) -> String {
    format!("slo:errors:increase{}", duration(minutes))
}

/// The share that failed: of events, or of slices.
pub(super) fn error_ratio(name: &str, slo: &Slo, events: &Events<'_>, minutes: u32) -> String {
    match slo.budgeting {
        Budgeting::Occurrences => share(events, minutes),
        Budgeting::Slices(_) => format!("avg_over_time({}[{}])", of(SLICE, name), evaluations(minutes)),
    }
}

/// How many failed: events, or slices.
pub(super) fn errors(name: &str, slo: &Slo, events: &Events<'_>, minutes: u32) -> String {
    match slo.budgeting {
        Budgeting::Occurrences => events.bad(minutes),
        Budgeting::Slices(Slices { minutes: slice, .. }) => {
            format!("sum_over_time({}[{}]) / {slice}", of(SLICE, name), evaluations(minutes))
        }
    }
}

/// Whether the slice that ends now is bad.
pub(super) fn slice(slices: Slices, events: &Events<'_>) -> String {
    format!("{} > bool {}", share(events, u32::from(slices.minutes)), slices.target.budget_ratio())
}

/// When any of these rules fires.
pub(super) fn alert(name: &str, slo: &Slo, rules: &[&BurnRule]) -> String {
    let period = slo.period.minutes();
    let fires = |rule: &&BurnRule| {
        let threshold = rule.error_ratio(slo.objective, period);
        let above = |minutes| format!("{} > {threshold}", of(&error_ratio_name(minutes), name));
        let mut parts = vec![above(rule.long_minutes), above(rule.short_minutes)];
        if slo.least_failures > 1 {
            parts.push(format!("{} >= {}", of(&errors_name(rule.long_minutes), name), slo.least_failures));
        }
        format!("(\n  {}\n)", parts.join("\n  and "))
    };
    rules.iter().map(fires).collect::<Vec<_>>().join(" or ")
}

fn share(events: &Events<'_>, minutes: u32) -> String {
    let bad = events.bad(minutes).replace('\n', "\n  ");
    format!("(\n  {bad}\n) / (\n  {} > 0\n)", events.total(minutes))
}

fn of(metric: &str, name: &str) -> String {
    format!("{metric}{{slo={}}}", quoted(name))
}

/// The evaluations of so many minutes: up to Prometheus 2 a window has both its ends, and would have one too many.
fn evaluations(minutes: u32) -> String {
    match minutes {
        1 => "59s".to_owned(),
        minutes => format!("{}59s", duration(minutes - 1)),
    }
}
