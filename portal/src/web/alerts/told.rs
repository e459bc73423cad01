//! What was told of an alert, where, and with what outcome.

use leptos::prelude::*;

use crate::{
    view::alerts::one::{AlertView, ToldView},
    web::{
        icon::icon,
        table::{Column, column, row_head, table},
        time,
    },
};

const COLUMNS: [Column; 4] = [
    column("What", "name-cell"),
    column("Channel", "two"),
    column("Put down", "two"),
    column("Outcome", "two full"),
];

pub(super) fn card(alert: &AlertView) -> impl IntoView + use<> {
    let rows: Vec<_> = alert.told.iter().map(row).collect();
    let content = if rows.is_empty() {
        let why = "Nothing: no channel is for alerts of this severity and service, or it was silenced.";
        view! { <div class="body"><p class="muted">{why}</p></div> }.into_any()
    } else {
        table("What was told", &COLUMNS, rows).into_any()
    };
    view! {
        <section class="card">
            <header><h2>"Told"</h2><div class="end">"in order, at least once"</div></header>
            {content}
        </section>
    }
}

fn row(told: &ToldView) -> impl IntoView + use<> {
    let [_, channel, created, outcome] = COLUMNS;
    let what = if told.event == "resolved" { "that it is over" } else { "that it fires" };
    view! {
        <tr role="row">
            {row_head(what)}
            {channel.cell(told.channel.clone())}
            {created.cell(time::clock(told.created_at))}
            {outcome.cell(outcome_of(told))}
        </tr>
    }
}

fn outcome_of(told: &ToldView) -> impl IntoView + use<> {
    let attempts = match told.attempts {
        0 | 1 => String::new(),
        more => format!(", attempt {more}"),
    };
    let error = told.last_error.clone().map(|error| view! { <span class="sub wrap-anywhere">{error}</span> });
    match (told.delivered_at, told.dead_at) {
        (Some(at), _) => {
            view! { <span class="status is-pass">{icon("pass")}"told at "{time::clock(at)}{attempts}</span> }
                .into_any()
        }
        (None, Some(_)) => {
            view! { <span class="status is-fail">{icon("fail")}"given up"{attempts}</span>{error} }.into_any()
        }
        (None, None) if told.attempts > 0 => {
            view! { <span class="status is-warn">{icon("clock")}"tried, waits"{attempts}</span>{error} }
                .into_any()
        }
        (None, None) => view! { <span class="status is-info">{icon("clock")}"waits"</span> }.into_any(),
    }
}
