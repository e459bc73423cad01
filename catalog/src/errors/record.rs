//! Counts errors as they come.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, ExprTrait,
    IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect, Set,
    sea_query::{Expr, OnConflict},
};

use super::{
    group::{OPEN, RESOLVED},
    request,
};
use crate::{
    Catalog, CatalogError,
    entity::{error_build, error_group, error_hour},
    text, time,
};

/// Groups of a service. Where there are more, what makes them alike is mistaken, and further ones are counted in one.
const MOST_GROUPS: u64 = 1_000;
/// Builds of a group that are told apart.
const MOST_BUILDS: usize = 100;

/// Errors of one group and one build that came together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenErrors {
    /// Identifies the group; the same for errors of a service that are alike.
    pub group: String,
    /// The service.
    pub service: String,
    /// The type of the exception. What is beyond 1,024 bytes is cut, here and in the following two.
    pub kind: String,
    /// What the latest of them said.
    pub message: String,
    /// Where the latest of them came from.
    pub place: String,
    /// `service.version`, empty where that is not known.
    pub build: String,
    /// When the first of them was.
    pub first_at: Timestamp,
    /// When the latest of them was.
    pub last_at: Timestamp,
    /// How many there were, by the hour since the Unix epoch.
    pub hours: BTreeMap<i64, u64>,
}

impl Catalog {
    /// Counts the errors of a request, all of them or none, and once however often it is sent: `request` tells it from
    /// others. A resolved group that comes again where it should not is open and regressed.
    pub async fn record_errors(
        &self,
        request: &str,
        seen: &[SeenErrors],
        now: Timestamp,
    ) -> Result<(), CatalogError> {
        if seen.is_empty() {
            return Ok(());
        }
        let request = text::name("request", request)?;
        let transaction = self.begin().await?;
        if !request::is_first(&transaction, request, time::to_column(now)).await? {
            return Ok(transaction.rollback().await?);
        }
        let mut seen: Vec<SeenErrors> = within_bounds(&transaction, seen).await?;
        // Two writers that take the same rows in the same order cannot wait for each other.
        seen.sort_by(|a, b| (&a.group, a.last_at).cmp(&(&b.group, b.last_at)));
        for errors in &seen {
            record(&transaction, errors).await?;
        }
        Ok(transaction.commit().await?)
    }
}

/// New groups of services that have too many become one.
async fn within_bounds(
    transaction: &DatabaseTransaction,
    seen: &[SeenErrors],
) -> Result<Vec<SeenErrors>, CatalogError> {
    use error_group::{Column, Entity};
    let ids: HashSet<&str> = seen.iter().map(|errors| errors.group.as_str()).collect();
    let known: Vec<String> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Id.is_in(ids))
        .into_tuple()
        .all(transaction)
        .await?;
    let known: HashSet<String> = known.into_iter().collect();
    let mut counts: HashMap<&str, u64> = HashMap::new();
    let mut new: HashSet<&str> = HashSet::new();
    let mut bounded = Vec::with_capacity(seen.len());
    for errors in seen {
        text::name("service", &errors.service)?;
        text::name("group", &errors.group)?;
        let mut errors_kept = errors.clone();
        if !known.contains(&errors.group) && !new.contains(errors.group.as_str()) {
            let count = match counts.get(errors.service.as_str()) {
                Some(count) => *count,
                None => Entity::find().filter(Column::Service.eq(&errors.service)).count(transaction).await?,
            };
            if count >= MOST_GROUPS {
                errors_kept.group = format!("rest-{}", errors.service);
                errors_kept.kind = "further errors".to_owned();
                errors_kept.place = String::new();
            } else {
                new.insert(&errors.group);
            }
            counts.insert(&errors.service, count + 1);
        }
        bounded.push(errors_kept);
    }
    Ok(bounded)
}

async fn record(transaction: &DatabaseTransaction, seen: &SeenErrors) -> Result<(), CatalogError> {
    let count = i64::try_from(seen.hours.values().sum::<u64>()).unwrap_or(i64::MAX);
    let (first, last) = (time::to_column(seen.first_at), time::to_column(seen.last_at));
    let row = locked(transaction, seen, (first, last)).await?;
    let build = text::detail(&seen.build);
    let builds =
        error_build::Entity::find().filter(error_build::Column::GroupId.eq(&row.id)).all(transaction).await?;
    let known = builds.iter().find(|known| known.build == build);
    let regressed = row.state == RESOLVED && comes_again(&row, known, &build, last);
    let mut changed = row.clone().into_active_model();
    changed.count = Set(row.count.saturating_add(count));
    changed.first_seen_at = Set(std::cmp::min(row.first_seen_at, first));
    if last >= row.last_seen_at {
        changed.last_seen_at = Set(last);
        changed.kind = Set(text::detail(&seen.kind));
        changed.message = Set(text::detail(&seen.message));
        changed.place = Set(text::detail(&seen.place));
    }
    if regressed {
        changed.state = Set(OPEN.to_owned());
        changed.regressed_at = Set(Some(last));
        changed.regressed_in = Set(Some(build.clone()));
    }
    changed.update(transaction).await?;
    if known.is_some() || builds.len() < MOST_BUILDS {
        write_build(transaction, &row.id, build, known, (first, last, count)).await?;
    }
    write_hours(transaction, &row.id, &seen.hours).await?;
    Ok(())
}

