//! Deploys, to be read.

use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Alias, Expr, Query},
};

use super::recognise::{DeployKind, DeployedBuild};
use crate::{
    Catalog, CatalogError,
    entity::{
        deploy::{Column, Entity, Model},
        service,
    },
    time,
};

/// The kind of the first turn in an environment, which is nothing that people did.
pub(super) const FIRST: &str = "first";
const DEPLOY: &str = "deploy";
const ROLLBACK: &str = "rollback";

/// A build of a service was put in the place of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deploy {
    /// Identifies it for good.
    pub id: i64,
    /// The service.
    pub service: String,
    /// OpenTelemetry's `deployment.environment.name`, empty where none is set.
    pub environment: String,
    /// Whether something newer was put in place, or something that had run before.
    pub kind: DeployKind,
    /// What had been deployed last before; none where nothing was known of it.
    pub from: Option<DeployedBuild>,
    /// What was put in place.
    pub build: DeployedBuild,
    /// When it began: as declared, else when an instance of it first checked in.
    pub started_at: Timestamp,
    /// When it was over: as declared, else when the last instance of any other build had gone, or the next deploy began. None
    /// while it is under way, and for what no instance told of.
    pub ended_at: Option<Timestamp>,
    /// When an instance first told of it; none where it was declared alone.
    pub seen_at: Option<Timestamp>,
    /// Who declared it; none where instances alone told of it.
    pub declared: Option<Declaration>,
}

/// That somebody said there is a deploy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// When it was last said.
    pub at: Timestamp,
    /// Who said so: how a person signs in, or the name of a token.
    pub by: String,
    /// Where more is to be seen, empty where nowhere: an address that begins with `https://` or `http://`.
    pub link: String,
}

impl Catalog {
    /// Deploys and rollbacks of a service, or of all, latest first.
    pub async fn deploys(&self, service: Option<&str>, limit: u64) -> Result<Vec<Deploy>, CatalogError> {
        let mut query = Entity::find()
            .find_also_related(service::Entity)
            .filter(Column::Kind.ne(FIRST))
            .order_by_desc(Column::StartedAt)
            .order_by_desc(Column::Id)
            .limit(limit);
        if let Some(service) = service {
            query = query.filter(service::Column::Name.eq(service));
        }
        let rows = query.all(&self.db).await?;
        rows.into_iter().map(|(row, service)| deploy(row, service.map(|service| service.name))).collect()
    }
}

/// Forgets deploys that began before a time, but for the latest of each environment: it is what the next goes from.
pub(crate) async fn prune(db: &impl ConnectionTrait, before: i64) -> Result<u64, DbErr> {
    let later = || Alias::new("later");
    let same = |column: Column| Expr::col((later(), column)).equals((Entity, column));
    let overtaken = Query::select()
        .expr(Expr::val(1))
        .from_as(Entity, later())
        .and_where(same(Column::ServiceId))
        .and_where(same(Column::Environment))
        .and_where(Expr::col((later(), Column::Turn)).gt(Expr::col((Entity, Column::Turn))))
        .to_owned();
    let old = Column::StartedAt.lt(before).and(Column::Turn.is_null().or(Expr::exists(overtaken)));
    Ok(Entity::delete_many().filter(old).exec(db).await?.rows_affected)
}

pub(super) const fn kind_to_column(kind: DeployKind) -> &'static str {
    match kind {
        DeployKind::Deploy => DEPLOY,
        DeployKind::Rollback => ROLLBACK,
    }
}

pub(super) fn deploy(row: Model, service: Option<String>) -> Result<Deploy, CatalogError> {
    let kind = match row.kind.as_str() {
        DEPLOY => DeployKind::Deploy,
        ROLLBACK => DeployKind::Rollback,
        _ => return Err(CatalogError::Unreadable { what: "a kind of deploy", value: row.kind }),
    };
    Ok(Deploy {
        id: row.id,
        service: service.unwrap_or_default(),
        environment: row.environment,
        kind,
        from: build(row.from_version, row.from_commit),
        build: DeployedBuild { version: row.version, commit: row.commit },
        started_at: time::from_column(row.started_at),
        ended_at: row.declared_end.or(row.settled_at).map(time::from_column),
        seen_at: row.seen_at.map(time::from_column),
        declared: row.declared_at.map(|at| Declaration {
            at: time::from_column(at),
            by: row.declared_by.unwrap_or_default(),
            link: row.link,
        }),
    })
}

pub(super) fn build(version: Option<String>, commit: Option<String>) -> Option<DeployedBuild> {
    version.map(|version| DeployedBuild { version, commit: commit.unwrap_or_default() })
}
