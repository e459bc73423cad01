//! Assesses services, in rounds.
//!
//! One portal at a time does it, by a lease in the catalog. What it remembers from one round to the next is what it has
//! recorded; another portal reads that and goes on.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use seaworthy_catalog::{Assessed, Lease, Service};
use seaworthy_checklist::Templates;
use tokio::task::spawn_blocking;

use super::{
    judge::{AllKept, judge},
    kept::{Judged, Kept},
    known::{self, Known},
    observed::Observed,
    templates::{InUse, Read},
};
use crate::{lease::Lead, state::App};

/// What has not changed is recorded so often, with the words of the day.
const RECORD_EVERY: SignedDuration = SignedDuration::from_mins(5);
/// A round asks telemetry for no longer; who comes short is the first of the next.
const ASK_FOR: Duration = Duration::from_secs(15);

/// What is remembered between rounds.
#[derive(Debug)]
pub(crate) struct Assessor {
    lead: Lead,
    /// None before it was read.
    kept: Option<Arc<AllKept>>,
    observed: HashMap<String, Arc<Observed>>,
    templates: Read,
}

impl Default for Assessor {
    fn default() -> Self {
        Self { lead: Lead::of("readiness"), kept: None, observed: HashMap::new(), templates: Read::default() }
    }
}

impl Assessor {
    /// Assesses all services. Does nothing while another portal has the lease.
    pub(crate) async fn round(&mut self, app: &App) -> anyhow::Result<()> {
        let now = app.clock().now();
        let Some(lease) = self.lead(app, now).await? else { return Ok(()) };
        let services = app.catalog().services().await?;
        self.observe(app, &services, now).await?;
        self.assess(app, &lease, None, now).await
    }

    /// Assesses one service. False where another portal has the lease.
    pub(super) async fn one(&mut self, app: &App, service: &str) -> anyhow::Result<bool> {
        let now = app.clock().now();
        let Some(lease) = self.lead(app, now).await? else { return Ok(false) };
        let known: Vec<Service> = app.catalog().service(service).await?.into_iter().collect();
        self.observe(app, &known, now).await?;
        self.assess(app, &lease, Some(service), now).await?;
        Ok(true)
    }

    /// What is known between rounds, for judging that records nothing: what telemetry told, how services stood, and the
    /// templates in use.
    pub(super) async fn known(
        &mut self,
        app: &App,
        now: Timestamp,
    ) -> anyhow::Result<(HashMap<String, Arc<Observed>>, Arc<AllKept>, Templates)> {
        let services = app.catalog().services().await?;
        self.observe(app, &services, now).await?;
        let kept = match &self.kept {
            Some(kept) => kept.clone(),
            // Another portal has the lease, and remembers.
            None => Arc::new(read_kept(app).await?),
        };
        let in_use = self.templates.in_use(app).await?;
        Ok((self.observed.clone(), kept, in_use.templates))
    }

    /// Lets another portal go on at once.
    pub(crate) async fn leave(&mut self, app: &App) {
        self.kept = None;
        self.lead.leave(app).await;
    }

    /// Takes the lease, and reads what was recorded under it before.
    async fn lead(&mut self, app: &App, now: Timestamp) -> anyhow::Result<Option<Lease>> {
        let lease = self.lead.take(app, now).await?;
        if lease.is_none() {
            self.kept = None;
        } else if self.kept.is_none() {
            self.kept = Some(Arc::new(read_kept(app).await?));
        }
        Ok(lease)
    }

    /// Asks telemetry of services of which it has not been asked lately, of whom the longest ago first.
    async fn observe(&mut self, app: &App, services: &[Service], now: Timestamp) -> anyhow::Result<()> {
        let begun = Instant::now();
        let mut due: Vec<(Option<Timestamp>, &str)> = services
            .iter()
            .map(|service| (self.observed.get(&service.name), service))
            .filter(|(observed, service)| {
                observed.is_none_or(|observed| observed.is_old(service.first_seen_at, now))
            })
            .map(|(observed, service)| (observed.map(|observed| observed.at), service.name.as_str()))
            .collect();
        due.sort_unstable();
        for (_, service) in due {
            if begun.elapsed() > ASK_FOR {
                break;
            }
            let observed = Observed::read(app.telemetry(), app.forecasts(), service, now).await;
            let observed = observed.with_context(|| format!("the telemetry of {service}"))?;
            self.observed.insert(service.to_owned(), Arc::new(observed));
        }
        Ok(())
    }

    /// Judges all services or one, and records what came of it.
    async fn assess(
        &mut self,
        app: &App,
        lease: &Lease,
        only: Option<&str>,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let in_use = self.templates.in_use(app).await?;
        let known = known::read(app, only, &self.observed, now).await?;
        let kept = self.kept.clone().unwrap_or_default();
        let templates = in_use.templates.clone();
        let judging = move || (judge(&known, &templates, &kept, now), known, kept);
        let (judged, known, kept) = spawn_blocking(judging).await?;
        let gone = gone(&known, &judged, &kept, &in_use);
        let mut recorded = Vec::new();
        let mut assessed: Vec<Assessed> = Vec::new();
        for judged in judged {
            let kept = kept.get(&judged.service).and_then(|kept| kept.get(&judged.assessment.template));
            if is_due(&judged, kept) {
                assessed.push(judged.record(kept)?);
                recorded.push(judged);
            }
        }
        drop(kept);
        // Not recorded for certain, not remembered: if this fails, the next round reads what is there.
        let kept = self.kept.take();
        app.catalog().record_assessments(lease, &assessed).await?;
        if !gone.is_empty() {
            app.catalog().forget_assessments(lease, &gone).await?;
        }
        let mut kept = kept.map(Arc::unwrap_or_clone).unwrap_or_default();
        for judged in recorded {
            let service = kept.entry(judged.service.clone()).or_default();
            service.insert(judged.assessment.template.clone(), judged.keep(Some(now)));
        }
        for (service, template) in gone {
            kept.entry(service).or_default().remove(&template);
        }
        self.kept = Some(Arc::new(kept));
        app.work_counts().forget();
        Ok(())
    }
}

/// How services stood when they were last recorded.
async fn read_kept(app: &App) -> anyhow::Result<AllKept> {
    let mut kept = AllKept::new();
    for stored in app.catalog().assessments(None).await? {
        let (service, template) = (stored.summary.service.clone(), stored.summary.template.clone());
        kept.entry(service).or_default().insert(template, Kept::of(&stored));
    }
    Ok(kept)
}

/// How services stood by templates that are not for them any more.
fn gone(known: &[Known], judged: &[Judged], kept: &AllKept, in_use: &InUse) -> Vec<(String, String)> {
    let judged: HashSet<(&str, &str)> =
        judged.iter().map(|judged| (judged.service.as_str(), judged.assessment.template.as_str())).collect();
    let templates = |known: &'_ Known| kept.get(&known.service).into_iter().flat_map(|kept| kept.keys());
    let all = known
        .iter()
        .flat_map(|known| templates(known).map(move |template| (known.service.clone(), template.clone())));
    all.filter(|(service, template)| {
        !judged.contains(&(service.as_str(), template.as_str())) && !in_use.unreadable.contains(template)
    })
    .collect()
}

/// Whether it is to be recorded: something changed, or it was long ago.
fn is_due(judged: &Judged, kept: Option<&Kept>) -> bool {
    kept.is_none_or(|kept| {
        let at = kept.recorded_at.unwrap_or(Timestamp::MIN);
        judged.at.duration_since(at) >= RECORD_EVERY || judged.differs(kept)
    })
}
