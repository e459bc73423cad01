//! How the portal's own probes of services' URLs went: of each service the latest.

use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
    sea_query::{Expr, OnConflict},
};

use crate::{
    Catalog, CatalogError, Lease,
    entity::{
        service_setting,
        uptime_probe::{ActiveModel, Column, Entity, Model},
    },
    leases, text, time,
};

/// Rows written by a statement: eight values each, of the 32,766 that SQLite takes.
const ROWS: usize = 1_000;

/// How the latest probe of a service's URL went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UptimeProbe {
    /// The service.
    pub service: String,
    /// What was asked for.
    pub url: String,
    /// When.
    pub at: Timestamp,
    /// Whether it was answered in a way that counts.
    pub answered: bool,
    /// The status of HTTP, where one came.
    pub status: Option<u16>,
    /// Milliseconds until the answer began, or was given up.
    pub took_ms: u64,
    /// Why it does not count as answered. What is beyond 1,024 bytes is cut.
    pub error: Option<String>,
    /// When the first of the probes was that have not been answered since; none where the latest was.
    pub failing_since: Option<Timestamp>,
}

impl Catalog {
    /// Records probes, each of another service, all of them or none; what was known of these services is replaced. What
    /// is known of services that have no URL any more is forgotten.
    ///
    /// Refused with [`CatalogError::LeaseLost`] when another portal has taken over.
    pub async fn record_uptime_probes(
        &self,
        lease: &Lease,
        probes: &[UptimeProbe],
    ) -> Result<(), CatalogError> {
        let rows = probes.iter().map(row).collect::<Result<Vec<_>, _>>()?;
        let transaction = self.begin().await?;
        leases::hold(&transaction, lease).await?;
        let known = OnConflict::column(Column::Service)
            .update_columns([
                Column::Url,
                Column::At,
                Column::Answered,
                Column::Status,
                Column::TookMs,
                Column::Error,
                Column::FailingSince,
            ])
            .to_owned();
        for some in rows.chunks(ROWS) {
            let insert = Entity::insert_many(some.iter().cloned()).on_conflict(known.clone());
            insert.exec_without_returning(&transaction).await?;
        }
        forget(&transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// The latest probe of each service, by service in alphabetical order. A probe of another URL than the one that the
    /// service has now is none.
    pub async fn uptime_probes(&self) -> Result<Vec<UptimeProbe>, CatalogError> {
        let rows = of_current_urls().order_by_asc(Column::Service).all(&self.db).await?;
        Ok(rows.into_iter().map(UptimeProbe::from).collect())
    }

    /// The latest probe of a service; none where the URL that it has now was not asked for yet.
    pub async fn uptime_probe(&self, service: &str) -> Result<Option<UptimeProbe>, CatalogError> {
        let row = of_current_urls().filter(Column::Service.eq(service)).one(&self.db).await?;
        Ok(row.map(UptimeProbe::from))
    }
}

fn of_current_urls() -> Select<Entity> {
    use service_setting::Column as Setting;
    let same = service_setting::Entity::find()
        .select_only()
        .column(Setting::Service)
        .filter(Expr::col((service_setting::Entity, Setting::Service)).equals((Entity, Column::Service)))
        .filter(Expr::col((service_setting::Entity, Setting::Url)).equals((Entity, Column::Url)));
    Entity::find().filter(Expr::exists(same.into_query()))
}

async fn forget(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
    use service_setting::Column as Setting;
    let with_url = service_setting::Entity::find()
        .select_only()
        .column(Setting::Service)
        .filter(Setting::Url.is_not_null())
        .into_query();
    Entity::delete_many().filter(Column::Service.not_in_subquery(with_url)).exec(transaction).await?;
    Ok(())
}

fn row(probe: &UptimeProbe) -> Result<ActiveModel, CatalogError> {
    Ok(ActiveModel {
        service: Set(text::name("service", &probe.service)?.to_owned()),
        url: Set(text::link("url", &probe.url)?.to_owned()),
        at: Set(time::to_column(probe.at)),
        answered: Set(probe.answered),
        status: Set(probe.status.map(i64::from)),
        took_ms: Set(i64::try_from(probe.took_ms).unwrap_or(i64::MAX)),
        error: Set(probe.error.as_deref().map(text::detail)),
        failing_since: Set(probe.failing_since.map(time::to_column)),
    })
}

impl From<Model> for UptimeProbe {
    fn from(row: Model) -> Self {
        Self {
            service: row.service,
            url: row.url,
            at: time::from_column(row.at),
            answered: row.answered,
            status: row.status.and_then(|status| u16::try_from(status).ok()),
            took_ms: u64::try_from(row.took_ms).unwrap_or_default(),
            error: row.error,
            failing_since: row.failing_since.map(time::from_column),
        }
    }
}
