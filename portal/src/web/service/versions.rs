//! Builds of a service that were seen running.

use leptos::prelude::*;

use crate::{
    view::service::{BuildView, ServiceView},
    web::{
        format,
        icon::icon,
        table::{Column, column, row_head, table},
        time,
    },
};

const COLUMNS: [Column; 4] = [
    column("Version", "name-cell"),
    column("First seen", "two"),
    column("Last seen", "num"),
    column("Runs on", "two"),
];

pub(super) fn card(service: &ServiceView) -> Option<impl IntoView + use<>> {
    if service.builds.is_empty() {
        return None;
    }
    let rows: Vec<_> = service.builds.iter().map(|build| row(build, service)).collect();
    Some(view! {
        <section class="card">
            <header><h2>"Versions seen"</h2><div class="end">"latest first"</div></header>
            {table(&format!("Versions of {}, latest first", service.name), &COLUMNS, rows)}
        </section>
    })
}

fn row(build: &BuildView, service: &ServiceView) -> impl IntoView + use<> {
    let [_, first, last, on] = COLUMNS;
    let running = match build.instances_alive {
        0 => view! { <span class="faint">"no instance"</span> }.into_any(),
        alive => view! {
            <span class="status is-pass">{icon("pass")}{format::plural(alive, "instance")}</span>
        }
        .into_any(),
    };
    view! {
        <tr role="row">
            {row_head(view! { {build.version.clone()}" "<span class="sub mono">{build.commit.clone()}</span> })}
            {first.cell(time::moment(build.first_seen_at))}
            {last.cell(time::ago(build.last_seen_at, service.as_of))}
            {on.cell(running)}
        </tr>
    }
}
