//! The budget over its window, from all of it to what is left, and where it leads.

use leptos::prelude::*;

use crate::{
    view::slo::{BurnDownView, SloView},
    web::{
        chart::{Forecast, Line, LineChart, Mark, Overlay, TimeAxis, hatch},
        format,
        icon::icon,
        slo::words,
        time,
    },
};

pub(super) fn card(slo: &SloView) -> Option<impl IntoView + use<>> {
    let left = slo.summary.budget_left?;
    let view = &slo.burn_down;
    let values = view.points.iter().map(|point| point.left.map(|left| left.max(0.0))).collect();
    let chart = LineChart {
        sentence: format!(
            "Budget left over the window: it starts at 100 % and stands at {}",
            words::left_told(left)
        ),
        axis: TimeAxis { from: slo.summary.from, to: view.to, zone: time::zone() },
        times: view.points.iter().map(|point| point.at).collect(),
        lines: vec![Line { name: "budget left", class: "s1", values }],
        area: Some(""),
        top: Some(1.0),
        format: format::percent,
        marks: marks(view),
        overlay: overlay(slo, left),
    };
    Some(view! {
        <section class="card">
            <header><h2>"Burn-down"</h2><div class="end row tight">{legend(view)}</div></header>
            <div class="body tall-chart">{chart.view()}</div>
            {excluded(view)}
        </section>
    })
}

fn marks(view: &BurnDownView) -> Vec<Mark> {
    view.deploys.iter().map(|deploy| Mark { at: deploy.at, label: deploy.version.clone() }).collect()
}

fn overlay(slo: &SloView, left: f64) -> Overlay {
    let view = &slo.burn_down;
    let now = slo.summary.evaluated_to.unwrap_or(slo.summary.as_of);
    Overlay {
        excluded: view
            .excluded
            .iter()
            .map(|time| (time.from, time.to, format!("{}: {}", time.kind, time.reason)))
            .collect(),
        alerts: view.alerts.iter().map(|alert| (alert.from, alert.to.unwrap_or(slo.summary.as_of))).collect(),
        now: (view.to > slo.summary.as_of).then_some(now),
        forecast: view.exhaustion.as_ref().filter(|_| left > 0.0 && view.to > now).map(|found| Forecast {
            from: now,
            value: left,
            earliest: found.earliest,
            latest: found.latest,
        }),
        range: vec![],
    }
}

/// Only of what there is.
fn legend(view: &BurnDownView) -> impl IntoView + use<> {
    let deploys = (!view.deploys.is_empty()).then(|| view! { <span>{icon("deploy")}"deploy"</span> });
    let alerts =
        (!view.alerts.is_empty()).then(|| view! { <span><span class="key kf"></span>"alert firing"</span> });
    let hatched = match (view.excluded.is_empty(), view.exhaustion.is_none()) {
        (true, true) => None,
        (false, true) => Some("excluded"),
        (true, false) => Some("forecast"),
        (false, false) => Some("excluded, or forecast"),
    };
    let hatched = hatched.map(|word| {
        view! {
            <span>
                <svg class="icon" aria-hidden="true">{hatch()}<rect width="16" height="16" class="fill hatch"/></svg>
                {word}
            </span>
        }
    });
    view! {
        <div class="legend"><span><span class="key line k1"></span>"budget left"</span>{deploys}{alerts}{hatched}</div>
    }
}

/// What is left out, in words: never only as a shade.
fn excluded(view: &BurnDownView) -> Option<impl IntoView + use<>> {
    let lines: Vec<_> = view
        .excluded
        .iter()
        .map(|time| {
            view! {
                <li>
                    <span class="grow">{format!("{}: ", time.kind)}{time.reason.clone()}
                        <span class="sub">{time::moment(time.from)}" to "{time::moment(time.to)}</span>
                    </span>
                </li>
            }
        })
        .collect();
    (!lines.is_empty()).then(|| {
        view! {
            <details class="fold"><summary>{format!("{} left out", format::plural(lines.len(), "time"))}</summary>
                <ul class="list">{lines}</ul>
            </details>
        }
    })
}
