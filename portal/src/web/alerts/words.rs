//! Alerts in words and small pictures.

use jiff::Timestamp;
use leptos::prelude::*;
use seaworthy_slo::Severity;

use crate::{
    view::alerts::{AlertLine, State},
    web::{format, icon::icon, link},
};

pub(in crate::web) use crate::web::slo::words::severity;

/// Where an alert is.
pub(in crate::web) fn state(state: State) -> impl IntoView {
    let (class, name, word) = match state {
        State::Firing => ("pill is-fail", "bell", "Firing"),
        State::Acknowledged => ("pill is-info", "user", "Acknowledged"),
        State::Silenced => ("pill is-na", "clock", "Silenced"),
        State::Pending => ("pill is-warn", "clock", "Pending"),
        State::Resolved => ("pill is-pass", "pass", "Over"),
    };
    view! { <span class=class>{icon(name)}{word}</span> }
}

/// `12 min`.
pub(in crate::web) fn length(from: Timestamp, to: Timestamp) -> String {
    format::span(u64::try_from(to.duration_since(from).as_secs()).unwrap_or_default())
}

/// That something alerts, in a line of a table.
pub(in crate::web) fn mark(alert: &AlertLine) -> impl IntoView + use<> {
    let class = if alert.state == State::Firing { "status is-fail" } else { "status is-warn" };
    let word = match alert.severity {
        Severity::Page => "Page",
        Severity::Ticket => "Ticket",
    };
    let told = format!("{word} {}", told(alert.state));
    Some(
        view! { <span class="sub"><a class=class href=link::alert(alert.id)>{icon("bell")}{told}</a></span> },
    )
}

/// What is open of something, above its page; nothing where nothing is.
pub(in crate::web) fn notices(alerts: &[AlertLine]) -> Option<impl IntoView + use<>> {
    let lines: Vec<_> = alerts
        .iter()
        .map(|alert| {
            let class = if alert.state == State::Firing { "notice fail" } else { "notice warn" };
            view! {
                <p class=class>
                    {icon("bell")}
                    <span>
                        <a href=link::alert(alert.id)>{alert.title.clone()}</a>
                        " "<span class="faint">{told(alert.state)}</span>
                    </span>
                </p>
            }
        })
        .collect();
    (!lines.is_empty()).then(|| view! { <div class="stack">{lines}</div> })
}

/// As the end of a line.
fn told(state: State) -> &'static str {
    match state {
        State::Firing => "fires",
        State::Acknowledged => "is acknowledged",
        State::Silenced => "is silenced",
        State::Pending => "is pending",
        State::Resolved => "is over",
    }
}
