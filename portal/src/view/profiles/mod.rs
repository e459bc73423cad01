//! The profiles of a service, and what can be captured of it now.

pub(crate) mod diff;
pub(crate) mod flame;
mod length;
pub(crate) mod one;
pub(crate) mod schedule;
pub(crate) mod tasks;

use jiff::{SignedDuration, Timestamp};
use seaworthy_catalog::{Actor, CommandState, Instance, StoredCommand};
use seaworthy_protocol::{InstanceState, Order, ProfileKind};
use seaworthy_telemetry::{
    model::Window,
    profile::{ProfileQuery, StoredProfile},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

pub(crate) use self::length::{USUAL_SECONDS, seconds};
use super::{
    health::LOST_AFTER_SECONDS,
    range::{nanos, timestamp},
};
use crate::{problem::Problem, state::App};

/// Profiles in a list.
const MOST_LISTED: usize = 100;
/// What was asked is told of for so long.
const ASKED_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// Which profiles of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct ProfilesFilter {
    /// `cpu`, `heap` or `tasks`; all of them where nothing is said.
    pub(crate) kind: String,
    /// Of this instance alone.
    pub(crate) instance: String,
    /// Taken within a minute of then.
    #[param(value_type = Option<String>, format = DateTime)]
    pub(crate) around: Option<Timestamp>,
}

/// The profiles of a service.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ProfilesView {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// The service.
    pub(crate) service: String,
    /// Its instances that check in, latest start first.
    pub(crate) instances: Vec<InstanceLine>,
    /// What was asked within ten minutes, latest first.
    pub(crate) captures: Vec<CaptureView>,
    /// The latest hundred, latest first.
    pub(crate) profiles: Vec<ProfileLine>,
}

/// An instance of which profiles can be taken.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct InstanceLine {
    /// Its id.
    pub(crate) id: String,
    /// Its host.
    pub(crate) host: String,
    /// Its version.
    pub(crate) version: String,
    /// The kinds that can be taken of it; none where its agent takes no commands.
    #[schema(value_type = Vec<String>)]
    pub(crate) kinds: Vec<ProfileKind>,
}

/// A profile that was asked for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct CaptureView {
    /// Its number.
    pub(crate) id: i64,
    /// The instance.
    pub(crate) instance: String,
    /// What of.
    #[schema(value_type = String)]
    pub(crate) kind: ProfileKind,
    /// For how long.
    pub(crate) seconds: u32,
    /// Who asked; empty where the schedule did.
    pub(crate) asked_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) asked_at: Timestamp,
    /// How far it has come.
    #[schema(value_type = String)]
    pub(crate) state: CaptureState,
    /// How much of it is done, from 0 to 100, while that is known.
    pub(crate) percent: Option<u8>,
    /// What is being done, or why it failed.
    pub(crate) detail: String,
    /// The profile that came of it.
    pub(crate) profile: Option<String>,
}

/// How far a capture has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CaptureState {
    /// The instance has not been told, or has not answered.
    Waiting,
    Underway,
    Done,
    Failed,
    /// Nothing was heard of it.
    Expired,
}

impl CaptureState {
    pub(crate) const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Expired)
    }
}

/// A profile in a list.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct ProfileLine {
    /// Its id.
    pub(crate) id: String,
    /// The service.
    pub(crate) service: String,
    /// The instance.
    pub(crate) instance: String,
    /// The version that ran.
    pub(crate) version: String,
    /// Its commit, empty where unknown.
    pub(crate) commit: String,
    /// `cpu`, `heap` or `tasks`.
    pub(crate) kind: String,
    /// When it was begun.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) taken_at: Timestamp,
    /// Over how long it was taken; 0 for one of a moment.
    pub(crate) seconds: f64,
    /// Samples in it.
    pub(crate) samples: u64,
    /// The sum of what it shows first.
    pub(crate) total: i64,
    /// Of what that is: `nanoseconds`, `bytes`, `count`.
    pub(crate) unit: String,
    /// Who asked for it; empty where nobody did.
    pub(crate) asked_by: String,
}

/// Profiles of a service.
pub(crate) async fn load(app: &App, service: &str, filter: &ProfilesFilter) -> Result<ProfilesView, Problem> {
    let service = known(app, service).await?;
    let now = app.clock().now();
    let instances = app.catalog().instances(&service).await?;
    let captures = app.catalog().commands(&service, now - ASKED_WITHIN, now).await?;
    let profiles =
        app.telemetry().profiles(query(app, &service, filter, now)).await.map_err(Problem::internal)?;
    Ok(ProfilesView {
        as_of: now,
        service,
        instances: instances.into_iter().filter(|instance| is_alive(instance, now)).map(instance).collect(),
        captures: captures.into_iter().filter_map(capture).collect(),
        profiles: profiles.into_iter().map(ProfileLine::from).collect(),
    })
}

