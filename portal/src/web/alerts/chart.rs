//! Burn rates around an alert.

use leptos::prelude::*;

use crate::{
    view::alerts::one::AlertView,
    web::{
        chart::{Line, LineChart, Mark, Overlay, TimeAxis},
        format,
        slo::words,
        time,
    },
};

pub(super) fn card(alert: &AlertView) -> Option<impl IntoView + use<>> {
    let rates = alert.burn_rates.as_ref()?;
    let (long, short) = (words::length(rates.long_minutes), words::length(rates.short_minutes));
    let line = |name, class, values| Line { name, class, values };
    let chart = LineChart {
        sentence: format!(
            "Burn rates of the last {long} and of the last {short}: it fires while both are above {}",
            format::number(rates.factor)
        ),
        axis: TimeAxis { from: rates.from, to: rates.to, zone: time::zone() },
        times: rates.points.iter().map(|point| point.at).collect(),
        lines: vec![
            line("long window", "s1", rates.points.iter().map(|point| point.long).collect()),
            line("short window", "s2", rates.points.iter().map(|point| point.short).collect()),
            line("fires above", "sf dash", rates.points.iter().map(|_| Some(rates.factor)).collect()),
        ],
        area: None,
        top: None,
        format: format::number,
        marks: deploy(alert),
        overlay: Overlay {
            alerts: vec![(alert.line.started_at, alert.line.resolved_at.unwrap_or(alert.as_of))],
            ..Overlay::default()
        },
    };
    Some(view! {
        <section class="card">
            <header>
                <h2>"Burn rate"</h2>
                <div class="end row tight"><div class="legend">
                    <span><span class="key line k1"></span>{format!("last {long}")}</span>
                    <span><span class="key line k2"></span>{format!("last {short}")}</span>
                    <span><span class="key line kf"></span>{format!("fires above {}", format::number(rates.factor))}</span>
                </div></div>
            </header>
            <div class="body tall-chart">{chart.view()}</div>
        </section>
    })
}

fn deploy(alert: &AlertView) -> Vec<Mark> {
    let deploy = alert.clues.deploy.iter();
    deploy.map(|deploy| Mark { at: deploy.at, label: deploy.version.clone() }).collect()
}
