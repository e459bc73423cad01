//! Records check-ins.

use jiff::Timestamp;
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, IdenStatic, QueryTrait, Set,
    sea_query::{Alias, Expr, ExprTrait, OnConflict, Query},
};
use seaworthy_protocol::CheckIn;

use crate::{
    Catalog, CatalogError, builds, deploys,
    entity::instance::{ActiveModel, Column, Entity},
    instances::{state_to_column, to_json},
    now, services, text, time,
};

/// What became of a check-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It is the instance's latest.
    Latest,
    /// A later one, or this very one, had come before; only that the service is alive was noted.
    Overtaken,
}

impl Catalog {
    /// Records a check-in that arrived at `now`: the instance, its build and its service, and what it tells of deploys.
    ///
    /// Refuses one whose service or instance is blank, longer than 255 bytes or holds control characters. Longer
    /// texts elsewhere are cut to 1024 bytes.
    pub async fn record_check_in(
        &self,
        check_in: &CheckIn,
        now: Timestamp,
    ) -> Result<Recorded, CatalogError> {
        let service = text::name("service", &check_in.service)?;
        text::name("instance", &check_in.instance)?;
        let now = time::to_column(now);
        let transaction = self.begin().await?;
        let service_id = services::see(&transaction, service, now).await?;
        let sequence = sequence(check_in)?;
        let latest = upsert(&transaction, row(service_id, check_in, sequence, now)?).await?;
        if let Some(Upserted { id, turned_at }) = latest {
            builds::see(&transaction, service_id, &check_in.build, now).await?;
            now::keep(&transaction, id, check_in).await?;
            if turned_at == sequence {
                deploys::turned(&transaction, service_id, check_in, now).await?;
            }
        }
        transaction.commit().await?;
        Ok(latest.map_or(Recorded::Overtaken, |_| Recorded::Latest))
    }
}

/// An instance whose latest check-in it is.
#[derive(Clone, Copy)]
struct Upserted {
    id: i64,
    /// The sequence of the check-in by which the instance last turned into something else, by this one or an earlier.
    turned_at: i64,
}

/// One statement, so that of two check-ins which arrive at once the later one stays. None where this one was overtaken.
async fn upsert(db: &impl ConnectionTrait, row: ActiveModel) -> Result<Option<Upserted>, DbErr> {
    let changing = [
        Column::Environment,
        Column::Agent,
        Column::Sequence,
        Column::SentAt,
        Column::Version,
        Column::Commit,
        Column::BuiltAt,
        Column::Host,
        Column::Pid,
        Column::StartedAt,
        Column::AdminAddress,
        Column::State,
        Column::HealthStatus,
        Column::Checks,
        Column::Figures,
        Column::Losses,
        Column::Observations,
        Column::Drain,
        Column::LastSeenAt,
        Column::LostAt,
    ];
    let conflict = OnConflict::columns([Column::ServiceId, Column::Instance])
        .update_columns(changing)
        .value(
            Column::TurnedSequence,
            Expr::case(turns(), new(Column::Sequence)).finally(old(Column::TurnedSequence)),
        )
        .action_and_where(new(Column::Sequence).gt(old(Column::Sequence)))
        .to_owned();
    let mut statement = Entity::insert(row).on_conflict(conflict).into_query();
    statement.returning(Query::returning().columns([Column::Id, Column::TurnedSequence]));
    let Some(row) = db.query_one(&statement).await? else { return Ok(None) };
    let column = |column: Column| row.try_get("", column.as_str());
    Ok(Some(Upserted { id: column(Column::Id)?, turned_at: column(Column::TurnedSequence)? }))
}

/// Whether a check-in says more than that all is as it was. Nothing has been said yet where none turned it.
fn turns() -> Expr {
    let differs = |column| new(column).ne(old(column));
    differs(Column::State)
        .or(differs(Column::Version))
        .or(differs(Column::Commit))
        .or(differs(Column::Environment))
        .or(old(Column::LostAt).is_not_null())
        .or(old(Column::TurnedSequence).eq(0))
}

fn new(column: Column) -> Expr {
    Expr::col((Alias::new("excluded"), column))
}

fn old(column: Column) -> Expr {
    Expr::col((Entity, column))
}

fn sequence(check_in: &CheckIn) -> Result<i64, CatalogError> {
    i64::try_from(check_in.sequence)
        .map_err(|_| CatalogError::Refused { field: "sequence", rule: "must be below 2^63" })
}

fn row(service_id: i64, check_in: &CheckIn, sequence: i64, now: i64) -> Result<ActiveModel, CatalogError> {
    Ok(ActiveModel {
        service_id: Set(service_id),
        instance: Set(check_in.instance.clone()),
        environment: Set(text::detail(&check_in.environment)),
        agent: Set(text::detail(&check_in.agent)),
        sequence: Set(sequence),
        sent_at: Set(time::to_column(check_in.sent_at)),
        version: Set(text::detail(&check_in.build.version)),
        commit: Set(text::detail(&check_in.build.commit)),
        built_at: Set(check_in.build.built_at.map(time::to_column)),
        host: Set(text::detail(&check_in.process.host)),
        pid: Set(check_in.process.pid.into()),
        started_at: Set(time::to_column(check_in.process.started_at)),
        admin_address: Set(text::detail(&check_in.process.admin_address)),
        state: Set(state_to_column(check_in.state).to_owned()),
        health_status: Set(check_in.health.status.as_str().to_owned()),
        checks: Set(to_json(&check_in.health.checks)?),
        figures: Set(to_json(&check_in.figures)?),
        losses: Set(to_json(&check_in.losses)?),
        observations: Set(to_json(&check_in.observations)?),
        drain: Set(check_in.drain.as_ref().map(to_json).transpose()?),
        first_seen_at: Set(now),
        last_seen_at: Set(now),
        turned_sequence: Set(sequence),
        lost_at: Set(None),
        ..Default::default()
    })
}