/// Asks for a profile. The answer says what became of it so far.
pub(crate) async fn ask(
    app: &App,
    service: &str,
    instance: &str,
    (kind, seconds): (ProfileKind, u32),
    actor: &Actor,
) -> Result<(), Problem> {
    let service = known(app, service).await?;
    let now = app.clock().now();
    let instances = app.catalog().instances(&service).await?;
    let found = instances.into_iter().find(|known| known.check_in.instance == instance);
    let Some(found) = found.filter(|found| is_alive(found, now)) else {
        return Err(Problem::not_found(
            "This instance does not check in",
            "It has ended or cannot reach the portal. Choose another that is listed.",
        ));
    };
    let kinds = found.check_in.observations.profiles.unwrap_or_default();
    if !kinds.contains(&kind) {
        return Err(Problem::new(
            http::StatusCode::CONFLICT,
            "No profile of this kind can be taken",
            missing(kind),
        ));
    }
    let order = Order::Capture { kind, seconds };
    app.catalog().ask(&service, instance, &order, actor, now).await?;
    Ok(())
}

/// Why a kind cannot be taken of an instance, and what to do.
pub(crate) const fn missing(kind: ProfileKind) -> &'static str {
    match kind {
        ProfileKind::Cpu => {
            "The CPU is profiled on Linux on x86-64 and aarch64, by agents of the portal's version."
        }
        ProfileKind::Heap => {
            "The service does not sample its heap: make seaworthy_agent::heap::Sampling its global allocator."
        }
        ProfileKind::Tasks => "Its agent is older than the portal and takes no commands: update it.",
    }
}

async fn known(app: &App, service: &str) -> Result<String, Problem> {
    let found = app.catalog().service(service).await?;
    found.map(|service| service.name).ok_or_else(|| {
        Problem::not_found(
            format!("There is no service {service:?}"),
            "The fleet lists those that there are.",
        )
    })
}

fn is_alive(instance: &Instance, now: Timestamp) -> bool {
    let heard = now.duration_since(instance.last_seen_at).as_secs();
    instance.check_in.state != InstanceState::Stopped && heard <= LOST_AFTER_SECONDS.cast_signed()
}

fn instance(instance: Instance) -> InstanceLine {
    let check_in = instance.check_in;
    InstanceLine {
        id: check_in.instance,
        host: check_in.process.host,
        version: check_in.build.version,
        kinds: check_in.observations.profiles.unwrap_or_default(),
    }
}

fn query(app: &App, service: &str, filter: &ProfilesFilter, now: Timestamp) -> ProfileQuery {
    const MINUTE: u64 = 60_000_000_000;
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let kept = u64::from(app.settings().retention_days) * 24 * 60 * MINUTE;
    let (from, to) = match filter.around {
        Some(around) => (nanos(around).saturating_sub(MINUTE), nanos(around).saturating_add(MINUTE)),
        None => (nanos(now).saturating_sub(kept), nanos(now).saturating_add(60 * MINUTE)),
    };
    ProfileQuery {
        service: service.to_owned(),
        kind: some(&filter.kind),
        instance: some(&filter.instance),
        version: None,
        window: Window { from, to },
        limit: MOST_LISTED,
    }
}

fn capture(command: StoredCommand) -> Option<CaptureView> {
    let Order::Capture { kind, seconds } = command.order else { return None };
    let (state, detail) = match command.state {
        CommandState::Waiting | CommandState::Told => (CaptureState::Waiting, command.detail),
        CommandState::Underway => (CaptureState::Underway, command.detail),
        CommandState::Done => (CaptureState::Done, String::new()),
        CommandState::Failed => (CaptureState::Failed, command.detail),
        CommandState::NotUnderstood => (CaptureState::Failed, missing(ProfileKind::Tasks).to_owned()),
        CommandState::Expired => {
            (CaptureState::Expired, "nothing was heard of it for two minutes".to_owned())
        }
    };
    Some(CaptureView {
        id: command.id,
        instance: command.instance,
        kind,
        seconds,
        asked_by: command.asked_by,
        asked_at: command.asked_at,
        state,
        percent: command.percent,
        detail,
        profile: command.profile,
    })
}

impl From<StoredProfile> for ProfileLine {
    fn from(StoredProfile { id, info, .. }: StoredProfile) -> Self {
        Self {
            id: id.to_string(),
            service: info.service,
            instance: info.instance,
            version: info.version,
            commit: info.commit,
            kind: info.kind,
            taken_at: timestamp(info.taken_at),
            seconds: info.duration as f64 / 1e9,
            samples: info.samples,
            total: info.total,
            unit: info.unit,
            asked_by: info.asked_by,
        }
    }
}
