//! How an instance or a service is: always an icon and a word.

use leptos::prelude::*;

use super::icon::icon;
use crate::view::health::{HealthView, InstanceHealth};

/// Seen from afar, for the whole service.
pub(super) fn health_pill(health: &HealthView) -> impl IntoView + use<> {
    let (class, name) = look(health.status);
    view! { <span class=format!("pill {class}")>{icon(name)}{health.word()}</span> }
}

/// In a line, for one instance.
pub(super) fn instance_status(health: InstanceHealth) -> impl IntoView {
    let (class, name) = look(Some(health));
    view! { <span class=format!("status {class}")>{icon(name)}{health.word()}</span> }
}

fn look(status: Option<InstanceHealth>) -> (&'static str, &'static str) {
    match status {
        None => ("is-unknown", "unknown"),
        Some(InstanceHealth::Ok) => ("is-pass", "pass"),
        Some(InstanceHealth::PartiallyAvailable) => ("is-warn", "part"),
        Some(InstanceHealth::Unavailable) => ("is-fail", "fail"),
        Some(InstanceHealth::Lost) => ("is-unknown", "lost"),
        Some(InstanceHealth::Draining) => ("is-info", "clock"),
        Some(InstanceHealth::Stopped | InstanceHealth::Replaced) => ("is-na", "na"),
    }
}

/// A share of failures: red where there are any to speak of.
pub(super) fn error_share(ratio: Option<f64>) -> impl IntoView {
    let Some(ratio) = ratio else { return nothing().into_any() };
    let class = (ratio >= 0.01).then_some("t-fail medium");
    view! { <span class=class>{super::format::percent(ratio)}</span> }.into_any()
}

/// What stands where nothing is known.
pub(super) fn nothing() -> impl IntoView {
    view! { <span class="faint" aria-label="no data">"–"</span> }
}

/// A figure, or what stands where it is not known.
pub(super) fn figure(value: Option<f64>, format: fn(f64) -> String) -> AnyView {
    value.map_or_else(|| nothing().into_any(), |value| format(value).into_any())
}
