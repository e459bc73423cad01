//! How much of their limits services use, and when that is all of them.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use seaworthy_catalog::Instance;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    alerts::{self, AlertLine},
    fleet,
    health::InstanceHealth,
    range::{nanos, timestamp},
};
use crate::{
    alerts::capacity::NAME as ALERT,
    capacity::{Course, Forecast, Outlook, Resource, RunsOut, Use, courses},
    problem::Problem,
    state::App,
};

/// Which services.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct OfService {
    /// One service, with the course of its resources; every service, without, where it is empty.
    pub(crate) service: String,
}

/// What services use.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct CapacityView {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// Services with instances that check in: those that run out first, then the fullest.
    pub(crate) services: Vec<ServiceUse>,
    /// Of the service that was asked for, how each resource has been used; empty where every service was.
    pub(crate) resources: Vec<ResourceView>,
    /// The names of all services.
    #[serde(skip)]
    pub(crate) names: Vec<String>,
}

/// What a service uses.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ServiceUse {
    /// Its name.
    pub(crate) service: String,
    /// The largest share of its CPU limit that an instance uses; none where no instance tells both.
    pub(crate) cpu_share: Option<f64>,
    /// The same of memory.
    pub(crate) memory_share: Option<f64>,
    /// The first resource to run out; none where no trend leads there.
    pub(crate) runs_out: Option<FirstToRunOut>,
    /// Days that forecasts rest on, of which it takes seven; none where telemetry was not asked yet: ask again in a minute.
    pub(crate) known_days: Option<usize>,
    /// The instances that check in.
    pub(crate) instances: Vec<InstanceUse>,
    /// That a resource runs out, where that alerts.
    pub(crate) alert: Option<AlertLine>,
}

/// Which resource of a service runs out first, and when.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FirstToRunOut {
    /// `CPU` or `memory`.
    pub(crate) resource: String,
    /// When.
    #[serde(flatten)]
    pub(crate) at: RunsOutView,
}

/// What an instance uses, as it says itself.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct InstanceUse {
    /// `service.instance.id`.
    pub(crate) id: String,
    /// The host that it runs on.
    pub(crate) host: String,
    /// In cores, in use over the time since the check-in before; none where it does not tell both use and limit.
    pub(crate) cpu: Option<Amount>,
    /// In bytes; none likewise.
    pub(crate) memory: Option<Amount>,
    /// When it said so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) seen_at: Timestamp,
}

/// How much of a limit is in use.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Amount {
    /// In use.
    pub(crate) used: f64,
    /// What may be used.
    pub(crate) limit: f64,
    /// The share of it.
    pub(crate) share: f64,
}

/// How a resource has been used, and where that leads.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ResourceView {
    /// `CPU` or `memory`.
    pub(crate) resource: String,
    /// By hour, the share of its limit that the fullest instance used; earliest first.
    pub(crate) hours: Vec<HourOfUse>,
    /// The highest of the last 24 hours; none where nothing is known of them.
    pub(crate) highest_24h: Option<f64>,
    /// Its trend; none where too little is known.
    pub(crate) trend: Option<TrendView>,
    /// Why there is no trend.
    pub(crate) no_trend: Option<String>,
    /// When the limit is reached; none where the trend does not lead there within ten years.
    pub(crate) runs_out: Option<RunsOutView>,
}

/// An hour of a resource.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct HourOfUse {
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
    /// The share of the limit.
    pub(crate) share: f64,
}

/// A line through the highest hours of days.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct TrendView {
    /// The share of the limit that a day adds; below 0 where use shrinks.
    pub(crate) per_day: f64,
    /// The least that it may be, nine times of ten.
    pub(crate) per_day_low: f64,
    /// The most.
    pub(crate) per_day_high: f64,
    /// Where the line is at its last point.
    pub(crate) level: f64,
    /// How far below the line days lie, nine of ten.
    pub(crate) spread_low: f64,
    /// How far above it.
    pub(crate) spread_high: f64,
    /// Days that it rests on.
    pub(crate) days: usize,
    /// Its last point.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) until: Timestamp,
}

/// When a resource runs out.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct RunsOutView {
    /// If it goes on along the line.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) expected: Timestamp,
    /// If it grows as fast as it may.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) earliest: Timestamp,
    /// If it grows as slowly as it may; none where it may not grow at all.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) latest: Option<Timestamp>,
}

