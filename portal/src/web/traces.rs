//! The search for traces.

use axum::{
    extract::{Query, State},
    response::{Html, IntoResponse, Response},
};
use leptos::prelude::*;

use super::{
    field::suggestions,
    format,
    icon::icon,
    layout::page,
    link,
    nav::Section,
    table::{Column, column, row_head, table},
    time,
};
use crate::{
    auth::{Caller, Viewer},
    problem::Problem,
    state::App,
    view::{
        Range,
        traces::{self, TraceRow, TraceSearch, TracesView},
    },
};

const COLUMNS: [Column; 5] = [
    column("Trace", "name-cell"),
    column("Took", "two"),
    column("Spans", "num"),
    column("Services", "full"),
    column("Began", "two"),
];

/// Shows the form and what it found.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Query(search): Query<TraceSearch>,
) -> Result<Response, Problem> {
    let found = traces::load(&app, search).await?;
    Ok(render(&caller, &found).into_response())
}

fn render(caller: &Caller, found: &TracesView) -> Html<String> {
    page(caller, Section::Traces, "Traces", || {
        view! {
            <div class="page-head">
                <h1>"Traces"</h1>
                <p class="sub">
                    "one span must meet every condition"<span class="dot">"·"</span>"latest first"
                    <span class="dot">"·"</span>"as of "{time::clock(found.as_of)}
                </p>
            </div>
            <div class="stack">{form(found)}{results(found)}</div>
        }
    })
}

fn form(found: &TracesView) -> impl IntoView + use<> {
    let search = &found.search;
    let services: Vec<_> = choices(&found.services, &search.service);
    let ranges = Range::ALL.map(|range| {
        view! { <option value=range.as_str() selected=range == search.range>"last "{range.label()}</option> }
    });
    view! {
        <section class="card"><form class="body form filters" action="/traces" method="get" role="search">
            <div class="field">
                <label for="service">"Service"</label>
                <select class="select" id="service" name="service">{services}</select>
            </div>
            {text_field(found, "operation", "Operation", &search.operation, "any, or POST /orders", Some("operations"))}
            {suggestions("operations", &found.operations)}
            {text_field(found, "min", "At least", &search.min, "any, or 250ms", None)}
            {text_field(found, "max", "At most", &search.max, "any, or 1.5s", None)}
            {text_field(found, "attributes", "Attributes", &search.attributes, "http.response.status_code=503", None)}
            <div class="field">
                <label for="range">"Time"</label>
                <select class="select" id="range" name="range">{ranges.into_iter().collect_view()}</select>
            </div>
            <label class="check">
                <input type="checkbox" name="errors" value="1" checked=!search.errors.is_empty()/>
                "with an error"
            </label>
            <div class="actions">
                <button class="button primary" type="submit">{icon("search")}"Search"</button>
                <a class="button quiet" href="/traces">"Clear"</a>
                {within(search)}
            </div>
        </form></section>
    }
}

/// A time that was asked for by a link. Whoever chooses another leaves it.
fn within(search: &TraceSearch) -> Option<impl IntoView + use<>> {
    let (from, to) = search.from.zip(search.to)?;
    Some(
        view! { <p class="small muted">"From "{time::clock(from)}" to "{time::clock(to)}"; a search looks further:"</p> },
    )
}

/// The services of this time, and the one asked for even if it is not among them.
pub(super) fn choices(services: &[String], chosen: &str) -> Vec<impl IntoView + use<>> {
    let gone = (!chosen.is_empty() && !services.iter().any(|name| name == chosen)).then(|| chosen.to_owned());
    let names = std::iter::once(String::new()).chain(gone).chain(services.iter().cloned());
    names
        .map(|name| {
            let label = if name.is_empty() { "any".to_owned() } else { name.clone() };
            view! { <option value=name.clone() selected=name == chosen>{label}</option> }
        })
        .collect()
}

