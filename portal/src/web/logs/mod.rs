//! The search for log lines.

mod counts;
pub(crate) mod lines;

use axum::{
    extract::{Query, State},
    response::{Html, IntoResponse, Response},
};
use leptos::prelude::*;

use super::{format, icon::icon, layout::page, link, nav::Section, service::tabs, time, traces::choices};
use crate::{
    auth::{Caller, Viewer},
    problem::Problem,
    state::App,
    view::{
        Range,
        logs::{self, LogSearch, LogsView},
    },
};

/// Levels to choose from, and what choosing them shows.
const LEVELS: [(&str, &str); 7] = [
    ("", "any"),
    ("trace", "trace"),
    ("debug", "debug and above"),
    ("info", "info and above"),
    ("warn", "warnings and above"),
    ("error", "errors"),
    ("fatal", "fatal"),
];

/// Shows the form and what it found.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Query(search): Query<LogSearch>,
) -> Result<Response, Problem> {
    let found = logs::load(&app, search).await?;
    Ok(render(&caller, &found).into_response())
}

fn render(caller: &Caller, found: &LogsView) -> Html<String> {
    page(caller, Section::Logs, "Logs", || {
        let service = &found.search.service;
        let tabs = (!service.is_empty()).then(|| tabs::tabs(service, "logs"));
        let filter = (!service.is_empty()).then(|| {
            let to = link::log_filter(service);
            view! { <span class="dot">"·"</span><a href=to>"change what is logged"</a> }
        });
        view! {
            <div class="page-head">
                <h1>"Logs"</h1>
                <p class="sub">
                    "latest first"<span class="dot">"·"</span>"as of "{time::clock(found.as_of)}{filter}
                </p>
            </div>
            {tabs}
            <div class="stack">{form(found)}{counts::card(found)}{results(found)}</div>
        }
    })
}

fn form(found: &LogsView) -> impl IntoView + use<> {
    let search = &found.search;
    let services = choices(&found.services, &search.service);
    let levels = LEVELS.map(|(value, words)| {
        view! { <option value=value selected=value == search.level>{words}</option> }
    });
    let ranges = Range::ALL.map(|range| {
        view! { <option value=range.as_str() selected=range == search.range>"last "{range.label()}</option> }
    });
    view! {
        <section class="card"><form class="body form filters" action="/logs" method="get" role="search">
            {text_field(found, "text", "Words", &search.text, "no milk, \"a phrase\", order*")}
            <div class="field">
                <label for="service">"Service"</label>
                <select class="select" id="service" name="service">{services}</select>
            </div>
            <div class="field">
                <label for="level">"Level"</label>
                <select class="select" id="level" name="level">{levels.into_iter().collect_view()}</select>
            </div>
            <div class="field">
                <label for="range">"Time"</label>
                <select class="select" id="range" name="range">{ranges.into_iter().collect_view()}</select>
            </div>
            {text_field(found, "target", "Target", &search.target, "any, or shop::orders")}
            {text_field(found, "trace", "Trace id", &search.trace, "any")}
            {text_field(found, "fields", "Fields", &search.fields, "order.id=17")}
            <div class="actions">
                <button class="button primary" type="submit">{icon("search")}"Search"</button>
                <a class="button quiet" href="/logs">"Clear"</a>
            </div>
        </form></section>
    }
}

fn text_field(
    found: &LogsView,
    name: &'static str,
    label: &'static str,
    value: &str,
    placeholder: &'static str,
) -> impl IntoView + use<> {
    let mistake =
        found.mistakes.iter().find(|mistake| mistake.field == name).map(|mistake| mistake.message.clone());
    let error_id = format!("{name}-error");
    let class = if name == "text" { "field wide" } else { "field" };
    view! {
        <div class=class>
            <label for=name>{label}</label>
            <input
                class="input" id=name name=name value=value.to_owned() placeholder=placeholder
                autocomplete="off" maxlength="1000"
                aria-invalid=mistake.is_some().then_some("true")
                aria-describedby=mistake.is_some().then(|| error_id.clone())
            />
            {mistake.map(|message| view! { <p class="error" id=error_id>{icon("fail")}{message}</p> })}
        </div>
    }
}

