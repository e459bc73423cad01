//! What is told of an alert, put together.

use jiff::Timestamp;

use super::{
    Event, Notice, NoticeLink,
    details::Details,
    rules::{Condition, capacity, readiness, unreachable},
};
use crate::web::{format, link};

/// A deploy longer before the alert than this is hardly why.
const DEPLOY_WITHIN_SECONDS: i64 = 24 * 3600;

/// The notice of a change.
pub(super) fn of(
    event: Event,
    condition: &Condition,
    details: &Details,
    started_at: Timestamp,
    resolved_at: Option<Timestamp>,
) -> Notice {
    let summary = match event {
        Event::Fired => details.summary.clone(),
        Event::Resolved => details.over.clone(),
    };
    Notice {
        event,
        name: details.name.clone(),
        severity: condition.severity,
        service: condition.service.clone(),
        slo: condition.slo.clone(),
        title: details.title.clone(),
        summary,
        started_at,
        resolved_at,
        links: links(condition, details, started_at),
    }
}

fn links(condition: &Condition, details: &Details, started_at: Timestamp) -> Vec<NoticeLink> {
    let mut links = Vec::new();
    let mut add = |title: String, href: String| links.push(NoticeLink { title, href });
    if let Some(runbook) = &details.runbook {
        add("Runbook".to_owned(), runbook.clone());
    }
    match &condition.slo {
        Some(slo) => add("SLO".to_owned(), link::slo(slo)),
        None if condition.name == readiness::NAME => {
            add("Readiness".to_owned(), link::readiness(&condition.service));
        }
        None if condition.name == capacity::NAME => {
            add("Capacity".to_owned(), link::capacity(&condition.service));
        }
        // There it says how the latest probe went, and which URL was asked for.
        None if condition.name == unreachable::NAME => {
            add("Settings".to_owned(), link::service_settings(&condition.service));
        }
        None => add("Service".to_owned(), link::service(&condition.service)),
    }
    let clues = &details.clues;
    if !clues.search.is_empty() {
        add(clues.traces_of.clone(), traces(&clues.search, "6h"));
    }
    for (number, trace) in (1..).zip(&clues.traces) {
        add(format!("Example trace {number}"), link::trace(trace));
    }
    if let Some(deploy) = &clues.deploy {
        let before = started_at.duration_since(deploy.at).as_secs();
        if before <= DEPLOY_WITHIN_SECONDS {
            let before = format::span(u64::try_from(before).unwrap_or_default());
            add(format!("Deploy of {}, {before} before", deploy.version), link::service(&condition.service));
        }
    }
    links
}

/// The page of traces with a search.
pub(crate) fn traces(search: &[(String, String)], range: &str) -> String {
    let asked = search.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let pairs: Vec<(&str, &str)> = asked.chain([("range", range)]).collect();
    link::with_query("/traces", &pairs)
}
