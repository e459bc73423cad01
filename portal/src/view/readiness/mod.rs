//! How a service stands by a checklist.

mod action;
pub(crate) mod badge;
pub(crate) mod fleet;
pub(crate) mod gate;
pub(crate) mod history;
pub(crate) mod item;
pub(crate) mod settings;
pub(crate) mod standing;
pub(crate) mod work;

use jiff::{SignedDuration, Timestamp};
use seaworthy_catalog::StoredAssessment;
use seaworthy_checklist::{Basis, By, Item, Level, Mark, Share, Template, Verdict};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) use self::action::Action;
use crate::{problem::Problem, readiness, state::App};

/// Services are judged every minute, and recorded every five at least. One recorded longer ago is judged no more: nobody knows
/// how it stands.
const JUDGED_WITHIN: SignedDuration = SignedDuration::from_mins(15);

/// How a service stands by a template.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ReadinessView {
    /// The service.
    pub(crate) service: String,
    /// The team that owns it.
    pub(crate) team: Option<String>,
    /// What it is judged by.
    pub(crate) template: TemplateName,
    /// All templates by which it is judged.
    pub(crate) templates: Vec<TemplateName>,
    /// When it was judged.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) assessed_at: Timestamp,
    /// The build that ran then, where it was known.
    pub(crate) build: Option<String>,
    /// The level that is reached: `bronze`, `silver` or `gold`; none below bronze.
    #[schema(value_type = Option<String>)]
    pub(crate) level: Option<Level>,
    /// Since when.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) level_since: Option<Timestamp>,
    /// The level to reach next; none at the highest.
    #[schema(value_type = Option<String>)]
    pub(crate) next_level: Option<Level>,
    /// How many items pass, of those that apply.
    #[schema(value_type = Object)]
    pub(crate) share: Share,
    /// What each level asks and has.
    pub(crate) levels: Vec<LevelView>,
    /// The points with their items.
    pub(crate) points: Vec<PointView>,
}

/// What names a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct TemplateName {
    /// Its id.
    pub(crate) id: String,
    /// What it is called.
    pub(crate) title: String,
    /// Its version.
    pub(crate) version: String,
}

/// The items of a level.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct LevelView {
    /// The level.
    #[schema(value_type = String)]
    pub(crate) level: Level,
    /// Whether it is reached.
    pub(crate) reached: bool,
    /// Its items that apply.
    pub(crate) applicable: usize,
    /// Of them, those that pass or are waived.
    pub(crate) holding: usize,
    /// Of them, those that are waived.
    pub(crate) waived: usize,
}

/// A point of the checklist.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PointView {
    /// Its number, from 1.
    pub(crate) number: usize,
    /// What it is called.
    pub(crate) title: String,
    /// Its items.
    pub(crate) items: Vec<ItemView>,
}

/// An item and how it stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ItemView {
    /// How it stands.
    #[serde(flatten)]
    pub(crate) judged: Judged,
    /// What is asked.
    pub(crate) question: String,
    /// Why it matters.
    pub(crate) why: String,
    /// How to satisfy it.
    pub(crate) how: String,
    /// The rule that judges it; none where a person answers.
    pub(crate) rule: Option<String>,
    /// Whether its evidence belongs to a build.
    pub(crate) of_build: bool,
    /// Whether an answer needs a link.
    pub(crate) needs_link: bool,
    /// Whether it keeps the service from its next level.
    pub(crate) blocks: bool,
    /// Where to begin; none where there is nothing to do.
    pub(crate) action: Option<Action>,
}

/// How an item stands, as it was kept.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Judged {
    /// The item's id.
    pub(crate) item: String,
    /// `pass`, `fail`, `unknown`, `stale`, `waived` or `not_applicable`.
    #[schema(value_type = String)]
    pub(crate) verdict: Verdict,
    /// `evidence` or `answer`.
    #[schema(value_type = String)]
    pub(crate) by: By,
    /// The level that needs it.
    #[schema(value_type = String)]
    pub(crate) level: Level,
    /// The number or the words behind the verdict.
    pub(crate) words: String,
    /// What to do next.
    #[serde(default)]
    pub(crate) next: Option<String>,
    /// Since when it is so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) since: Timestamp,
    /// What it would be without its waiver.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) unwaived: Option<Verdict>,
    /// Until when it stays so if nothing else changes.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) until: Option<Timestamp>,
    /// What was seen.
    #[serde(default)]
    pub(crate) evidence: Vec<EvidenceView>,
}

/// A fact behind a verdict, or an answer.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Evidence)]
pub(crate) struct EvidenceView {
    /// What rules call the fact; empty for an answer.
    #[serde(default)]
    pub(crate) name: String,
    /// What is shown before it.
    pub(crate) label: String,
    /// What it is, in words.
    pub(crate) words: String,
    /// When it was seen.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) seen_at: Timestamp,
    /// On which build.
    #[serde(default)]
    pub(crate) build: Option<String>,
    /// Where it can be seen.
    #[serde(default)]
    pub(crate) link: Option<String>,
    /// Whether it is too old, or of another build.
    #[serde(default)]
    pub(crate) stale: bool,
}

impl Judged {
    /// What a page calls it: a pass is proved or claimed, all else is the verdict.
    pub(crate) fn is(&self, verdict: Verdict, by: By) -> bool {
        (self.verdict, self.by) == (verdict, by)
    }

    /// When the oldest of what is behind it was seen.
    pub(crate) fn seen_at(&self) -> Option<Timestamp> {
        self.evidence.iter().map(|evidence| evidence.seen_at).min()
    }
}

impl ReadinessView {
    /// All items, in the order of the template.
    pub(crate) fn items(&self) -> impl Iterator<Item = &ItemView> {
        self.points.iter().flat_map(|point| &point.items)
    }

