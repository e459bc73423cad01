//! How all services stand by a template, point by point: by team, worst first.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use jiff::Timestamp;
use seaworthy_catalog::{AssessmentSummary, VerdictChange};
use seaworthy_checklist::Level;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{item::ChangeView, level};
use crate::{
    problem::Problem,
    readiness::{Fall, Glance, PointGlance, Tally},
    state::App,
};

/// Changes told of.
const CHANGES: usize = 12;
/// Changes among which those of the services shown are looked for.
const LOOKED_AT: u64 = 500;

/// Which services to show. Everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct ReadinessFilter {
    /// By this template; by the one that most services are judged by where none is given.
    pub(crate) template: String,
    /// Those of a team.
    pub(crate) team: String,
    /// Those that have reached this level and none above: `none`, `bronze`, `silver` or `gold`.
    pub(crate) level: String,
    /// Those with this text in name or team, in any case.
    pub(crate) text: String,
}

/// How services stand by a template.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FleetReadinessView {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// The template; none as long as nothing was judged.
    pub(crate) template: Option<TemplateInUse>,
    /// All templates by which services are judged.
    pub(crate) templates: Vec<TemplateInUse>,
    /// The titles of its points, in order.
    pub(crate) points: Vec<String>,
    /// The services that are asked for, by team, the worst team first.
    pub(crate) teams: Vec<TeamReadiness>,
    /// How many services have reached which level, asked for or not.
    pub(crate) levels: LevelCounts,
    /// The teams of all services that are judged by the template.
    pub(crate) all_teams: Vec<String>,
    /// How many services are judged by the template, asked for or not.
    pub(crate) all: usize,
    /// Services that are not judged by it: they are of another kind, or new.
    pub(crate) not_judged: usize,
    /// What changed last in the services that are asked for, latest first.
    pub(crate) changes: Vec<FleetChange>,
}

/// A template by which services are judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct TemplateInUse {
    /// Its id.
    pub(crate) id: String,
    /// What it is called.
    pub(crate) title: String,
    /// How many services are judged by it.
    pub(crate) services: usize,
}

/// How many services have reached a level and none above.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct LevelCounts {
    /// Below bronze.
    pub(crate) none: usize,
    /// Bronze.
    pub(crate) bronze: usize,
    /// Silver.
    pub(crate) silver: usize,
    /// Gold.
    pub(crate) gold: usize,
}

/// The services of a team, worst first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TeamReadiness {
    /// The team; none of services that name none.
    pub(crate) team: Option<String>,
    /// Its services.
    pub(crate) services: Vec<ServiceReadiness>,
}

/// How a service stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ServiceReadiness {
    /// Its name.
    pub(crate) name: String,
    /// The build that ran when it was judged, where it was known.
    pub(crate) build: Option<String>,
    /// The level that is reached; none below bronze.
    #[schema(value_type = Option<String>)]
    pub(crate) level: Option<Level>,
    /// The level to reach next; none at the highest.
    #[schema(value_type = Option<String>)]
    pub(crate) next_level: Option<Level>,
    /// All items together.
    pub(crate) items: Tally,
    /// The points, in the order of the template.
    pub(crate) points: Vec<PointGlance>,
    /// That it has fallen from a level and not reached it again.
    pub(crate) fell: Option<Fall>,
    /// When it was judged.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) assessed_at: Timestamp,
}

/// A change of the verdict of an item of a service.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FleetChange {
    /// The service.
    pub(crate) service: String,
    /// The template.
    pub(crate) template: String,
    /// What changed.
    #[serde(flatten)]
    pub(crate) change: ChangeView,
}

impl FleetReadinessView {
    /// How many services are shown.
    pub(crate) fn shown(&self) -> usize {
        self.teams.iter().map(|team| team.services.len()).sum()
    }
}

/// Loads how services stand.
pub(crate) async fn load(app: &App, filter: &ReadinessFilter) -> Result<FleetReadinessView, Problem> {
    let services = app.catalog().services().await?;
    let known = services.len();
    let teams: BTreeMap<String, Option<String>> =
        services.into_iter().map(|service| (service.name, service.team)).collect();
    let summaries = app.catalog().assessment_summaries(None).await?;
    let templates = templates(&summaries);
    let template = chosen(&templates, &filter.template)?;
    let mut judged: Vec<(Option<String>, ServiceReadiness)> = summaries
        .into_iter()
        .filter(|summary| Some(&summary.template) == template.as_ref().map(|template| &template.id))
        .filter_map(|summary| Some((teams.get(&summary.service)?.clone(), one(summary))))
        .collect();
    let (all, levels) = (judged.len(), LevelCounts::of(judged.iter().map(|(_, service)| service.level)));
    let all_teams: BTreeSet<String> = judged.iter().filter_map(|(team, _)| team.clone()).collect();
    judged.retain(|(team, service)| filter.admits(team.as_deref(), service));
    let changes = match judged.is_empty() {
        true => Vec::new(),
        false => app.catalog().verdict_changes(None, LOOKED_AT).await?,
    };
    Ok(FleetReadinessView {
        as_of: app.clock().now(),
        points: titles(&judged),
        changes: last_changes(changes, template.as_ref(), &judged),
        template,
        templates,
        teams: by_team(judged),
        levels,
        all_teams: all_teams.into_iter().collect(),
        all,
        not_judged: known.saturating_sub(all),
    })
}

