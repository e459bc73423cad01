//! Every other metric that a service sends.

use leptos::prelude::*;

use crate::{
    view::service::{MetricView, ServiceView},
    web::{
        chart::spark,
        format,
        status::nothing,
        table::{Column, column, row_head, table},
    },
};

const COLUMNS: [Column; 5] = [
    column("Metric", "name-cell"),
    column("Latest", "num"),
    column("Over time", ""),
    column("Kind", "skip-narrow"),
    column("Series", "num skip-narrow"),
];

pub(super) fn card(service: &ServiceView) -> Option<impl IntoView + use<>> {
    if service.metrics.is_empty() {
        return None;
    }
    let rows: Vec<_> = service.metrics.iter().map(row).collect();
    let count =
        format!("{}, last {}", format::plural(service.metrics.len(), "metric"), service.range.label());
    Some(view! {
        <section class="card">
            <header><h2>"Other metrics"</h2><div class="end">{count}</div></header>
            {table(&format!("Other metrics of {}", service.name), &COLUMNS, rows)}
        </section>
    })
}

fn row(metric: &MetricView) -> impl IntoView + use<> {
    let [_, latest, trend, kind, series] = COLUMNS;
    let told = metric.latest.map(|value| {
        let value = format::in_unit(value, &metric.unit);
        if metric.shows == "per second" { format!("{value}/s") } else { value }
    });
    let sentence = format!("{}, {}", metric.name, metric.shows);
    view! {
        <tr role="row">
            {row_head(view! { <span class="mono wrap-anywhere">{metric.name.clone()}</span> })}
            {latest.cell(told.map_or_else(|| nothing().into_any(), IntoAny::into_any))}
            {trend.cell(spark(&metric.points, sentence))}
            {kind.cell(format!("{}, {}", metric.kind, metric.shows))}
            {series.cell(format::count(metric.series as u64))}
        </tr>
    }
}