fn text_field(
    found: &TracesView,
    name: &'static str,
    label: &'static str,
    value: &str,
    placeholder: &'static str,
    list: Option<&'static str>,
) -> impl IntoView + use<> {
    let mistake =
        found.mistakes.iter().find(|mistake| mistake.field == name).map(|mistake| mistake.message.clone());
    let error_id = format!("{name}-error");
    // Attributes are long.
    let class = if name == "attributes" { "field wide" } else { "field" };
    view! {
        <div class=class>
            <label for=name>{label}</label>
            <input
                class="input" id=name name=name value=value.to_owned() placeholder=placeholder list=list
                autocomplete="off" maxlength="1000"
                aria-invalid=mistake.is_some().then_some("true")
                aria-describedby=mistake.is_some().then(|| error_id.clone())
            />
            {mistake.map(|message| view! { <p class="error" id=error_id>{icon("fail")}{message}</p> })}
        </div>
    }
}

fn results(found: &TracesView) -> impl IntoView + use<> {
    if !found.mistakes.is_empty() {
        return view! { <p class="muted">"Nothing was searched. Mend what is marked above."</p> }.into_any();
    }
    if found.traces.is_empty() {
        return nothing_found(found).into_any();
    }
    let longest = found.traces.iter().map(|trace| trace.duration_nanos).max().unwrap_or_default();
    let rows: Vec<_> = found.traces.iter().map(|trace| row(trace, longest)).collect();
    let count = match found.more {
        true => format!("the latest {}; there may be more: ask for less", found.traces.len()),
        false => "all that match".to_owned(),
    };
    view! {
        <section class="card">
            <header><h2>{format::plural(found.traces.len(), "trace")}</h2><div class="end">{count}</div></header>
            {table("Traces found, latest first", &COLUMNS, rows)}
        </section>
    }
    .into_any()
}

fn nothing_found(found: &TracesView) -> impl IntoView + use<> {
    let TraceSearch { range, from, to, .. } = found.search;
    let asked = TraceSearch { range, from, to, ..TraceSearch::default() } != found.search;
    let next = match (asked, found.more) {
        (true, true) => {
            "There was too much to look through: no match in what was read. Ask for a shorter time."
        }
        (true, false) => "Ask for less, or for a longer time. Traces that were not sampled are never stored.",
        (false, _) => {
            "Nothing was sent in this time. Start a service with the agent, or point any OpenTelemetry SDK here; the \
             fleet page says how."
        }
    };
    view! {
        <section class="card"><div class="empty">
            <h2>"No trace matches"</h2>
            <p>{next}</p>
        </div></section>
    }
}

fn row(trace: &TraceRow, longest: u64) -> impl IntoView + use<> {
    let [_, took, spans, services, began] = COLUMNS;
    let share = if longest == 0 { 0.0 } else { trace.duration_nanos as f64 / longest as f64 };
    let width = format!("{:.2}%", share * 100.0);
    let errors = (trace.errors > 0).then(|| {
        view! { <span class="sub"><span class="status is-fail">{icon("fail")}{format::plural(trace.errors, "error")}</span></span> }
    });
    let parts: Vec<_> = trace
        .services
        .iter()
        .map(|(name, spans)| view! { <span class="badge">{format!("{name} {}", format::count(*spans as u64))}</span> })
        .collect();
    view! {
        <tr role="row">
            {row_head(view! {
                <a class="wrap-anywhere" href=link::trace(&trace.trace_id)>{trace.name.clone()}</a>
                <span class="sub">{trace.service.clone()}" "<span class="mono">{trace.trace_id.chars().take(8).collect::<String>()}</span></span>
            })}
            {took.cell(view! {
                <div class="meter-line">
                    <svg class="meter thin" aria-hidden="true">
                        <rect class="track" width="100%" height="6" rx="3"/>
                        <rect class="b1" width=width height="6" rx="3"/>
                    </svg>
                    <span class="value">{format::nanos(trace.duration_nanos)}</span>
                </div>
            })}
            {spans.cell(view! { {format::count(trace.spans as u64)}{errors} })}
            {services.cell(view! { <span class="row tight">{parts}</span> })}
            {began.cell(time::instant(trace.started_at))}
        </tr>
    }
}
