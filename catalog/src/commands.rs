//! What is asked of instances, and what becomes of it.
//!
//! An instance hears of a command with the reply to its check-in, and tells with later ones how it goes. What it was told of
//! and says nothing about is told again: the reply may have been lost. What nobody speaks of any more has expired.

use std::time::Duration;

use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, ExprTrait, QueryFilter,
    QueryOrder, QuerySelect, Set, sea_query::Expr,
};
use seaworthy_protocol::{Command, CommandReport, Order, ReportedState};

use crate::{
    Actor, Catalog, CatalogError, accounts,
    entity::command::{ActiveModel, Column, Entity, Model},
    instances::to_json,
    prune::milliseconds,
    text, time,
};

/// A command of which nothing was heard for so long has expired.
const EXPIRES_AFTER: Duration = Duration::from_secs(120);
/// What was told and not reported of is told again after so long.
const TOLD_AGAIN_AFTER: Duration = Duration::from_secs(8);
/// Commands in one reply; further ones wait for the next.
const MOST_AT_ONCE: u64 = 16;

/// Something that was asked of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCommand {
    /// Its number, by which the instance reports of it.
    pub id: i64,
    /// The service.
    pub service: String,
    /// The instance.
    pub instance: String,
    /// What was asked.
    pub order: Order,
    /// How who asked signs in; empty where the portal did by itself.
    pub asked_by: String,
    /// When.
    pub asked_at: Timestamp,
    /// How far it has come.
    pub state: CommandState,
    /// When the instance was last told of it.
    pub told_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// How much of it is done, from 0 to 100, while that is known.
    pub percent: Option<u8>,
    /// What is being done, or why it failed.
    pub detail: String,
    /// The profile that came of it.
    pub profile: Option<String>,
}

/// How far a command has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandState {
    /// The instance has not been told.
    Waiting,
    /// It was told, and has not said that it has heard.
    Told,
    /// It is being done.
    Underway,
    /// It is done.
    Done,
    /// It could not be done.
    Failed,
    /// The instance's agent does not know the order.
    NotUnderstood,
    /// Nothing was heard of it for two minutes: the instance is gone, or takes no commands.
    Expired,
}

impl CommandState {
    /// Whether nothing more is expected of it.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::NotUnderstood | Self::Expired)
    }
}

