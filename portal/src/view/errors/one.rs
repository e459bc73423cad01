//! One group of errors: where it comes from, and what happened around its latest occurrences.

use jiff::{SignedDuration, Timestamp};
use seaworthy_catalog::AuditEntry;
use seaworthy_telemetry::{log::LogQuery, model::Window};
use serde::Serialize;
use utoipa::ToSchema;

use super::{ErrorRow, counts, hour_of, rows};
use crate::{
    errors::{
        GROUP,
        frames::{Frame, frames},
    },
    problem::Problem,
    state::App,
    view::{logs::LineRow, range::nanos},
};

/// Occurrences shown.
const OCCURRENCES: usize = 10;
/// Lines of the latest request that are shown.
const LINES: usize = 30;
/// Hours of the picture: a week.
const HOURS: usize = 7 * 24;

/// One group of errors.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ErrorView {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// The group.
    #[serde(flatten)]
    pub(crate) group: ErrorRow,
    /// How many there were in each hour of a week, earliest first.
    pub(crate) week: Vec<u64>,
    /// The calls of the latest occurrence, the innermost first.
    pub(crate) frames: Vec<Frame>,
    /// Its stack as it came; empty where there was none.
    pub(crate) stack: String,
    /// The latest occurrences that are kept, latest first.
    pub(crate) occurrences: Vec<LineRow>,
    /// What was logged during the request of the latest occurrence that has one, up to it.
    pub(crate) request_lines: Vec<LineRow>,
    /// The trace of that request.
    pub(crate) request_trace: Option<String>,
    /// What people did with the group, latest first.
    pub(crate) acts: Vec<ActRow>,
    /// Builds of the service by which it can be resolved, latest first.
    pub(crate) service_builds: Vec<String>,
}

/// What somebody did with a group.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ActRow {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
    /// How they sign in.
    pub(crate) by: String,
    /// What they did.
    pub(crate) what: String,
}

impl From<AuditEntry> for ActRow {
    fn from(entry: AuditEntry) -> Self {
        Self { at: entry.at, by: entry.actor, what: entry.action }
    }
}

/// Loads a group.
pub(crate) async fn load(app: &App, id: &str) -> Result<ErrorView, Problem> {
    let now = app.clock().now();
    let unknown = || {
        Problem::not_found(
            "There is no such error",
            format!(
                "No group of errors is called {id}. It may not have come for so long that it was forgotten."
            ),
        )
    };
    let group = app.catalog().error_group(id, now).await?.ok_or_else(unknown)?;
    let group = rows(app, vec![group], now).await?.pop().ok_or_else(unknown)?;
    let first_hour = hour_of(now) - HOURS as i64 + 1;
    let week = app.catalog().error_hours(std::slice::from_ref(&group.id), first_hour).await?;
    let occurrences = occurrences(app, &group, now).await?;
    let stack = occurrences.iter().find_map(stack).unwrap_or_default();
    let (request_trace, request_lines) = request(app, &occurrences).await?;
    Ok(ErrorView {
        as_of: now,
        week: counts(&week, first_hour, HOURS),
        frames: frames(&stack),
        stack,
        occurrences,
        request_lines,
        request_trace,
        acts: app.catalog().error_acts(&group.id).await?.into_iter().map(ActRow::from).collect(),
        service_builds: builds(app, &group).await?,
        group,
    })
}

async fn occurrences(app: &App, group: &ErrorRow, now: Timestamp) -> Result<Vec<LineRow>, Problem> {
    let kept = SignedDuration::from_hours(24 * i64::from(app.settings().retention_days));
    let from = nanos(group.first_seen_at.max(now.checked_sub(kept).unwrap_or(Timestamp::MIN)));
    let window =
        Window { from: from.saturating_sub(1_000_000), to: nanos(now).saturating_add(3_600_000_000_000) };
    let query = LogQuery {
        service: Some(group.service.clone()),
        attributes: vec![(GROUP.to_owned(), group.id.clone())],
        ..LogQuery::all(window, OCCURRENCES)
    };
    Ok(app.telemetry().logs(query).await?.lines.into_iter().map(LineRow::from).collect())
}

fn stack(line: &LineRow) -> Option<String> {
    let stack = line.fields.iter().find(|field| field.key == "exception.stacktrace")?;
    Some(stack.value.clone()).filter(|stack| !stack.trim().is_empty())
}

/// The trace of the latest occurrence that has one, and its lines up to then, in order of time.
async fn request(app: &App, occurrences: &[LineRow]) -> Result<(Option<String>, Vec<LineRow>), Problem> {
    let of_trace = occurrences.iter().find_map(|line| Some((line, line.trace_id.as_deref()?)));
    let Some((line, trace)) = of_trace else { return Ok((None, Vec::new())) };
    let Ok(id) = trace.parse() else { return Ok((None, Vec::new())) };
    let window = Window { from: 0, to: nanos(line.at).saturating_add(1) };
    let query = LogQuery { trace: Some(id), ..LogQuery::all(window, LINES) };
    let found = app.telemetry().logs(query).await?;
    let lines = found.lines.into_iter().rev().map(LineRow::from).collect();
    Ok((Some(trace.to_owned()), lines))
}

/// Builds that instances reported, and those in which the errors were seen.
async fn builds(app: &App, group: &ErrorRow) -> Result<Vec<String>, Problem> {
    const MOST: usize = 20;
    let reported = app.catalog().builds(&group.service).await?.into_iter().map(|seen| seen.build.version);
    let seen = group.builds.iter().map(|build| build.build.clone());
    let mut builds: Vec<String> = Vec::new();
    for build in reported.chain(seen) {
        if !build.is_empty() && !builds.contains(&build) && builds.len() < MOST {
            builds.push(build);
        }
    }
    Ok(builds)
}
