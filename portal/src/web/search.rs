//! The search above every page: a trace id leads to its trace, a name to its service.

use axum::{
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use seaworthy_telemetry::model::TraceId;
use serde::Deserialize;

use super::{layout::page, link, nav::Section};
use crate::{auth::Viewer, problem::Problem, state::App, view::fleet};

/// What was typed.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Search {
    #[serde(default)]
    q: String,
}

/// Goes there, or lists where one could.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Query(Search { q }): Query<Search>,
) -> Result<Response, Problem> {
    let asked = q.trim();
    if let Ok(trace) = asked.parse::<TraceId>() {
        return Ok(Redirect::to(&link::trace(&trace.to_string())).into_response());
    }
    let found = fleet::named(&app, asked).await?;
    let exactly = |name: &&String| name.to_lowercase() == asked.to_lowercase();
    match found.iter().find(exactly).or(found.first().filter(|_| found.len() == 1)) {
        Some(only) => Ok(Redirect::to(&link::service(only)).into_response()),
        None => Ok(page(&caller, Section::Account, "Search", || results(asked, &found)).into_response()),
    }
}

fn results(asked: &str, found: &[String]) -> impl IntoView + use<> {
    let links: Vec<_> =
        found.iter().map(|name| view! { <li><a href=link::service(name)>{name.clone()}</a></li> }).collect();
    let none = links.is_empty().then(|| view! {
        <div class="empty">
            <p>"No service has this in its name, and it is no trace id: those have 32 hexadecimal digits."</p>
            <p><a class="button" href="/">"To the fleet"</a>" "<a class="button" href="/traces">"Search traces by service, duration or attribute"</a></p>
        </div>
    });
    view! {
        <div class="page-head"><h1 class="wrap-anywhere">{format!("Search for “{asked}”")}</h1></div>
        <section class="card">{none}<ul class="list">{links}</ul></section>
    }
}
