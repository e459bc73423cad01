//! The alert rules of an SLO with the burn rates of their windows.

use leptos::prelude::*;

use super::words;
use crate::{
    view::slo::{BurnView, RuleView, SloView},
    web::{
        format,
        icon::icon,
        status::nothing,
        table::{Column, column, row_head, table},
    },
};

const COLUMNS: [Column; 6] = [
    column("Severity", ""),
    column("Budget it would spend", "num two"),
    column("Fires above", "num"),
    column("Long window", "two"),
    column("Short window", "two"),
    column("State", "two"),
];

pub(super) fn card(slo: &SloView) -> impl IntoView + use<> {
    let rows: Vec<_> = slo.rules.iter().map(row).collect();
    let content = if rows.is_empty() {
        view! { <div class="empty"><p>"This SLO has no burn-rate alert."</p></div> }.into_any()
    } else {
        table("Burn-rate windows", &COLUMNS, rows).into_any()
    };
    let asks = format!(
        "above in both windows, with at least {}",
        format::plural(usize::try_from(slo.summary.spec.least_failures).unwrap_or(usize::MAX), "failure")
    );
    view! {
        <section class="card">
            <header><h2>"Burn-rate windows"</h2><div class="end">{asks}</div></header>
            {content}
        </section>
    }
}

fn row(rule: &RuleView) -> impl IntoView + use<> {
    let [_, budget, factor, long, short, state] = COLUMNS;
    let told = if rule.long.rate.is_none() && rule.short.rate.is_none() {
        view! { <span class="status is-unknown">{icon("unknown")}"No data"</span> }.into_any()
    } else if rule.fires {
        view! { <span class="status is-fail">{icon("flame")}"Above in both"</span> }.into_any()
    } else {
        view! { <span class="status is-pass">{icon("pass")}"Not above"</span> }.into_any()
    };
    view! {
        <tr role="row">
            {row_head(words::severity(rule.severity))}
            {budget.cell(format!("{} % in {}", format::number(rule.budget_percent), words::length(rule.long.minutes)))}
            {factor.cell(format::number(rule.factor))}
            {long.cell(window(&rule.long))}
            {short.cell(window(&rule.short))}
            {state.cell(told)}
        </tr>
    }
}

fn window(burn: &BurnView) -> impl IntoView + use<> {
    let rate = burn.rate.map_or_else(|| nothing().into_any(), |rate| words::burn_rate(rate).into_any());
    view! { {words::length(burn.minutes)}": "{rate} }
}
