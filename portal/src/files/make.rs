//! Plans against the catalog, and what comes of them.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use seaworthy_catalog::{Actor, Catalog, Change, FromFile, RecordFilter, RecordKind, Role, StoredTemplate};
use seaworthy_openslo::Definition;

use super::{
    definition,
    plan::{Files, Plan},
    planner::{Planned, Stored, plan},
    runbook,
};
use crate::{
    auth::{Caller, Writer},
    problem::Problem,
    readiness::{assess_now, templates},
    records::MOST,
    state::App,
    view::{
        readiness::settings::{may_name_owner, same_owner},
        templates::built_in,
    },
};

/// As many services as are judged at once; the next round sees to the rest.
const AT_ONCE: usize = 20;

/// Whose files they are.
#[derive(Clone, Debug)]
pub(crate) struct Author {
    actor: Actor,
    /// How the person behind them signs in, and what they may do; none where no person with an account is.
    person: Option<(String, Role)>,
}

impl Author {
    /// A person at a page.
    pub(crate) fn person(caller: &Caller) -> Self {
        Self { actor: caller.actor(), person: Some((caller.person().login.clone(), caller.role())) }
    }

    /// A program: behind it is who made its token, as long as they have an account.
    pub(crate) async fn program(app: &App, writer: &Writer) -> Result<Self, Problem> {
        let people = app.catalog().people().await?;
        let maker = people
            .into_iter()
            .find(|person| Some(&person.login) == writer.made_by() && person.disabled_at.is_none());
        Ok(Self { actor: writer.actor(), person: maker.map(|person| (person.login, person.role)) })
    }

    /// How who answers for what is said signs in.
    fn login(&self) -> &str {
        self.person.as_ref().map(|(login, _)| login.as_str()).unwrap_or_default()
    }

    /// Templates are for admins, and an answer is a person's, by their own word.
    fn may(&self, change: &Change) -> Result<(), Problem> {
        let (least, what, who) = match change {
            Change::AddTemplate { definition, .. } => {
                (Role::Admin, format!("the template {}", definition.template), "an admin")
            }
            Change::UseTemplate { template, .. } => {
                (Role::Admin, format!("the template {template}"), "an admin")
            }
            Change::Answer { key, .. } | Change::WithdrawAnswer { key, .. } => {
                (Role::Editor, format!("the answer to {key}"), "an editor or an admin")
            }
            Change::Slo(_)
            | Change::SetService { .. }
            | Change::CreateRecord(_)
            | Change::UpdateRecord { .. }
            | Change::DeleteRecord { .. } => return Ok(()),
        };
        match self.person.as_ref().is_some_and(|(_, role)| *role >= least) {
            true => Ok(()),
            false => Err(not_for_you(&what, who)),
        }
    }

    /// Who owns a service is named by an admin, or by the owner before.
    async fn may_name_owner(&self, app: &App, change: &Change) -> Result<(), Problem> {
        let Change::SetService { service, settings, .. } = change else { return Ok(()) };
        let before = app.catalog().service_settings(service).await?.map(|stored| stored.settings);
        let before = before.unwrap_or_default();
        let may = |(login, role): &(String, Role)| may_name_owner(login, *role, before.owner.as_deref());
        match same_owner(&before, settings) || self.person.as_ref().is_some_and(may) {
            true => Ok(()),
            false => Err(not_for_you(&format!("the owner of {service}"), "an admin")),
        }
    }
}

fn not_for_you(what: &str, who: &str) -> Problem {
    let detail = format!(
        "Nothing was changed. These files change {what}, which is for {who}: use a token that {who} has made."
    );
    Problem::new(StatusCode::FORBIDDEN, "You may not do this", detail)
}

/// Every SLO, by name.
pub(crate) async fn all(app: &App) -> Result<Vec<Definition>, Problem> {
    let stored = app.catalog().slos().await?;
    stored.iter().map(|slo| definition::of(&slo.name, &slo.definition)).collect()
}

