//! Templates: the checklists by which services are judged. Every version is kept.

use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, Set, sea_query::OnConflict,
};

use crate::{
    Actor, Catalog, CatalogError, accounts,
    entity::template::{ActiveModel, Column, Entity, Model},
    text, time,
};

const WHAT: &str = "template";

/// A version of a template, as somebody writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateDefinition {
    /// What names the template across its versions: `twelve-point`.
    pub template: String,
    /// What names this version of it.
    pub version: String,
    /// The template itself; at most 1 MiB. The catalog keeps it as it is.
    pub yaml: String,
}

/// A version of a template in the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredTemplate {
    /// What somebody wrote.
    pub definition: TemplateDefinition,
    /// Whether services are judged by it. Of each template at most one version is in use.
    pub in_use: bool,
    /// When it was added.
    pub created_at: Timestamp,
    /// How who added it signs in.
    pub created_by: String,
    /// When it was last put into use or out of it.
    pub changed_at: Timestamp,
    /// How who did so signs in.
    pub changed_by: String,
}

impl Catalog {
    /// The templates in use, in alphabetical order.
    pub async fn templates_in_use(&self) -> Result<Vec<StoredTemplate>, CatalogError> {
        let rows = Entity::find().filter(Column::InUse.eq(true)).order_by_asc(Column::Template);
        Ok(rows.all(&self.db).await?.into_iter().map(StoredTemplate::from).collect())
    }

    /// Of every template the version in use, or the latest one where none is, in alphabetical order.
    pub async fn templates(&self) -> Result<Vec<StoredTemplate>, CatalogError> {
        let rows = Entity::find()
            .order_by_asc(Column::Template)
            .order_by_desc(Column::InUse)
            .order_by_desc(Column::Id)
            .all(&self.db)
            .await?;
        let mut templates: Vec<StoredTemplate> = rows.into_iter().map(StoredTemplate::from).collect();
        templates.dedup_by(|next, kept| next.definition.template == kept.definition.template);
        Ok(templates)
    }

    /// Every version of a template, latest first.
    pub async fn template_versions(&self, template: &str) -> Result<Vec<StoredTemplate>, CatalogError> {
        let rows = Entity::find().filter(Column::Template.eq(template)).order_by_desc(Column::Id);
        Ok(rows.all(&self.db).await?.into_iter().map(StoredTemplate::from).collect())
    }

