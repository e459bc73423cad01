//! Whether a service may be released: what a pipeline asks before it does.

use axum::http::StatusCode;
use jiff::Timestamp;
use seaworthy_checklist::{Level, Verdict};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Action, ItemView, JUDGED_WITHIN, ReadinessView, TemplateName};
use crate::{
    problem::Problem,
    readiness,
    state::App,
    view::{
        slo::{SloState, SloSummary},
        slos::{self, SloFilter},
    },
    web::{format, link},
};

/// What is asked of a service.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct GateQuery {
    /// The level that it must have reached: `bronze`, `silver` or `gold`.
    #[param(value_type = String)]
    pub(crate) level: Level,
    /// Whether no SLO of it may have spent its budget.
    #[serde(default)]
    pub(crate) budget: bool,
    /// By this template alone; by all that judge it where nothing is said.
    pub(crate) template: Option<String>,
    /// The version of the build that it must have been judged on.
    pub(crate) build: Option<String>,
}

/// Whether a service may be released.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Gate)]
pub(crate) struct GateView {
    /// The service.
    pub(crate) service: String,
    /// The level that is asked.
    #[schema(value_type = String)]
    pub(crate) level: Level,
    /// Whether all that is asked holds.
    pub(crate) passes: bool,
    /// How it stands by each template.
    pub(crate) templates: Vec<GateTemplate>,
    /// Whether it was judged on the build that is to be released; none where that is not asked.
    pub(crate) build: Option<GateBuild>,
    /// The budgets of its SLOs; none where they are not asked.
    pub(crate) budgets: Option<Vec<GateBudget>>,
}

/// How the service stands by a template.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct GateTemplate {
    /// The template.
    pub(crate) template: TemplateName,
    /// The build that ran when it was judged, where it was known.
    pub(crate) build: Option<String>,
    /// When that was.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) assessed_at: Timestamp,
    /// The level that it has reached.
    #[schema(value_type = Option<String>)]
    pub(crate) reached: Option<Level>,
    /// The items that the level asks, in the order of the template.
    pub(crate) items: Vec<GateItem>,
}

/// An item that the level asks.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct GateItem {
    /// Its id.
    pub(crate) item: String,
    /// What is asked.
    pub(crate) question: String,
    /// The level that needs it.
    #[schema(value_type = String)]
    pub(crate) level: Level,
    /// How it stands.
    #[schema(value_type = String)]
    pub(crate) verdict: Verdict,
    /// Whether that is enough: it passes, is waived, or does not apply.
    pub(crate) holds: bool,
    /// The number or the words behind the verdict.
    pub(crate) words: String,
    /// What to do next.
    pub(crate) next: Option<String>,
    /// Where to begin.
    pub(crate) action: Option<Action>,
    /// Its page.
    pub(crate) link: String,
}

/// Whether the service was judged on the build that is to be released.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct GateBuild {
    /// The version to be released.
    pub(crate) version: String,
    /// Whether it is the one.
    pub(crate) holds: bool,
    /// Which one it was, and what to do.
    pub(crate) words: String,
}

/// The budget of an SLO.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct GateBudget {
    /// Its name.
    pub(crate) slo: String,
    /// How it is called.
    pub(crate) title: String,
    /// Whether not all is spent.
    pub(crate) holds: bool,
    /// What is left.
    pub(crate) words: String,
    /// Its page.
    pub(crate) link: String,
}

/// Judges whether a service may be released.
pub(crate) async fn load(app: &App, service: &str, asked: &GateQuery) -> Result<GateView, Problem> {
    let mut templates = Vec::new();
    for view in judged(app, service, asked.template.as_deref()).await? {
        templates.push(GateTemplate::of(view, asked.level));
    }
    let budgets = if asked.budget { Some(budgets(app, service).await?) } else { None };
    let build = asked.build.as_deref().map(|version| GateBuild::of(version, &templates));
    let items = templates.iter().flat_map(|template| &template.items).all(|item| item.holds);
    let rest = build.iter().all(|build| build.holds) && budgets.iter().flatten().all(|budget| budget.holds);
    Ok(GateView {
        service: service.to_owned(),
        level: asked.level,
        passes: items && rest,
        templates,
        build,
        budgets,
    })
}

