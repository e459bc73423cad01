//! SLOs in words and small pictures.

use leptos::prelude::*;
use seaworthy_slo::{Calendar, Scope, Severity, Sli, WindowSpec};

use crate::{
    view::slo::{SloState, SloSummary},
    web::{format, icon::icon, status::nothing},
};

/// `rolling 30 d`.
pub(in crate::web) fn window(window: &WindowSpec) -> String {
    match window {
        WindowSpec::Rolling { minutes } => format!("rolling {}", length(*minutes)),
        WindowSpec::Calendar { unit, zone } => {
            let unit = match unit {
                Calendar::Week => "week",
                Calendar::Month => "month",
                Calendar::Quarter => "quarter",
                Calendar::Year => "year",
            };
            format!("calendar {unit}, {zone}")
        }
    }
}

/// `30 d`, `1 h`, `5 min`.
pub(in crate::web) fn length(minutes: u32) -> String {
    format::span(u64::from(minutes) * 60)
}

/// What is good, as the end of a sentence: `requests answered without a failure`.
pub(in crate::web) fn what(sli: &Sli) -> String {
    match sli {
        Sli::Availability { scope, bad_statuses } if bad_statuses.is_empty() => {
            format!("requests{} answered without 5xx", of(scope))
        }
        Sli::Availability { scope, bad_statuses } => {
            let ranges: Vec<String> =
                bad_statuses.iter().map(|(from, to)| format!("{from} to {to}")).collect();
            format!("requests{} answered without {}", of(scope), ranges.join(", "))
        }
        Sli::Latency { scope, threshold_ms } => {
            format!("requests{} answered within {}", of(scope), format::seconds(threshold_ms / 1e3))
        }
        Sli::Ratio { good, total } => format!("{} counted by {}", good.metric, total.metric),
        Sli::Failures { bad, total } => format!("{} not counted by {}", total.metric, bad.metric),
    }
}

fn of(scope: &Scope) -> String {
    let parts = [scope.methods.join(" or "), scope.routes.join(", ")];
    let named: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    if named.is_empty() { String::new() } else { format!(" of {}", named.join(" ")) }
}

/// A share with as many digits as its objective needs to be told apart from it.
pub(in crate::web) fn sli(share: f64, objective_percent: f64) -> String {
    let distance = rounded(100.0 - objective_percent).max(1e-7);
    let places = (2.0 - distance.log10().floor()).clamp(1.0, 7.0) as usize;
    let percent = share * 100.0;
    // What is not all must not read as all.
    let told = format!("{percent:.places$}");
    let told = if share < 1.0 && told.starts_with("100") {
        format!("{:.places$}", 100.0 - 0.1_f64.powi(places as i32))
    } else {
        told
    };
    format!("{told} %")
}

/// Without the noise of binary fractions: an objective has seven decimals.
pub(super) fn rounded(percent: f64) -> f64 {
    (percent * 1e7).round() / 1e7
}

/// How many times too fast; marked above 1.
pub(in crate::web) fn burn_rate(rate: f64) -> impl IntoView {
    let class = if rate > 6.0 {
        "t-fail medium"
    } else if rate > 1.0 {
        "t-warn medium"
    } else {
        ""
    };
    view! { <span class=class>{format::number(rate)}</span> }
}

/// How an SLO stands.
pub(in crate::web) fn state_pill(state: SloState) -> impl IntoView {
    let (class, name, word) = match state {
        SloState::Spent => ("pill is-fail", "fail", "Budget spent"),
        SloState::Burning => ("pill is-fail", "flame", "Burning too fast"),
        SloState::Low => ("pill is-warn", "warn", "Less than half left"),
        SloState::Within => ("pill is-pass", "pass", "Within budget"),
        SloState::NoTraffic => ("pill is-unknown", "unknown", "No traffic"),
        SloState::NoData => ("pill is-unknown", "lost", "No data"),
    };
    view! { <span class=class>{icon(name)}{word}</span> }
}

/// What is left of the budget, as a bar.
pub(in crate::web) fn budget_meter(slo: &SloSummary) -> AnyView {
    let Some(left) = slo.budget_left else { return nothing().into_any() };
    let width = format!("{:.2}%", left.clamp(0.0, 1.0) * 100.0);
    let fill = if left < 0.5 { "fill warn" } else { "fill pass" };
    let class = if left <= 0.0 { "t-fail medium" } else { "" };
    let told = left_told(left);
    view! {
        <div class="meter-line">
            <svg class="meter thin" role="img" aria-label=format!("{told} of the budget left")>
                <rect class="track" width="100%" height="6" rx="3"/>
                {(left > 0.0).then(|| view! { <rect class=fill width=width height="6" rx="3"/> })}
            </svg>
            <span class="value"><span class=class>{told.clone()}</span></span>
        </div>
    }
    .into_any()
}

/// `35.8 %`, `−7.8 %`.
pub(in crate::web) fn left_told(left: f64) -> String {
    match left {
        left if left < 0.0 => format!("−{}", format::percent(-left)),
        left => format::percent(left),
    }
}

/// `Page`, with its icon.
pub(in crate::web) fn severity(severity: Severity) -> impl IntoView {
    let (class, word) = match severity {
        Severity::Page => ("status is-fail", "Page"),
        Severity::Ticket => ("status is-warn", "Ticket"),
    };
    view! { <span class=class>{icon("bell")}{word}</span> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_has_the_digits_that_its_objective_needs() {
        for (share, objective, told) in [
            (0.99936, 99.9, "99.936 %"),
            (0.9461, 95.0, "94.61 %"),
            (0.999_999, 99.9, "99.999 %"),
            (1.0, 99.9, "100.000 %"),
            (0.5, 90.0, "50.0 %"),
        ] {
            assert_eq!(sli(share, objective), told);
        }
    }
}
