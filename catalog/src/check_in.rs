//! Records check-ins.

use jiff::Timestamp;
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, Set,
    sea_query::{Alias, Expr, ExprTrait, OnConflict},
};
use seaworthy_protocol::CheckIn;

use crate::{
    Catalog, CatalogError, builds,
    entity::instance::{ActiveModel, Column, Entity},
    instances::{state_to_column, to_json},
    services, text, time,
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
    /// Records a check-in that arrived at `now`: the instance, its build and its service.
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
        let recorded = upsert(&transaction, row(service_id, check_in, now)?).await?;
        if recorded == Recorded::Latest {
            builds::see(&transaction, service_id, &check_in.build, now).await?;
        }
        transaction.commit().await?;
        Ok(recorded)
    }
}

/// One statement, so that of two check-ins which arrive at once the later one stays.
async fn upsert(db: &impl ConnectionTrait, row: ActiveModel) -> Result<Recorded, DbErr> {
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
        Column::Drain,
        Column::LastSeenAt,
    ];
    let later =
        Expr::col((Alias::new("excluded"), Column::Sequence)).gt(Expr::col((Entity, Column::Sequence)));
    let conflict = OnConflict::columns([Column::ServiceId, Column::Instance])
        .update_columns(changing)
        .action_and_where(later)
        .to_owned();
    match Entity::insert(row).on_conflict(conflict).exec_without_returning(db).await {
        Ok(0) | Err(DbErr::RecordNotInserted) => Ok(Recorded::Overtaken),
        Ok(_) => Ok(Recorded::Latest),
        Err(error) => Err(error),
    }
}

fn row(service_id: i64, check_in: &CheckIn, now: i64) -> Result<ActiveModel, CatalogError> {
    let sequence = i64::try_from(check_in.sequence)
        .map_err(|_| CatalogError::Refused { field: "sequence", rule: "must be below 2^63" })?;
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
        drain: Set(check_in.drain.as_ref().map(to_json).transpose()?),
        first_seen_at: Set(now),
        last_seen_at: Set(now),
        ..Default::default()
    })
}
