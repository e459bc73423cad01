//! A runbook being followed.

use jiff::Timestamp;
use seaworthy_records::{Context, HandOver, Run, Runbook, State as StepState, markdown};
use serde::Serialize;
use utoipa::ToSchema;

use super::one;
use crate::{
    alerts::Details,
    problem::Problem,
    records::{self, Entry, Kept},
    state::App,
    view::records::{ListFilter, service_of},
    web::link,
};

/// Runs.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RunsView {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// The runs, latest first.
    pub(crate) runs: Vec<RunLine>,
}

/// A run in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RunLine {
    /// Its id.
    pub(crate) id: i64,
    /// The runbook.
    pub(crate) runbook: i64,
    /// Which version of it is followed.
    pub(crate) runbook_version: i64,
    /// What the runbook was called.
    pub(crate) title: String,
    /// The service that it is of; none for all.
    pub(crate) service: Option<String>,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) started_at: Timestamp,
    /// How who began it signs in.
    pub(crate) started_by: String,
    /// When it ended; none while it is under way.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) finished_at: Option<Timestamp>,
    /// How it ended.
    pub(crate) outcome: String,
    /// Steps that are done or skipped.
    pub(crate) settled: usize,
    /// How many steps it has.
    pub(crate) of: usize,
}

/// A run.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RunView {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// In short.
    #[serde(flatten)]
    pub(crate) line: RunLine,
    /// What it is followed for; none for practice.
    pub(crate) cause: Option<Cause>,
    /// Its steps in order.
    pub(crate) steps: Vec<StepView>,
    /// The first step that is open; none where all are settled.
    pub(crate) current: Option<usize>,
    /// Who leads it now.
    pub(crate) leader: String,
    /// Everybody who had a part in it.
    pub(crate) people: Vec<String>,
    /// Who was asked to go on, in order.
    #[schema(value_type = Vec<Object>)]
    pub(crate) hand_overs: Vec<HandOver>,
    /// Earlier runs of the same runbook, latest first.
    pub(crate) earlier: Vec<RunLine>,
    /// The latest version of the runbook; none where it was deleted.
    pub(crate) runbook_latest: Option<i64>,
}

/// What a run is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Cause {
    /// `alert`, `incident` or `gameday`.
    pub(crate) kind: String,
    /// Its id.
    pub(crate) id: i64,
    /// What it is called.
    pub(crate) title: String,
    /// The service that it is of; none for all.
    pub(crate) service: Option<String>,
    /// Its page.
    pub(crate) href: String,
}

/// A step of a run.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct StepView {
    /// What is to be done.
    pub(crate) text: String,
    /// What the runbook says about it, as safe HTML.
    pub(crate) html: String,
    /// `open`, `done` or `skipped`.
    #[schema(value_type = String)]
    pub(crate) state: StepState,
    /// Who did or skipped it.
    pub(crate) by: Option<String>,
    /// When.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) at: Option<Timestamp>,
    /// How long after the step that was settled before it, or after the beginning.
    pub(crate) took_seconds: Option<u64>,
    /// What was seen, or why it was skipped.
    pub(crate) note: String,
}

impl Cause {
    /// An alert.
    pub(crate) fn of_alert(id: i64, title: &str, service: &str) -> Self {
        Self {
            kind: "alert".to_owned(),
            id,
            title: title.to_owned(),
            service: service_of(service),
            href: link::alert(id),
        }
    }
}

impl RunLine {
    /// In short.
    pub(crate) fn of(entry: &Entry<Run>) -> Self {
        let run = &entry.body;
        Self {
            id: entry.id,
            runbook: run.runbook,
            runbook_version: run.runbook_version,
            title: entry.title.clone(),
            service: service_of(&entry.service),
            started_at: run.started_at,
            started_by: run.started_by.clone(),
            finished_at: run.finished_at,
            outcome: run.outcome.clone(),
            settled: run.settled(),
            of: run.steps.len(),
        }
    }
}

/// Loads runs.
pub(crate) async fn list(app: &App, filter: &ListFilter) -> Result<RunsView, Problem> {
    let runs = records::list::<Run>(app, filter.asked()).await?;
    let wanted = runs.iter().filter(|run| filter.admits(run));
    Ok(RunsView { as_of: app.clock().now(), runs: wanted.map(RunLine::of).collect() })
}

