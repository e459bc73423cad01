//! Keeps the minutes of every SLO up to date.
//!
//! One portal at a time does it, by a lease in the catalog. A round looks at the minutes since the last one and again at
//! the few before, so that late points count. What a portal missed while it was down is caught up from telemetry, as far
//! as that is kept; minutes that nobody told of stay unknown and show as missing coverage.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Range,
};

use anyhow::Context;
use jiff::Timestamp;
use seaworthy_catalog::{Evaluated, Exclusion, Instance, Lease, StoredSlo};
use seaworthy_slo::{Known, Ledger, Minute, Sli, Slo, SloSpec};

use super::{
    exclusions, gaps,
    kept::{ledger, load},
    sli::{Evidence, events},
    standing::Standing,
    told::Told,
};
use crate::{
    alerts::{Engine, Measured, Seen, Watched},
    lease::{self, Lead},
    state::App,
};

/// Points may come so late and still count.
const LATE_MINUTES: i64 = 10;
/// Minutes read at once while catching up.
const CHUNK_MINUTES: i64 = 6 * 60;
/// Minutes kept at hand at least: as long as the longest window of an alert that is recommended.
const AT_HAND_MINUTES: i64 = 3 * 24 * 60;

/// Evaluates in rounds.
pub(crate) struct Evaluator {
    app: App,
    lead: Lead,
    held: HashMap<i64, Held>,
    alerts: Engine,
}

impl std::fmt::Debug for Evaluator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Evaluator").field("slos", &self.held.len()).finish_non_exhaustive()
    }
}

/// An SLO with its latest minutes.
struct Held {
    version: i64,
    /// The first minute that has not been evaluated.
    evaluated_to: Minute,
    slo: Slo,
    ledger: Ledger,
}

/// A service with SLOs.
struct Service<'i> {
    name: String,
    /// The ids of its SLOs.
    slos: Vec<i64>,
    instances: Vec<&'i Instance>,
    /// Since when its processes have checked in.
    checked_in: Option<Minute>,
    /// What does not count, of all services.
    planned: &'i [Exclusion],
}

impl Evaluator {
    pub(crate) fn new(app: App) -> Self {
        Self { app, lead: Lead::of("evaluation"), held: HashMap::new(), alerts: Engine::default() }
    }

    /// One round. Does nothing while another portal has the lease.
    pub(crate) async fn round(&mut self) -> anyhow::Result<()> {
        let now = self.app.clock().now();
        let Some(lease) = self.lead.take(&self.app, now).await? else {
            self.held.clear();
            return Ok(());
        };
        let slos = self.app.catalog().slos().await?;
        self.held.retain(|id, held| slos.iter().any(|slo| slo.id == *id && slo.version == held.version));
        let mut services: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for stored in &slos {
            if !self.held.contains_key(&stored.id) {
                let Some(held) = self.load(stored, now).await? else { continue };
                self.held.insert(stored.id, held);
            }
            services.entry(stored.definition.service.clone()).or_default().push(stored.id);
        }
        let planned = self.app.catalog().exclusions_within(self.looked_at(now)).await?;
        let instances = self.app.catalog().all_instances().await?;
        let (mut found, mut held_since) = (Vec::new(), now);
        for (name, slos) in services {
            let instances = instances.iter().filter(|instance| instance.check_in.service == name).collect();
            let checked_in = gaps::checked_in(&self.app.catalog().builds(&name).await?);
            let service = Service { name, slos, instances, checked_in, planned: &planned };
            found.extend(self.catch_up(&service, &lease, now).await?);
            held_since = self.prolong(held_since).await?;
        }
        self.record(&lease, found).await?;
        let watched: Vec<Watched<'_>> =
            slos.iter().map(|slo| watched(slo, self.held.get(&slo.id), &planned)).collect();
        let seen = Seen { watched: &watched, instances: &instances, planned: &planned };
        self.alerts.round(&self.app, &lease, seen, now).await.context("alerts were not looked at")
    }

    /// The time that any of the SLOs looks at.
    fn looked_at(&self, now: Timestamp) -> Range<Timestamp> {
        let ranges = self.held.values().map(|held| held.looked_at(now));
        let all = ranges.reduce(|all, range| all.start.min(range.start)..all.end.max(range.end));
        all.map_or(now..now, |all| all.start.begins()..all.end.begins())
    }

