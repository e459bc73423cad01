//! A round of alerts: looks at every rule, and records what changes together with what is to be told of it.
//!
//! Nothing is remembered of an alert from one round to the next: what is open is read from the catalog each time. So a
//! change that the catalog passes over, because somebody has changed the alert meanwhile, is decided anew in the next
//! round, and another portal goes on where this one stopped.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use anyhow::Context;
use jiff::Timestamp;
use seaworthy_catalog::{
    Alert, AlertChange, AlertFilter, AlertOrigin, AlertState, AlertStatus, Channel, Exclusion, ExclusionKind,
    Instance, Lease, Silence, WhichAlert,
};
use seaworthy_slo::{Minute, Severity};
use seaworthy_telemetry::ReadError;

use super::{
    Event, audience, clues,
    details::{Clues, Details},
    machine::{Around, Finding, Standing, Step, step},
    notices,
    rules::{
        Behind, Condition, Watched, burn, capacity, presence, readiness, unreachable,
        unusual::{self, What},
    },
    usual::{LastMinutes, OtherDays},
};
use crate::{
    listening::{Listener, Listening},
    objectives::exclusions,
    readiness::fallen,
    state::App,
};

/// What is open, by key.
type Open = BTreeMap<String, Alert>;

/// Looks at every rule, in rounds.
#[derive(Debug, Default)]
pub(crate) struct Engine {
    listener: Listener,
    last_minutes: LastMinutes,
    other_days: OtherDays,
}

/// What a round has seen before it looks at alerts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'e> {
    /// Every SLO.
    pub(crate) watched: &'e [Watched<'e>],
    /// Every instance that is not forgotten.
    pub(crate) instances: &'e [Instance],
    /// What people have planned.
    pub(crate) planned: &'e [Exclusion],
}