/// The row of a group, made where it is new, which nobody else changes until the transaction ends.
async fn locked(
    transaction: &DatabaseTransaction,
    seen: &SeenErrors,
    (first, last): (i64, i64),
) -> Result<error_group::Model, CatalogError> {
    use error_group::{ActiveModel, Column, Entity};
    let row = ActiveModel {
        id: Set(seen.group.clone()),
        service: Set(seen.service.clone()),
        kind: Set(text::detail(&seen.kind)),
        message: Set(text::detail(&seen.message)),
        place: Set(text::detail(&seen.place)),
        count: Set(0),
        first_seen_at: Set(first),
        last_seen_at: Set(last),
        state: Set(OPEN.to_owned()),
        ..Default::default()
    };
    let again = OnConflict::column(Column::Id).do_nothing().to_owned();
    Entity::insert(row).on_conflict(again).exec_without_returning(transaction).await?;
    let row = Entity::find_by_id(&seen.group).lock_exclusive().one(transaction).await?;
    row.ok_or(CatalogError::NotFound("error"))
}

/// Whether an error of a resolved group means that it was not mended: it came after it was said to be, and in a build that
/// should not have it any more.
fn comes_again(row: &error_group::Model, known: Option<&error_build::Model>, build: &str, last: i64) -> bool {
    let resolved_at = row.state_at.unwrap_or_default();
    let had_it_before = known.is_some_and(|known| known.first_seen_at <= resolved_at);
    let mended_in_it = row.resolved_in.as_deref() == Some(build);
    last > resolved_at && (build.is_empty() || mended_in_it || !had_it_before)
}

async fn write_build(
    transaction: &DatabaseTransaction,
    group: &str,
    build: String,
    known: Option<&error_build::Model>,
    (first, last, count): (i64, i64, i64),
) -> Result<(), DbErr> {
    match known {
        Some(known) => {
            let mut changed = known.clone().into_active_model();
            changed.count = Set(known.count.saturating_add(count));
            changed.first_seen_at = Set(std::cmp::min(known.first_seen_at, first));
            changed.last_seen_at = Set(std::cmp::max(known.last_seen_at, last));
            changed.update(transaction).await?;
        }
        None => {
            let row = error_build::ActiveModel {
                group_id: Set(group.to_owned()),
                build: Set(build),
                count: Set(count),
                first_seen_at: Set(first),
                last_seen_at: Set(last),
            };
            error_build::Entity::insert(row).exec_without_returning(transaction).await?;
        }
    }
    Ok(())
}

async fn write_hours(
    transaction: &DatabaseTransaction,
    group: &str,
    hours: &BTreeMap<i64, u64>,
) -> Result<(), DbErr> {
    use error_hour::{ActiveModel, Column, Entity};
    for (hour, count) in hours {
        let count = i64::try_from(*count).unwrap_or(i64::MAX);
        let row = ActiveModel { group_id: Set(group.to_owned()), hour: Set(*hour), count: Set(count) };
        let again = OnConflict::columns([Column::GroupId, Column::Hour])
            .value(Column::Count, Expr::col((Entity, Column::Count)).add(count))
            .to_owned();
        Entity::insert(row).on_conflict(again).exec_without_returning(transaction).await?;
    }
    Ok(())
}

/// Forgets groups of which nothing was seen since a time.
pub(crate) async fn prune_groups(db: &impl ConnectionTrait, before: i64) -> Result<u64, DbErr> {
    use error_group::{Column, Entity};
    Ok(Entity::delete_many().filter(Column::LastSeenAt.lt(before)).exec(db).await?.rows_affected)
}

/// Forgets the hours before one.
pub(crate) async fn prune_hours(db: &impl ConnectionTrait, first_hour: i64) -> Result<u64, DbErr> {
    use error_hour::{Column, Entity};
    Ok(Entity::delete_many().filter(Column::Hour.lt(first_hour)).exec(db).await?.rows_affected)
}
