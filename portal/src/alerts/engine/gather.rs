//! Looks at every rule.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use anyhow::Context;
use jiff::Timestamp;
use seaworthy_catalog::{Alert, AlertFilter, Exclusion, ExclusionKind};
use seaworthy_slo::{Minute, Severity};
use seaworthy_telemetry::ReadError;

use super::{Engine, Open, Seen, severity};
use crate::{
    alerts::{
        details::Details,
        machine::Finding,
        rules::{
            Behind, Condition, Watched, burn, capacity, presence, readiness, unreachable,
            unusual::{self, What},
        },
    },
    listening::Listening,
    objectives::exclusions,
    readiness::fallen,
    state::App,
};

impl Engine {
    /// The condition of every rule, and of what is open though no rule watches it any more.
    pub(super) async fn gather(
        &mut self,
        app: &App,
        seen: Seen<'_>,
        open: &Open,
        now: Timestamp,
    ) -> anyhow::Result<Vec<Condition>> {
        let listening = self.listener.round(now);
        let mut found = burns(seen.watched, open);
        found.extend(presence(app, seen, listening, open).await?);
        found.extend(unreachable(app, seen, open, now).await?);
        found.extend(self.unusual(app, listening, open).await);
        found.extend(falls(app, open, now).await?);
        found.extend(capacities(app, seen, open, now).await);
        found.iter_mut().for_each(|condition| lend_runbook(condition, seen.watched));
        found.iter_mut().for_each(|condition| leave_to_maintenance(condition, seen.planned, now));
        Ok(with_those_not_watched(found, open, now))
    }

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

fn by_service<T>(all: &[T], service: impl Fn(&T) -> &str) -> BTreeMap<&str, Vec<&T>> {
    let mut grouped: BTreeMap<&str, Vec<&T>> = BTreeMap::new();
    for one in all {
        grouped.entry(service(one)).or_default().push(one);
    }
    grouped
}