/// How it stands by the template that is asked, or by each that is for it. A template by which it was not judged in the version
/// that is in use would else let it pass.
async fn judged(app: &App, service: &str, template: Option<&str>) -> Result<Vec<ReadinessView>, Problem> {
    // Says so where there is no such service or template.
    super::load(app, service, template).await?;
    let summaries = app.catalog().assessment_summaries(Some(service)).await?;
    let oldest = app.clock().now() - JUDGED_WITHIN;
    let mut views = Vec::new();
    for (id, version) in asked_by(app, service, template).await? {
        let summary = summaries.iter().find(|summary| summary.template == id);
        match summary.filter(|summary| summary.template_version == version) {
            None => {
                return Err(not_judged(
                    format!("{service} was not judged by {id} {version} yet"),
                    "The portal goes through all services every minute: ask again in a minute.",
                ));
            }
            Some(summary) if summary.assessed_at < oldest => {
                return Err(not_judged(
                    format!("{service} was last judged at {}", summary.assessed_at),
                    "That says nothing of now. The portal's log says why it does not go through all services every minute.",
                ));
            }
            Some(_) => views.extend(super::load(app, service, Some(&id)).await?),
        }
    }
    if views.is_empty() {
        return Err(not_judged(
            format!("{service} is judged by no checklist"),
            "Put one into use that is for services of its kind.",
        ));
    }
    Ok(views)
}

/// The templates that are for a service, with their versions, or the one that is asked.
async fn asked_by(
    app: &App,
    service: &str,
    template: Option<&str>,
) -> Result<Vec<(String, String)>, Problem> {
    let in_use = readiness::templates(app).await.map_err(Problem::internal)?;
    let settings = app.catalog().service_settings(service).await?;
    let kind = settings.and_then(|stored| stored.settings.kind).unwrap_or_default();
    let asked = in_use.of_kind(&kind).filter(|of_kind| template.is_none_or(|id| of_kind.id == id));
    Ok(asked.map(|asked| (asked.id.clone(), asked.version.clone())).collect())
}

fn not_judged(what: String, next: &str) -> Problem {
    Problem::new(StatusCode::CONFLICT, what, next)
}

async fn budgets(app: &App, service: &str) -> Result<Vec<GateBudget>, Problem> {
    let slos = slos::load(app, SloFilter::of_service(service)).await?.slos;
    Ok(slos.into_iter().map(GateBudget::of).collect())
}

impl GateTemplate {
    fn of(view: ReadinessView, level: Level) -> Self {
        let ReadinessView { service, template, build, assessed_at, level: reached, points, .. } = view;
        let items = points.into_iter().flat_map(|point| point.items);
        let items = items.filter(|item| item.judged.level <= level);
        let items = items.map(|item| GateItem::of(item, &service, &template.id)).collect();
        Self { template, build, assessed_at, reached, items }
    }
}

impl GateItem {
    fn of(view: ItemView, service: &str, template: &str) -> Self {
        let ItemView { judged, question, action, .. } = view;
        Self {
            link: link::readiness_item(service, template, &judged.item),
            item: judged.item,
            question,
            level: judged.level,
            holds: judged.verdict.holds(),
            verdict: judged.verdict,
            words: judged.words,
            next: judged.next,
            action,
        }
    }

    /// Where to begin, if that is not its own page.
    pub(crate) fn elsewhere(&self) -> Option<String> {
        let action = self.action.as_ref().filter(|action| action.href != self.link)?;
        Some(format!("{}: {}", action.label, action.href))
    }
}

impl GateBuild {
    fn of(version: &str, templates: &[GateTemplate]) -> Self {
        let other = templates.iter().find(|template| template.build.as_deref() != Some(version));
        let on = |build: &Option<String>| match build {
            Some(build) => format!("judged on build {build}"),
            None => "judged without knowing the build".to_owned(),
        };
        let words = match other {
            None => format!("judged on build {version}"),
            Some(other) => format!(
                "{}, but {version} is to be released: start {version} where it checks in, and ask again a minute later",
                on(&other.build)
            ),
        };
        Self { version: version.to_owned(), holds: other.is_none(), words }
    }
}

impl GateBudget {
    fn of(slo: SloSummary) -> Self {
        let words = match slo.budget_left {
            Some(left) if left <= 0.0 => {
                format!("all of the budget is spent: {} of {} failed", slo.spent, format::number(slo.allowed))
            }
            Some(left) => format!("{} of the budget is left", format::percent(left)),
            None => "nothing is known that would have spent it".to_owned(),
        };
        Self {
            link: link::slo(&slo.name),
            slo: slo.name,
            title: slo.title,
            holds: slo.state != SloState::Spent,
            words,
        }
    }
}

impl GateView {
    /// Every address in it.
    pub(crate) fn links(&mut self) -> impl Iterator<Item = &mut String> {
        let items = self.templates.iter_mut().flat_map(|template| &mut template.items);
        let items = items.flat_map(|item| {
            let action = item.action.as_mut().map(|action| &mut action.href);
            action.into_iter().chain([&mut item.link])
        });
        items.chain(self.budgets.iter_mut().flatten().map(|budget| &mut budget.link))
    }
}
