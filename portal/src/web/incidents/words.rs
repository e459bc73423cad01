//! How an incident is told.

use jiff::Timestamp;
use leptos::prelude::*;
use seaworthy_records::{DetectedBy, Severity};

use crate::{
    view::incidents::IncidentLine,
    web::{format, icon::icon},
};

const SEVERITIES: [(Severity, &str, &str); 4] = [
    (Severity::Sev1, "sev1", "everybody is hurt, or data is lost"),
    (Severity::Sev2, "sev2", "many are hurt, or something important does not work"),
    (Severity::Sev3, "sev3", "some are hurt, and there is a way around"),
    (Severity::Sev4, "sev4", "hardly anybody notices"),
];
const DETECTIONS: [(DetectedBy, &str, &str); 3] = [
    (DetectedBy::Alert, "alert", "an alert"),
    (DetectedBy::User, "user", "somebody who uses the service"),
    (DetectedBy::Other, "other", "anything else, such as a colleague who looked at a chart"),
];

/// `SEV 2`, the worse the louder.
pub(super) fn severity(severity: Severity) -> impl IntoView {
    let (class, number) = match severity {
        Severity::Sev1 => ("is-fail", 1),
        Severity::Sev2 => ("is-fail", 2),
        Severity::Sev3 => ("is-warn", 3),
        Severity::Sev4 => ("is-info", 4),
    };
    view! { <span class=format!("status {class}")>{icon("warn")}{format!("SEV {number}")}</span> }
}

/// `open for 12 min`, `over after 2 h`.
pub(super) fn state(incident: &IncidentLine, now: Timestamp) -> impl IntoView + use<> {
    let until = incident.resolved_at.unwrap_or(now);
    let seconds = u64::try_from(until.duration_since(incident.started_at).as_secs()).unwrap_or_default();
    let lasted = format::span(seconds);
    match incident.resolved_at {
        None => view! { <span class="status is-fail">{icon("bell")}{format!("open for {lasted}")}</span> },
        Some(_) => {
            view! { <span class="status is-pass">{icon("pass")}{format!("over after {lasted}")}</span> }
        }
    }
}

/// What each severity means.
pub(super) fn severities() -> Vec<(String, String)> {
    SEVERITIES
        .map(|(_, value, words)| (value.to_owned(), format!("{}: {words}", value.to_uppercase())))
        .into()
}

/// Who may have noticed first.
pub(super) fn detections() -> Vec<(String, String)> {
    DETECTIONS.map(|(_, value, words)| (value.to_owned(), words.to_owned())).into()
}

/// A severity as a form writes it.
pub(super) fn severity_value(severity: Severity) -> &'static str {
    SEVERITIES.iter().find(|(known, ..)| *known == severity).map_or("", |(_, value, _)| value)
}

/// The severity that a form wrote.
pub(super) fn severity_of(value: &str) -> Option<Severity> {
    SEVERITIES.iter().find(|(_, known, _)| *known == value).map(|(severity, ..)| *severity)
}

/// Who noticed first, in a value of the form and in words.
pub(super) fn detection(detected_by: DetectedBy) -> (&'static str, &'static str) {
    let found = DETECTIONS.iter().find(|(known, ..)| *known == detected_by);
    found.map_or(("", ""), |(_, value, words)| (value, words))
}

/// Who noticed first, as a form wrote it.
pub(super) fn detection_of(value: &str) -> Option<DetectedBy> {
    DETECTIONS.iter().find(|(_, known, _)| *known == value).map(|(detected_by, ..)| *detected_by)
}