impl Catalog {
    /// Asks something of an instance, which hears of it when it checks in next. Where the same kind of profile is being taken
    /// of it, that one is returned instead: an instance takes one at a time.
    pub async fn ask(
        &self,
        service: &str,
        instance: &str,
        order: &Order,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<StoredCommand, CatalogError> {
        let service = text::name("service", service)?;
        let instance = text::name("instance", instance)?;
        let transaction = self.begin().await?;
        let open = open_of(&transaction, service, instance).await?;
        let open = open.into_iter().map(|row| StoredCommand::of(row, now));
        let same = |command: &StoredCommand| !command.state.is_over() && is_same(&command.order, order);
        for command in open {
            let command = command?;
            if same(&command) {
                return Ok(command);
            }
        }
        let row = ActiveModel {
            service: Set(service.to_owned()),
            instance: Set(instance.to_owned()),
            ordered: Set(to_json(order)?),
            asked_by: Set(text::detail(&actor.login)),
            asked_at: Set(time::to_column(now)),
            state: Set(CommandState::Waiting.as_column().to_owned()),
            detail: Set(String::new()),
            ..Default::default()
        };
        let row = row.insert(&transaction).await?;
        accounts::note(&transaction, actor, &said(order), &format!("{service} {instance}"), now).await?;
        transaction.commit().await?;
        StoredCommand::of(row, now)
    }

    /// The commands of a service that were asked since then, the latest first.
    pub async fn commands(
        &self,
        service: &str,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<StoredCommand>, CatalogError> {
        const MOST: u64 = 200;
        let of_service = Column::Service.eq(service).and(Column::AskedAt.gte(time::to_column(since)));
        let rows = Entity::find().filter(of_service).order_by_desc(Column::Id).limit(MOST);
        rows.all(&self.db).await?.into_iter().map(|row| StoredCommand::of(row, now)).collect()
    }

    /// A command by its number; none where there is no such.
    pub async fn command(&self, id: i64, now: Timestamp) -> Result<Option<StoredCommand>, CatalogError> {
        let row = Entity::find_by_id(id).one(&self.db).await?;
        row.map(|row| StoredCommand::of(row, now)).transpose()
    }

    /// Notes what an instance reports, and returns what it is to be told.
    pub async fn exchange_commands(
        &self,
        service: &str,
        instance: &str,
        reports: &[CommandReport],
        now: Timestamp,
    ) -> Result<Vec<Command>, CatalogError> {
        // Most check-ins have nothing to say and nothing to hear: they cost one look at an index.
        let open = Entity::find().filter(is_open(service, instance)).select_only().column(Column::Id);
        if reports.is_empty() && open.into_tuple::<i64>().one(&self.db).await?.is_none() {
            return Ok(Vec::new());
        }
        let transaction = self.begin().await?;
        for report in reports {
            note(&transaction, service, instance, report, now).await?;
        }
        let mut told = Vec::new();
        for row in open_of(&transaction, service, instance).await? {
            let command = StoredCommand::of(row, now)?;
            if command.is_to_be_told(now) {
                tell(&transaction, command.id, now).await?;
                told.push(Command { id: command.id.unsigned_abs(), order: command.order });
            }
        }
        transaction.commit().await?;
        Ok(told)
    }

    /// Notes that the profile which a command asked for has come. Nothing changes where that instance was not asked for it.
    pub async fn note_profile(
        &self,
        command: i64,
        (service, instance): (&str, &str),
        profile: &str,
        now: Timestamp,
    ) -> Result<(), CatalogError> {
        let of_instance =
            Column::Id.eq(command).and(Column::Service.eq(service)).and(Column::Instance.eq(instance));
        Entity::update_many()
            .col_expr(Column::Profile, Expr::value(text::detail(profile)))
            .col_expr(Column::State, Expr::value(CommandState::Done.as_column()))
            .col_expr(Column::EndedAt, Expr::value(time::to_column(now)))
            .filter(of_instance)
            .exec(&self.db)
            .await?;
        Ok(())
    }
}

/// Forgets commands that were asked before.
pub(crate) async fn prune(db: &impl sea_orm::ConnectionTrait, before: i64) -> Result<u64, DbErr> {
    Ok(Entity::delete_many().filter(Column::AskedAt.lt(before)).exec(db).await?.rows_affected)
}

fn is_open(service: &str, instance: &str) -> sea_orm::sea_query::SimpleExpr {
    Column::Service.eq(service).and(Column::Instance.eq(instance)).and(Column::EndedAt.is_null())
}

async fn open_of(db: &DatabaseTransaction, service: &str, instance: &str) -> Result<Vec<Model>, DbErr> {
    let open = Entity::find().filter(is_open(service, instance)).order_by_asc(Column::Id);
    open.limit(MOST_AT_ONCE).lock_exclusive().all(db).await
}

/// One profile of a kind at a time; of anything else the latest counts.
fn is_same(one: &Order, other: &Order) -> bool {
    match (one, other) {
        (Order::Capture { kind: one, .. }, Order::Capture { kind: other, .. }) => one == other,
        _ => false,
    }
}

fn said(order: &Order) -> String {
    match order {
        Order::Capture { kind, .. } => format!("asked for a profile ({}) of", kind.as_str()),
        Order::LogFilter { filter, for_seconds } => {
            format!("changed the log filter to {filter} for {for_seconds} s of")
        }
        Order::Unknown => "asked something unknown of".to_owned(),
    }
}

/// What is over stays as it ended, whatever arrives late.
async fn note(
    db: &DatabaseTransaction,
    service: &str,
    instance: &str,
    report: &CommandReport,
    now: Timestamp,
) -> Result<(), CatalogError> {
    let Ok(id) = i64::try_from(report.id) else { return Ok(()) };
    let state = CommandState::from(report.state);
    let ended_at = state.is_over().then(|| time::to_column(now));
    Entity::update_many()
        .col_expr(Column::State, Expr::value(state.as_column()))
        .col_expr(
            Column::Percent,
            Expr::value(report.percent.map(i64::from).filter(|percent| *percent <= 100)),
        )
        .col_expr(Column::Detail, Expr::value(text::detail(&report.detail)))
        .col_expr(Column::ReportedAt, Expr::value(time::to_column(now)))
        .col_expr(Column::EndedAt, Expr::value(ended_at))
        .filter(is_open(service, instance).and(Column::Id.eq(id)))
        .exec(db)
        .await?;
    Ok(())
}

async fn tell(db: &DatabaseTransaction, id: i64, now: Timestamp) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(CommandState::Told.as_column()))
        .col_expr(Column::ToldAt, Expr::value(time::to_column(now)))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

impl From<ReportedState> for CommandState {
    fn from(state: ReportedState) -> Self {
        match state {
            ReportedState::Underway => Self::Underway,
            ReportedState::Done => Self::Done,
            ReportedState::Failed => Self::Failed,
            ReportedState::NotUnderstood => Self::NotUnderstood,
        }
    }
}

impl CommandState {
    const fn as_column(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Told => "told",
            Self::Underway => "underway",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::NotUnderstood => "not_understood",
            // Never written: it is what time makes of the others.
            Self::Expired => "expired",
        }
    }

    fn from_column(state: &str) -> Result<Self, CatalogError> {
        [Self::Waiting, Self::Told, Self::Underway, Self::Done, Self::Failed, Self::NotUnderstood]
            .into_iter()
            .find(|known| known.as_column() == state)
            .ok_or_else(|| CatalogError::Unreadable { what: "a command's state", value: state.to_owned() })
    }
}

impl StoredCommand {
    fn of(row: Model, now: Timestamp) -> Result<Self, CatalogError> {
        let state = CommandState::from_column(&row.state)?;
        let heard_at = row.reported_at.unwrap_or(row.asked_at);
        let is_silent = time::to_column(now) - heard_at > milliseconds(EXPIRES_AFTER);
        Ok(Self {
            id: row.id,
            service: row.service,
            instance: row.instance,
            // What a later version asked is as unknown to this one as to an agent.
            order: serde_json::from_str(&row.ordered).unwrap_or(Order::Unknown),
            asked_by: row.asked_by,
            asked_at: time::from_column(row.asked_at),
            state: if is_silent && !state.is_over() { CommandState::Expired } else { state },
            told_at: row.told_at.map(time::from_column),
            ended_at: row.ended_at.map(time::from_column),
            percent: row.percent.and_then(|percent| u8::try_from(percent).ok()),
            detail: row.detail,
            profile: row.profile,
        })
    }

    fn is_to_be_told(&self, now: Timestamp) -> bool {
        match (self.state, self.told_at) {
            (CommandState::Waiting, _) => true,
            (CommandState::Told, Some(told_at)) => {
                time::to_column(now) - time::to_column(told_at) >= milliseconds(TOLD_AGAIN_AFTER)
            }
            _ => false,
        }
    }
}
