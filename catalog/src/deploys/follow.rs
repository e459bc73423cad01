//! Follows what instances tell, and writes down what is recognised.

use std::collections::BTreeSet;

use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, FromQueryResult, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, Select, Set, sea_query::Expr,
};
use seaworthy_protocol::{CheckIn, InstanceState};

use super::{
    declare,
    deploy::{self, FIRST, kind_to_column},
    recognise::{self, DeployedBuild, Peer, Step, Tip, kind_of},
    shutdowns,
};
use crate::{
    Catalog, CatalogError,
    entity::{
        deploy::{ActiveModel, Column, Entity, Model},
        instance, service,
    },
    instances::state_to_column,
    text, time,
};

/// Instances noted by a statement.
const INSTANCES: usize = 1_000;

impl Catalog {
    /// Notes as lost what was last heard of before `silent_since` and did not say that it stops, and what that and the time
    /// mean for deploys: one that waits for nothing else ends, one of which nothing is left has been taken back. Returns how
    /// many instances were lost.
    ///
    /// To be called every now and then. Whoever has not listened for long enough to miss anybody names an early time.
    pub async fn note_lost_instances(
        &self,
        silent_since: Timestamp,
        now: Timestamp,
    ) -> Result<u64, CatalogError> {
        let silent_since = time::to_column(silent_since);
        let mut places: BTreeSet<(i64, String)> = silent(silent_since)
            .select_only()
            .columns([instance::Column::ServiceId, instance::Column::Environment])
            .distinct()
            .into_tuple()
            .all(&self.db)
            .await?
            .into_iter()
            .collect();
        places.extend(under_way().into_tuple::<(i64, String)>().all(&self.db).await?);
        let mut lost = 0;
        for (service_id, environment) in places {
            let transaction = self.begin().await?;
            // Check-ins of the service wait for this, and this for them.
            service::Entity::find_by_id(service_id).lock_exclusive().one(&transaction).await?;
            lost += note_lost(&transaction, service_id, &environment, silent_since, now).await?;
            review(&transaction, service_id, &environment, time::to_column(now)).await?;
            transaction.commit().await?;
        }
        Ok(lost)
    }
}

/// Takes in a check-in that says something new of its instance: that it is there, another build, another state, or that it
/// was not lost. The service is locked by this transaction.
pub(crate) async fn turned(
    transaction: &DatabaseTransaction,
    service_id: i64,
    check_in: &CheckIn,
    now: i64,
) -> Result<(), CatalogError> {
    shutdowns::heard(transaction, service_id, check_in, now).await?;
    review(transaction, service_id, &text::detail(&check_in.environment), now).await
}

fn silent(silent_since: i64) -> Select<instance::Entity> {
    instance::Entity::find()
        .filter(instance::Column::LastSeenAt.lt(silent_since))
        .filter(instance::Column::State.ne(state_to_column(InstanceState::Stopped)))
        .filter(instance::Column::LostAt.is_null())
}

fn under_way() -> Select<Entity> {
    Entity::find()
        .select_only()
        .columns([Column::ServiceId, Column::Environment])
        .filter(Column::Turn.is_not_null())
        .filter(Column::SettledAt.is_null())
}

async fn note_lost(
    transaction: &DatabaseTransaction,
    service_id: i64,
    environment: &str,
    silent_since: i64,
    now: Timestamp,
) -> Result<u64, DbErr> {
    let lost = silent(silent_since)
        .filter(instance::Column::ServiceId.eq(service_id))
        .filter(instance::Column::Environment.eq(environment))
        .all(transaction)
        .await?;
    shutdowns::lost(transaction, &lost).await?;
    for some in lost.chunks(INSTANCES) {
        instance::Entity::update_many()
            .col_expr(instance::Column::LostAt, Expr::value(time::to_column(now)))
            .filter(instance::Column::Id.is_in(some.iter().map(|instance| instance.id)))
            .exec(transaction)
            .await?;
    }
    Ok(lost.len() as u64)
}

/// Brings the deploys of an environment up to what its instances are now.
async fn review(
    transaction: &DatabaseTransaction,
    service_id: i64,
    environment: &str,
    now: i64,
) -> Result<(), CatalogError> {
    let peers = peers(transaction, service_id, environment).await?;
    let mut tip = latest(transaction, service_id, environment).await?;
    while let Some(step) = recognise::step(tip.as_ref().map(Tip::from).as_ref(), &peers, now) {
        let row = match (step, tip) {
            (Step::Begin { build, process_started_at, seen_at, there_before, ended_at }, tip) => {
                let seen = Seen { build, process_started_at, seen_at, there_before, ended_at };
                begin(transaction, service_id, environment, tip, seen).await?
            }
            (Step::Settle { at }, Some(tip)) => settle(transaction, tip, Some(at)).await?,
            (Step::Unsettle, Some(tip)) => settle(transaction, tip, None).await?,
            (Step::Settle { .. } | Step::Unsettle, None) => return Ok(()),
        };
        tip = Some(row);
    }
    Ok(())
}

/// A build that is the tip from now on.
struct Seen {
    build: DeployedBuild,
    process_started_at: i64,
    seen_at: i64,
    there_before: bool,
    ended_at: i64,
}

