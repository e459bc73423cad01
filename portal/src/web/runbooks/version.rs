//! One version of a runbook, and what it changed.

use axum::{
    extract::{Path, State},
    response::{Html, IntoResponse, Response},
};
use leptos::prelude::*;
use seaworthy_records::markdown;

use super::PATH;
use crate::{
    auth::{Caller, Viewer},
    problem::Problem,
    state::App,
    view::runbooks::version::{self, RunbookVersionView},
    web::{
        crumbs::Crumbs,
        layout::page,
        nav::Section,
        records::{diff_view, service_link},
        time,
    },
};

/// Shows a version.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Path((id, number)): Path<(i64, i64)>,
) -> Result<Response, Problem> {
    let view = version::load(&app, id, number).await?;
    Ok(render(&caller, &view).into_response())
}

fn render(caller: &Caller, version: &RunbookVersionView) -> Html<String> {
    let own = format!("{PATH}/{}", version.id);
    let title = format!("{}, version {}", version.title, version.version);
    page(caller, Section::Runbooks, &title, || {
        let to = |number: i64, label: &'static str| {
            let known = (1..=version.latest).contains(&number);
            known.then(|| view! { <a class="button" href=format!("{own}/versions/{number}")>{label}</a> })
        };
        let changed = version.diff.as_ref().map(|diff| {
            view! {
                <section class="card">
                    <header>
                        <h2>{format!("What it changed of version {}", version.version - 1)}</h2>
                        <div class="end">{format!("{} added, {} removed", diff.added, diff.removed)}</div>
                    </header>
                    <div class="body stack">{diff_view(diff)}</div>
                </section>
            }
        });
        view! {
            {Crumbs::of(PATH, "Runbooks").then(&own, &version.title).here(&format!("Version {}", version.version))}
            <div class="page-head">
                <h1 class="wrap-anywhere">{title.clone()}</h1>
                <div class="actions">{to(version.version - 1, "The one before")}{to(version.version + 1, "The one after")}</div>
                <p class="sub">
                    {service_link(version.service.as_deref())}<span class="dot">"·"</span>
                    {time::minute(version.at)}{format!(" by {}", version.by)}<span class="dot">"·"</span>
                    {format!("the latest is {}", version.latest)}
                </p>
            </div>
            <div class="stack">
                {changed}
                <section class="card"><header><h2>"What it said"</h2></header>
                    <div class="body prose wrap-anywhere" inner_html=markdown::to_html(&version.markdown, "text-")></div>
                </section>
            </div>
        }
    })
}
