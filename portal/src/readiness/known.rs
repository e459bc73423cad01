//! What is known of services, read in a few queries for all of them.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use seaworthy_catalog::{
    Alert, ChannelTest, Deploy, ErrorFilter, ErrorGroup, Instance, Service, Shutdown, StoredSlo, UptimeProbe,
};
use seaworthy_checklist::People;
use seaworthy_slo::Severity;
use seaworthy_telemetry::{model::Window, profile::LastProfile};

use super::{
    observed::{Heard, Observed, heard},
    people,
    recorded::{self, Recorded},
};
use crate::{
    alerts::ChannelSettings,
    state::App,
    view::{
        health::InstanceHealth,
        range::{MINUTE, nanos},
    },
};

/// A test alert, and what is told in its channel.
#[derive(Clone, Debug)]
pub(super) struct Tested {
    pub(super) test: ChannelTest,
    pub(super) settings: ChannelSettings,
}

impl Tested {
    /// Whether pages of a service are told in its channel.
    pub(super) fn covers(&self, service: &str) -> bool {
        self.settings.covers(Severity::Page, service)
    }
}

/// What is known of one service.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// The moment of knowing.
    pub(super) now: Timestamp,
    pub(super) service: String,
    /// Its kind, by which templates choose; empty where nobody has said.
    pub(super) kind: String,
    /// Latest start first.
    pub(super) instances: Vec<Instance>,
    pub(super) slos: Vec<StoredSlo>,
    /// Those that are not over.
    pub(super) alerts: Vec<Alert>,
    /// Test alerts, of all channels.
    pub(super) tested: Arc<[Tested]>,
    /// Latest first, and so are shutdowns.
    pub(super) deploys: Vec<Deploy>,
    pub(super) shutdowns: Vec<Shutdown>,
    pub(super) heard: Heard,
    /// How the latest probe of the URL went that it has now.
    pub(super) uptime: Option<UptimeProbe>,
    /// The latest profile of each build and kind.
    pub(super) profiles: Vec<LastProfile>,
    /// None as long as telemetry has not been asked.
    pub(super) observed: Option<Arc<Observed>>,
    /// What people have said, by template.
    pub(super) people: BTreeMap<String, People>,
    pub(super) recorded: Recorded,
    /// Groups of errors that are not resolved.
    pub(super) errors: Vec<ErrorGroup>,
}

impl Known {
    /// The instances that speak for the service: those that check in, or the last that did.
    pub(super) fn speaking(&self) -> Vec<&Instance> {
        let alive = |instance: &&Instance| InstanceHealth::of(instance, self.now).is_alive();
        let speaking: Vec<&Instance> = self.instances.iter().filter(alive).collect();
        if !speaking.is_empty() {
            return speaking;
        }
        self.instances.iter().max_by_key(|instance| instance.last_seen_at).into_iter().collect()
    }

    /// The build that runs: of several the one that was started last.
    pub(super) fn build(&self) -> Option<&str> {
        let versions = self.speaking().into_iter().map(|instance| instance.check_in.build.version.as_str());
        versions.into_iter().find(|version| !version.is_empty())
    }
}

/// Reads what is known of all services, or of one.
pub(super) async fn read(
    app: &App,
    only: Option<&str>,
    observed: &HashMap<String, Arc<Observed>>,
    now: Timestamp,
) -> anyhow::Result<Vec<Known>> {
    let catalog = app.catalog();
    let services: Vec<Service> = match only {
        Some(service) => catalog.service(service).await?.into_iter().collect(),
        None => catalog.services().await?,
    };
    let instances = match only {
        Some(service) => catalog.instances(service).await?,
        None => catalog.all_instances().await?,
    };
    let mut instances = by_service(instances, |instance| &instance.check_in.service);
    let mut slos = by_service(catalog.slos().await?, |slo| &slo.definition.service);
    let mut alerts = by_service(catalog.open_alerts().await?, |alert| &alert.origin.service);
    let (mut deploys, mut shutdowns) = turns(app, only, now).await.context("the deploys")?;
    let mut people = people::read(app, only).await.context("what people have said")?;
    let mut kinds = kinds(app, only).await?;
    let mut uptime = uptime(app, only).await.context("the probes of services")?;
    let mut recorded = recorded::read(app, only).await.context("what people have recorded")?;
    let mut errors = errors(app, only, now).await.context("the errors of services")?;
    let of_all = recorded.remove("");
    let tested = tested(app).await.context("test alerts")?;
    let mut heard = heard(app.telemetry(), now).await.context("when services were last heard of")?;
    let mut profiles = profiles(app, now).await.context("the latest profiles")?;
    let known = |service: Service| {
        let name = service.name;
        Known {
            now,
            kind: kinds.remove(&name).unwrap_or_default(),
            instances: instances.remove(&name).unwrap_or_default(),
            slos: slos.remove(&name).unwrap_or_default(),
            alerts: alerts.remove(&name).unwrap_or_default(),
            tested: tested.clone(),
            deploys: deploys.remove(&name).unwrap_or_default(),
            shutdowns: shutdowns.remove(&name).unwrap_or_default(),
            heard: heard.remove(&name).unwrap_or_default(),
            uptime: uptime.remove(&name),
            profiles: profiles.remove(&name).unwrap_or_default(),
            observed: observed.get(&name).cloned(),
            people: people.remove(&name).unwrap_or_default(),
            errors: errors.remove(&name).unwrap_or_default(),
            recorded: recorded.remove(&name).unwrap_or_default().and(of_all.as_ref()),
            service: name,
        }
    };
    Ok(services.into_iter().map(known).collect())
}

