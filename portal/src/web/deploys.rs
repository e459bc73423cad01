//! Deploys and rollbacks.

use axum::{
    extract::{Query, State},
    response::{Html, IntoResponse, Response},
};
use leptos::prelude::*;

use super::{
    format,
    icon::icon,
    layout::{REFRESH_SECONDS, live, page},
    link,
    nav::Section,
    status::nothing,
    table::{Column, column, row_head, table},
    time,
};
use crate::{
    auth::{Caller, Viewer},
    problem::Problem,
    state::App,
    view::deploys::{self, BuildName, DeployFilter, DeployKind, DeployView, DeploysView, Drains, Origin},
};

const PATH: &str = "/deploys";
const COLUMNS: [Column; 6] = [
    column("Service", "name-cell"),
    column("What", "two"),
    column("Versions", "two"),
    column("When", "two"),
    column("Took", "num"),
    column("Drains", "two"),
];

/// Lists them.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Query(filter): Query<DeployFilter>,
) -> Result<Response, Problem> {
    let view = deploys::load(&app, &filter).await?;
    Ok(render(&caller, &filter, &view, &app.settings().portal_url()).into_response())
}

fn render(caller: &Caller, filter: &DeployFilter, view: &DeploysView, portal: &str) -> Html<String> {
    page(caller, Section::Deploys, "Deploys", || {
        let content = match view.deploys.as_slice() {
            [] => none(filter, portal).into_any(),
            deploys => {
                let rows: Vec<_> = deploys.iter().map(|deploy| row(deploy, view)).collect();
                view! { <section class="card">{table("Deploys and rollbacks, latest first", &COLUMNS, rows)}</section> }
                    .into_any()
            }
        };
        view! {
            <div class="page-head">
                <h1>"Deploys"</h1>
                <p class="sub">
                    "latest first"<span class="dot">"·"</span>"recognised from the versions that instances report"
                    <span class="dot">"·"</span>{format!("refreshes every {REFRESH_SECONDS} s")}
                </p>
            </div>
            {(!view.services.is_empty()).then(|| filter_form(filter, view))}
            {live(link::with_query(PATH, &[("service", &filter.service)]), content)}
        }
    })
}

fn filter_form(filter: &DeployFilter, view: &DeploysView) -> impl IntoView + use<> {
    let options: Vec<_> = view
        .services
        .iter()
        .map(|name| view! { <option value=name.clone() selected=*name == filter.service>{name.clone()}</option> })
        .collect();
    view! {
        <form class="filter-line" action=PATH role="search" aria-label="Filter deploys">
            <label class="hidden-text" for="service">"Service"</label>
            <select class="select" id="service" name="service"><option value="">"every service"</option>{options}</select>
            <button class="button" type="submit">"Filter"</button>
        </form>
    }
}

fn none(filter: &DeployFilter, portal: &str) -> impl IntoView + use<> {
    let of = if filter.service.is_empty() { String::new() } else { format!(" of {}", filter.service) };
    let service = if filter.service.is_empty() { "reception" } else { filter.service.as_str() };
    // A name from the network, inside quotes of a shell.
    let service = service.replace('\'', "'\\''");
    let command = format!(
        "SEAWORTHY_PORTAL={portal} SEAWORTHY_TOKEN=sw_… \\\n  seaworthy deploy '{service}' --version 1.9.0 \
         --link https://ci.example.com/runs/7"
    );
    view! {
        <div class="stack">
            <section class="card"><div class="empty">
                <h2>{format!("No deploy{of} yet")}</h2>
                <p>
                    "Start instances with another version, and the deploy is here, with its minutes and how the old instances \
                     drained. What the agent reports as version comes from its builder or from "<code>"SEAWORTHY_VERSION"</code>
                    ", the commit from "<code>"SEAWORTHY_COMMIT"</code>"."
                </p>
            </div></section>
            <section class="card">
                <header><h2>"From a pipeline"</h2></header>
                <div class="body stack">
                    <p class="muted">
                        "It knows when the deploy began and where its log is. What it says and what instances report becomes one."
                    </p>
                    <pre class="code" tabindex="0">{command}</pre>
                </div>
            </section>
        </div>
    }
}

