//! What somebody has to see to: what is assigned to them, what stands open in their services, what they said that is
//! stale, and waivers.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp, civil::Date};
use seaworthy_catalog::{ItemKey, Role, StoredWaiver};
use seaworthy_checklist::{By, Level, Templates, Verdict};

use super::{ItemView, Judged, item::WaiverView, item_view, level};
use crate::{auth::Caller, problem::Problem, readiness, state::App};

/// A waiver is told of so long before it ends.
const ENDS_SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

/// What somebody has to see to.
#[derive(Clone, Debug, Default)]
pub(crate) struct WorkView {
    /// When this was so.
    pub(crate) as_of: Timestamp,
    /// Items that are assigned to them and stand open, the earliest due first.
    pub(crate) assigned: Vec<WorkItem>,
    /// Items that they answered, and whose answer is too old or of another build.
    pub(crate) stale: Vec<WorkItem>,
    /// Waivers that others have asked for and that they may approve, in the order in which they were asked for.
    pub(crate) to_approve: Vec<WorkWaiver>,
    /// Waivers that they asked for and that end soon, the earliest first.
    pub(crate) ending: Vec<WorkWaiver>,
    /// The services that they own and in which something blocks the next level, the lowest level first.
    pub(crate) owned: Vec<OwnedService>,
    /// How many services they own.
    pub(crate) services: usize,
}

/// An item to see to.
#[derive(Clone, Debug)]
pub(crate) struct WorkItem {
    /// What names it.
    pub(crate) key: ItemKey,
    /// The item and how it stands.
    pub(crate) item: ItemView,
    /// The day on which it is to be done.
    pub(crate) due: Option<Date>,
}

/// A waiver with the question of its item.
#[derive(Clone, Debug)]
pub(crate) struct WorkWaiver {
    /// The waiver.
    pub(crate) waiver: WaiverView,
    /// What its item asks; empty where no template asks it any more.
    pub(crate) question: String,
}

/// A service that somebody owns, by one template.
#[derive(Clone, Debug)]
pub(crate) struct OwnedService {
    /// The service.
    pub(crate) service: String,
    /// The template's id.
    pub(crate) template: String,
    /// The level that is reached.
    pub(crate) level: Option<Level>,
    /// The level to reach next.
    pub(crate) next_level: Option<Level>,
    /// What blocks it, in the template's order.
    pub(crate) blocking: Vec<WorkItem>,
}

impl WorkView {
    /// How much there is to see to in person. What stands open in services that somebody owns is not counted: that is
    /// nobody's task yet.
    pub(crate) fn count(&self) -> usize {
        self.assigned.len() + self.stale.len() + self.to_approve.len() + self.ending.len()
    }

    /// Whether there is nothing at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.count() == 0 && self.owned.is_empty()
    }
}

/// Loads what somebody has to see to, and remembers how much it is for the navigation of every page.
pub(crate) async fn load(app: &App, login: &str, role: Role) -> Result<WorkView, Problem> {
    let now = app.clock().now();
    let mine = Mine::read(app, login).await?;
    let standing = Standing::read(app, &mine.services()).await?;
    let mut view = WorkView {
        as_of: now,
        assigned: mine.assigned(&standing),
        stale: mine.stale(&standing),
        owned: mine.owned(&standing),
        services: mine.owns.len(),
        ..WorkView::default()
    };
    for waiver in app.catalog().open_waivers(None).await? {
        let approves =
            role == Role::Admin || (role >= Role::Editor && mine.owns.contains(&waiver.key.service));
        let own = waiver.asked_by.to_lowercase() == login.to_lowercase();
        let ends_in = waiver.definition.expires_at.duration_since(now);
        if ends_in <= SignedDuration::ZERO {
            continue;
        }
        match (own, waiver.approval.is_some()) {
            (false, false) if approves => view.to_approve.push(standing.waiver(waiver, now)),
            (true, true) if ends_in <= ENDS_SOON => view.ending.push(standing.waiver(waiver, now)),
            _ => {}
        }
    }
    view.ending.sort_by_key(|ending| ending.waiver.expires_at);
    app.work_counts().remember(login, view.count(), now);
    Ok(view)
}

/// How much somebody has to see to, as it was known lately.
pub(crate) async fn count(app: &App, login: &str, role: Role) -> Result<usize, Problem> {
    match app.work_counts().known(login, app.clock().now()) {
        Some(count) => Ok(count),
        None => Ok(load(app, login, role).await?.count()),
    }
}

/// Loads what the caller has to see to.
pub(crate) async fn of(app: &App, caller: &Caller) -> Result<WorkView, Problem> {
    load(app, &caller.person().login, caller.role()).await
}

