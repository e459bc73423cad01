//! What another template, or another version of one, would change: services are judged by it on what is known, and nothing
//! of that is recorded.

use std::collections::BTreeMap;

use seaworthy_checklist::{Changes, Level, SameVersion, Share, Template, Templates, Verdict};
use tokio::task::spawn_blocking;

use super::{
    judge::judge,
    kept::Judged,
    known::{self, Known},
};
use crate::state::App;

/// What a template would change.
#[derive(Clone, Debug)]
pub(crate) struct Preview {
    /// What differs from the version in use; none where none of this id is.
    pub(crate) changes: Option<Changes>,
    /// The services that are judged by it now or would be.
    pub(crate) services: Vec<Previewed>,
    /// How the items that come or change would stand, in the template's order.
    pub(crate) items: Vec<ItemPreview>,
}

/// What it would change for a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Previewed {
    /// The service.
    pub(crate) service: String,
    /// How it stands by the version in use; none where it is not judged by it.
    pub(crate) now: Option<Stand>,
    /// How it would stand; none where it would not be judged by it any more.
    pub(crate) then: Option<Stand>,
    /// The level that it has by all templates together.
    pub(crate) lowest_now: Option<Level>,
    /// The level that it would have.
    pub(crate) lowest_then: Option<Level>,
}

/// How a service stands by a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stand {
    /// The level; none below bronze.
    pub(crate) level: Option<Level>,
    /// How many items pass.
    pub(crate) share: Share,
}

/// How an item would stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ItemPreview {
    /// Its id.
    pub(crate) item: String,
    /// What it asks.
    pub(crate) question: String,
    /// Whether the version in use does not ask it.
    pub(crate) is_new: bool,
    /// Services to which it applies.
    pub(crate) applies: usize,
    /// Services in which it would be proved or claimed.
    pub(crate) passes: usize,
    /// Services in which it would fail.
    pub(crate) fails: usize,
    /// Services of which nobody would know, or would know any more.
    pub(crate) unknown: usize,
}

/// Why there is no preview.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoPreview {
    /// The version is in use already, with other items.
    #[error(transparent)]
    SameVersion(#[from] SameVersion),
    /// A store did not answer.
    #[error(transparent)]
    Store(#[from] anyhow::Error),
}

/// Judges all services by the templates in use, and by the same with one put in its place.
pub(crate) async fn preview(app: &App, template: Template) -> Result<Preview, NoPreview> {
    let now = app.clock().now();
    let (observed, kept, in_use) = app.assessor().await.known(app, now).await?;
    let mut then = in_use.clone();
    let id = template.id.clone();
    let changes = then.put(template)?;
    let known = known::read(app, None, &observed, now).await?;
    let judging = move || {
        let before = judge(&known, &in_use, &kept, now);
        let after = judge(&known, &then, &kept, now);
        compare(&id, &then, &known, (&before, &after), changes)
    };
    spawn_blocking(judging).await.map_err(|error| NoPreview::Store(error.into()))
}

fn compare(
    id: &str,
    then: &Templates,
    known: &[Known],
    (before, after): (&[Judged], &[Judged]),
    changes: Option<Changes>,
) -> Preview {
    let (before, after) = (by_service(before), by_service(after));
    let nothing = BTreeMap::new();
    let services = known.iter().filter_map(|known| {
        let was = before.get(known.service.as_str()).unwrap_or(&nothing);
        let is = after.get(known.service.as_str()).unwrap_or(&nothing);
        let (now, then) = (was.get(id).copied().map(Stand::of), is.get(id).copied().map(Stand::of));
        (now.is_some() || then.is_some()).then(|| Previewed {
            service: known.service.clone(),
            now,
            then,
            lowest_now: lowest(was),
            lowest_then: lowest(is),
        })
    });
    let judged: Vec<&Judged> = after.values().filter_map(|judged| judged.get(id).copied()).collect();
    let items = then.get(id).map(|template| items(template, &judged, changes.as_ref())).unwrap_or_default();
    Preview { services: services.collect(), items, changes }
}

fn by_service(judged: &[Judged]) -> BTreeMap<&str, BTreeMap<&str, &Judged>> {
    let mut services: BTreeMap<&str, BTreeMap<&str, &Judged>> = BTreeMap::new();
    for judged in judged {
        services.entry(&judged.service).or_default().insert(&judged.assessment.template, judged);
    }
    services
}

fn lowest(judged: &BTreeMap<&str, &Judged>) -> Option<Level> {
    seaworthy_checklist::lowest(judged.values().map(|judged| &judged.assessment))
}

impl Stand {
    fn of(judged: &Judged) -> Self {
        Self { level: judged.assessment.level, share: judged.assessment.share }
    }
}

/// The items that come or change; of a template that is new all.
fn items(template: &Template, judged: &[&Judged], changes: Option<&Changes>) -> Vec<ItemPreview> {
    let is_new = |id: &str| changes.is_none_or(|changes| changes.came.iter().any(|came| came == id));
    let changed =
        |id: &str| changes.is_some_and(|changes| changes.changed.iter().any(|change| change.item == id));
    let items = template.items().filter(|item| is_new(&item.id) || changed(&item.id));
    items
        .map(|item| {
            let verdicts: Vec<Verdict> = judged
                .iter()
                .filter_map(|judged| judged.assessment.judgement(&item.id))
                .map(|judgement| judgement.verdict)
                .collect();
            let count =
                |wanted: &[Verdict]| verdicts.iter().filter(|verdict| wanted.contains(verdict)).count();
            ItemPreview {
                item: item.id.clone(),
                question: item.question.clone(),
                is_new: is_new(&item.id),
                applies: verdicts.len() - count(&[Verdict::NotApplicable]),
                passes: count(&[Verdict::Pass]),
                fails: count(&[Verdict::Fail]),
                unknown: count(&[Verdict::Unknown, Verdict::Stale]),
            }
        })
        .collect()
}