impl Engine {
    /// One round, under the evaluator's lease.
    pub(crate) async fn round(
        &mut self,
        app: &App,
        lease: &Lease,
        seen: Seen<'_>,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let catalog = app.catalog();
        let open = catalog.open_alerts().await.context("the open alerts")?;
        let open: Open = open.into_iter().map(|alert| (alert.origin.key.clone(), alert)).collect();
        let listening = self.listener.round(now);
        let mut found = burns(seen.watched, &open);
        found.extend(presence(app, seen, listening, &open).await?);
        found.extend(unreachable(app, seen, &open, now).await?);
        found.extend(self.unusual(app, listening, &open).await);
        found.extend(falls(app, &open, now).await?);
        found.extend(capacities(app, seen, &open, now).await);
        found.iter_mut().for_each(|condition| lend_runbook(condition, seen.watched));
        found.iter_mut().for_each(|condition| leave_to_maintenance(condition, seen.planned, now));
        let conditions = with_those_not_watched(found, &open, now);
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

impl Engine {
    /// What is unusual for the hour. Where telemetry cannot be read, what is open stays as it is.
    async fn unusual(&mut self, app: &App, listening: Listening, open: &Open) -> Vec<Condition> {
        match self.compared(app, listening, open).await {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(%error, "what is unusual was not looked at");
                let alerts = open.values().filter(|alert| alert.origin.key.starts_with("unusual/"));
                alerts
                    .map(|alert| Condition { finding: Finding::Unknown, ..not_watched(alert, listening.now) })
                    .collect()
            }
        }
    }

    async fn compared(
        &mut self,
        app: &App,
        listening: Listening,
        open: &Open,
    ) -> Result<Vec<Condition>, ReadError> {
        let now = self.last_minutes.at(app.telemetry(), listening.now).await?;
        let days = self.other_days.at(app.telemetry(), listening.now).await?;
        let services: BTreeSet<&str> = now
            .keys()
            .map(String::as_str)
            .chain(open.values().map(|alert| alert.origin.service.as_str()))
            .collect();
        let each = services.iter().flat_map(|service| What::ALL.map(|what| (*service, what)));
        let judged = each.filter_map(|(service, what)| {
            let sample = now.get(service).copied().unwrap_or_default();
            let days = days.get(service).map(Vec::as_slice).unwrap_or_default();
            unusual::judge(what, service, &sample, days, listening, open.contains_key(&what.key(service)))
        });
        Ok(judged.collect())
    }
}

fn by_service<T>(all: &[T], service: impl Fn(&T) -> &str) -> BTreeMap<&str, Vec<&T>> {
    let mut grouped: BTreeMap<&str, Vec<&T>> = BTreeMap::new();
    for one in all {
        grouped.entry(service(one)).or_default().push(one);
    }
    grouped
}

/// An alert, what was found of it, and where it goes.
struct Decision {
    alert: Option<Alert>,
    condition: Condition,
    step: Step,
}

/// What burns.
fn burns(watched: &[Watched<'_>], open: &Open) -> Vec<Condition> {
    let each = watched.iter().flat_map(|slo| [(slo, Severity::Page), (slo, Severity::Ticket)]);
    each.filter_map(|(slo, severity)| {
        burn::judge(slo, severity, open.contains_key(&burn::key(slo.name, severity)))
    })
    .collect()
}

/// Who has gone, and who has fallen silent.
async fn presence(
    app: &App,
    seen: Seen<'_>,
    listening: Listening,
    open: &Open,
) -> anyhow::Result<Vec<Condition>> {
    let instances = by_service(seen.instances, |instance| &instance.check_in.service);
    let slos = by_service(seen.watched, |slo| slo.service);
    let open_services = open.values().map(|alert| alert.origin.service.as_str());
    let services: BTreeSet<&str> =
        instances.keys().chain(slos.keys()).copied().chain(open_services).collect();
    let mut found = Vec::new();
    for service in services {
        let instances = instances.get(service).map(Vec::as_slice).unwrap_or_default();
        let is_open = |key: String| open.contains_key(&key);
        let unavailable = is_open(presence::unavailable_key(service));
        found.extend(presence::unavailable(service, instances, listening, unavailable));
        let Some(slos) = slos.get(service) else { continue };
        let had_agent = !instances.is_empty()
            || presence::is_silent(slos) && !app.catalog().builds(service).await?.is_empty();
        let absent = is_open(presence::absent_key(service));
        found.extend(presence::absent(service, slos, instances, had_agent, listening, absent));
    }
    Ok(found)
}

/// Who does not answer from outside.
async fn unreachable(
    app: &App,
    seen: Seen<'_>,
    open: &Open,
    now: Timestamp,
) -> anyhow::Result<Vec<Condition>> {
    let instances = by_service(seen.instances, |instance| &instance.check_in.service);
    let mut found = Vec::new();
    for probe in app.catalog().uptime_probes().await.context("the probes of services")? {
        let service = probe.service.as_str();
        let unavailable_until = match probe.failing_since {
            Some(since) => unavailable_until(app, service, since, open, now).await?,
            None => None,
        };
        let around = unreachable::Around {
            instances: instances.get(service).map(Vec::as_slice).unwrap_or_default(),
            unavailable_until,
            began: open.get(&unreachable::key(service)).map(|alert| alert.origin.started_at),
        };
        found.extend(unreachable::judge(&probe, around, now));
    }
    Ok(found)
}

/// Until when it was told after a time that a service is unavailable; now, while it is.
async fn unavailable_until(
    app: &App,
    service: &str,
    after: Timestamp,
    open: &Open,
    now: Timestamp,
) -> anyhow::Result<Option<Timestamp>> {
    /// Alerts of the service that began since; more than that, and people know.
    const MOST: u64 = 50;
    let key = presence::unavailable_key(service);
    if open.get(&key).is_some_and(|alert| alert.status.fired_at.is_some()) {
        return Ok(Some(now));
    }
    let past = AlertFilter { service: Some(service.to_owned()), past: true, slo: None };
    let past = app.catalog().alerts(&past, None, MOST).await.context("the past alerts of a service")?;
    let until = past.into_iter().filter(|alert| alert.origin.key == key);
    Ok(until.filter_map(|alert| alert.status.resolved_at).filter(|until| *until > after).max())
}

/// Who has fallen from a level of the checklist.
async fn falls(app: &App, open: &Open, now: Timestamp) -> anyhow::Result<Vec<Condition>> {
    let services = fallen(app).await.context("the levels of services")?;
    let judged = services.iter().filter_map(|(service, fallen)| {
        readiness::judge(service, fallen.as_ref(), now, open.contains_key(&readiness::key(service)))
    });
    Ok(judged.collect())
}

/// What runs out.
async fn capacities(app: &App, seen: Seen<'_>, open: &Open, now: Timestamp) -> Vec<Condition> {
    let services = by_service(seen.instances, |instance| &instance.check_in.service);
    let forecasts = app.forecasts().of_all(app.telemetry(), services.keys().copied(), now).await;
    let judged = services.iter().filter_map(|(service, instances)| {
        let forecast = forecasts.get(*service).map(Arc::as_ref);
        capacity::judge(service, forecast, instances, now, open.contains_key(&capacity::key(service)))
    });
    judged.collect()
}

/// What is about a service has the runbook of one of its SLOs: better some than none.
fn lend_runbook(condition: &mut Condition, watched: &[Watched<'_>]) {
    let borrows = condition.slo.is_none() && condition.name != readiness::NAME;
    if borrows && condition.runbook.is_none() {
        let of_service = watched.iter().filter(|slo| slo.service == condition.service);
        condition.runbook = of_service.filter_map(|slo| slo.measured.as_ref()?.slo.runbook.clone()).next();
    }
}

/// During planned maintenance it is expected that a service goes and falls silent: nothing begins, and nothing ends. What
/// its SLOs leave out the maths does.
fn leave_to_maintenance(condition: &mut Condition, planned: &[Exclusion], now: Timestamp) {
    let minute = Minute::of(now);
    let planned = || exclusions::spelled_out(planned, &condition.service, &(minute..minute.next()));
    if condition.slo.is_none()
        && matches!(condition.finding, Finding::So { .. })
        && planned().iter().any(|time| time.kind == ExclusionKind::Maintenance)
    {
        condition.finding = Finding::Unknown;
    }
}

/// The same, and that nothing watches any more what an open alert was about.
fn with_those_not_watched(mut found: Vec<Condition>, open: &Open, now: Timestamp) -> Vec<Condition> {
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
    mut open: Open,
    mut conditions: Vec<Condition>,
    silences: &[Silence],
    now: Timestamp,
) -> Vec<Decision> {
    conditions.sort_by_key(|condition| std::cmp::Reverse(condition.severity));
    let mut loud: BTreeSet<String> = BTreeSet::new();
    let mut paged: BTreeSet<String> = BTreeSet::new();
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
                Behind::PagesOfService => paged.contains(&condition.service),
            },
        };
        let step = step(alert.as_ref().map(standing), condition.finding, around, now);
        let state = step.map(|step| step.state).or(alert.as_ref().map(|alert| alert.status.state));
        if state.is_some_and(|state| !matches!(state, AlertState::Pending | AlertState::Resolved)) {
            loud.insert(condition.key.clone());
            if condition.severity == Severity::Page {
                paged.insert(condition.service.clone());
            }
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
