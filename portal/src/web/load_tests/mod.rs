//! Load tests: how much each service can take, build by build.

pub(crate) mod editor;
pub(crate) mod one;
mod typed;

use axum::{
    extract::{Query, State},
    response::{Html, IntoResponse, Response},
};
use leptos::prelude::*;
use seaworthy_catalog::Role;
use seaworthy_records::LoadTest;

use super::{
    chart::{ColumnChart, Height},
    format,
    icon::icon,
    layout::page,
    link,
    nav::Section,
    records::{empty_list, filter_form},
    status::figure,
    table::{Column, column, row_head, table},
    time,
};
use crate::{
    auth::{Caller, Viewer},
    problem::Problem,
    records::Kept,
    state::App,
    view::{
        fleet,
        load_tests::{self, LoadTestLine, LoadTestsView, TestedService, one::headroom},
        records::ListFilter,
    },
};

pub(super) const PATH: &str = LoadTest::PATH;
const COLUMNS: [Column; 7] = [
    column("When", "name-cell"),
    column("Build", "two"),
    column("Highest within SLO", "num two"),
    column("Tool", "two"),
    column("Target", "two full"),
    column("Steps", "num"),
    column("By", "two"),
];

/// Lists them.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Query(filter): Query<ListFilter>,
) -> Result<Response, Problem> {
    let view = load_tests::load(&app, &filter).await?;
    let services = fleet::named(&app, "").await?;
    Ok(render(&caller, &filter, &services, &view).into_response())
}

fn render(caller: &Caller, filter: &ListFilter, services: &[String], view: &LoadTestsView) -> Html<String> {
    page(caller, Section::LoadTests, "Load tests", || {
        let new = link::with_query("/load-tests/new", &[("service", &filter.service)]);
        let may_edit = caller.role() >= Role::Editor;
        let enter =
            || view! { <a class="button primary" href=new.clone()>{icon("plus")}"Enter a load test"</a> };
        let content = match view.services.as_slice() {
            [] => empty_list("load test", PATH, filter, advice(), may_edit.then(|| enter().into_any())),
            services => services.iter().map(card).collect_view().into_any(),
        };
        view! {
            <div class="page-head">
                <h1>"Load tests"</h1>
                <div class="actions">{may_edit.then(enter)}</div>
                <p class="sub">"the highest rate at which a service holds its SLOs"</p>
            </div>
            {filter_form(PATH, filter, services)}
            <div class="stack">{content}</div>
        }
    })
}

fn advice() -> impl IntoView {
    view! {
        "Run k6, oha, vegeta or wrk against the service, then enter the result: paste what the tool wrote, or let a pipeline send \
         it to "<code class="mono">"POST /api/v1/load-tests"</code>"."
    }
}

fn card(tested: &TestedService) -> impl IntoView + use<> {
    let rows: Vec<_> = tested.tests.iter().map(row).collect();
    let name = tested.service.clone();
    let title = format!("Load tests of {name}");
    view! {
        <section class="card">
            <header>
                <h2><a href=link::service(&tested.service)>{name}</a></h2>
                <div class="end">{told(tested)}</div>
            </header>
            {course(tested).map(|chart| view! { <div class="body">{chart}</div> })}
            {table(&title, &COLUMNS, rows)}
        </section>
    }
}

/// How near the service came to what its latest build can take.
fn told(tested: &TestedService) -> Option<String> {
    let latest = tested.builds.last()?;
    let Some(peak) = tested.peak else { return Some("no request was counted in 7 d".to_owned()) };
    let headroom = headroom(latest.highest_rate_within_slo, peak);
    Some(format!(
        "peak of 7 d: {} requests/s, {} of what {} can take",
        format::number(peak.requests_per_second),
        format::percent(headroom.used_share),
        build_word(&latest.build)
    ))
}

fn course(tested: &TestedService) -> Option<impl IntoView + use<>> {
    let (first, last) = (tested.builds.first()?, tested.builds.last()?);
    let sentence = format!(
        "Highest rate within SLO by build: from {} requests/s with {} to {} with {}.",
        format::number(first.highest_rate_within_slo),
        build_word(&first.build),
        format::number(last.highest_rate_within_slo),
        build_word(&last.build)
    );
    let columns = tested.builds.iter().map(|build| Height {
        label: build_word(&build.build).to_owned(),
        value: build.highest_rate_within_slo,
    });
    let peak = tested.peak.map(|peak| (peak.requests_per_second, "peak of 7 d".to_owned()));
    let chart = ColumnChart { sentence, columns: columns.collect(), line: peak, format: format::number };
    Some(view! { <h3 class="label">"Highest rate within SLO by build, requests/s"</h3>{chart.view()} })
}

fn build_word(build: &str) -> &str {
    if build.is_empty() { "unknown build" } else { build }
}

fn row(test: &LoadTestLine) -> impl IntoView + use<> {
    let [_, build, highest, tool, target, steps, by] = COLUMNS;
    view! {
        <tr role="row">
            {row_head(view! { <a href=LoadTest::page(test.id)>{time::minute(test.ran_at)}</a> })}
            {build.cell(build_word(test.build.as_deref().unwrap_or_default()).to_owned())}
            {highest.cell(figure(test.highest_rate_within_slo, per_second))}
            {tool.cell(test.tool.clone())}
            {target.cell(view! { <span class="wrap-anywhere">{test.target.clone()}</span> })}
            {steps.cell(format::count(test.steps as u64))}
            {by.cell(test.created_by.clone())}
        </tr>
    }
}

/// `120 requests/s`.
pub(super) fn per_second(rate: f64) -> String {
    format!("{} requests/s", format::number(rate))
}
