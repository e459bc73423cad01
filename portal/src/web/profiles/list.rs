//! The profiles of a service, and the form that captures one now.

use axum::{
    Form,
    extract::{Path, Query, State},
    response::{Html, IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use seaworthy_catalog::Role;
use seaworthy_protocol::ProfileKind;
use serde::Deserialize;

use super::{KINDS, amount, captures, kind, length};
use crate::{
    auth::{Caller, Editor, Viewer},
    problem::Problem,
    state::App,
    view::profiles::{self, InstanceLine, ProfileLine, ProfilesFilter, ProfilesView, USUAL_SECONDS, missing},
    web::{
        crumbs::Crumbs,
        field::form_token,
        format::{self, short_id},
        icon::icon,
        layout::{live, page},
        link,
        nav::Section,
        service::tabs::tabs,
        table::{Column, column, row_head, table},
        time,
    },
};

const COLUMNS: [Column; 6] = [
    column("Taken", "name-cell"),
    column("Kind", "two"),
    column("Shows", "two"),
    column("Build", "two"),
    column("Instance", "two"),
    column("Asked by", "two skip-narrow"),
];

/// What is to be captured.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Wanted {
    instance: String,
    kind: ProfileKind,
    #[serde(default)]
    seconds: String,
}

/// Lists them.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Path(service): Path<String>,
    Query(filter): Query<ProfilesFilter>,
) -> Result<Response, Problem> {
    let view = profiles::load(&app, &service, &filter).await?;
    Ok(render(&caller, &view, &filter).into_response())
}

/// Asks for one.
pub(crate) async fn capture(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(service): Path<String>,
    Form(wanted): Form<Wanted>,
) -> Result<Response, Problem> {
    // What is in use now is asked for more often than how it changes.
    let written = (wanted.kind == ProfileKind::Cpu).then_some(wanted.seconds.as_str());
    let of = (wanted.kind, profiles::seconds(wanted.kind, written)?);
    profiles::ask(&app, &service, &wanted.instance, of, &caller.actor()).await?;
    Ok(Redirect::to(&link::profiles(&service)).into_response())
}

fn render(caller: &Caller, view: &ProfilesView, filter: &ProfilesFilter) -> Html<String> {
    let service = &view.service;
    let around = filter.around.map(|at| at.to_string()).unwrap_or_default();
    let pairs = [("kind", filter.kind.as_str()), ("instance", &filter.instance), ("around", &around)];
    let here = link::with_query(&link::profiles(service), &pairs);
    page(caller, Section::Fleet, &format!("{service}, profiles"), || {
        let form = (caller.role() >= Role::Editor).then(|| form(caller, view));
        view! {
            {Crumbs::of_service(service).here("Profiles")}
            <div class="page-head">
                <h1><span class="key k1" aria-hidden="true"></span>{service.clone()}<span class="hidden-text">" profiles"</span></h1>
                <div class="actions">{kinds(view, filter)}</div>
                {sub(view, filter)}
            </div>
            {tabs(service, "profiles")}
            <div class="stack">{form}{live(here, content(view, filter))}</div>
        }
    })
}

fn sub(view: &ProfilesView, filter: &ProfilesFilter) -> impl IntoView + use<> {
    let around = filter.around.map(|at| {
        let all = link::profiles(&view.service);
        view! { "taken within a minute of "{time::clock(at)}<span class="dot">"·"</span><a href=all>"all profiles"</a><span class="dot">"·"</span> }
    });
    view! { <p class="sub">{around}"latest first, as of "{time::clock(view.as_of)}</p> }
}

fn kinds(view: &ProfilesView, filter: &ProfilesFilter) -> impl IntoView + use<> {
    let own = link::profiles(&view.service);
    let links: Vec<_> = [("", "All")]
        .into_iter()
        .chain(KINDS)
        .map(|(name, label)| {
            let here = (name == filter.kind).then_some("true");
            view! { <a href=link::with_query(&own, &[("kind", name), ("instance", &filter.instance)]) aria-current=here>{label}</a> }
        })
        .collect();
    view! { <div class="segments" role="group" aria-label="Kind of profile">{links}</div> }
}