/// What hangs on somebody, before it is known how it stands.
struct Mine {
    assigned: Vec<(ItemKey, Option<Date>)>,
    answered: Vec<ItemKey>,
    owns: BTreeSet<String>,
}

impl Mine {
    async fn read(app: &App, login: &str) -> Result<Self, Problem> {
        let catalog = app.catalog();
        let assigned = catalog.assignments_to(login).await?;
        let answered = catalog.answers_by(login).await?;
        let settings = catalog.all_service_settings().await?;
        let owns = settings.into_iter().filter(|stored| stored.settings.owner.as_deref() == Some(login));
        Ok(Self {
            assigned: assigned.into_iter().map(|assigned| (assigned.key, assigned.definition.due)).collect(),
            answered: answered.into_iter().map(|answer| answer.key).collect(),
            owns: owns.map(|stored| stored.service).collect(),
        })
    }

    fn services(&self) -> BTreeSet<&str> {
        let assigned = self.assigned.iter().map(|(key, _)| key.service.as_str());
        let answered = self.answered.iter().map(|key| key.service.as_str());
        assigned.chain(answered).chain(self.owns.iter().map(String::as_str)).collect()
    }

    /// In the order of the catalog, which is by the day.
    fn assigned(&self, standing: &Standing) -> Vec<WorkItem> {
        let open = |(key, due): &(ItemKey, Option<Date>)| {
            let item = standing.item(key, *due)?;
            (!item.item.judged.verdict.holds()).then_some(item)
        };
        self.assigned.iter().filter_map(open).collect()
    }

    fn stale(&self, standing: &Standing) -> Vec<WorkItem> {
        let assigned = |key: &ItemKey| self.assigned.iter().any(|(assigned, _)| assigned == key);
        let stale = |key: &&ItemKey| {
            let judged = standing.judged(key);
            judged.is_some_and(|judged| judged.is(Verdict::Stale, By::Answer)) && !assigned(key)
        };
        self.answered.iter().filter(stale).filter_map(|key| standing.item(key, None)).collect()
    }

    fn owned(&self, standing: &Standing) -> Vec<OwnedService> {
        let by_template = self.owns.iter().flat_map(|service| standing.of_service(service));
        let mut owned: Vec<OwnedService> = by_template.filter(|owned| !owned.blocking.is_empty()).collect();
        owned.sort_by_key(|owned| owned.level);
        owned
    }
}

/// How some services stand, by service and template.
struct Standing {
    templates: Templates,
    judged: BTreeMap<(String, String), (Option<Level>, Vec<Judged>)>,
}

impl Standing {
    async fn read(app: &App, services: &BTreeSet<&str>) -> Result<Self, Problem> {
        let mut judged = BTreeMap::new();
        for service in services {
            for stored in app.catalog().assessments(Some(service)).await? {
                let judgements = serde_json::from_str(&stored.judgements).map_err(Problem::internal)?;
                let key = (stored.summary.service, stored.summary.template);
                judged.insert(key, (level(&stored.summary.level), judgements));
            }
        }
        let templates = readiness::templates(app).await.map_err(Problem::internal)?;
        Ok(Self { templates, judged })
    }

    fn judged(&self, key: &ItemKey) -> Option<&Judged> {
        let (_, judged) = self.judged.get(&(key.service.clone(), key.template.clone()))?;
        judged.iter().find(|judged| judged.item == key.item)
    }

    fn item(&self, key: &ItemKey, due: Option<Date>) -> Option<WorkItem> {
        let judged = self.judged(key)?.clone();
        let template = self.templates.get(&key.template)?;
        let item = item_view(template, template.item(&key.item)?, judged, &key.service);
        Some(WorkItem { key: key.clone(), item, due })
    }

    fn of_service(&self, service: &str) -> impl Iterator<Item = OwnedService> {
        let of = self.judged.iter().filter(move |((of, _), _)| of == service);
        of.map(|((service, template), (level, judged))| {
            let next_level = Level::after(*level);
            let blocks = |judged: &&Judged| Some(judged.level) <= next_level && !judged.verdict.holds();
            let key = |item: &str| ItemKey {
                service: service.clone(),
                template: template.clone(),
                item: item.to_owned(),
            };
            let blocking = judged.iter().filter(blocks);
            OwnedService {
                service: service.clone(),
                template: template.clone(),
                level: *level,
                next_level,
                blocking: blocking.filter_map(|judged| self.item(&key(&judged.item), None)).collect(),
            }
        })
    }

    fn waiver(&self, waiver: StoredWaiver, now: Timestamp) -> WorkWaiver {
        let template = self.templates.get(&waiver.key.template);
        let item = template.and_then(|template| template.item(&waiver.key.item));
        let question = item.map(|item| item.question.clone()).unwrap_or_default();
        WorkWaiver { question, waiver: WaiverView::of(waiver, now) }
    }
}
