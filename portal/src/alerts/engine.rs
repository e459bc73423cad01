//! A round of alerts: looks at every rule, and records what changes together with what is to be told of it.
//!
//! Nothing is remembered of an alert from one round to the next: what is open is read from the catalog each time. So a
//! change that the catalog passes over, because somebody has changed the alert meanwhile, is decided anew in the next
//! round, and another portal goes on where this one stopped.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use jiff::Timestamp;
use seaworthy_catalog::{
    Alert, AlertChange, AlertOrigin, AlertState, AlertStatus, Channel, Lease, Silence, WhichAlert,
};
use seaworthy_slo::Severity;

use super::{
    Event, audience, clues,
    details::{Clues, Details},
    machine::{Around, Finding, Standing, Step, step},
    notices,
    rules::{Behind, Condition, Watched, burn},
};
use crate::state::App;

/// Looks at every rule, in rounds.
#[derive(Debug, Default)]
pub(crate) struct Engine {}

impl Engine {
    /// One round, under the evaluator's lease.
    pub(crate) async fn round(
        &mut self,
        app: &App,
        lease: &Lease,
        watched: &[Watched<'_>],
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let catalog = app.catalog();
        let open = catalog.open_alerts().await.context("the open alerts")?;
        let open: BTreeMap<String, Alert> =
            open.into_iter().map(|alert| (alert.origin.key.clone(), alert)).collect();
        let conditions = conditions(watched, &open, now);
        let silences = catalog.silences(now).await.context("the silences")?;
        let decided = decide(open, conditions, &silences, now);
        if decided.is_empty() {
            return Ok(());
        }
        let channels = catalog.channels().await.context("the channels")?;
        let mut changes = Vec::with_capacity(decided.len());
        for decision in decided {
            changes.push(change(app, decision, &channels, now).await?);
        }
        for (change, recorded) in
            changes.iter().zip(catalog.record_alerts(lease, &changes, now).await.context("the alerts")?)
        {
            if recorded.is_none() {
                tracing::debug!(alert = ?change.alert, "somebody has changed an alert meanwhile");
            }
        }
        Ok(())
    }
}

/// An alert, what was found of it, and where it goes.
struct Decision {
    alert: Option<Alert>,
    condition: Condition,
    step: Step,
}

/// What every rule finds, pages first; and that nothing watches any more what an open alert was about.
fn conditions(watched: &[Watched<'_>], open: &BTreeMap<String, Alert>, now: Timestamp) -> Vec<Condition> {
    let mut found = Vec::new();
    for severity in [Severity::Page, Severity::Ticket] {
        found.extend(
            watched.iter().filter_map(|slo| {
                burn::judge(slo, severity, open.contains_key(&burn::key(slo.name, severity)))
            }),
        );
    }
    let known: BTreeSet<&str> = found.iter().map(|condition| condition.key.as_str()).collect();
    let gone: Vec<Condition> = open
        .values()
        .filter(|alert| !known.contains(alert.origin.key.as_str()))
        .map(|alert| not_watched(alert, now))
        .collect();
    found.extend(gone);
    found
}

/// The SLO was deleted, or has no such rule any more.
fn not_watched(alert: &Alert, now: Timestamp) -> Condition {
    let details = Details::of(alert);
    Condition {
        key: alert.origin.key.clone(),
        name: "",
        severity: severity(alert.status.severity),
        service: alert.origin.service.clone(),
        slo: alert.origin.slo.clone(),
        finding: Finding::NotSo { since: now },
        title: details.title,
        summary: "What it was about is not watched any more.".to_owned(),
        behind: Behind::Nothing,
        runbook: details.runbook,
        look: None,
    }
}

/// What is to be changed. Pages are decided first: they keep others back.
fn decide(
    mut open: BTreeMap<String, Alert>,
    mut conditions: Vec<Condition>,
    silences: &[Silence],
    now: Timestamp,
) -> Vec<Decision> {
    conditions.sort_by_key(|condition| std::cmp::Reverse(condition.severity));
    let mut loud: BTreeSet<String> = BTreeSet::new();
    let mut decided = Vec::new();
    for condition in conditions {
        let alert = open.remove(&condition.key);
        let around = Around {
            silenced: silences
                .iter()
                .any(|silence| silence.covers(&condition.service, condition.slo.as_deref(), now)),
            held_back: match &condition.behind {
                Behind::Nothing => false,
                Behind::Alert(key) => loud.contains(key),
            },
        };
        let step = step(alert.as_ref().map(standing), condition.finding, around, now);
        let state = step.map(|step| step.state).or(alert.as_ref().map(|alert| alert.status.state));
        if state.is_some_and(|state| !matches!(state, AlertState::Pending | AlertState::Resolved)) {
            loud.insert(condition.key.clone());
        }
        decided.extend(step.map(|step| Decision { alert, condition, step }));
    }
    decided
}

fn standing(alert: &Alert) -> Standing {
    Standing { state: alert.status.state, started_at: alert.origin.started_at, told: Details::of(alert).told }
}

/// The change for the catalog, with a notice for each channel that is to hear of it.
async fn change(
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