/// The SLO of this name.
pub(crate) async fn one(app: &App, name: &str) -> Result<Definition, Problem> {
    let (stored, _) = crate::view::slo::definition(app, name).await?;
    definition::of(name, &stored.definition)
}

/// What files would change.
pub(crate) async fn look(app: &App, files: Files) -> Result<Plan, Problem> {
    Ok(planned(app, files).await?.plan)
}

/// Does what files say: all of it, or nothing if there are mistakes, if its author may not, or if somebody has changed
/// something meanwhile.
pub(crate) async fn apply(app: &App, files: Files, author: &Author) -> Result<Plan, Problem> {
    let seen = files.seen.clone();
    let Planned { plan, changes, from_files, gone } = planned(app, files).await?;
    if !plan.mistakes.is_empty() {
        return Ok(plan);
    }
    if seen.is_some_and(|seen| seen != plan.seen) {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "Something has changed since this was planned",
            "Nothing was changed. Look at what the files would change now, and apply them again.",
        ));
    }
    for change in &changes {
        author.may(change)?;
        author.may_name_owner(app, change).await?;
    }
    let from_files: Vec<FromFile> = from_files.into_iter().collect();
    let who = (author.login(), &author.actor);
    app.catalog().apply(&changes, (&from_files, &gone), who, app.clock().now()).await?;
    judge(app, &changes).await;
    Ok(plan)
}

/// What is of all services, and what another portal judges, is seen within the minute.
async fn judge(app: &App, changes: &[Change]) {
    let service = |change: &Change| match change {
        Change::Answer { key, .. } | Change::WithdrawAnswer { key, .. } => Some(key.service.clone()),
        Change::SetService { service, .. } => Some(service.clone()),
        Change::CreateRecord(record) | Change::UpdateRecord { definition: record, .. } => {
            Some(record.service.clone()).filter(|service| !service.is_empty())
        }
        _ => None,
    };
    let services: BTreeSet<String> = changes.iter().filter_map(service).collect();
    for service in services.iter().take(AT_ONCE) {
        if let Err(error) = assess_now(app, service).await {
            tracing::warn!(error = format!("{error:#}"), "readiness was not assessed at once");
        }
    }
}

async fn planned(app: &App, files: Files) -> Result<Planned, Problem> {
    let stored = stored(app).await?;
    // Reading large files takes a moment, in which this thread has others to serve.
    tokio::task::spawn_blocking(move || plan(&files, &stored)).await.map_err(Problem::internal)?
}

async fn stored(app: &App) -> Result<Stored, Problem> {
    let catalog = app.catalog();
    let runbooks = RecordFilter { kind: Some(RecordKind::Runbook), limit: MOST, ..RecordFilter::default() };
    let people = catalog.people().await?.into_iter().filter(|person| person.disabled_at.is_none());
    let services = catalog.all_service_settings().await?.into_iter();
    let answers = catalog.answers(None).await?.into_iter();
    let builds = catalog.assessment_summaries(None).await?.into_iter();
    Ok(Stored {
        now: app.clock().now(),
        slos: catalog.slos().await?,
        templates: versions(catalog).await?,
        built_in: built_in()?,
        in_use: templates(app).await.map_err(Problem::internal)?,
        services: services.map(|stored| (stored.service.clone(), stored)).collect(),
        answers: answers.map(|answer| (answer.key.clone(), answer)).collect(),
        runbooks: runbook::by_name(catalog.records(&runbooks).await?),
        people: people.map(|person| person.login).collect(),
        builds: builds.filter_map(|summary| Some((summary.service, summary.build?))).collect(),
        from_files: catalog.from_files().await?,
    })
}

/// Every version of each template.
async fn versions(catalog: &Catalog) -> Result<BTreeMap<String, Vec<StoredTemplate>>, Problem> {
    let mut versions = BTreeMap::new();
    for latest in catalog.templates().await? {
        let id = latest.definition.template;
        let all = catalog.template_versions(&id).await?;
        versions.insert(id, all);
    }
    Ok(versions)
}
