//! The budget over its window, from all of it to what is left.

use leptos::prelude::*;

use crate::{
    view::slo::SloView,
    web::{
        chart::{Line, LineChart, TimeAxis},
        format, time,
    },
};

pub(super) fn card(slo: &SloView) -> Option<impl IntoView + use<>> {
    slo.budget_left?;
    let values: Vec<Option<f64>> =
        slo.burn_down.iter().map(|point| point.left.map(|left| left.max(0.0))).collect();
    let now = slo.budget_left.map(super::words::left_told).unwrap_or_default();
    let chart = LineChart {
        sentence: format!("Budget left over the window: it starts at 100 % and stands at {now}"),
        axis: TimeAxis { from: slo.from, to: slo.to, zone: time::zone() },
        times: slo.burn_down.iter().map(|point| point.at).collect(),
        lines: vec![Line { name: "budget left", class: "s1", values }],
        area: Some(""),
        top: Some(1.0),
        format: format::percent,
        marks: Vec::new(),
    };
    Some(view! {
        <section class="card">
            <header><h2>"Burn-down"</h2><div class="end">"budget left; a steep line is a fast burn"</div></header>
            <div class="body">{chart.view()}</div>
        </section>
    })
}
