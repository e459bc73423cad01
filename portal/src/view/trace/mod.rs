//! One trace as a waterfall.

mod critical_path;
mod notes;
mod row;
#[cfg(test)]
mod tests;
mod tree;

pub(crate) use row::{attribute_rows, value_text};

use jiff::Timestamp;
use seaworthy_telemetry::model::{Span, TraceId};
use serde::Serialize;
use utoipa::ToSchema;

use self::{
    critical_path::{critical_path, shares},
    notes::notes,
    row::row,
    tree::Tree,
};
use super::{
    logs::{self, LineRow},
    range::timestamp,
};
use crate::{problem::Problem, state::App};

/// Spans shown at most. More than a person reads, and a page that a browser still likes.
const MOST_ROWS: usize = 5_000;

/// Lines shown at most beside the spans.
const MOST_LINES: usize = 500;

/// A trace.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TraceView {
    /// Its id.
    pub(crate) trace_id: String,
    /// Name of its root, or of its earliest span.
    pub(crate) name: String,
    /// Service of that span.
    pub(crate) service: String,
    /// When its earliest span began.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) started_at: Timestamp,
    /// From the earliest start to the latest end.
    pub(crate) duration_nanos: u64,
    /// Its spans.
    pub(crate) spans: usize,
    /// Of them, failed.
    pub(crate) errors: usize,
    /// Its services, most own time first.
    pub(crate) services: Vec<ServiceShare>,
    /// What is missing or odd, in words.
    pub(crate) notes: Vec<String>,
    /// The spans, parents before their children, siblings by start.
    pub(crate) rows: Vec<SpanRow>,
    /// What was logged during it, in order of time; the latest lines, where there are too many.
    pub(crate) lines: Vec<LineRow>,
    /// Whether there are earlier lines than those.
    pub(crate) more_lines: bool,
}

/// One service's part in a trace.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ServiceShare {
    /// Its name.
    pub(crate) service: String,
    /// Its spans.
    pub(crate) spans: usize,
    /// Time on the critical path.
    pub(crate) critical_nanos: u64,
}

/// One span in the waterfall.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SpanRow {
    /// Its id.
    pub(crate) span_id: String,
    /// Its parent's id; none for a root.
    pub(crate) parent_span_id: Option<String>,
    /// How deep it is in the tree; 0 for a root.
    pub(crate) depth: usize,
    /// Spans below it.
    pub(crate) descendants: usize,
    /// Its name.
    pub(crate) name: String,
    /// Its service.
    pub(crate) service: String,
    /// Its instance, empty where unknown.
    pub(crate) instance: String,
    /// `server`, `client`, `internal`, …
    pub(crate) kind: &'static str,
    /// The system that a client span talks to (`sqlite`, `postgresql`), for database and messaging spans.
    pub(crate) system: Option<String>,
    /// From the start of the trace to its start.
    pub(crate) offset_nanos: u64,
    /// From its start to its end.
    pub(crate) duration_nanos: u64,
    /// Its duration less that of its children.
    pub(crate) own_nanos: u64,
    /// Parts of it on the critical path, as offset and length.
    pub(crate) critical: Vec<(u64, u64)>,
    /// Whether it failed.
    pub(crate) error: bool,
    /// What its status says.
    pub(crate) status_message: String,
    /// Its attributes.
    pub(crate) attributes: Vec<AttributeRow>,
    /// What happened during it.
    pub(crate) events: Vec<EventRow>,
    /// What it refers to.
    pub(crate) links: Vec<LinkRow>,
    /// Attributes of its resource.
    pub(crate) resource: Vec<AttributeRow>,
    /// The library that made it.
    pub(crate) scope: String,
    /// Attributes, events and links that its sender dropped.
    pub(crate) dropped: u32,
}

/// One attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct AttributeRow {
    /// Its key.
    pub(crate) key: String,
    /// Its value as text; structures as JSON.
    pub(crate) value: String,
}

/// One event of a span.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct EventRow {
    /// From the start of the trace; negative for an event before it.
    pub(crate) offset_nanos: i64,
    /// Its name.
    pub(crate) name: String,
    /// Its attributes.
    pub(crate) attributes: Vec<AttributeRow>,
}

/// One link of a span.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct LinkRow {
    /// The other trace.
    pub(crate) trace_id: String,
    /// The span in it.
    pub(crate) span_id: String,
}

/// Loads a trace.
pub(crate) async fn load(app: &App, id: &str) -> Result<TraceView, Problem> {
    let unknown = || {
        Problem::not_found(
            "There is no such trace",
            format!(
                "No span of trace {id} is stored. It may be older than the {} days that are kept, not sampled, or \
                 still on its way. What was logged during it may be there all the same: /logs?trace={id}",
                app.settings().retention_days
            ),
        )
    };
    let trace_id: TraceId = id.trim().parse().map_err(|error| {
        Problem::new(
            axum::http::StatusCode::BAD_REQUEST,
            "This is not a trace id",
            format!("{id:?}: {error}. A trace id has 32 of them."),
        )
    })?;
    let found = app.telemetry().trace(trace_id).await?;
    let (left_out, unreadable) = (found.left_out, found.unreadable);
    let view = waterfall(trace_id, found.spans);
    let mut view = view.ok_or_else(|| if unreadable == 0 { unknown() } else { damaged(unreadable) })?;
    view.notes.extend(notes::of_storage(left_out, unreadable));
    (view.lines, view.more_lines) = logs::of_trace(app, trace_id, MOST_LINES).await?;
    Ok(view)
}

fn damaged(spans: usize) -> Problem {
    Problem::new(
        axum::http::StatusCode::INTERNAL_SERVER_ERROR,
        "This trace cannot be read",
        format!("All of its spans, about {spans}, are damaged on disk; the portal's log says where."),
    )
}

/// Orders the spans of a trace as a waterfall; none without spans.
fn waterfall(trace_id: TraceId, spans: Vec<Span>) -> Option<TraceView> {
    let start = spans.iter().map(|span| span.start).min()?;
    let end = spans.iter().map(|span| span.end).max()?;
    let tree = Tree::of(&spans);
    let main = tree.main_root(&spans)?;
    let first = &spans[main];
    let critical = critical_path(&spans, &tree, main);
    let order = tree.in_order();
    let descendants = tree.descendants(&order);
    let rows = order
        .iter()
        .take(MOST_ROWS)
        .map(|(index, depth)| SpanRow {
            depth: *depth,
            descendants: descendants[*index],
            ..row(&spans, &tree, *index, start, &critical)
        })
        .collect();
    Some(TraceView {
        trace_id: trace_id.to_string(),
        name: first.name.clone(),
        service: first.resource.service.clone(),
        started_at: timestamp(start),
        duration_nanos: end - start,
        spans: spans.len(),
        errors: spans.iter().filter(|span| span.is_error()).count(),
        services: shares(&spans, &critical),
        notes: notes(&spans, &tree),
        rows,
        lines: Vec::new(),
        more_lines: false,
    })
}
