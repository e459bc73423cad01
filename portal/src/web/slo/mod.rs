//! One SLO.

mod burn_down;
mod coverage;
pub(crate) mod editor;
pub(crate) mod import;
mod rules;
mod spent;
pub(in crate::web) mod words;

use axum::{
    extract::{Path, State},
    response::{Html, IntoResponse, Response},
};
use leptos::prelude::*;
use seaworthy_catalog::Role;
use seaworthy_slo::{Sli, SloSpec};

use super::{
    alerts,
    crumbs::Crumbs,
    format,
    icon::icon,
    layout::{live, page},
    link,
    nav::Section,
    time,
};
use crate::{
    auth::{Caller, Viewer},
    problem::Problem,
    state::App,
    view::slo::{self, SloView},
};

/// Shows an SLO.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let slo = slo::load(&app, &name).await?;
    Ok(render(&caller, &slo).into_response())
}

fn render(caller: &Caller, slo: &SloView) -> Html<String> {
    page(caller, Section::Slos, &slo.summary.name, || {
        view! {
            {Crumbs::of("/slos", "SLOs")
                .then(&link::service(&slo.summary.service), &slo.summary.service)
                .here(&slo.summary.name)}
            {live(link::slo(&slo.summary.name), content(caller, slo))}
        }
    })
}

fn content(caller: &Caller, slo: &SloView) -> impl IntoView + use<> {
    let description = (!slo.summary.description.is_empty())
        .then(|| view! { <section class="card"><div class="body"><p class="prose wrap-anywhere">{slo.summary.description.clone()}</p></div></section> });
    view! {
        {head(caller, slo)}
        <div class="stack">
            {alerts::words::notices(&slo.alerts)}
            {budget(slo)}
            {burn_down::card(slo)}
            {rules::card(slo)}
            {spent::card(slo)}
            {coverage::card(slo)}
            {description}
            {files(&slo.summary.name)}
        </div>
    }
}

fn files(name: &str) -> impl IntoView + use<> {
    let openslo = format!("/api/v1{}/openslo", link::slo(name));
    let prometheus = format!("/api/v1{}/prometheus", link::slo(name));
    view! {
        <p class="muted">
            "As a file: "<a href=openslo>"OpenSLO"</a>", "<a href=prometheus>"rules of Prometheus"</a>
        </p>
    }
}

fn head(caller: &Caller, slo: &SloView) -> impl IntoView + use<> {
    let title =
        if slo.summary.title.is_empty() { slo.summary.name.clone() } else { slo.summary.title.clone() };
    let edit = (caller.role() >= Role::Editor).then(
        || view! { <a class="button primary" href=format!("{}/edit", link::slo(&slo.summary.name))>"Edit"</a> },
    );
    view! {
        <div class="page-head">
            <h1>{title}</h1>
            {words::state_pill(slo.summary.state)}
            <div class="actions">
                {slo.summary.spec.runbook.clone().map(|runbook| view! { <a class="button" href=runbook rel="noreferrer">{icon("book")}"Runbook"</a> })}
                <a class="button" href=failed_traces(slo)>{icon("trace")}"Failed traces"</a>
                {edit}
            </div>
            <p class="sub">
                {slo.summary.service.clone()}<span class="dot">"·"</span>
                {format!("{} of {}", slo.summary.objective, words::what(&slo.summary.spec.sli))}<span class="dot">"·"</span>
                {words::window(&slo.summary.spec.window)}<span class="dot">"·"</span>
                {slo.summary.coverage.map_or("no coverage yet".to_owned(), |share| format!("coverage {}", format::percent(share)))}
            </p>
        </div>
    }
}

/// Traces of what this SLO counts as bad.
fn failed_traces(slo: &SloView) -> String {
    let slow = match &slo.summary.spec.sli {
        Sli::Latency { threshold_ms, .. } => format!("{threshold_ms}ms"),
        _ => String::new(),
    };
    let errors = if slow.is_empty() { "1" } else { "" };
    link::with_query(
        "/traces",
        &[("service", &slo.summary.service), ("min", &slow), ("errors", errors), ("range", "24h")],
    )
}