fn results(found: &LogsView) -> impl IntoView + use<> {
    if !found.mistakes.is_empty() {
        return view! { <p class="muted">"Nothing was searched. Mend what is marked above."</p> }.into_any();
    }
    let notes = notes(found);
    if found.lines.is_empty() {
        return view! { {notes}{nothing_found(found)}{older(found)} }.into_any();
    }
    let is_page = !found.search.before.is_empty();
    let count = match (found.older.is_some(), is_page) {
        (true, _) => "older ones follow below".to_owned(),
        (false, true) => "the last that match".to_owned(),
        (false, false) => "all that match".to_owned(),
    };
    view! {
        {notes}
        <section class="card">
            <header><h2>{format::plural(found.lines.len(), "line")}</h2><div class="end">{count}</div></header>
            {lines::list(&found.lines, true)}
        </section>
        {older(found)}
    }
    .into_any()
}

fn notes(found: &LogsView) -> impl IntoView + use<> {
    let notes = [
        (
            found.incomplete,
            "There was too much to look through at once. What is shown is what was found so far; go on with older lines below.",
        ),
        (
            found.unreadable,
            "Some lines of this time are damaged on disk and are not shown; the portal's log says where.",
        ),
    ];
    let shown = notes.into_iter().filter(|(is_so, _)| *is_so);
    shown
        .map(|(_, words)| view! { <div class="notice info">{icon("info")}<div>{words}</div></div> })
        .collect::<Vec<_>>()
}

fn older(found: &LogsView) -> Option<impl IntoView + use<>> {
    let before = found.older.as_deref()?;
    let href = address(&LogSearch { before: before.to_owned(), ..found.search.clone() });
    let latest = (!found.search.before.is_empty()).then(|| {
        let href = address(&LogSearch { before: String::new(), ..found.search.clone() });
        view! { <a class="button quiet" href=href>"Latest"</a> }
    });
    Some(
        view! { <div class="actions"><a class="button" href=href rel="next">"Older lines"</a>{latest}</div> },
    )
}

/// The address of a search.
fn address(search: &LogSearch) -> String {
    let range = if search.range == Range::default() { "" } else { search.range.as_str() };
    link::with_query(
        "/logs",
        &[
            ("text", &search.text),
            ("service", &search.service),
            ("level", &search.level),
            ("target", &search.target),
            ("trace", &search.trace),
            ("fields", &search.fields),
            ("range", range),
            ("before", &search.before),
        ],
    )
}

fn nothing_found(found: &LogsView) -> impl IntoView + use<> {
    if found.incomplete {
        return ().into_any();
    }
    let nothing_sent = found.counts.iter().all(|step| step.debug + step.info + step.warn + step.error == 0);
    if nothing_sent {
        return nothing_sent_yet().into_any();
    }
    view! {
        <section class="card"><div class="empty">
            <h2>"No line matches"</h2>
            <p>
                "Ask for less, or for a longer time. Words match whole words: write "<code>"brew*"</code>" to find what begins "
                "with them."
            </p>
        </div></section>
    }
    .into_any()
}

fn nothing_sent_yet() -> impl IntoView {
    view! {
        <section class="card"><div class="empty">
            <h2>"No line was sent in this time"</h2>
            <p>
                "A service with the agent sends the lines that it logs with "<code>"tracing"</code>". Any OpenTelemetry SDK sends "
                "its log records to "<code>"/v1/logs"</code>" of this portal:"
            </p>
            <pre class="code">"OTEL_LOGS_EXPORTER=otlp\nOTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf\nOTEL_EXPORTER_OTLP_ENDPOINT=<this portal>\nOTEL_EXPORTER_OTLP_HEADERS=Authorization=Bearer%20<a token for ingest>"</pre>
            <p><a class="button" href="/settings/tokens">"Tokens"</a></p>
        </div></section>
    }
}