    /// Keeps others from taking over in the midst of a long round. Returns since when the lease is held.
    async fn prolong(&mut self, since: Timestamp) -> anyhow::Result<Timestamp> {
        let now = self.app.clock().now();
        if now.duration_since(since) < lease::LASTS / 3 {
            return Ok(since);
        }
        self.lead.take(&self.app, now).await?.map(|_| now).context("another portal has taken over")
    }

    /// Lets another portal go on at once. What a round had not recorded yet is done again.
    pub(crate) async fn leave(&mut self) {
        self.held.clear();
        self.lead.leave(&self.app).await;
    }

    /// An SLO as it was left. One that cannot be evaluated is told of in the log, and left alone.
    async fn load(&self, stored: &StoredSlo, now: Timestamp) -> anyhow::Result<Option<Held>> {
        let spec: Result<SloSpec, _> = serde_json::from_str(&stored.definition.spec);
        let slo = match spec.map(|spec| spec.check()) {
            Ok(Ok(slo)) => slo,
            Ok(Err(mistakes)) => {
                tracing::warn!(slo = stored.name, ?mistakes, "an SLO cannot be evaluated");
                return Ok(None);
            }
            Err(error) => {
                tracing::warn!(slo = stored.name, %error, "an SLO cannot be read");
                return Ok(None);
            }
        };
        let evaluated_to = stored.evaluated_to.map_or_else(|| self.first_minute(&slo, now), Minute);
        // The hour in which the next round goes on must be there, or what is known of it would be overwritten.
        let window = slo.period.range(now).start;
        let from = (Minute::of(now).0 - at_hand(&slo)).min(evaluated_to.0 - LATE_MINUTES).min(window.0);
        let ledger = ledger(&self.app, stored, slo.budgeting, Minute(from)).await?;
        Ok(Some(Held { version: stored.version, evaluated_to, slo, ledger }))
    }

    /// Where a new SLO begins: with its window, as far as telemetry is kept.
    fn first_minute(&self, slo: &Slo, now: Timestamp) -> Minute {
        let kept = i64::from(self.app.settings().retention_days) * 24 * 60;
        let window = slo.period.range(now).start;
        window.max(Minute(Minute::of(now).0 - kept))
    }

    /// Evaluates the SLOs of a service up to the last whole minute. Long pasts are recorded on the way; what is left to
    /// record is returned.
    async fn catch_up(
        &mut self,
        service: &Service<'_>,
        lease: &Lease,
        now: Timestamp,
    ) -> anyhow::Result<Vec<Evaluated>> {
        let to = Minute::of(now);
        let kept = Minute(to.0 - i64::from(self.app.settings().retention_days) * 24 * 60);
        let begin = service
            .slos
            .iter()
            .filter_map(|id| self.held.get(id))
            .map(|held| held.evaluated_to.0 - LATE_MINUTES)
            .min();
        let Some(mut from) = begin.map(|begin| Minute(begin).max(kept)) else { return Ok(Vec::new()) };
        loop {
            let until = Minute((from.0 + CHUNK_MINUTES).min(to.0));
            let found = self.chunk(service, from..until, now).await?;
            if until >= to {
                return Ok(found);
            }
            self.record(lease, found).await?;
            from = until;
        }
    }

    async fn chunk(
        &mut self,
        service: &Service<'_>,
        minutes: Range<Minute>,
        now: Timestamp,
    ) -> anyhow::Result<Vec<Evaluated>> {
        if minutes.is_empty() {
            return Ok(Vec::new());
        }
        let slis: Vec<&Sli> =
            service.slos.iter().filter_map(|id| self.held.get(id)).map(|held| &held.slo.sli).collect();
        let told = Told::load(&self.app, &service.name, &slis, minutes.clone(), 1).await?;
        let mut found = Vec::with_capacity(service.slos.len());
        for id in &service.slos {
            if let Some(held) = self.held.get_mut(id) {
                let hours = held.take(told.evidence(), service, minutes.clone());
                let standing = held.standing(&self.app, *id, service, now).await?;
                found.push(Evaluated {
                    slo_id: *id,
                    version: held.version,
                    evaluated_to: held.evaluated_to.0,
                    standing: serde_json::to_string(&standing)?,
                    hours,
                });
            }
        }
        Ok(found)
    }

