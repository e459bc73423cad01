//! How a service came to stand as it does: what it had reached over time, and what changed that.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use seaworthy_catalog::{Deploy, DeployKind, LevelPoint};
use seaworthy_checklist::Level;
use serde::Deserialize;

use super::{item::ChangeView, level};
use crate::{problem::Problem, readiness::Glance, state::App};

/// Changes of a service that are looked at, and that are shown.
const LOOKED_AT: u64 = 5_000;
const SHOWN: usize = 200;
const DEPLOYS: u64 = 200;
/// At least so much time is shown.
const SHORTEST: SignedDuration = SignedDuration::from_hours(1);

/// How far back to look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) enum Past {
    /// A week.
    #[serde(rename = "7d")]
    Week,
    /// 30 days.
    #[default]
    #[serde(rename = "30d")]
    Month,
    /// 90 days.
    #[serde(rename = "90d")]
    Quarter,
}

/// What is asked of the past.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct HistoryQuery {
    /// By this template; by the first of those that are for the service where none is given.
    pub(crate) template: String,
    /// What became of this item; of all where none is given.
    pub(crate) item: String,
    /// How far back.
    pub(crate) range: Past,
}

/// How a service came to stand as it does by a template.
#[derive(Clone, Debug)]
pub(crate) struct HistoryView {
    /// The service.
    pub(crate) service: String,
    /// The template's id; none as long as it was not judged.
    pub(crate) template: Option<String>,
    /// Ids and titles of all templates by which it is judged.
    pub(crate) templates: Vec<(String, String)>,
    /// The time that is shown.
    pub(crate) from: Timestamp,
    /// Now.
    pub(crate) to: Timestamp,
    /// What it had reached, earliest first; the first may be from before the time.
    pub(crate) points: Vec<Reached>,
    /// What happened, latest first.
    pub(crate) events: Vec<Event>,
    /// Events that are not shown, because they are too many.
    pub(crate) left_out: usize,
    /// The items that changed in this time.
    pub(crate) items: Vec<String>,
    /// Deploys in this time, earliest first.
    pub(crate) deploys: Vec<(Timestamp, String)>,
}

/// What was reached from a time on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reached {
    /// From when on.
    pub(crate) at: Timestamp,
    /// The level; none below bronze.
    pub(crate) level: Option<Level>,
    /// How many items passed.
    pub(crate) passing: u32,
    /// How many items applied.
    pub(crate) applicable: u32,
    /// The version of the template.
    pub(crate) version: String,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// When.
    pub(crate) at: Timestamp,
    /// What.
    pub(crate) what: What,
}

/// What happened.
#[derive(Clone, Debug)]
pub(crate) enum What {
    /// The verdict of an item changed.
    Verdict(ChangeView),
    /// Another level was reached, or one was lost.
    Level {
        /// The level before.
        from: Option<Level>,
        /// The level after.
        to: Option<Level>,
    },
    /// Another version of the template was put into use.
    Template {
        /// The version before.
        from: String,
        /// The version after.
        to: String,
    },
    /// Another build was put in place.
    Deploy {
        /// The version before, where it is known.
        from: Option<String>,
        /// The version after.
        to: String,
        /// That it had run before.
        rollback: bool,
        /// Where; empty where no environment is set.
        environment: String,
    },
}

impl Past {
    /// All of them, the shortest first.
    pub(crate) const ALL: [Self; 3] = [Self::Week, Self::Month, Self::Quarter];

    /// As written in addresses.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Week => "7d",
            Self::Month => "30d",
            Self::Quarter => "90d",
        }
    }

    /// Its days.
    pub(crate) const fn days(self) -> i64 {
        match self {
            Self::Week => 7,
            Self::Month => 30,
            Self::Quarter => 90,
        }
    }
}

impl Reached {
    /// The share of applicable items that passed, from 0 to 100; none where none applied.
    pub(crate) fn percent(&self) -> Option<f64> {
        (self.applicable > 0).then(|| f64::from(self.passing) / f64::from(self.applicable) * 100.0)
    }
}

impl HistoryView {
    /// What had been reached at a time; none before the service was first judged.
    pub(crate) fn reached_at(&self, at: Timestamp) -> Option<&Reached> {
        self.points.iter().rev().find(|point| point.at <= at)
    }
}