    /// Adds a version of a template and puts it into use instead of the version `expected`, which the caller saw in use;
    /// none where none was.
    ///
    /// Refused with [`CatalogError::Changed`] when another is in use by now, and with [`CatalogError::Taken`] when there
    /// is a version of this name.
    pub async fn add_template(
        &self,
        definition: &TemplateDefinition,
        expected: Option<&str>,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<StoredTemplate, CatalogError> {
        let transaction = self.begin().await?;
        add(&transaction, definition, expected, actor, now).await?;
        let added = find(&transaction, &definition.template, &definition.version).await?;
        transaction.commit().await?;
        added.map(StoredTemplate::from).ok_or(CatalogError::NotFound(WHAT))
    }

    /// Puts a version of a template into use instead of the version `expected`, which the caller saw in use; none to take
    /// the template out of use.
    ///
    /// Refused with [`CatalogError::Changed`] when another is in use by now.
    pub async fn use_template(
        &self,
        template: &str,
        version: Option<&str>,
        expected: Option<&str>,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<(), CatalogError> {
        let transaction = self.begin().await?;
        use_version(&transaction, (template, version), expected, actor, now).await?;
        Ok(transaction.commit().await?)
    }
}

impl TemplateDefinition {
    /// Whether the catalog would take it. What it asks is for the checklist to say.
    ///
    /// # Errors
    /// [`CatalogError::Refused`] with the first field that it would not take.
    pub fn check(&self) -> Result<(), CatalogError> {
        text::name("template", &self.template)?;
        text::name("version", &self.version)?;
        text::large("yaml", &self.yaml).map(drop)
    }
}

pub(crate) async fn add(
    transaction: &DatabaseTransaction,
    definition: &TemplateDefinition,
    expected: Option<&str>,
    actor: &Actor,
    now: Timestamp,
) -> Result<(), CatalogError> {
    let row = new_row(definition, actor, now)?;
    let used = lock_used(transaction, &definition.template, expected).await?;
    if find(transaction, &definition.template, &definition.version).await?.is_some() {
        return Err(taken(definition));
    }
    if let Some(used) = used {
        put(transaction, used, false, actor, now).await?;
    }
    // What another adds at the same moment is not seen before it is there.
    let only = OnConflict::new().do_nothing().to_owned();
    match Entity::insert(row).on_conflict(only).exec(transaction).await {
        Ok(_) => {}
        Err(DbErr::RecordNotInserted) => return Err(overtaken(transaction, definition).await?),
        Err(error) => return Err(error.into()),
    }
    Ok(accounts::note(transaction, actor, "added a template", &subject(definition), now).await?)
}

/// `wanted` is a template and the version to use; none to use none.
pub(crate) async fn use_version(
    transaction: &DatabaseTransaction,
    wanted: (&str, Option<&str>),
    expected: Option<&str>,
    actor: &Actor,
    now: Timestamp,
) -> Result<(), CatalogError> {
    let (template, version) = wanted;
    let rows = Entity::find().filter(Column::Template.eq(template)).order_by_asc(Column::Id);
    if rows.lock_exclusive().all(transaction).await?.is_empty() {
        return Err(CatalogError::NotFound(WHAT));
    }
    if let Some(used) = lock_used(transaction, template, expected).await? {
        put(transaction, used, false, actor, now).await?;
    }
    let (action, subject) = match version {
        Some(version) => {
            let row = find(transaction, template, version).await?.ok_or(CatalogError::NotFound(WHAT))?;
            put(transaction, row, true, actor, now).await?;
            ("put a template into use", format!("{template} {version}"))
        }
        None => ("took a template out of use", template.to_owned()),
    };
    Ok(accounts::note(transaction, actor, action, &subject, now).await?)
}

async fn find(db: &impl ConnectionTrait, template: &str, version: &str) -> Result<Option<Model>, DbErr> {
    let query = Entity::find().filter(Column::Template.eq(template)).filter(Column::Version.eq(version));
    query.one(db).await
}

/// The version in use, if it is the one that the caller saw.
async fn lock_used(
    transaction: &DatabaseTransaction,
    template: &str,
    expected: Option<&str>,
) -> Result<Option<Model>, CatalogError> {
    let used = Entity::find().filter(Column::Template.eq(template)).filter(Column::InUse.eq(true));
    let used = used.lock_exclusive().one(transaction).await?;
    if used.as_ref().map(|used| &*used.version) == expected {
        return Ok(used);
    }
    Err(changed(transaction, template).await?)
}

/// Why the caller does not know what is in use.
async fn changed(db: &impl ConnectionTrait, template: &str) -> Result<CatalogError, DbErr> {
    let latest = Entity::find().filter(Column::Template.eq(template)).order_by_desc(Column::ChangedAt);
    let latest = latest.order_by_desc(Column::InUse).order_by_desc(Column::Id).one(db).await?;
    Ok(latest.map_or(CatalogError::NotFound(WHAT), |row| CatalogError::Changed {
        what: WHAT,
        name: row.template,
        by: row.changed_by,
        at: time::from_column(row.changed_at),
    }))
}

/// Why a version was not added: of the same name, or only put into use at the same moment.
async fn overtaken(
    db: &impl ConnectionTrait,
    definition: &TemplateDefinition,
) -> Result<CatalogError, DbErr> {
    match find(db, &definition.template, &definition.version).await? {
        Some(_) => Ok(taken(definition)),
        None => changed(db, &definition.template).await,
    }
}

fn taken(definition: &TemplateDefinition) -> CatalogError {
    CatalogError::Taken { what: "version of a template", name: subject(definition) }
}

/// What the audit log calls it.
fn subject(definition: &TemplateDefinition) -> String {
    format!("{} {}", definition.template, definition.version)
}

async fn put(
    transaction: &DatabaseTransaction,
    row: Model,
    in_use: bool,
    actor: &Actor,
    now: Timestamp,
) -> Result<(), DbErr> {
    let changed = ActiveModel {
        in_use: Set(in_use),
        changed_at: Set(time::to_column(now)),
        changed_by: Set(text::detail(&actor.login)),
        ..row.into_active_model()
    };
    changed.update(transaction).await?;
    Ok(())
}

fn new_row(
    definition: &TemplateDefinition,
    actor: &Actor,
    now: Timestamp,
) -> Result<ActiveModel, CatalogError> {
    let by = text::detail(&actor.login);
    Ok(ActiveModel {
        template: Set(text::name("template", &definition.template)?.to_owned()),
        version: Set(text::name("version", &definition.version)?.to_owned()),
        yaml: Set(text::large("yaml", &definition.yaml)?.to_owned()),
        in_use: Set(true),
        created_at: Set(time::to_column(now)),
        created_by: Set(by.clone()),
        changed_at: Set(time::to_column(now)),
        changed_by: Set(by),
        ..Default::default()
    })
}

impl From<Model> for StoredTemplate {
    fn from(row: Model) -> Self {
        Self {
            definition: TemplateDefinition { template: row.template, version: row.version, yaml: row.yaml },
            in_use: row.in_use,
            created_at: time::from_column(row.created_at),
            created_by: row.created_by,
            changed_at: time::from_column(row.changed_at),
            changed_by: row.changed_by,
        }
    }
}