    async fn record(&mut self, lease: &Lease, found: Vec<Evaluated>) -> anyhow::Result<()> {
        if found.is_empty() {
            return Ok(());
        }
        let overtaken = self.app.catalog().record_minutes(lease, &found).await?;
        for id in overtaken {
            self.held.remove(&id);
        }
        Ok(())
    }
}

impl Held {
    /// Takes what telemetry tells of these minutes, and why it tells nothing of some. What was told before and is not any
    /// more stays as it was. Returns the hours in which something became known, packed.
    fn take(
        &mut self,
        evidence: Evidence<'_>,
        service: &Service<'_>,
        minutes: Range<Minute>,
    ) -> BTreeMap<i64, Vec<u8>> {
        let from = minutes.start.max(Minute(self.evaluated_to.0 - LATE_MINUTES));
        let told = events(&self.slo.sli, evidence);
        let mut hours = BTreeSet::new();
        for minute in (from.0..minutes.end.0).map(Minute) {
            let before = self.ledger.known(minute);
            let now = match (told.get(&minute), before) {
                (Some(counts), _) => Known::Events(*counts),
                (None, Known::Events(_)) => before,
                (None, _) => gaps::why(&service.instances, service.checked_in, minute),
            };
            if now != before {
                self.ledger.note(minute, now);
                hours.insert(minute.0.div_euclid(60));
            }
        }
        self.evaluated_to = self.evaluated_to.max(minutes.end);
        let packed = |hour: i64| Some((hour, self.ledger.packed(hour)?.as_bytes().to_vec()));
        hours.into_iter().filter_map(packed).collect()
    }

    /// How it stands now. What its alerts do not look back at is kept as sums by the hour.
    async fn standing(
        &mut self,
        app: &App,
        id: i64,
        service: &Service<'_>,
        now: Timestamp,
    ) -> anyhow::Result<Standing> {
        let (range, window) = (self.looked_at(now), self.slo.period.range(now));
        let excluded = exclusions::minutes(&exclusions::spelled_out(service.planned, &service.name, &range));
        self.ledger.forget_before(range.start);
        let lacking = self.ledger.lacking(&window, &excluded);
        if !lacking.is_empty() {
            load(&mut self.ledger, id, app.catalog().slo_hours_at(id, &lacking).await?);
        }
        self.ledger.fold_before(Minute(self.evaluated_to.0 - at_hand(&self.slo)), &window, &excluded);
        Ok(Standing::of((&self.slo, self.version), &self.ledger, &excluded, self.evaluated_to, now))
    }

    /// Its window, and what its alerts look back at.
    fn looked_at(&self, now: Timestamp) -> Range<Minute> {
        let window = self.slo.period.range(now);
        let back = Minute(self.evaluated_to.0.min(Minute::of(now).0) - at_hand(&self.slo) - LATE_MINUTES);
        window.start.min(back)..window.end
    }
}

/// Minutes that its alerts look back.
fn at_hand(slo: &Slo) -> i64 {
    slo.rules.iter().map(|rule| i64::from(rule.long_minutes)).fold(AT_HAND_MINUTES, i64::max)
}

/// What alerts are told of an SLO.
fn watched<'e>(stored: &'e StoredSlo, held: Option<&'e Held>, planned: &[Exclusion]) -> Watched<'e> {
    let service = &stored.definition.service;
    let exclusions = |held: &Held| {
        let known = Minute(held.evaluated_to.0 - at_hand(&held.slo))..held.evaluated_to;
        exclusions::minutes(&exclusions::spelled_out(planned, service, &known))
    };
    Watched {
        name: &stored.name,
        title: &stored.definition.title,
        service,
        measured: held.map(|held| Measured {
            slo: &held.slo,
            ledger: &held.ledger,
            end: held.evaluated_to,
            exclusions: exclusions(held),
        }),
    }
}
