//! Where to look first: example traces, and the deploy before it began.

use jiff::{SignedDuration, Timestamp};
use seaworthy_telemetry::model::{TraceQuery, Window};

use super::{
    details::{Clues, Deploy},
    rules::Look,
};
use crate::state::App;

/// Example traces listed at most.
const TRACES: usize = 3;

/// What can be found for an alert that begins to fire. What cannot be found is left out: an alert is told without it.
pub(super) async fn find(
    app: &App,
    service: &str,
    look: Option<&Look>,
    started_at: Timestamp,
    now: Timestamp,
) -> Clues {
    let deploy = deploy_before(app, service, started_at).await.unwrap_or_else(|error| {
        tracing::warn!(service, error = format!("{error:#}"), "the builds of a service were not found");
        None
    });
    let Some(look) = look else { return Clues { deploy, ..Clues::default() } };
    let traces = traces(app, service, look, started_at, now).await.unwrap_or_else(|error| {
        tracing::warn!(service, error = format!("{error:#}"), "example traces were not looked for");
        Vec::new()
    });
    Clues { traces_of: look.what.to_owned(), search: search(service, look), traces, deploy }
}

/// The last build that an instance was first seen with before it began. The first build that ever was is no deploy.
async fn deploy_before(app: &App, service: &str, started_at: Timestamp) -> anyhow::Result<Option<Deploy>> {
    let builds = app.catalog().builds(service).await?;
    let (_first, deploys) = builds.split_last().unzip();
    let found = deploys.unwrap_or_default().iter().find(|seen| seen.first_seen_at <= started_at);
    Ok(found.map(|seen| Deploy {
        version: seen.build.version.clone(),
        commit: seen.build.commit.clone(),
        at: seen.first_seen_at,
    }))
}

async fn traces(
    app: &App,
    service: &str,
    look: &Look,
    started_at: Timestamp,
    now: Timestamp,
) -> anyhow::Result<Vec<String>> {
    let nanos = |at: Timestamp| u64::try_from(at.as_nanosecond()).unwrap_or_default();
    let from = started_at - SignedDuration::from_mins(look.before_minutes.into());
    let query = TraceQuery {
        window: Window { from: nanos(from), to: nanos(now) },
        service: Some(service.to_owned()),
        operation: None,
        min_duration: look.min_ms.map(|ms| (ms * 1e6) as u64),
        max_duration: None,
        errors_only: look.errors,
        attributes: look.attributes.clone(),
        limit: TRACES,
    };
    let found = app.telemetry().search(query).await?;
    Ok(found.traces.into_iter().map(|trace| trace.trace_id.to_string()).collect())
}

/// The same as the page of traces asks it.
fn search(service: &str, look: &Look) -> Vec<(String, String)> {
    let attributes: Vec<String> =
        look.attributes.iter().map(|(key, value)| format!("{key}=\"{value}\"")).collect();
    let pairs = [
        ("service", service.to_owned()),
        ("min", look.min_ms.map(|ms| format!("{ms}ms")).unwrap_or_default()),
        ("errors", if look.errors { "1".to_owned() } else { String::new() }),
        ("attributes", attributes.join(" ")),
    ];
    let given = pairs.into_iter().filter(|(_, value)| !value.is_empty());
    given.map(|(name, value)| (name.to_owned(), value)).collect()
}
