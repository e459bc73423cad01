//! Answers to items. What is said later replaces what was said before, which is kept.

use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, Select, Set, sea_query::OnConflict,
};

use super::ItemKey;
use crate::{
    Actor, Catalog, CatalogError, accounts,
    entity::answer::{ActiveModel, Column, Entity, Model},
    text, time,
};

const WHAT: &str = "answer";

/// What somebody says of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerKind {
    /// The service satisfies it.
    Satisfied,
    /// The service does not.
    NotSatisfied,
    /// It has nothing to say about the service; the note says why.
    NotApplicable,
}

/// What people write of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerDefinition {
    /// What is said.
    pub kind: AnswerKind,
    /// What there is to add; at most 16 KiB. Not blank for [`AnswerKind::NotApplicable`].
    pub note: String,
    /// Where it can be seen: an address of the web. Blank is none.
    pub link: Option<String>,
    /// The build that ran when it was said, where it was known.
    pub build: Option<String>,
    /// The file that said it; none for what somebody said by hand.
    pub file: Option<String>,
}

/// What is said of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The item.
    pub key: ItemKey,
    /// What was written.
    pub definition: AnswerDefinition,
    /// Rises with whatever is said of the item; a change names the version that it is made to.
    pub version: i64,
    /// How who said it signs in.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// What was said of an item at some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastAnswer {
    /// Rises with whatever is said of the item.
    pub version: i64,
    /// What was written; none where the answer before was withdrawn.
    pub definition: Option<AnswerDefinition>,
    /// How who said it signs in.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl Catalog {
    /// What is said of items now, of all services or of one, by service, template and item in alphabetical order.
    pub async fn answers(&self, service: Option<&str>) -> Result<Vec<Answer>, CatalogError> {
        let mut query = latest()
            .filter(Column::Kind.is_not_null())
            .order_by_asc(Column::Service)
            .order_by_asc(Column::Template)
            .order_by_asc(Column::Item);
        if let Some(service) = service {
            query = query.filter(Column::Service.eq(service));
        }
        let rows = query.all(&self.db).await?;
        rows.into_iter().filter_map(|row| Answer::from_row(row).transpose()).collect()
    }

    /// What somebody says of items now, in the same order.
    pub async fn answers_by(&self, login: &str) -> Result<Vec<Answer>, CatalogError> {
        let rows = latest()
            .filter(Column::Kind.is_not_null())
            .filter(Column::By.eq(login))
            .order_by_asc(Column::Service)
            .order_by_asc(Column::Template)
            .order_by_asc(Column::Item);
        let rows = rows.all(&self.db).await?;
        rows.into_iter().filter_map(|row| Answer::from_row(row).transpose()).collect()
    }

    /// All that was ever said of an item, latest first.
    pub async fn answer_history(&self, key: &ItemKey) -> Result<Vec<PastAnswer>, CatalogError> {
        let rows = of(Entity::find(), key).order_by_desc(Column::Version).all(&self.db).await?;
        rows.into_iter().map(PastAnswer::try_from).collect()
    }

    /// Says something of an item. `expected` is the version of the answer that the caller saw; 0 where there was none.
    ///
    /// Refused with [`CatalogError::Changed`] when somebody else has said something since.
    pub async fn answer_item(
        &self,
        key: &ItemKey,
        expected: i64,
        definition: &AnswerDefinition,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Answer, CatalogError> {
        let transaction = self.begin().await?;
        let answer = answer(&transaction, (key, expected), definition, (&actor.login, actor), now).await?;
        transaction.commit().await?;
        Ok(answer)
    }

    /// Takes back the answer of which the caller saw the version `expected`: nobody says anything of the item any more.
    ///
    /// Refused with [`CatalogError::Changed`] when somebody else has said something since.
    pub async fn withdraw_answer(
        &self,
        key: &ItemKey,
        expected: i64,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<(), CatalogError> {
        let transaction = self.begin().await?;
        withdraw(&transaction, (key, expected), (&actor.login, actor), now).await?;
        Ok(transaction.commit().await?)
    }
}

impl AnswerDefinition {
    /// Whether the catalog would take it for this item.
    ///
    /// # Errors
    /// [`CatalogError::Refused`] with the first field that it would not take.
    pub fn check(&self, key: &ItemKey) -> Result<(), CatalogError> {
        key.check()?;
        columns(self).map(drop)
    }
}

/// `seen` is the item and the version of its answer that the caller saw; `who` is how who says it signs in, and who brings it
/// to the catalog.
pub(crate) async fn answer(
    transaction: &DatabaseTransaction,
    seen: (&ItemKey, i64),
    definition: &AnswerDefinition,
    who: (&str, &Actor),
    now: Timestamp,
) -> Result<Answer, CatalogError> {
    let (key, expected) = seen;
    let (by, actor) = who;
    key.check()?;
    let row = say(transaction, key, expected, columns(definition)?, by, now).await?;
    let action = format!("answered {}{}", definition.kind.as_str(), in_the_name(who));
    accounts::note(transaction, actor, &action, &key.to_string(), now).await?;
    Answer::from_row(row)?.ok_or(CatalogError::NotFound(WHAT))
}

/// `seen` and `who` are as for [`answer`].
pub(crate) async fn withdraw(
    transaction: &DatabaseTransaction,
    seen: (&ItemKey, i64),
    who: (&str, &Actor),
    now: Timestamp,
) -> Result<(), CatalogError> {
    let (key, expected) = seen;
    let (by, actor) = who;
    let nothing = ActiveModel {
        kind: Set(None),
        note: Set(String::new()),
        link: Set(None),
        build: Set(None),
        file: Set(None),
        ..Default::default()
    };
    if of(latest(), key).filter(Column::Kind.is_not_null()).one(transaction).await?.is_none() {
        return Err(CatalogError::NotFound(WHAT));
    }
    say(transaction, key, expected, nothing, by, now).await?;
    let action = format!("withdrew an answer{}", in_the_name(who));
    Ok(accounts::note(transaction, actor, &action, &key.to_string(), now).await?)
}

/// For the audit log, where a program says what a person answers for.
fn in_the_name((by, actor): (&str, &Actor)) -> String {
    if by == actor.login { String::new() } else { format!(" for {by}") }
}

/// Puts what is said in the place of what was.
async fn say(
    transaction: &DatabaseTransaction,
    key: &ItemKey,
    expected: i64,
    said: ActiveModel,
    by: &str,
    now: Timestamp,
) -> Result<Model, CatalogError> {
    let before = of(latest(), key).lock_exclusive().one(transaction).await?;
    let seen = before.as_ref().map_or(0, |row| if row.kind.is_some() { row.version } else { 0 });
    if seen != expected {
        return Err(changed(transaction, key).await?);
    }
    let version = before.as_ref().map_or(0, |row| row.version) + 1;
    if let Some(before) = before {
        let replaced = ActiveModel { latest: Set(false), ..before.into_active_model() };
        replaced.update(transaction).await?;
    }
    let row = ActiveModel {
        service: Set(key.service.clone()),
        template: Set(key.template.clone()),
        item: Set(key.item.clone()),
        version: Set(version),
        latest: Set(true),
        by: Set(text::detail(by)),
        at: Set(time::to_column(now)),
        ..said
    };
    // What another says at the same moment is not seen before it is there.
    let only = OnConflict::new().do_nothing().to_owned();
    match Entity::insert(row).on_conflict(only).exec_with_returning(transaction).await {
        Err(DbErr::RecordNotFound(_)) => Err(changed(transaction, key).await?),
        inserted => Ok(inserted?),
    }
}

/// Why the caller does not know what is said.
async fn changed(db: &impl ConnectionTrait, key: &ItemKey) -> Result<CatalogError, DbErr> {
    let row = of(Entity::find(), key).order_by_desc(Column::Version).one(db).await?;
    Ok(row.map_or(CatalogError::NotFound(WHAT), |row| CatalogError::Changed {
        what: WHAT,
        name: format!("to {key}"),
        by: row.by,
        at: time::from_column(row.at),
    }))
}

fn latest() -> Select<Entity> {
    Entity::find().filter(Column::Latest.eq(true))
}

fn of(query: Select<Entity>, key: &ItemKey) -> Select<Entity> {
    query
        .filter(Column::Service.eq(&*key.service))
        .filter(Column::Template.eq(&*key.template))
        .filter(Column::Item.eq(&*key.item))
}

/// The columns that people fill, checked.
fn columns(definition: &AnswerDefinition) -> Result<ActiveModel, CatalogError> {
    let AnswerDefinition { kind, note, link, build, file } = definition;
    if *kind == AnswerKind::NotApplicable && note.trim().is_empty() {
        return Err(CatalogError::Refused { field: "note", rule: "must say why the item does not apply" });
    }
    let link = link.as_deref().map(str::trim).filter(|link| !link.is_empty());
    Ok(ActiveModel {
        kind: Set(Some(kind.as_str().to_owned())),
        note: Set(text::prose("note", note)?.to_owned()),
        link: Set(link.map(|link| text::link("link", link)).transpose()?.map(str::to_owned)),
        build: Set(build.as_deref().map(text::detail)),
        file: Set(file.as_deref().map(text::detail)),
        ..Default::default()
    })
}

impl AnswerKind {
    const ALL: [Self; 3] = [Self::Satisfied, Self::NotSatisfied, Self::NotApplicable];

    /// In words: `not satisfied`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Satisfied => "satisfied",
            Self::NotSatisfied => "not satisfied",
            Self::NotApplicable => "not applicable",
        }
    }

    fn from_column(kind: String) -> Result<Self, CatalogError> {
        Self::ALL
            .into_iter()
            .find(|known| known.as_str() == kind)
            .ok_or(CatalogError::Unreadable { what: "a kind of answer", value: kind })
    }
}

impl Answer {
    /// None where the row says that an answer was withdrawn.
    fn from_row(row: Model) -> Result<Option<Self>, CatalogError> {
        let key =
            ItemKey { service: row.service.clone(), template: row.template.clone(), item: row.item.clone() };
        let PastAnswer { version, definition, by, at } = row.try_into()?;
        Ok(definition.map(|definition| Self { key, definition, version, by, at }))
    }
}

impl TryFrom<Model> for PastAnswer {
    type Error = CatalogError;

    fn try_from(row: Model) -> Result<Self, CatalogError> {
        let kind = row.kind.map(AnswerKind::from_column).transpose()?;
        let (note, link, build, file) = (row.note, row.link, row.build, row.file);
        Ok(Self {
            version: row.version,
            definition: kind.map(|kind| AnswerDefinition { kind, note, link, build, file }),
            by: row.by,
            at: time::from_column(row.at),
        })
    }
}
