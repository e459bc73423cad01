//! Which lines the instances of a service log, and for how long by another filter.

use jiff::{SignedDuration, Timestamp};
use seaworthy_catalog::{Actor, CommandState, Instance, StoredCommand};
use seaworthy_protocol::{InstanceState, Order};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::health::InstanceHealth;
use crate::{problem::Problem, state::App};

/// What was asked is told of for so long.
const ASKED_WITHIN: SignedDuration = SignedDuration::from_mins(60);
/// The longest time for which another filter is in force.
const LONGEST_MINUTES: u32 = 24 * 60;

/// Which lines instances of a service log.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct LogFilterView {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// The service.
    pub(crate) service: String,
    /// Its instances that check in, latest start first.
    pub(crate) instances: Vec<InstanceFilter>,
    /// What was asked within an hour, latest first.
    pub(crate) changes: Vec<ChangeView>,
}

/// Which lines an instance logs.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct InstanceFilter {
    /// The instance.
    pub(crate) id: String,
    /// Its host.
    pub(crate) host: String,
    /// The filter in force; none where the agent does not know.
    pub(crate) filter: Option<String>,
    /// Until when, where it is not the usual one.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) until: Option<Timestamp>,
    /// The one that is back then.
    pub(crate) usual: Option<String>,
}

/// A change that was asked for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ChangeView {
    /// Of this instance.
    pub(crate) instance: String,
    /// The filter.
    pub(crate) filter: String,
    /// For so long.
    pub(crate) for_seconds: u32,
    /// Who asked, and when.
    pub(crate) asked_by: String,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) asked_at: Timestamp,
    /// Whether it was done; none while that is not known.
    pub(crate) done: Option<bool>,
    /// Why not.
    pub(crate) detail: String,
}

/// Another filter for a while.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct FilterOrder {
    /// Of this instance; of all that check in where nothing is said.
    #[serde(default)]
    pub(crate) instance: String,
    /// As `RUST_LOG` has it: `info,sqlx=debug`.
    pub(crate) filter: String,
    /// For so many minutes, a day at most.
    pub(crate) minutes: u32,
}

/// Which lines the instances of a service log.
pub(crate) async fn load(app: &App, service: &str) -> Result<LogFilterView, Problem> {
    let now = app.clock().now();
    let service = known(app, service).await?;
    let changes = app.catalog().commands(&service, now - ASKED_WITHIN, now).await?;
    Ok(LogFilterView {
        as_of: now,
        instances: alive(app, &service, now).await?.into_iter().map(instance).collect(),
        changes: changes.into_iter().filter_map(change).collect(),
        service,
    })
}

/// Asks instances to log by another filter for a while.
pub(crate) async fn ask(app: &App, service: &str, order: &FilterOrder, actor: &Actor) -> Result<(), Problem> {
    let now = app.clock().now();
    let service = known(app, service).await?;
    let filter = order.filter.trim();
    if filter.is_empty() || filter.len() > 1024 || filter.chars().any(char::is_control) {
        return Err(refused("The filter must be 1 to 1024 bytes in one line, such as info,sqlx=debug."));
    }
    if !(1..=LONGEST_MINUTES).contains(&order.minutes) {
        return Err(refused("It must be for 1 minute to a day; then the usual filter is back."));
    }
    let asked = Order::LogFilter { filter: filter.to_owned(), for_seconds: order.minutes * 60 };
    let all = alive(app, &service, now).await?;
    let mut chosen = all
        .into_iter()
        .filter(|instance| order.instance.is_empty() || instance.check_in.instance == order.instance)
        .peekable();
    if chosen.peek().is_none() {
        return Err(Problem::not_found("This instance does not check in", "Choose another that is listed."));
    }
    for instance in chosen {
        app.catalog().ask(&service, &instance.check_in.instance, &asked, actor, now).await?;
    }
    Ok(())
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

async fn alive(app: &App, service: &str, now: Timestamp) -> Result<Vec<Instance>, Problem> {
    let mut instances = app.catalog().instances(service).await?;
    instances.retain(|instance| {
        InstanceHealth::of(instance, now).is_alive() && instance.check_in.state != InstanceState::Stopped
    });
    Ok(instances)
}

fn instance(instance: Instance) -> InstanceFilter {
    let check_in = instance.check_in;
    let in_force = check_in.observations.log_filter;
    InstanceFilter {
        id: check_in.instance,
        host: check_in.process.host,
        until: in_force.as_ref().and_then(|in_force| in_force.until),
        usual: in_force.as_ref().and_then(|in_force| in_force.usual.clone()),
        filter: in_force.map(|in_force| in_force.filter),
    }
}

fn change(command: StoredCommand) -> Option<ChangeView> {
    let Order::LogFilter { filter, for_seconds } = command.order else { return None };
    let (done, detail) = match command.state {
        CommandState::Waiting | CommandState::Told | CommandState::Underway => (None, String::new()),
        CommandState::Done => (Some(true), String::new()),
        CommandState::Failed => (Some(false), command.detail),
        CommandState::NotUnderstood => (Some(false), "its agent is older than the portal".to_owned()),
        CommandState::Expired => (Some(false), "nothing was heard of it for two minutes".to_owned()),
    };
    Some(ChangeView {
        instance: command.instance,
        filter,
        for_seconds,
        asked_by: command.asked_by,
        asked_at: command.asked_at,
        done,
        detail,
    })
}

fn refused(why: &str) -> Problem {
    Problem::new(http::StatusCode::UNPROCESSABLE_ENTITY, "The log filter was not changed", why)
}
