//! Capacity: use against limits, its trend, and when it runs out.

mod course;

use axum::{
    extract::{Query, State},
    response::{Html, IntoResponse, Response},
};
use jiff::Timestamp;
use leptos::prelude::*;
use seaworthy_records::Trend;

use super::{
    alerts::words::{mark, notices},
    chart::meter,
    crumbs::Crumbs,
    field::select,
    format,
    layout::page,
    link,
    nav::Section,
    status::nothing,
    table::{Column, column, row_head, table},
    time,
};
use crate::{
    auth::{Caller, Viewer},
    capacity::Resource,
    problem::Problem,
    state::App,
    view::capacity::{self, Amount, CapacityView, InstanceUse, OfService, ServiceUse},
};

const PATH: &str = "/capacity";
const SERVICES: [Column; 5] = [
    column("Service", "name-cell"),
    column("Runs out", "two"),
    column("CPU of the fullest", "two"),
    column("Memory of the fullest", "two"),
    column("Instances", "num"),
];
const INSTANCES: [Column; 4] = [
    column("Instance", "name-cell"),
    column("CPU", "two"),
    column("Memory", "two"),
    column("Check-in", "num"),
];

/// Shows what services use.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Query(asked): Query<OfService>,
) -> Result<Response, Problem> {
    let view = capacity::load(&app, &asked).await?;
    Ok(render(&caller, asked.service.trim(), &view).into_response())
}

fn render(caller: &Caller, service: &str, view: &CapacityView) -> Html<String> {
    page(caller, Section::Capacity, "Capacity", || {
        let (content, crumbs) = match service {
            "" => (list(view).into_any(), None),
            _ => (one(service, view).into_any(), Some(Crumbs::of(PATH, "Capacity").here(service))),
        };
        let of = if service.is_empty() { String::new() } else { format!(" of {service}") };
        view! {
            {crumbs}
            <div class="page-head">
                <h1 class="wrap-anywhere">{format!("Capacity{of}")}</h1>
                <p class="sub">
                    "use against limits"<span class="dot">"·"</span>
                    "a ticket 30 days before a resource runs out, and above 90 % of it"
                </p>
            </div>
            {(!view.names.is_empty()).then(|| filter(service, &view.names))}
            <div class="stack">{content}</div>
        }
    })
}

fn filter(service: &str, names: &[String]) -> impl IntoView + use<> {
    let every = (String::new(), "every service".to_owned());
    // One that is gone can still be asked for.
    let gone = (!service.is_empty() && !names.iter().any(|name| name == service)).then(|| service.to_owned());
    let options = names.iter().cloned().chain(gone).map(|name| (name.clone(), name));
    view! {
        <form class="filter-line row" action=PATH role="search" aria-label="Choose a service">
            {select("service", "Service", service, std::iter::once(every).chain(options).collect(), None)}
            <button class="button" type="submit">"Show"</button>
        </form>
    }
}

fn list(view: &CapacityView) -> AnyView {
    if view.services.is_empty() {
        return empty(
            "No instance tells what it uses",
            "Use and limits come with the check-ins of Seaworthy's agent. Embed it in a service and start that: CPU and memory \
             are here at once, and a forecast after seven days."
                .to_owned(),
        )
        .into_any();
    }
    let rows: Vec<_> = view.services.iter().map(|service| service_row(service, view.as_of)).collect();
    view! { <section class="card">{table("Services, those that run out first", &SERVICES, rows)}</section> }
        .into_any()
}

fn empty(title: &'static str, text: String) -> impl IntoView {
    view! { <section class="card"><div class="empty"><h2>{title}</h2><p class="wrap-anywhere">{text}</p></div></section> }
}

fn service_row(service: &ServiceUse, now: Timestamp) -> impl IntoView + use<> {
    let [_, runs_out, cpu, memory, count] = SERVICES;
    let name = service.service.clone();
    let href = link::capacity(&service.service);
    view! {
        <tr role="row">
            {row_head(view! { <a href=href>{name}</a>{service.alert.as_ref().map(mark)} })}
            {runs_out.cell(first(service, now))}
            {cpu.cell(bar(service.cpu_share, Resource::Cpu))}
            {memory.cell(bar(service.memory_share, Resource::Memory))}
            {count.cell(format::count(service.instances.len() as u64))}
        </tr>
    }
}