/// The latest test alert of each channel whose settings can be read.
async fn tested(app: &App) -> anyhow::Result<Arc<[Tested]>> {
    let channels = app.catalog().channels().await?;
    let tested = app.catalog().channel_tests().await?.into_iter().filter_map(|test| {
        let channel = channels.iter().find(|channel| channel.id == test.channel_id)?;
        Some(Tested { test, settings: ChannelSettings::of(&channel.definition).ok()? })
    });
    Ok(tested.collect())
}

/// Deploys of all time that is kept, and shutdowns of half a year, by service.
async fn turns(
    app: &App,
    only: Option<&str>,
    now: Timestamp,
) -> anyhow::Result<(HashMap<String, Vec<Deploy>>, HashMap<String, Vec<Shutdown>>)> {
    const MOST: u64 = 20_000;
    let deploys = app.catalog().deploys(only, MOST).await?;
    let shutdowns = match only {
        Some(service) => app.catalog().shutdowns(service, MOST).await?,
        None => app.catalog().shutdowns_since(now - SignedDuration::from_hours(24 * 180), MOST).await?,
    };
    let deploys = by_service(deploys, |deploy| &deploy.service);
    Ok((deploys, by_service(shutdowns, |shutdown| &shutdown.service)))
}

/// The kinds of services of which somebody has said one.
async fn kinds(app: &App, only: Option<&str>) -> anyhow::Result<HashMap<String, String>> {
    let settings = match only {
        Some(service) => app.catalog().service_settings(service).await?.into_iter().collect(),
        None => app.catalog().all_service_settings().await?,
    };
    Ok(settings.into_iter().filter_map(|said| Some((said.service, said.settings.kind?))).collect())
}

/// Groups of errors that are not resolved, by service.
async fn errors(
    app: &App,
    only: Option<&str>,
    now: Timestamp,
) -> anyhow::Result<HashMap<String, Vec<ErrorGroup>>> {
    const MOST: u64 = 20_000;
    let filter = ErrorFilter { service: only.map(str::to_owned), unresolved: true, since: None, limit: MOST };
    let groups = app.catalog().error_groups(&filter, now).await?;
    Ok(by_service(groups, |group| &group.service))
}

/// How the latest probes went.
async fn uptime(app: &App, only: Option<&str>) -> anyhow::Result<HashMap<String, UptimeProbe>> {
    let probes = match only {
        Some(service) => app.catalog().uptime_probe(service).await?.into_iter().collect(),
        None => app.catalog().uptime_probes().await?,
    };
    Ok(probes.into_iter().map(|probe| (probe.service.clone(), probe)).collect())
}

/// The latest profile of each build and kind, of all days that are kept.
async fn profiles(app: &App, now: Timestamp) -> anyhow::Result<HashMap<String, Vec<LastProfile>>> {
    let days = SignedDuration::from_hours(24 * i64::from(app.settings().retention_days));
    let window = Window { from: nanos(now - days), to: nanos(now) + MINUTE };
    Ok(by_service(app.telemetry().last_profiles(window).await?, |profile| &profile.service))
}

fn by_service<T>(all: Vec<T>, service: impl Fn(&T) -> &str) -> HashMap<String, Vec<T>> {
    let mut grouped: HashMap<String, Vec<T>> = HashMap::new();
    for one in all {
        grouped.entry(service(&one).to_owned()).or_default().push(one);
    }
    grouped
}
