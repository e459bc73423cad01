//! Spells a decision out for the catalog, with what is to be told of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use seaworthy_catalog::{AlertChange, AlertOrigin, AlertState, AlertStatus, Channel, WhichAlert};
use seaworthy_slo::Severity;

use super::decide::Decision;
use crate::{
    alerts::{
        Event, audience, clues,
        details::{Clues, Details},
        machine::Finding,
        notices,
        rules::Condition,
    },
    state::App,
};

/// The change for the catalog, with a notice for each channel that is to hear of it.
pub(super) async fn change(
    app: &App,
    decision: Decision,
    channels: &[Channel],
    now: Timestamp,
) -> anyhow::Result<AlertChange> {
    let Decision { alert, condition, step } = &decision;
    let since = match condition.finding {
        Finding::So { since, .. } | Finding::NotSo { since } => since,
        Finding::Unknown => now,
    };
    let started_at = alert.as_ref().map_or(since, |alert| alert.origin.started_at);
    let over = step.state == AlertState::Resolved;
    let details = details(app, &decision, started_at, now).await;
    let Decision { alert, condition, step } = decision;
    let resolved_at = over.then(|| since.clamp(started_at, now));
    let messages = match step.tell {
        Some(event) => told(event, &condition, &details, started_at, resolved_at, channels)?,
        None => BTreeMap::new(),
    };
    let known = alert.as_ref().map(|alert| &alert.status);
    let fires = !matches!(step.state, AlertState::Pending | AlertState::Resolved);
    let status = AlertStatus {
        state: step.state,
        severity: catalog_severity(condition.severity),
        fired_at: known.and_then(|known| known.fired_at).or(fires.then_some(now)),
        acknowledged: known.and_then(|known| known.acknowledged.clone()),
        resolved_at,
        details: serde_json::to_string(&details)?,
    };
    let which = match alert {
        Some(alert) => WhichAlert::Known { id: alert.id, version: alert.version },
        None => WhichAlert::New(AlertOrigin {
            key: condition.key,
            slo: condition.slo,
            service: condition.service,
            started_at,
        }),
    };
    Ok(AlertChange { alert: which, status, messages })
}

/// What is kept of it: what was found when it fired, and in the end why it is over.
async fn details(app: &App, decision: &Decision, started_at: Timestamp, now: Timestamp) -> Details {
    let Decision { alert, condition, step } = decision;
    let before = alert.as_ref().map(Details::of);
    let told = step.tell.is_some() || before.as_ref().is_some_and(|before| before.told);
    match (before, alert.as_ref().map(|alert| alert.status.state)) {
        (Some(before), _) if step.state == AlertState::Resolved => {
            Details { over: condition.summary.clone(), ..before }
        }
        (Some(before), Some(AlertState::Firing)) => before,
        _ => Details {
            name: condition.name.to_owned(),
            title: condition.title.clone(),
            summary: condition.summary.clone(),
            over: String::new(),
            told,
            runbook: condition.runbook.clone(),
            clues: match step.state {
                AlertState::Pending => Clues::default(),
                _ => clues::find(app, &condition.service, condition.look.as_ref(), started_at, now).await,
            },
        },
    }
}

/// The same notice for every channel of the audience.
fn told(
    event: Event,
    condition: &Condition,
    details: &Details,
    started_at: Timestamp,
    resolved_at: Option<Timestamp>,
    channels: &[Channel],
) -> serde_json::Result<BTreeMap<i64, String>> {
    let payload = notices::of(event, condition, details, started_at, resolved_at).to_payload()?;
    let audience = audience(channels, condition.severity, &condition.service);
    Ok(audience.into_iter().map(|channel| (channel, payload.clone())).collect())
}

/// The maths and the catalog each have their own; the words are the same.
pub(crate) fn severity(severity: seaworthy_catalog::Severity) -> Severity {
    match severity {
        seaworthy_catalog::Severity::Page => Severity::Page,
        seaworthy_catalog::Severity::Ticket => Severity::Ticket,
    }
}

fn catalog_severity(severity: Severity) -> seaworthy_catalog::Severity {
    match severity {
        Severity::Page => seaworthy_catalog::Severity::Page,
        Severity::Ticket => seaworthy_catalog::Severity::Ticket,
    }
}