/// Loads the past of a service.
pub(crate) async fn load(app: &App, service: &str, query: &HistoryQuery) -> Result<HistoryView, Problem> {
    let catalog = app.catalog();
    if catalog.service(service).await?.is_none() {
        let what = format!("There is no service {service:?}");
        return Err(Problem::not_found(what, "The fleet lists every one that was heard of."));
    }
    let templates: Vec<(String, String)> = catalog
        .assessment_summaries(Some(service))
        .await?
        .into_iter()
        .map(|summary| (summary.template, Glance::kept(&summary.points).title))
        .collect();
    let to = app.clock().now();
    let from = to - SignedDuration::from_hours(24 * query.range.days());
    let template = templates.iter().find(|(id, _)| query.template.is_empty() || *id == query.template);
    let template = match template {
        Some((id, _)) => Some(id.clone()),
        // One that is out of use by now has a past all the same.
        None => Some(query.template.clone()).filter(|template| !template.is_empty()),
    };
    let mut view = HistoryView {
        service: service.to_owned(),
        template: template.clone(),
        templates,
        from,
        to,
        points: Vec::new(),
        events: Vec::new(),
        left_out: 0,
        items: Vec::new(),
        deploys: Vec::new(),
    };
    let Some(template) = template else { return Ok(view) };
    let points = catalog.level_history(service, &template, from).await?;
    view.points = points.into_iter().map(Reached::from).collect();
    // Of a service that is younger the time before says nothing.
    if let Some(first) = view.points.first().filter(|first| first.at > from) {
        view.from = first.at.min(to - SHORTEST);
    }
    let changes = catalog.verdict_changes(Some(service), LOOKED_AT).await?;
    let changes: Vec<ChangeView> = changes
        .into_iter()
        .filter(|change| change.template == template && change.at >= from)
        .map(ChangeView::from)
        .collect();
    let items: BTreeSet<&str> = changes.iter().map(|change| change.item.as_str()).collect();
    view.items = items.into_iter().map(str::to_owned).collect();
    let deploys = catalog.deploys(Some(service), DEPLOYS).await?;
    let deploys: Vec<Deploy> = deploys.into_iter().filter(|deploy| deploy.started_at >= from).collect();
    view.deploys =
        deploys.iter().rev().map(|deploy| (deploy.started_at, deploy.build.version.clone())).collect();
    view.events = events(&view.points, changes, deploys, &query.item, from);
    view.left_out = view.events.len().saturating_sub(SHOWN);
    view.events.truncate(SHOWN);
    Ok(view)
}

/// What happened, latest first. Of one item only what became of it, and the deploys.
fn events(
    points: &[Reached],
    changes: Vec<ChangeView>,
    deploys: Vec<Deploy>,
    item: &str,
    from: Timestamp,
) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    if item.is_empty() {
        let turns = points.windows(2).flat_map(|pair| turns(&pair[0], &pair[1]));
        events.extend(turns.filter(|event| event.at >= from));
    }
    let of_item = changes.into_iter().filter(|change| item.is_empty() || change.item == item);
    events.extend(of_item.map(|change| Event { at: change.at, what: What::Verdict(change) }));
    events.extend(deploys.into_iter().map(|deploy| Event {
        at: deploy.started_at,
        what: What::Deploy {
            from: deploy.from.map(|build| build.version),
            to: deploy.build.version,
            rollback: deploy.kind == DeployKind::Rollback,
            environment: deploy.environment,
        },
    }));
    // Stable: what was judged at one moment keeps its order, the level before the items that made it.
    events.sort_by_key(|event| std::cmp::Reverse(event.at));
    events
}

fn turns(before: &Reached, after: &Reached) -> Vec<Event> {
    let mut turns = Vec::new();
    if before.level != after.level {
        turns.push(What::Level { from: before.level, to: after.level });
    }
    if before.version != after.version {
        turns.push(What::Template { from: before.version.clone(), to: after.version.clone() });
    }
    turns.into_iter().map(|what| Event { at: after.at, what }).collect()
}

impl From<LevelPoint> for Reached {
    fn from(point: LevelPoint) -> Self {
        Self {
            at: point.at,
            level: level(&point.level),
            passing: point.passing,
            applicable: point.applicable,
            version: point.template_version,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reached(second: i64, level: Option<Level>, version: &str) -> Reached {
        let at = Timestamp::from_second(second).unwrap();
        Reached { at, level, passing: 1, applicable: 2, version: version.to_owned() }
    }

    fn told(events: &[Event]) -> Vec<String> {
        let told = |event: &Event| match &event.what {
            What::Level { from, to } => format!("{} {from:?} {to:?}", event.at.as_second()),
            What::Template { from, to } => format!("{} {from} {to}", event.at.as_second()),
            What::Verdict(change) => format!("{} {}", event.at.as_second(), change.item),
            What::Deploy { to, .. } => format!("{} {to}", event.at.as_second()),
        };
        events.iter().map(told).collect()
    }

    fn change(second: i64, item: &str) -> ChangeView {
        let at = Timestamp::from_second(second).unwrap();
        ChangeView { item: item.to_owned(), from: None, to: "fail".to_owned(), words: String::new(), at }
    }

    #[test]
    fn events_are_told_latest_first_and_of_one_item_alone_where_it_is_asked_for() {
        let points = [
            reached(5, None, "1"),
            reached(20, Some(Level::Bronze), "1"),
            // Only the share changed.
            reached(25, Some(Level::Bronze), "1"),
            reached(30, None, "2"),
        ];
        let changes = || vec![change(30, "a"), change(20, "b")];
        let from = Timestamp::from_second(10).unwrap();
        let all = events(&points, changes(), Vec::new(), "", from);
        assert_eq!(told(&all), ["30 Some(Bronze) None", "30 1 2", "30 a", "20 None Some(Bronze)", "20 b"]);
        assert_eq!(told(&events(&points, changes(), Vec::new(), "b", from)), ["20 b"]);
    }
}
