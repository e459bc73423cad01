//! How often profiles are taken of a service by themselves.

use axum::{
    Form,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use seaworthy_catalog::{ProfileSchedule, StoredProfileSchedule};
use serde::Deserialize;

use crate::{
    auth::{Caller, Editor},
    problem::Problem,
    state::App,
    web::{
        field::{form_token, select},
        icon::icon,
        link, time,
    },
};

/// Minutes, and how people say that.
const EVERY: [(&str, &str); 6] = [
    ("", "never"),
    ("15", "every 15 minutes"),
    ("60", "every hour"),
    ("360", "every 6 hours"),
    ("1440", "every day"),
    ("10080", "every week"),
];

/// The form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    every: String,
    cpu: String,
    heap: String,
    tasks: String,
}

/// Says how often.
pub(crate) async fn change(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(service): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    if app.catalog().service(&service).await?.is_none() {
        return Err(Problem::not_found(
            format!("There is no service {service:?}"),
            "The fleet lists those that there are.",
        ));
    }
    let schedule = match typed.every.as_str() {
        "" => None,
        every => {
            let every_minutes = every.parse().map_err(|_| {
                let detail = format!("{every:?} is no number of minutes. Nothing was changed.");
                Problem::new(http::StatusCode::UNPROCESSABLE_ENTITY, "This is no length of time", detail)
            })?;
            Some(ProfileSchedule {
                every_minutes,
                cpu: !typed.cpu.is_empty(),
                heap: !typed.heap.is_empty(),
                tasks: !typed.tasks.is_empty(),
            })
        }
    };
    app.catalog().set_profile_schedule(&service, schedule, &caller.actor(), app.clock().now()).await?;
    Ok(Redirect::to(&link::service_settings(&service)).into_response())
}

/// The form, for who may change it, and what is said.
pub(super) fn card(
    caller: &Caller,
    service: &str,
    stored: Option<&StoredProfileSchedule>,
    may_edit: bool,
) -> impl IntoView + use<> {
    let every = stored.map(|stored| stored.schedule.every_minutes.to_string()).unwrap_or_default();
    let said = stored.map(|stored| {
        let begun = stored.begun_at.map(|at| view! { ", last taken "{time::minute(at)} });
        view! { <p class="small muted">"said by "{stored.updated_by.clone()}", "{time::minute(stored.updated_at)}{begun}</p> }
    });
    let usual = ProfileSchedule { every_minutes: 60, cpu: true, heap: true, tasks: false };
    let chosen = stored.map_or(usual, |stored| stored.schedule);
    let content = match may_edit {
        true => {
            let mut options: Vec<_> = EVERY.map(|(value, words)| (value.to_owned(), words.to_owned())).into();
            if !options.iter().any(|(value, _)| *value == every) {
                options.push((every.clone(), format!("every {every} minutes")));
            }
            view! {
                <form class="form" method="post" action=format!("{}/profile-schedule", link::service(service))>
                    {form_token(caller.form_token())}
                    {select("every", "Of one instance", &every, options, None)}
                    <label class="check"><input type="checkbox" name="cpu" value="1" checked=chosen.cpu/>"CPU, 10 s"</label>
                    <label class="check"><input type="checkbox" name="heap" value="1" checked=chosen.heap/>"Heap"</label>
                    <label class="check"><input type="checkbox" name="tasks" value="1" checked=chosen.tasks/>"Tasks"</label>
                    <div class="actions"><button class="button" type="submit">{icon("check")}"Save"</button></div>
                </form>
            }
            .into_any()
        }
        false => {
            let words = EVERY.iter().find(|(value, _)| *value == every).map_or("", |(_, words)| words);
            view! { <p>"Profiles are taken by themselves: "{words}"."</p> }.into_any()
        }
    };
    view! {
        <section class="card" id="profile-schedule">
            <header><h2>"Profiles by themselves"</h2></header>
            <div class="body stack">{content}{said}</div>
        </section>
    }
}
