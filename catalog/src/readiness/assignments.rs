//! Who sees to an item, and until when.

use jiff::{Timestamp, civil::Date};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, ExprTrait, QueryFilter,
    QueryOrder, QuerySelect, Select, Set, sea_query::OnConflict,
};

use super::ItemKey;
use crate::{
    Actor, Catalog, CatalogError, accounts,
    entity::assignment::{ActiveModel, Column, Entity, Model},
    text, time,
};

const WHAT: &str = "assignment";

/// What people write of an assignment. With neither it is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssignmentDefinition {
    /// How who sees to it signs in, in any capitals; somebody with an account. Blank is none.
    pub owner: Option<String>,
    /// The day on which it is to be done.
    pub due: Option<Date>,
}

/// Who sees to an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The item.
    pub key: ItemKey,
    /// What was written.
    pub definition: AssignmentDefinition,
    /// Rises with every change; a change names the version that it is made to.
    pub version: i64,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// How who last changed it signs in.
    pub updated_by: String,
}

impl Catalog {
    /// The assignments of all services or of one, by service, template and item in alphabetical order.
    pub async fn assignments(&self, service: Option<&str>) -> Result<Vec<Assignment>, CatalogError> {
        let mut query = assigned();
        if let Some(service) = service {
            query = query.filter(Column::Service.eq(service));
        }
        self.assignments_of(query).await
    }

    /// What somebody sees to, the earliest due first, then what has no day.
    pub async fn assignments_to(&self, login: &str) -> Result<Vec<Assignment>, CatalogError> {
        let mut assignments = self.assignments_of(assigned().filter(Column::Owner.eq(login))).await?;
        assignments.sort_by_key(|assignment| assignment.definition.due.unwrap_or(Date::MAX));
        Ok(assignments)
    }

    /// Says who sees to an item and until when. `expected` is the version that the caller saw; 0 where there was none.
    ///
    /// Refused with [`CatalogError::Changed`] when somebody else has said it since.
    pub async fn assign_item(
        &self,
        key: &ItemKey,
        expected: i64,
        definition: &AssignmentDefinition,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Assignment, CatalogError> {
        key.check()?;
        let transaction = self.begin().await?;
        let owner = definition.owner.as_deref().filter(|owner| !owner.trim().is_empty());
        let owner = match owner {
            Some(owner) => Some(accounts::active_login(&transaction, "owner", owner).await?),
            None => None,
        };
        let definition = AssignmentDefinition { owner, due: definition.due };
        let written = ActiveModel {
            owner: Set(definition.owner.clone()),
            due: Set(definition.due.map(|due| due.to_string())),
            updated_at: Set(time::to_column(now)),
            updated_by: Set(text::detail(&actor.login)),
            ..Default::default()
        };
        let row = write(&transaction, key, expected, written).await?;
        accounts::note(&transaction, actor, &definition.action(), &key.to_string(), now).await?;
        transaction.commit().await?;
        row.try_into()
    }

    async fn assignments_of(&self, query: Select<Entity>) -> Result<Vec<Assignment>, CatalogError> {
        query.all(&self.db).await?.into_iter().map(Assignment::try_from).collect()
    }
}

impl AssignmentDefinition {
    /// What the audit log says of it.
    fn action(&self) -> String {
        match (&self.owner, self.due) {
            (Some(owner), Some(due)) => format!("assigned to {owner} until {due}"),
            (Some(owner), None) => format!("assigned to {owner}"),
            (None, Some(due)) => format!("assigned to nobody until {due}"),
            (None, None) => "assigned to nobody".to_owned(),
        }
    }
}

async fn write(
    transaction: &DatabaseTransaction,
    key: &ItemKey,
    expected: i64,
    written: ActiveModel,
) -> Result<Model, CatalogError> {
    match of(key).lock_exclusive().one(transaction).await? {
        Some(before) if before.version_seen() == expected => {
            let row = ActiveModel { id: Set(before.id), version: Set(before.version + 1), ..written };
            return Ok(row.update(transaction).await?);
        }
        Some(before) => return Err(changed(before)),
        None if expected != 0 => return Err(CatalogError::NotFound(WHAT)),
        None => {}
    }
    let row = ActiveModel {
        service: Set(key.service.clone()),
        template: Set(key.template.clone()),
        item: Set(key.item.clone()),
        version: Set(1),
        ..written
    };
    // What another writes at the same moment is not seen before it is there.
    let only = OnConflict::new().do_nothing().to_owned();
    match Entity::insert(row).on_conflict(only).exec_with_returning(transaction).await {
        Err(DbErr::RecordNotFound(_)) => {
            Err(of(key).one(transaction).await?.map_or(CatalogError::NotFound(WHAT), changed))
        }
        inserted => Ok(inserted?),
    }
}

fn changed(row: Model) -> CatalogError {
    let at = time::from_column(row.updated_at);
    let key = ItemKey { service: row.service, template: row.template, item: row.item };
    CatalogError::Changed { what: WHAT, name: format!("of {key}"), by: row.updated_by, at }
}

/// A row without owner and day is kept for its version: one that is made anew is not taken for the one before.
fn assigned() -> Select<Entity> {
    Entity::find()
        .filter(Column::Owner.is_not_null().or(Column::Due.is_not_null()))
        .order_by_asc(Column::Service)
        .order_by_asc(Column::Template)
        .order_by_asc(Column::Item)
}

fn of(key: &ItemKey) -> Select<Entity> {
    Entity::find()
        .filter(Column::Service.eq(&*key.service))
        .filter(Column::Template.eq(&*key.template))
        .filter(Column::Item.eq(&*key.item))
}

impl Model {
    /// The version that readers see.
    fn version_seen(&self) -> i64 {
        if self.owner.is_some() || self.due.is_some() { self.version } else { 0 }
    }
}

impl TryFrom<Model> for Assignment {
    type Error = CatalogError;

    fn try_from(row: Model) -> Result<Self, CatalogError> {
        let due = row.due.map(|due| {
            let unreadable = |_| CatalogError::Unreadable { what: "a due date", value: due.clone() };
            due.parse().map_err(unreadable)
        });
        Ok(Self {
            key: ItemKey { service: row.service, template: row.template, item: row.item },
            definition: AssignmentDefinition { owner: row.owner, due: due.transpose()? },
            version: row.version,
            updated_at: time::from_column(row.updated_at),
            updated_by: row.updated_by,
        })
    }
}