/// The runs for an alert, incident or gameday, latest first.
pub(crate) async fn of_context(app: &App, context: &Context) -> Result<Vec<RunLine>, Problem> {
    let runs = records::list::<Run>(app, ListFilter::default().asked()).await?;
    Ok(runs.iter().filter(|run| run.body.context == *context).map(RunLine::of).collect())
}

/// Loads a run.
pub(crate) async fn load(app: &App, id: i64) -> Result<RunView, Problem> {
    let entry = records::find::<Run>(app, id).await?;
    let run = &entry.body;
    let runs = records::list::<Run>(app, ListFilter::default().asked()).await?;
    let earlier = runs.iter().filter(|other| other.body.runbook == run.runbook && other.id != id);
    let earlier = earlier.filter(|other| other.body.started_at <= run.started_at);
    let runbook = app.catalog().record(run.runbook).await?;
    Ok(RunView {
        as_of: app.clock().now(),
        line: RunLine::of(&entry),
        cause: cause(app, &run.context).await?,
        steps: steps(app, run).await?,
        current: run.current(),
        leader: run.leader().to_owned(),
        people: run.people().into_iter().map(str::to_owned).collect(),
        hand_overs: run.hand_overs.clone(),
        earlier: earlier.take(5).map(RunLine::of).collect(),
        runbook_latest: runbook
            .filter(|record| record.definition.kind == Runbook::RECORD)
            .map(|it| it.version),
    })
}

/// The steps with what the followed version of the runbook says about each.
async fn steps(app: &App, run: &Run) -> Result<Vec<StepView>, Problem> {
    let versions = app.catalog().record_versions(run.runbook).await?;
    let followed = versions.iter().find(|version| version.version == run.runbook_version);
    let written = followed.and_then(one::body).map(|runbook| steps_of("", &runbook.markdown));
    let about = written.unwrap_or_default();
    let step = |(index, step): (usize, &seaworthy_records::RunStep)| StepView {
        text: step.text.clone(),
        html: about.get(index).map(|about| about.html.clone()).unwrap_or_default(),
        state: step.state,
        by: step.by.clone(),
        at: step.at,
        took_seconds: step.at.map(|at| took(run, at)),
        note: step.note.clone(),
    };
    Ok(run.steps.iter().enumerate().map(step).collect())
}

fn took(run: &Run, at: Timestamp) -> u64 {
    let before = run.steps.iter().filter_map(|step| step.at).filter(|other| *other < at).max();
    let seconds = at.duration_since(before.unwrap_or(run.started_at)).as_secs();
    u64::try_from(seconds).unwrap_or_default()
}

/// The steps of a runbook; of one that is written without any, all of it is one step.
pub(crate) fn steps_of(title: &str, text: &str) -> Vec<markdown::Step> {
    // What cannot be read was refused when it was written.
    let steps = markdown::steps(text).unwrap_or_default();
    if steps.is_empty() {
        let html = markdown::to_html(text, "step-");
        return vec![markdown::Step { text: title.to_owned(), html }];
    }
    steps
}

/// What a run is for, as far as it is still there.
pub(crate) async fn cause(app: &App, context: &Context) -> Result<Option<Cause>, Problem> {
    Ok(match context {
        Context::None => None,
        Context::Alert { id } => {
            let alert = app.catalog().alert(*id).await?;
            alert.map(|alert| Cause::of_alert(*id, &Details::of(&alert).title, &alert.origin.service))
        }
        Context::Incident { id } => recorded::<seaworthy_records::Incident>(app, *id).await?,
        Context::Gameday { id } => recorded::<seaworthy_records::Gameday>(app, *id).await?,
    })
}

async fn recorded<B: Kept>(app: &App, id: i64) -> Result<Option<Cause>, Problem> {
    let record = app.catalog().record(id).await?.filter(|record| record.definition.kind == B::RECORD);
    Ok(record.map(|record| Cause {
        kind: B::RECORD.to_string(),
        id,
        title: record.definition.title,
        service: service_of(&record.definition.service),
        href: B::page(id),
    }))
}