    /// How many items have a verdict.
    pub(crate) fn count(&self, verdict: Verdict) -> usize {
        self.items().filter(|item| item.judged.verdict == verdict).count()
    }
}

impl PointView {
    /// Its items that apply.
    pub(crate) fn applicable(&self) -> impl Iterator<Item = &ItemView> {
        self.items.iter().filter(|item| item.judged.verdict != Verdict::NotApplicable)
    }

    /// How many of its items pass.
    pub(crate) fn passing(&self) -> usize {
        self.items.iter().filter(|item| item.judged.verdict == Verdict::Pass).count()
    }
}

/// Loads how a service stands by a template, or by the first of those that judge it. None where it was not judged yet.
pub(crate) async fn load(
    app: &App,
    service: &str,
    template: Option<&str>,
) -> Result<Option<ReadinessView>, Problem> {
    let known = app.catalog().service(service).await?;
    let known = known.ok_or_else(|| {
        Problem::not_found(
            format!("There is no service {service:?}"),
            "The fleet lists every one that was heard of.",
        )
    })?;
    let assessments = app.catalog().assessments(Some(service)).await?;
    let in_use = readiness::templates(app).await.map_err(Problem::internal)?;
    let judged: Vec<(&StoredAssessment, &Template)> = assessments
        .iter()
        .filter_map(|stored| Some((stored, in_use.get(&stored.summary.template)?)))
        .collect();
    let chosen = judged.iter().find(|(_, chosen)| template.is_none_or(|id| chosen.id == id));
    let Some((stored, chosen)) = chosen else {
        return match template.filter(|_| !judged.is_empty()) {
            Some(id) => Err(Problem::not_found(
                format!("{service} is not judged by {id:?}"),
                "Its page Readiness names the checklists by which it is.",
            )),
            None => Ok(None),
        };
    };
    let judgements: Vec<Judged> = serde_json::from_str(&stored.judgements).map_err(Problem::internal)?;
    let points = points(chosen, &judgements, service);
    let history = app.catalog().level_history(service, &chosen.id, Timestamp::MIN).await?;
    let level = level(&stored.summary.level);
    Ok(Some(ReadinessView {
        service: service.to_owned(),
        team: known.team,
        template: name(chosen),
        templates: judged.iter().map(|(_, template)| name(template)).collect(),
        assessed_at: stored.summary.assessed_at,
        build: stored.summary.build.clone(),
        level,
        level_since: readiness::level_since(&history),
        next_level: Level::after(level),
        share: share(&judgements),
        levels: Level::ALL.map(|of| level_view(of, level, &judgements)).into(),
        points: blocked(points, Level::after(level)),
    }))
}

/// A level as it is kept.
pub(crate) fn level(kept: &Option<String>) -> Option<Level> {
    kept.as_deref().and_then(Level::named)
}

fn name(template: &Template) -> TemplateName {
    TemplateName { id: template.id.clone(), title: template.title.clone(), version: template.version.clone() }
}

fn share(judgements: &[Judged]) -> Share {
    let count = |is: &dyn Fn(&Judged) -> bool| judgements.iter().filter(|judged| is(judged)).count();
    let (proved, claimed) = (
        count(&|judged| judged.is(Verdict::Pass, By::Evidence)),
        count(&|judged| judged.is(Verdict::Pass, By::Answer)),
    );
    Share {
        applicable: count(&|judged| judged.verdict != Verdict::NotApplicable),
        passing: proved + claimed,
        proved,
        claimed,
        waived: count(&|judged| judged.verdict == Verdict::Waived),
    }
}

fn level_view(level: Level, reached: Option<Level>, judgements: &[Judged]) -> LevelView {
    let of = || {
        judgements
            .iter()
            .filter(move |judged| judged.level == level && judged.verdict != Verdict::NotApplicable)
    };
    LevelView {
        level,
        reached: Some(level) <= reached,
        applicable: of().count(),
        holding: of().filter(|judged| judged.verdict.holds()).count(),
        waived: of().filter(|judged| judged.verdict == Verdict::Waived).count(),
    }
}

/// The points of a template with what was judged of them. An item that came with a version by which nobody was judged yet
/// is left out until then.
fn points(template: &Template, judgements: &[Judged], service: &str) -> Vec<PointView> {
    let judged = |item: &Item| judgements.iter().find(|judged| judged.item == item.id).cloned();
    let views = |items: &[Item]| -> Vec<ItemView> {
        items.iter().filter_map(|item| Some(item_view(template, item, judged(item)?, service))).collect()
    };
    let numbered = template.points.iter().zip(1..);
    numbered
        .map(|(point, number)| PointView { number, title: point.title.clone(), items: views(&point.items) })
        .collect()
}

fn item_view(template: &Template, item: &Item, judged: Judged, service: &str) -> ItemView {
    let rule = match &item.basis {
        Basis::Evidence(rule) => Some(rule.text().to_owned()),
        Basis::Answer => None,
    };
    ItemView {
        action: (!judged.verdict.holds() || judged.verdict == Verdict::Waived)
            .then(|| Action::of(template, item, &judged, service)),
        question: item.question.clone(),
        why: item.why.clone(),
        how: item.how.clone(),
        rule,
        of_build: item.marks.contains(&Mark::Build),
        needs_link: item.marks.contains(&Mark::Link),
        blocks: false,
        judged,
    }
}

fn blocked(mut points: Vec<PointView>, next: Option<Level>) -> Vec<PointView> {
    for item in points.iter_mut().flat_map(|point| &mut point.items) {
        item.blocks = Some(item.judged.level) <= next && !item.judged.verdict.holds();
    }
    points
}