/// What runs out first, or why nobody can say.
fn first(service: &ServiceUse, now: Timestamp) -> AnyView {
    if let Some(first) = &service.runs_out {
        let ahead = first.at.expected.duration_since(now).as_secs();
        let ahead = format::span(u64::try_from(ahead).unwrap_or_default());
        let resource = first.resource.clone();
        return view! { {resource}" on "{time::day(first.at.expected)}" "<span class="sub">{format!("in {ahead}")}</span> }
            .into_any();
    }
    match service.known_days {
        Some(days) if days >= Trend::LEAST_DAYS => "not by its trend".into_any(),
        Some(days) => {
            let told = format!("{days} of {} days known", Trend::LEAST_DAYS);
            view! { <span class="muted">{told}</span> }.into_any()
        }
        None => view! { <span class="muted">"being looked at: load again in a minute"</span> }.into_any(),
    }
}

fn bar(share: Option<f64>, of: Resource) -> AnyView {
    let Some(share) = share else { return nothing().into_any() };
    let text = format::percent((share * 1e3).round() / 1e3);
    let sentence = format!("{text} of the limit of {}", of.as_str());
    meter(share, text, sentence).into_any()
}

fn one(service: &str, view: &CapacityView) -> impl IntoView + use<> {
    let alerts: Vec<_> = view.services.iter().filter_map(|service| service.alert.clone()).collect();
    let resources: Vec<_> = view.resources.iter().map(|one| course::card(one, view.as_of)).collect();
    let unknown = resources.is_empty().then(|| {
        let text = format!(
            "No metrics tell what {service} used of its limits: process.cpu.time and process.cpu.limit, process.memory.usage and \
             process.memory.limit. Seaworthy's agent sends them: look whether its telemetry arrives."
        );
        empty("Nothing is known over time", text)
    });
    let instances = match view.services.first() {
        Some(service) => instances(service, view.as_of).into_any(),
        None => empty(
            "No instance checks in",
            format!("Start {service} with Seaworthy's agent, and each instance is here with what it uses."),
        )
        .into_any(),
    };
    view! { {notices(&alerts)}{resources}{unknown}{instances}{links(service)} }
}

fn links(service: &str) -> impl IntoView + use<> {
    let load_tests = link::with_query("/load-tests", &[("service", service)]);
    view! {
        <p class="muted">
            "What rate it can take is told by its "<a href=load_tests>"load tests"</a>", and how it does now on "
            <a href=link::service(service)>"its page"</a>"."
        </p>
    }
}

fn instances(service: &ServiceUse, now: Timestamp) -> impl IntoView + use<> {
    let rows: Vec<_> = service.instances.iter().map(|one| instance(one, now)).collect();
    view! {
        <section class="card">
            <header><h2>"Instances"</h2><div class="end">"now, of their limits"</div></header>
            {table("Instances, the fullest first", &INSTANCES, rows)}
        </section>
    }
}

fn instance(one: &InstanceUse, now: Timestamp) -> impl IntoView + use<> {
    let [_, cpu, memory, seen] = INSTANCES;
    view! {
        <tr role="row">
            {row_head(view! {
                <span class="mono wrap-anywhere" title=one.id.clone()>{format::short_id(&one.id)}</span>
                " "<span class="sub">{one.host.clone()}</span>
            })}
            {cpu.cell(amount(one.cpu, Resource::Cpu))}
            {memory.cell(amount(one.memory, Resource::Memory))}
            {seen.cell(time::ago(one.seen_at, now))}
        </tr>
    }
}

fn amount(amount: Option<Amount>, of: Resource) -> AnyView {
    let Some(Amount { used, limit, share }) = amount else {
        return view! { <span class="muted">"not told"</span> }.into_any();
    };
    let words = format!("{} of {}", of.amount(used), of.amount(limit));
    view! { {bar(Some(share), of)}" "<span class="sub">{words}</span> }.into_any()
}
