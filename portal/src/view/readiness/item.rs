//! One item of a service: how it stands, and all that was said of it.

use jiff::{Timestamp, civil::Date};
use seaworthy_catalog::{AnswerKind, ItemKey, PastAnswer, Role, StoredWaiver};
use serde::Serialize;
use utoipa::ToSchema;

use super::{ItemView, ReadinessView};
use crate::{auth::Caller, problem::Problem, state::App};

/// Changes told of.
const CHANGES: usize = 20;
/// Changes of the service among which those of the item are looked for.
const LOOKED_AT: u64 = 2_000;

/// All of an item.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ItemDetail {
    /// The service.
    pub(crate) service: String,
    /// The template's id.
    pub(crate) template: String,
    /// The title of the item's point.
    pub(crate) point: String,
    /// When it was judged.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) assessed_at: Timestamp,
    /// The build that ran then.
    pub(crate) build: Option<String>,
    /// The item and how it stands.
    pub(crate) item: ItemView,
    /// What was answered, latest first; the first counts.
    pub(crate) answers: Vec<AnswerView>,
    /// Waivers that nobody has ended: one that was approved, one that waits.
    pub(crate) waivers: Vec<WaiverView>,
    /// What became of it, latest first.
    pub(crate) changes: Vec<ChangeView>,
    /// What people say about it, earliest first.
    pub(crate) comments: Vec<CommentView>,
    /// Who sees to it, and until when.
    pub(crate) assignment: AssignmentView,
}

/// An answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Answer)]
pub(crate) struct AnswerView {
    /// `satisfied`, `not satisfied` or `not applicable`; none where the answer before was withdrawn.
    pub(crate) kind: Option<&'static str>,
    /// What there is to add.
    pub(crate) note: String,
    /// Where it can be seen.
    pub(crate) link: Option<String>,
    /// The build that ran.
    pub(crate) build: Option<String>,
    /// The file that said it; none for what somebody said by hand.
    pub(crate) file: Option<String>,
    /// Rises with each.
    pub(crate) version: i64,
    /// How who said it signs in.
    pub(crate) by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
}

/// A waiver.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Waiver)]
pub(crate) struct WaiverView {
    /// Its id.
    pub(crate) id: i64,
    /// The service.
    pub(crate) service: String,
    /// The template.
    pub(crate) template: String,
    /// The item.
    pub(crate) item: String,
    /// Why.
    pub(crate) reason: String,
    /// Who asked for it.
    pub(crate) asked_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) asked_at: Timestamp,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) expires_at: Timestamp,
    /// Who approved it; none while it waits.
    pub(crate) approved_by: Option<String>,
    /// Whether it has run out.
    pub(crate) expired: bool,
}

/// A change of the verdict.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = VerdictChange)]
pub(crate) struct ChangeView {
    /// The item.
    pub(crate) item: String,
    /// What it was; none for the first.
    pub(crate) from: Option<String>,
    /// What it became.
    pub(crate) to: String,
    /// The words behind it.
    pub(crate) words: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
}

/// What somebody says about an item.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Comment)]
pub(crate) struct CommentView {
    /// Its id.
    pub(crate) id: i64,
    /// What.
    pub(crate) text: String,
    /// Who.
    pub(crate) by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
}

/// Who sees to an item.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[schema(as = Assignment)]
pub(crate) struct AssignmentView {
    /// How they sign in.
    pub(crate) owner: Option<String>,
    /// Until when.
    #[schema(value_type = Option<String>, format = Date)]
    pub(crate) due: Option<Date>,
    /// Rises with each change; 0 before the first.
    pub(crate) version: i64,
}

impl ItemDetail {
    /// What names it in the catalog.
    pub(crate) fn key(&self) -> ItemKey {
        key(&self.service, &self.template, &self.item.judged.item)
    }

    /// The version of the answer that is shown; 0 where there is none.
    pub(crate) fn answer_version(&self) -> i64 {
        self.answers.first().map_or(0, |answer| answer.version)
    }

    /// The answer that counts.
    pub(crate) fn answer(&self) -> Option<&AnswerView> {
        self.answers.first().filter(|answer| answer.kind.is_some())
    }
}

/// What names an item in the catalog.
pub(crate) fn key(service: &str, template: &str, item: &str) -> ItemKey {
    ItemKey { service: service.to_owned(), template: template.to_owned(), item: item.to_owned() }
}