async fn begin(
    transaction: &DatabaseTransaction,
    service_id: i64,
    environment: &str,
    tip: Option<Model>,
    seen: Seen,
) -> Result<Model, DbErr> {
    let Seen { build, process_started_at, seen_at, there_before, ended_at } = seen;
    let kind = match &tip {
        None => FIRST,
        Some(tip) => {
            let place = place(transaction, service_id, environment, &build).await?;
            let of_tip = place_of_tip(transaction, tip).await?;
            kind_to_column(kind_of(place, there_before, of_tip))
        }
    };
    if let Some(tip) = tip.clone().filter(|tip| tip.settled_at != Some(ended_at)) {
        settle(transaction, tip, Some(ended_at)).await?;
    }
    let row = ActiveModel {
        turn: Set(Some(tip.as_ref().and_then(|tip| tip.turn).unwrap_or_default() + 1)),
        kind: Set(kind.to_owned()),
        version: Set(build.version.clone()),
        commit: Set(build.commit.clone()),
        from_version: Set(tip.as_ref().map(|tip| tip.version.clone())),
        from_commit: Set(tip.map(|tip| tip.commit)),
        process_started_at: Set(Some(process_started_at)),
        seen_at: Set(Some(seen_at)),
        ..Default::default()
    };
    match declare::waiting(transaction, service_id, environment, &build, seen_at).await? {
        // What a person calls a deploy is one, whether or not it is the first that was seen.
        Some(declared) if kind == FIRST => {
            ActiveModel { id: Set(declared.id), kind: Set(declared.kind), ..row }.update(transaction).await
        }
        Some(declared) => ActiveModel { id: Set(declared.id), ..row }.update(transaction).await,
        None => {
            let row = ActiveModel {
                service_id: Set(service_id),
                environment: Set(environment.to_owned()),
                started_at: Set(seen_at),
                link: Set(String::new()),
                ..row
            };
            row.insert(transaction).await
        }
    }
}

async fn settle(transaction: &DatabaseTransaction, tip: Model, at: Option<i64>) -> Result<Model, DbErr> {
    ActiveModel { settled_at: Set(at), ..tip.into_active_model() }.update(transaction).await
}

/// The deploy that instances told of last.
pub(super) async fn latest(
    transaction: &DatabaseTransaction,
    service_id: i64,
    environment: &str,
) -> Result<Option<Model>, DbErr> {
    turns(service_id, environment).order_by_desc(Column::Turn).one(transaction).await
}

/// The place of a build in the order in which builds first ran in an environment.
async fn place(
    transaction: &DatabaseTransaction,
    service_id: i64,
    environment: &str,
    build: &DeployedBuild,
) -> Result<Option<i64>, DbErr> {
    let first = turns(service_id, environment)
        .filter(Column::Version.eq(build.version.as_str()))
        .filter(Column::Commit.eq(build.commit.as_str()))
        .order_by_asc(Column::Turn)
        .one(transaction)
        .await?;
    Ok(first.and_then(|first| first.turn))
}

pub(super) async fn place_of_tip(transaction: &DatabaseTransaction, tip: &Model) -> Result<i64, DbErr> {
    let build = DeployedBuild { version: tip.version.clone(), commit: tip.commit.clone() };
    Ok(place(transaction, tip.service_id, &tip.environment, &build).await?.unwrap_or_default())
}

pub(super) fn turns(service_id: i64, environment: &str) -> Select<Entity> {
    Entity::find()
        .filter(Column::ServiceId.eq(service_id))
        .filter(Column::Environment.eq(environment))
        .filter(Column::Turn.is_not_null())
}

/// What is read of an instance.
#[derive(FromQueryResult)]
struct Row {
    version: String,
    commit: String,
    state: String,
    started_at: i64,
    sent_at: i64,
    first_seen_at: i64,
    last_seen_at: i64,
    lost_at: Option<i64>,
}

async fn peers(
    transaction: &DatabaseTransaction,
    service_id: i64,
    environment: &str,
) -> Result<Vec<Peer>, DbErr> {
    use instance::Column::{
        Commit, Environment, FirstSeenAt, LastSeenAt, LostAt, SentAt, ServiceId, StartedAt, State, Version,
    };
    let rows = instance::Entity::find()
        .select_only()
        .columns([Version, Commit, State, StartedAt, SentAt, FirstSeenAt, LastSeenAt, LostAt])
        .filter(ServiceId.eq(service_id))
        .filter(Environment.eq(environment))
        .into_model::<Row>()
        .all(transaction)
        .await?;
    Ok(rows.into_iter().filter(|row| !row.version.trim().is_empty()).map(Peer::from).collect())
}

impl From<Row> for Peer {
    fn from(row: Row) -> Self {
        let stopped = row.state == state_to_column(InstanceState::Stopped);
        // What was sent later than it came comes from a clock that is ahead. One that is behind looks like a late message.
        let ahead = (row.sent_at - row.last_seen_at).max(0);
        Self {
            build: DeployedBuild { version: row.version, commit: row.commit },
            running: row.state == state_to_column(InstanceState::Running),
            started_at: (row.started_at - ahead).min(row.last_seen_at),
            first_seen_at: row.first_seen_at,
            gone_at: (stopped || row.lost_at.is_some()).then_some(row.last_seen_at),
        }
    }
}

impl From<&Model> for Tip {
    fn from(row: &Model) -> Self {
        Self {
            build: DeployedBuild { version: row.version.clone(), commit: row.commit.clone() },
            from: deploy::build(row.from_version.clone(), row.from_commit.clone()),
            process_started_at: row.process_started_at.unwrap_or(row.started_at),
            seen_at: row.seen_at.unwrap_or(row.started_at),
            settled_at: row.settled_at,
        }
    }
}
