//! What goes on in a service right now.

use axum::{
    extract::{Path, State},
    response::{Html, IntoResponse, Response},
};
use leptos::prelude::*;

use crate::{
    auth::{Caller, Viewer},
    problem::Problem,
    state::App,
    view::now::{self, ConnectionLine, NowView, RequestLine, Since, SpanLine},
    web::{
        crumbs::Crumbs,
        format,
        icon::icon,
        layout::{REFRESH_SECONDS, live, page},
        link,
        nav::Section,
        status::nothing,
        table::{Column, column, row_head, table},
        time,
    },
};

use super::tabs;

const REQUESTS: [Column; 6] = [
    column("Request", "name-cell"),
    column("For", "num"),
    column("Trace", ""),
    column("From", "two"),
    column("As", ""),
    column("Instance", ""),
];
const SPANS: [Column; 5] = [
    column("Span", "name-cell"),
    column("For", "num"),
    column("Trace", ""),
    column("Code", "full"),
    column("Instance", ""),
];
const CONNECTIONS: [Column; 5] = [
    column("From", "name-cell"),
    column("For", "num"),
    column("Requests", "num"),
    column("As", ""),
    column("Instance", ""),
];

/// Shows it.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Path(service): Path<String>,
) -> Result<Response, Problem> {
    let view = now::load(&app, &service).await?;
    Ok(render(&caller, &view).into_response())
}

fn render(caller: &Caller, view: &NowView) -> Html<String> {
    page(caller, Section::Fleet, &format!("{} now", view.service), || {
        view! {
            {Crumbs::of_service(&view.service).here("Now")}
            {live(link::service_now(&view.service), content(view))}
        }
    })
}

fn content(view: &NowView) -> impl IntoView + use<> {
    view! {
        <div class="page-head">
            <h1><span class="key k1" aria-hidden="true"></span>{format!("{} now", view.service)}</h1>
            <div class="actions"><a class="button" href=link::profiles(&view.service) title="Profiles of tasks tell the stack at which each of them waits">{icon("tasks")}"See where they wait"</a></div>
            <p class="sub">
                {format!("what {} told last, the oldest first", format::plural(view.instances, "instance"))}
                <span class="dot">"·"</span>
                "as of "{time::clock(view.as_of)}{format!(", refreshes every {REFRESH_SECONDS} s")}
            </p>
        </div>
        {tabs::tabs(&view.service, "now")}
        <div class="stack">{cards(view)}</div>
    }
}

fn cards(view: &NowView) -> AnyView {
    if view.silent == view.instances {
        let why = match view.instances {
            0 => "No instance checks in. Seaworthy's agent tells what goes on with every check-in.",
            _ => {
                "No instance tells what goes on: its agent is one of before. A later one does, without a line of code."
            }
        };
        return view! { <section class="card"><div class="empty"><p>{why}</p></div></section> }.into_any();
    }
    let silent = (view.silent > 0).then(|| {
        let instances = format::plural(view.silent, "instance");
        view! { <p class="notice info">{format!("{instances} of {} do not tell: their agents are of before.", view.instances)}</p> }
    });
    let (requests, spans, connections) = (&view.requests, &view.spans, &view.connections);
    view! {
        {silent}
        {card("Unfinished requests", requests.count, &REQUESTS, requests.oldest.iter().map(request).collect(),
            "Every request that has come is answered.")}
        {card("Unfinished spans", spans.count, &SPANS, spans.oldest.iter().map(span).collect(),
            "Every recorded span has ended.")}
        {card("Open connections", connections.count, &CONNECTIONS, connections.oldest.iter().map(connection).collect(),
            "Nobody is connected to what the agent serves. Servers other than its own it does not see.")}
    }
    .into_any()
}

fn card(
    name: &'static str,
    count: u64,
    columns: &[Column],
    rows: Vec<AnyView>,
    none: &'static str,
) -> impl IntoView + use<> {
    let shown = match rows.len() as u64 {
        shown if shown < count => format!("the oldest {} of {}", format::count(shown), format::count(count)),
        _ => format::count(count),
    };
    let content = if rows.is_empty() {
        view! { <div class="empty"><p>{none}</p></div> }.into_any()
    } else {
        table(&format!("{name}, the oldest first"), columns, rows).into_any()
    };
    view! { <section class="card"><header><h2>{name}</h2><div class="end">{shown}</div></header>{content}</section> }
}

fn request(line: &RequestLine) -> AnyView {
    let [_, age, trace, from, user, instance] = REQUESTS;
    let route = line.route.clone().unwrap_or_else(|| "(no route)".to_owned());
    let id = line.trace_id.as_deref().filter(|_| line.recorded);
    view! {
        <tr role="row">
            {row_head(view! {
                <span class="mono wrap-anywhere">{line.method.clone()}" "{route}</span>
                <span class="sub mono wrap-anywhere">{line.request_id.clone()}</span>
            })}
            {age.cell(length(&line.since))}
            {trace.cell(trace_link(id))}
            {from.cell(or_nothing(line.peer.clone()))}
            {user.cell(or_nothing(line.user.clone()))}
            {instance.cell(place(&line.since))}
        </tr>
    }
    .into_any()
}

fn span(line: &SpanLine) -> AnyView {
    let [_, age, trace, code, instance] = SPANS;
    view! {
        <tr role="row">
            {row_head(view! {
                <span class="wrap-anywhere">{line.name.clone()}</span>
                <span class="sub mono wrap-anywhere">{line.target.clone()}</span>
            })}
            {age.cell(length(&line.since))}
            {trace.cell(trace_link(Some(&line.trace_id)))}
            {code.cell(or_nothing(line.place.clone()))}
            {instance.cell(place(&line.since))}
        </tr>
    }
    .into_any()
}

fn connection(line: &ConnectionLine) -> AnyView {
    let [_, age, requests, user, instance] = CONNECTIONS;
    view! {
        <tr role="row">
            {row_head(view! { <span class="mono wrap-anywhere">{line.peer.clone()}</span> })}
            {age.cell(length(&line.since))}
            {requests.cell(format::count(line.requests))}
            {user.cell(or_nothing(line.user.clone()))}
            {instance.cell(place(&line.since))}
        </tr>
    }
    .into_any()
}

/// `1.24 s`, `4 min 12 s`.
fn length(since: &Since) -> impl IntoView + use<> {
    let text = match since.age_ms {
        short if short < 60_000 => format::seconds(short as f64 / 1e3),
        long => format::span(long / 1_000),
    };
    let began = since.since.strftime("since %Y-%m-%d %H:%M:%S%.3f UTC").to_string();
    view! { <span title=began>{text}</span> }
}

fn trace_link(id: Option<&str>) -> AnyView {
    match id {
        Some(id) => {
            view! { <a class="mono" href=link::trace(id) title=id.to_owned()>{format::short_id(id)}</a> }
                .into_any()
        }
        None => view! { <span class="muted" title="It is not recorded.">"not sampled"</span> }.into_any(),
    }
}

fn or_nothing(text: Option<String>) -> AnyView {
    match text {
        Some(text) => view! { <span class="wrap-anywhere">{text}</span> }.into_any(),
        None => nothing().into_any(),
    }
}

fn place(since: &Since) -> impl IntoView + use<> {
    view! { <span class="mono" title=since.instance.clone()>{format::short_id(&since.instance)}</span> }
}