fn budget(slo: &SloView) -> impl IntoView + use<> {
    let class = match slo.summary.budget_left {
        Some(left) if left <= 0.0 => "figure t-fail",
        Some(left) if left < 0.5 => "figure t-warn",
        _ => "figure",
    };
    let left = slo.summary.budget_left.map_or("–".to_owned(), words::left_told);
    let sli =
        slo.summary.sli.map_or("–".to_owned(), |sli| words::sli(sli, slo.summary.spec.objective_percent));
    let day = slo.summary.burn.iter().find(|burn| burn.minutes == 1440).and_then(|burn| burn.rate);
    view! {
        <section class="card" aria-label="Budget"><div class="body"><div class="budget-head">
            <div class="stack">
                <div><span class="label">"Budget left"</span><p class=class>{left}</p></div>
                {words::budget_meter(&slo.summary)}
                <dl class="facts">
                    <dt>"SLI now"</dt><dd>{sli}</dd>
                    <dt>"Objective"</dt><dd>{slo.summary.objective.clone()}</dd>
                    <dt>"Burn rate, 1 d"</dt>
                    <dd>{day.map_or_else(|| "–".into_any(), |rate| words::burn_rate(rate).into_any())}</dd>
                    <dt>"Evaluated to"</dt>
                    <dd>{slo.summary.evaluated_to.map_or_else(|| "not yet".into_any(), |at| time::clock(at).into_any())}</dd>
                </dl>
            </div>
            <div><span class="label">"The arithmetic"</span>{arithmetic(slo)}</div>
        </div></div></section>
    }
}

/// What the figures mean, in sentences.
fn arithmetic(slo: &SloView) -> AnyView {
    let unit = slo.summary.unit.clone();
    if slo.summary.total == 0 {
        let why = if slo.summary.coverage.is_none_or(|share| share == 0.0) {
            "Nothing is known of this time: the service has sent nothing that tells of it. Minutes without data are neither \
             good nor bad."
        } else {
            "The service told of itself, and nobody asked anything of it. 0 of 0 is no verdict."
        };
        return view! { <p class="arithmetic">{why}</p> }.into_any();
    }
    let allowed = slo.summary.allowed.floor() as u64;
    let rest = slo.summary.allowed - slo.summary.spent as f64;
    let more = if rest >= 0.0 {
        view! { <b>{format::count(rest.floor() as u64)}</b>" more may." }.into_any()
    } else {
        view! { "that is "<b>{format::count((-rest).ceil() as u64)}</b>" too many." }.into_any()
    };
    let budget = format::percent(words::rounded(100.0 - slo.summary.spec.objective_percent) / 100.0);
    let share = format::percent(if slo.summary.allowed > 0.0 {
        slo.summary.spent as f64 / slo.summary.allowed
    } else {
        0.0
    });
    view! {
        <p class="arithmetic">
            "Of "<b>{format!("{} {unit}", format::count(slo.summary.total))}</b>{format!(", {budget} may fail: ")}
            <b>{format::count(allowed)}</b>". So far "<b>{format::count(slo.summary.spent)}</b>
            {format!(" have, which is {share} of the budget; ")}{more}" "{forecast(slo)}{error_bound(slo)}
        </p>
    }
    .into_any()
}

/// How far off a latency may be: what histograms cannot tell.
fn error_bound(slo: &SloView) -> Option<String> {
    let Sli::Latency { threshold_ms, .. } = &slo.summary.spec.sli else { return None };
    let threshold = format::seconds(threshold_ms / 1e3);
    Some(match slo.spent_by.uncertain_events {
        0 => format!(" This is exact: {threshold} is the edge of a bucket, or no request came near it."),
        some => format!(
            " Of {} the histograms cannot say on which side of {threshold} they were; they count as good.",
            format::plural(usize::try_from(some).unwrap_or(usize::MAX), "request")
        ),
    })
}

fn forecast(slo: &SloView) -> AnyView {
    let Some(found) = &slo.burn_down.exhaustion else { return ().into_any() };
    let far = |at: jiff::Timestamp| {
        at > slo.summary.to.max(slo.summary.as_of) && slo.summary.budget_left.is_some_and(|left| left > 0.5)
    };
    if far(found.earliest) {
        return "At the pace of the last day it lasts for the whole window.".into_any();
    }
    let latest = found.latest.map(|at| view! { ", at the slower one on "{time::moment(at)} });
    view! { "At the faster pace of the last day and the last six hours it is gone on "{time::moment(found.earliest)}{latest}"." }
        .into_any()
}

/// The definition of a new SLO: what most people want.
fn usual() -> SloSpec {
    SloSpec {
        sli: Sli::Availability { scope: Default::default(), bad_statuses: Vec::new() },
        objective_percent: 99.9,
        window: seaworthy_slo::WindowSpec::Rolling { minutes: 30 * 24 * 60 },
        budgeting: Default::default(),
        alerts: seaworthy_slo::AlertSpec::recommended(),
        least_failures: 5,
        runbook: None,
    }
}
