//! One trace as a waterfall.

mod details;
mod frame;
mod lines;
mod waterfall;

use axum::{
    extract::{Path, Query, State},
    http::HeaderMap,
    response::{Html, IntoResponse, Response},
};
use leptos::prelude::*;
use serde::Deserialize;

use frame::Frame;

use super::{
    crumbs::Crumbs,
    format,
    icon::icon,
    layout::{fragment, page},
    link,
    nav::Section,
    time,
};
use crate::{
    auth::{Caller, Viewer},
    problem::Problem,
    state::App,
    view::trace::{self, SpanRow, TraceView},
};

/// What of the trace is looked at.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Look {
    /// Id of the span whose details are shown.
    span: String,
    /// Nanoseconds from the start of the trace to the start of what is shown.
    from: Option<u64>,
    /// Nanoseconds from the start of the trace to the end of what is shown.
    to: Option<u64>,
}

/// Shows a trace, or for a script only the details of a span.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(look): Query<Look>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let trace = trace::load(&app, &id).await?;
    let frame = Frame::of(&trace, look.from, look.to);
    let chosen = chosen(&trace, &look.span);
    if headers.get("hx-target").is_some_and(|target| target == details::ID) {
        let details = fragment(caller.preferences(), || details::card(&trace, chosen, frame));
        return Ok(details.into_response());
    }
    Ok(render(&caller, &trace, chosen, frame).into_response())
}

/// The span asked for; else where the first error came from; else the root.
fn chosen<'t>(trace: &'t TraceView, asked: &str) -> Option<&'t SpanRow> {
    let first_error = trace.rows.iter().position(|row| row.error);
    // Below a failed span stands what made it fail.
    let cause = first_error.and_then(|first| {
        let below = &trace.rows[first..=(first + trace.rows[first].descendants).min(trace.rows.len() - 1)];
        below.iter().filter(|row| row.error).max_by_key(|row| row.depth)
    });
    trace.rows.iter().find(|row| row.span_id == asked).or(cause).or(trace.rows.first())
}

fn render(caller: &Caller, trace: &TraceView, chosen: Option<&SpanRow>, frame: Frame) -> Html<String> {
    page(caller, Section::Traces, &format!("{}, trace", trace.name), || {
        let notes: Vec<_> = trace
            .notes
            .iter()
            .map(|note| view! { <div class="notice info">{icon("info")}<div>{note.clone()}</div></div> })
            .collect();
        view! {
            {head(trace)}
            <div class="stack">
                {notes}
                {figures(trace)}
                <div class="with-side trace-page">
                    {waterfall::card(trace, chosen, frame)}
                    {details::card(trace, chosen, frame)}
                </div>
                {lines::card(trace)}
            </div>
        }
    })
}

fn head(trace: &TraceView) -> impl IntoView + use<> {
    let json = format!("/api/v1/traces/{}", trace.trace_id);
    let of_service = link::with_query("/traces", &[("service", &trace.service)]);
    view! {
        {Crumbs::of("/traces", "Traces").then(&of_service, &trace.service).here(&trace.name)}
        <div class="page-head">
            <h1>{trace.name.clone()}</h1>
            {(trace.errors > 0).then(|| view! {
                <span class="pill is-fail">{icon("fail")}{format::plural(trace.errors, "error")}</span>
            })}
            <div class="actions">
                <button class="button" type="button" data-copy=trace.trace_id.clone() hidden>
                    {icon("copy")}<span>"Copy trace id"</span>
                </button>
                <a class="button" href=json>{icon("download")}"JSON"</a>
            </div>
            <p class="sub">
                <span class="mono">{trace.trace_id.clone()}</span><span class="dot">"·"</span>
                {time::moment(trace.started_at)}
            </p>
        </div>
    }
}

fn figures(trace: &TraceView) -> impl IntoView + use<> {
    let systems: std::collections::BTreeSet<&str> =
        trace.rows.iter().filter_map(|row| row.system.as_deref()).collect();
    let services = format::plural(trace.services.len(), "service");
    let of = match systems.len() {
        0 => services,
        _ => format!("{services} · {}", systems.into_iter().collect::<Vec<_>>().join(", ")),
    };
    let whole: u64 = trace.services.iter().map(|share| share.critical_nanos).sum();
    let (longest, share) = trace.services.first().map_or((String::new(), 0.0), |first| {
        (first.service.clone(), if whole == 0 { 0.0 } else { first.critical_nanos as f64 / whole as f64 })
    });
    let errors = if trace.errors > 0 { "value t-fail" } else { "value" };
    view! {
        <section class="card" aria-label="Trace in figures"><div class="strip">
            <div>
                <span class="label">"Took"</span>
                <span class="value">{format::nanos(trace.duration_nanos)}</span>
                <span class="note">{format!("{} ns", format::count(trace.duration_nanos))}</span>
            </div>
            <div>
                <span class="label">"Spans"</span>
                <span class="value">{format::count(trace.spans as u64)}</span>
                <span class="note">{of}</span>
            </div>
            <div>
                <span class="label">"Critical path"</span>
                <span class="value">{format::percent(share)}</span>
                <span class="note">{format!("in {longest}")}</span>
            </div>
            <div>
                <span class="label">"Errors"</span>
                <span class=errors>{format::count(trace.errors as u64)}</span>
                <span class="note">{if trace.errors == 0 { "no span failed" } else { "spans that failed" }}</span>
            </div>
        </div></section>
    }
}

/// The colour of a span: of its service, or that of databases and queues.
fn colour(trace: &TraceView, row: &SpanRow) -> usize {
    if row.system.is_some() {
        return 5;
    }
    let place = trace.services.iter().position(|share| share.service == row.service).unwrap_or_default();
    place % 4 + 1
}