/// Loads an item.
pub(crate) async fn load(
    app: &App,
    service: &str,
    template: &str,
    item: &str,
) -> Result<ItemDetail, Problem> {
    let not_there = || {
        Problem::not_found(
            format!("{service} is not asked {item:?} by {template:?}, or was not judged yet"),
            "Its page Readiness lists what it is asked.",
        )
    };
    let view = super::load(app, service, Some(template)).await?.ok_or_else(not_there)?;
    let ReadinessView { points, assessed_at, build, .. } = view;
    let mut places = points.into_iter().flat_map(|point| {
        let title = point.title;
        point.items.into_iter().map(move |item| (title.clone(), item))
    });
    let (point, view) = places.find(|(_, of)| of.judged.item == item).ok_or_else(not_there)?;
    let (key, now, catalog) = (key(service, template, item), app.clock().now(), app.catalog());
    let answers = catalog.answer_history(&key).await?;
    let waivers = catalog.open_waivers(Some(service)).await?;
    let changes = catalog.verdict_changes(Some(service), LOOKED_AT).await?;
    let assigned = catalog.assignments(Some(service)).await?.into_iter().find(|assigned| assigned.key == key);
    Ok(ItemDetail {
        service: service.to_owned(),
        template: template.to_owned(),
        point,
        assessed_at,
        build,
        item: view,
        answers: answers.into_iter().map(AnswerView::from).collect(),
        waivers: waivers
            .into_iter()
            .filter(|waiver| waiver.key == key)
            .map(|waiver| WaiverView::of(waiver, now))
            .collect(),
        changes: changes
            .into_iter()
            .filter(|change| change.template == template && change.change.item == item)
            .map(ChangeView::from)
            .take(CHANGES)
            .collect(),
        comments: catalog
            .comments(&key)
            .await?
            .into_iter()
            .map(|comment| CommentView { id: comment.id, text: comment.text, by: comment.by, at: comment.at })
            .collect(),
        assignment: assigned.map_or_else(AssignmentView::default, |assigned| AssignmentView {
            owner: assigned.definition.owner,
            due: assigned.definition.due,
            version: assigned.version,
        }),
    })
}

/// Whether somebody may approve waivers of a service, their own aside.
pub(crate) async fn may_approve(app: &App, caller: &Caller, service: &str) -> Result<bool, Problem> {
    if caller.role() == Role::Admin {
        return Ok(true);
    }
    let settings = app.catalog().service_settings(service).await?;
    let owner = settings.and_then(|stored| stored.settings.owner);
    Ok(caller.role() >= Role::Editor && owner.as_deref() == Some(&caller.person().login))
}

impl From<PastAnswer> for AnswerView {
    fn from(past: PastAnswer) -> Self {
        let PastAnswer { version, definition, by, at } = past;
        let kind = definition.as_ref().map(|definition| definition.kind.as_str());
        let (note, link, build, file) = definition
            .map(|definition| (definition.note, definition.link, definition.build, definition.file))
            .unwrap_or_default();
        Self { kind, note, link, build, file, version, by, at }
    }
}

impl WaiverView {
    /// A waiver as it stands now.
    pub(crate) fn of(stored: StoredWaiver, now: Timestamp) -> Self {
        Self {
            id: stored.id,
            service: stored.key.service,
            template: stored.key.template,
            item: stored.key.item,
            reason: stored.definition.reason,
            asked_by: stored.asked_by,
            asked_at: stored.asked_at,
            expired: stored.definition.expires_at <= now,
            expires_at: stored.definition.expires_at,
            approved_by: stored.approval.map(|approval| approval.by),
        }
    }
}

impl From<seaworthy_catalog::VerdictChange> for ChangeView {
    fn from(change: seaworthy_catalog::VerdictChange) -> Self {
        let seaworthy_catalog::ItemChange { item, from, to, words } = change.change;
        Self { item, from, to, words, at: change.at }
    }
}

/// The kind of answer of this name.
pub(crate) fn kind(name: &str) -> Option<AnswerKind> {
    let kinds = [AnswerKind::Satisfied, AnswerKind::NotSatisfied, AnswerKind::NotApplicable];
    kinds.into_iter().find(|kind| kind.as_str() == name)
}