/// The templates by which services are judged, that of the most services first.
fn templates(summaries: &[AssessmentSummary]) -> Vec<TemplateInUse> {
    let mut templates: BTreeMap<&str, TemplateInUse> = BTreeMap::new();
    for summary in summaries {
        let known = templates.entry(&summary.template).or_insert_with(|| {
            let title = Glance::kept(&summary.points).title;
            let title = if title.is_empty() { summary.template.clone() } else { title };
            TemplateInUse { id: summary.template.clone(), title, services: 0 }
        });
        known.services += 1;
    }
    let mut templates: Vec<TemplateInUse> = templates.into_values().collect();
    templates.sort_by_key(|template| Reverse(template.services));
    templates
}

fn chosen(templates: &[TemplateInUse], asked: &str) -> Result<Option<TemplateInUse>, Problem> {
    if asked.is_empty() {
        return Ok(templates.first().cloned());
    }
    let found = templates.iter().find(|template| template.id == asked).cloned();
    let none = || {
        Problem::not_found(
            format!("No service is judged by {asked:?}"),
            "The page Readiness names the templates by which services are.",
        )
    };
    found.map(Some).ok_or_else(none)
}

fn one(summary: AssessmentSummary) -> ServiceReadiness {
    let glance = Glance::kept(&summary.points);
    let level = level(&summary.level);
    ServiceReadiness {
        name: summary.service,
        build: summary.build,
        level,
        next_level: Level::after(level),
        items: glance.all,
        points: glance.points,
        fell: glance.fell,
        assessed_at: summary.assessed_at,
    }
}

/// The titles of the points. While a new version is put into use, some services are judged by the one before: the latest
/// counts.
fn titles(judged: &[(Option<String>, ServiceReadiness)]) -> Vec<String> {
    let latest = judged.iter().max_by_key(|(_, service)| service.assessed_at);
    let points = latest.map(|(_, service)| service.points.iter().map(|point| point.title.clone()));
    points.map(Iterator::collect).unwrap_or_default()
}

fn by_team(judged: Vec<(Option<String>, ServiceReadiness)>) -> Vec<TeamReadiness> {
    let mut teams: BTreeMap<Option<String>, Vec<ServiceReadiness>> = BTreeMap::new();
    for (team, service) in judged {
        teams.entry(team).or_default().push(service);
    }
    let mut teams: Vec<TeamReadiness> =
        teams.into_iter().map(|(team, services)| TeamReadiness { team, services }).collect();
    for team in &mut teams {
        team.services.sort_by_cached_key(ServiceReadiness::rank);
    }
    teams.sort_by_cached_key(|team| team.services.first().map(ServiceReadiness::rank));
    teams
}

fn last_changes(
    changes: Vec<VerdictChange>,
    template: Option<&TemplateInUse>,
    judged: &[(Option<String>, ServiceReadiness)],
) -> Vec<FleetChange> {
    let shown: BTreeSet<&str> = judged.iter().map(|(_, service)| service.name.as_str()).collect();
    changes
        .into_iter()
        .filter(|change| Some(&change.template) == template.map(|template| &template.id))
        .filter(|change| shown.contains(change.service.as_str()))
        .take(CHANGES)
        .map(|change| FleetChange {
            service: change.service.clone(),
            template: change.template.clone(),
            change: change.into(),
        })
        .collect()
}

impl ServiceReadiness {
    /// What puts it before others: a low level, many items in its way, a low share.
    fn rank(&self) -> (Option<Level>, Reverse<usize>, Option<usize>, String) {
        let blocking = self.points.iter().map(|point| point.blocking.count()).sum();
        (self.level, Reverse(blocking), self.items.percent(), self.name.clone())
    }
}

impl LevelCounts {
    fn of(levels: impl Iterator<Item = Option<Level>>) -> Self {
        let mut counts = Self::default();
        for level in levels {
            match level {
                None => counts.none += 1,
                Some(Level::Bronze) => counts.bronze += 1,
                Some(Level::Silver) => counts.silver += 1,
                Some(Level::Gold) => counts.gold += 1,
            }
        }
        counts
    }
}

impl ReadinessFilter {
    fn admits(&self, team: Option<&str>, service: &ServiceReadiness) -> bool {
        let team = team.unwrap_or_default();
        let level = service.level.map_or("none", Level::as_str);
        let text = self.text.trim().to_lowercase();
        (self.team.is_empty() || team == self.team)
            && (self.level.is_empty() || level == self.level)
            && [service.name.as_str(), team].iter().any(|place| place.to_lowercase().contains(&text))
    }
}