fn row(deploy: &DeployView, view: &DeploysView) -> impl IntoView + use<> {
    let [_, what, versions, when, took, drains] = COLUMNS;
    let environment = (!deploy.environment.is_empty())
        .then(|| view! { " "<span class="sub">{deploy.environment.clone()}</span> });
    view! {
        <tr role="row">
            {row_head(view! { <a href=link::service(&deploy.service)>{deploy.service.clone()}</a>{environment} })}
            {what.cell(view! { {kind(deploy.kind)}" "<span class="sub">{origin(deploy)}</span> })}
            {versions.cell(builds(deploy))}
            {when.cell(view! { {time::minute(deploy.started_at)}" "<span class="sub">{time::ago(deploy.started_at, view.as_of)}</span> })}
            {took.cell(length(deploy))}
            {drains.cell(drained(deploy.drains))}
        </tr>
    }
}

fn kind(kind: DeployKind) -> impl IntoView {
    match kind {
        DeployKind::Deploy => view! { <span class="status">{icon("deploy")}"Deploy"</span> },
        DeployKind::Rollback => view! { <span class="status is-warn">{icon("rollback")}"Rollback"</span> },
    }
}

fn origin(deploy: &DeployView) -> impl IntoView + use<> {
    let words = match (deploy.origin, &deploy.declared_by) {
        (Origin::Declared, Some(by)) => format!("declared by {by}"),
        (Origin::Declared, None) => "declared".to_owned(),
        (Origin::Seen, _) => "seen".to_owned(),
    };
    match deploy.link.clone() {
        Some(link) => view! { <a href=link rel="noopener noreferrer">{words}</a> }.into_any(),
        None => words.into_any(),
    }
}

/// `1.8.1 to 1.8.2`, with the commits below.
fn builds(deploy: &DeployView) -> impl IntoView + use<> {
    let version = |build: &BuildName| view! { <span class="wrap-anywhere">{build.version.clone()}</span> };
    let from = deploy.from.as_ref().map(|from| view! { {version(from)}" to " });
    let commits: Vec<String> = [deploy.from.as_ref(), Some(&deploy.build)]
        .into_iter()
        .flatten()
        .filter(|build| !build.commit.is_empty())
        .map(|build| format::short_id(&build.commit))
        .collect();
    let commits = (!commits.is_empty())
        .then(|| view! { " "<span class="sub"><span class="mono">{commits.join(" to ")}</span></span> });
    view! { {from}{version(&deploy.build)}{commits} }
}

fn length(deploy: &DeployView) -> impl IntoView + use<> {
    match (deploy.seconds, deploy.seen_at) {
        (Some(seconds), _) => format::span(seconds).into_any(),
        (None, Some(_)) => {
            view! { <span class="status is-info">{icon("clock")}"under way"</span> }.into_any()
        }
        (None, None) => {
            view! { <span class="muted" title="No instance has told of this version.">"not seen"</span> }
                .into_any()
        }
    }
}

fn drained(drains: Drains) -> impl IntoView {
    let Drains { clean, not_clean, lost, aborted } = drains;
    if clean + not_clean + lost == 0 {
        return nothing().into_any();
    }
    if not_clean + lost == 0 {
        return view! { <span class="status is-pass">{icon("pass")}{format!("{clean} clean")}</span> }
            .into_any();
    }
    let parts = [(clean, "clean"), (not_clean, "not clean"), (lost, "lost")];
    let told: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    let requests = (aborted > 0).then(|| {
        let aborted = format::plural(usize::try_from(aborted).unwrap_or(usize::MAX), "request");
        view! { " "<span class="sub">{format!("{aborted} aborted")}</span> }
    });
    view! { <span class="status is-warn">{icon("warn")}{told.join(", ")}</span>{requests} }.into_any()
}