/// Loads it.
pub(crate) async fn load(app: &App, asked: &OfService) -> Result<CapacityView, Problem> {
    let now = app.clock().now();
    let only = asked.service.trim();
    let instances = match only {
        "" => app.catalog().all_instances().await?,
        service => app.catalog().instances(service).await?,
    };
    let mut resources = Vec::new();
    if !only.is_empty() {
        let courses = courses(app.telemetry(), only, now).await?;
        app.forecasts().keep(only, &courses, now);
        resources.extend(courses.iter().map(|course| resource(course, now)));
    }
    let instances: Vec<&Instance> =
        instances.iter().filter(|instance| InstanceHealth::of(instance, now).is_alive()).collect();
    let names: BTreeSet<&str> = instances.iter().map(|one| one.check_in.service.as_str()).collect();
    let forecasts = app.forecasts().of_all(app.telemetry(), names, now).await;
    let alerts = alerts::open_of(app, |line| line.name == ALERT).await?;
    let services = services(instances, &forecasts, &alerts);
    Ok(CapacityView { as_of: now, services, resources, names: fleet::named(app, "").await? })
}

fn services(
    mut instances: Vec<&Instance>,
    forecasts: &BTreeMap<String, Arc<Forecast>>,
    alerts: &[AlertLine],
) -> Vec<ServiceUse> {
    instances.sort_by(|a, b| a.check_in.service.cmp(&b.check_in.service));
    let each = instances.chunk_by(|a, b| a.check_in.service == b.check_in.service);
    let mut services: Vec<ServiceUse> = each
        .filter_map(|instances| {
            let service = instances.first()?.check_in.service.as_str();
            let alert = alerts.iter().find(|alert| alert.service == service).cloned();
            Some(service_use(service, instances, forecasts.get(service).map(Arc::as_ref), alert))
        })
        .collect();
    services.sort_by(|a, b| a.rank().cmp(&b.rank()).then(b.fullest().total_cmp(&a.fullest())));
    services
}

fn service_use(
    service: &str,
    instances: &[&Instance],
    forecast: Option<&Forecast>,
    alert: Option<AlertLine>,
) -> ServiceUse {
    let mut instances: Vec<InstanceUse> = instances.iter().map(|one| InstanceUse::of(one)).collect();
    instances.sort_by(|a, b| b.fullest().total_cmp(&a.fullest()));
    let highest = |of: fn(&InstanceUse) -> Option<Amount>| {
        instances.iter().filter_map(|one| Some(of(one)?.share)).reduce(f64::max)
    };
    let first = forecast.and_then(Forecast::first);
    ServiceUse {
        service: service.to_owned(),
        cpu_share: highest(|one| one.cpu),
        memory_share: highest(|one| one.memory),
        runs_out: first
            .map(|(resource, at)| FirstToRunOut { resource: resource.as_str().to_owned(), at: at.into() }),
        known_days: forecast.map(Forecast::days),
        instances,
        alert,
    }
}

impl ServiceUse {
    /// What alerts comes first, then what runs out soonest, then what does not.
    fn rank(&self) -> (Reverse<bool>, Timestamp) {
        let expected = self.runs_out.as_ref().map_or(Timestamp::MAX, |first| first.at.expected);
        (Reverse(self.alert.is_some()), expected)
    }

    /// The highest share of a limit; below 0 where none is told.
    fn fullest(&self) -> f64 {
        self.cpu_share.unwrap_or(-1.0).max(self.memory_share.unwrap_or(-1.0))
    }
}

impl InstanceUse {
    fn of(instance: &Instance) -> Self {
        let amount = |resource| {
            let found = Use::of(resource, instance)?;
            Some(Amount { used: found.used, limit: found.limit, share: found.share() })
        };
        Self {
            id: instance.check_in.instance.clone(),
            host: instance.check_in.process.host.clone(),
            cpu: amount(Resource::Cpu),
            memory: amount(Resource::Memory),
            seen_at: instance.last_seen_at,
        }
    }

    fn fullest(&self) -> f64 {
        let share = |amount: Option<Amount>| amount.map_or(-1.0, |amount| amount.share);
        share(self.cpu).max(share(self.memory))
    }
}

fn resource(course: &Course, now: Timestamp) -> ResourceView {
    let day = nanos(now - SignedDuration::from_hours(24));
    let hours = course.hours.iter().map(|(at, share)| HourOfUse { at: timestamp(*at), share: *share });
    let outlook = Outlook::from(course);
    ResourceView {
        resource: course.resource.as_str().to_owned(),
        hours: hours.collect(),
        highest_24h: course.hours.range(day..).map(|(_, share)| *share).reduce(f64::max),
        no_trend: outlook.trend.as_ref().err().map(ToString::to_string),
        trend: outlook.trend.ok().map(|trend| TrendView {
            per_day: trend.per_day,
            per_day_low: trend.per_day_range.0,
            per_day_high: trend.per_day_range.1,
            level: trend.level,
            spread_low: trend.spread.0,
            spread_high: trend.spread.1,
            days: trend.days,
            until: trend.until,
        }),
        runs_out: outlook.runs_out.map(RunsOutView::from),
    }
}

impl From<RunsOut> for RunsOutView {
    fn from(RunsOut { expected, earliest, latest }: RunsOut) -> Self {
        Self { expected, earliest, latest }
    }
}