/// A button for each kind: what is wanted is one press away.
fn form(caller: &Caller, view: &ProfilesView) -> impl IntoView + use<> {
    let able: Vec<&InstanceLine> =
        view.instances.iter().filter(|instance| !instance.kinds.is_empty()).collect();
    if able.is_empty() {
        let why = match view.instances.is_empty() {
            true => "No instance checks in, so there is nothing to look into.",
            false => missing(ProfileKind::Tasks),
        };
        return view! { <p class="notice info">{icon("info")}{why}</p> }.into_any();
    }
    let options: Vec<_> = able
        .iter()
        .map(|instance| {
            let words = format!("{} {} on {}", short_id(&instance.id), instance.version, instance.host);
            view! { <option value=instance.id.clone()>{words}</option> }
        })
        .collect();
    let buttons: Vec<_> = ProfileKind::ALL
        .into_iter()
        .map(|of| {
            let can = able.iter().any(|instance| instance.kinds.contains(&of));
            let class = if of == ProfileKind::Cpu { "button primary" } else { "button" };
            let picture = if of == ProfileKind::Tasks { "tasks" } else { "flame" };
            let title = (!can).then_some(missing(of));
            view! {
                <button class=class type="submit" name="kind" value=of.as_str() disabled=!can title=title>
                    {icon(picture)}{kind(of.as_str()).to_owned()}
                </button>
            }
        })
        .collect();
    let no_heap = !able.iter().any(|instance| instance.kinds.contains(&ProfileKind::Heap));
    let (from, to) = ProfileKind::Cpu.seconds().into_inner();
    let hint = no_heap.then(|| view! { <p class="small muted">"Heap: "{missing(ProfileKind::Heap)}</p> });
    view! {
        <section class="card">
            <header><h2>"Capture now"</h2></header>
            <div class="body stack">
                <form class="filter-line" method="post" action=link::captures(&view.service)>
                    {form_token(caller.form_token())}
                    <label for="instance">"Instance"</label>
                    <select class="select" id="instance" name="instance">{options}</select>
                    <label for="seconds">"CPU for"</label>
                    <input class="input compact" id="seconds" name="seconds" type="number" min=from.to_string() max=to.to_string() value=USUAL_SECONDS.to_string()/>
                    <span>"s"</span>
                    {buttons}
                </form>
                {hint}
            </div>
        </section>
    }
    .into_any()
}

fn content(view: &ProfilesView, filter: &ProfilesFilter) -> impl IntoView + use<> {
    let rows: Vec<_> = view.profiles.iter().map(|profile| row(profile, view)).collect();
    let list = match rows.is_empty() {
        false => view! { <section class="card">{table("Profiles, latest first", &COLUMNS, rows)}</section> }
            .into_any(),
        true => none(filter).into_any(),
    };
    view! { <div class="stack">{captures::card(view)}{list}</div> }
}

fn none(filter: &ProfilesFilter) -> impl IntoView + use<> {
    let (title, next) = match (filter.around, filter.kind.as_str()) {
        (Some(_), _) => (
            "No profile of that minute",
            "Profiles are taken on command or on a schedule, which the service's settings have.",
        ),
        (None, "") => (
            "No profile yet",
            "Capture one of each kind while all is well: a profile of a bad day is compared with it.",
        ),
        _ => (
            "No profile of this kind yet",
            "Capture one while all is well: a profile of a bad day is compared with it.",
        ),
    };
    view! { <section class="card"><div class="empty"><h2>{title}</h2><p>{next}</p></div></section> }
}

fn row(profile: &ProfileLine, view: &ProfilesView) -> impl IntoView + use<> {
    let [_, what, shows, build, instance, by] = COLUMNS;
    let commit = (!profile.commit.is_empty())
        .then(|| view! { " "<span class="sub mono">{short_id(&profile.commit)}</span> });
    let asked_by =
        if profile.asked_by.is_empty() { "the schedule".to_owned() } else { profile.asked_by.clone() };
    let name = view! {
        <a href=link::profile(&profile.id)>{time::moment(profile.taken_at)}</a>" "
        <span class="sub">{time::ago(profile.taken_at, view.as_of)}</span>
    };
    let samples = format::plural(usize::try_from(profile.samples).unwrap_or(usize::MAX), "stack");
    view! {
        <tr role="row">
            {row_head(name)}
            {what.cell(kind(&profile.kind).to_owned())}
            {shows.cell(view! { {amount(profile)}" "<span class="sub">{samples}", "{length(profile)}</span> })}
            {build.cell(view! { <span class="wrap-anywhere">{profile.version.clone()}</span>{commit} })}
            {instance.cell(view! { <span class="mono" title=profile.instance.clone()>{short_id(&profile.instance)}</span> })}
            {by.cell(asked_by)}
        </tr>
    }
}
