//! How every SLO did in a month: a page to print.

use axum::{
    extract::{Query, State},
    response::{Html, IntoResponse, Response},
};
use leptos::prelude::*;

use super::{
    crumbs::Crumbs,
    format,
    icon::icon,
    layout::page,
    link,
    nav::Section,
    slo::words,
    status::nothing,
    table::{Column, column, row_head, table},
    time,
};
use crate::{
    auth::{Caller, Viewer},
    problem::Problem,
    state::App,
    view::report::{self, ReportLine, ReportQuery, ReportView},
};

const COLUMNS: [Column; 8] = [
    column("SLO", "name-cell"),
    column("Objective", "num"),
    column("SLI", "num"),
    column("Met", "two"),
    column("Failed", "num two"),
    column("Budget left", "num"),
    column("Alerts", "two"),
    column("Worst day", "two"),
];

/// Shows the report of a month.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Query(query): Query<ReportQuery>,
) -> Result<Response, Problem> {
    let report = report::load(&app, &query, &caller.preferences().zone).await?;
    Ok(render(&caller, &query, &report).into_response())
}

fn render(caller: &Caller, query: &ReportQuery, report: &ReportView) -> Html<String> {
    let title = format!("SLOs in {}", report.month);
    page(caller, Section::Slos, &title, || {
        let month =
            |month: &str| link::with_query("/slos/report", &[("month", month), ("team", &query.team)]);
        let after = report
            .after
            .as_ref()
            .map(|after| view! { <a class="button" href=month(after)>{after.clone()}</a> });
        let name = time::told(report.from, "%B %Y");
        let team = (!query.team.is_empty())
            .then(|| view! { {format!("team {}", query.team)}<span class="dot">"·"</span> });
        view! {
            {Crumbs::of("/slos", "SLOs").here("Report")}
            <div class="page-head">
                <h1>{format!("SLOs in {name}")}</h1>
                <div class="actions">
                    <a class="button" href=month(&report.before)>{report.before.clone()}</a>
                    {after}
                </div>
                <p class="sub">
                    {team}
                    {told(report)}<span class="dot">"·"</span>
                    {time::minute(report.from)}" to "{time::minute(report.to.min(report.as_of))}
                </p>
            </div>
            <div class="stack">{content(report)}</div>
        }
    })
}

/// `4 of 5 SLOs met their objective`.
fn told(report: &ReportView) -> String {
    let met = report.slos.iter().filter(|line| line.met == Some(true)).count();
    match report.slos.len() {
        0 => "no SLO".to_owned(),
        all => format!("{met} of {} met their objective", format::plural(all, "SLO")),
    }
}

fn content(report: &ReportView) -> AnyView {
    if report.slos.is_empty() {
        return view! {
            <section class="card"><div class="empty">
                <h2>"There is no SLO to tell of"</h2>
                <p>"The page "<a href="/slos">"SLOs"</a>" is where they are made."</p>
            </div></section>
        }
        .into_any();
    }
    let rows: Vec<_> = report.slos.iter().map(row).collect();
    view! {
        <section class="card">{table("SLOs of the month", &COLUMNS, rows)}</section>
        <p class="muted">
            "The budget is that of the calendar month, whatever window an SLO has. Minutes that nobody told of, and those of \
             planned maintenance, are left out."
        </p>
    }
    .into_any()
}

fn row(line: &ReportLine) -> impl IntoView + use<> {
    let [_, objective, sli, met, failed, left, alerts, worst] = COLUMNS;
    let verdict = match line.met {
        Some(true) => view! { <span class="status is-pass">{icon("pass")}"met"</span> }.into_any(),
        Some(false) => view! { <span class="status is-fail">{icon("fail")}"missed"</span> }.into_any(),
        None => view! { <span class="status is-unknown">{icon("unknown")}"no data"</span> }.into_any(),
    };
    let share = line.sli.map(|sli| words::sli(sli, line.objective_percent));
    let worst_day = line.worst_day.map(|(date, failed)| {
        format!(
            "{}, {}",
            date.strftime("%a %-d %b"),
            format::plural(usize::try_from(failed).unwrap_or(usize::MAX), "failure")
        )
    });
    let or_nothing = |text: Option<String>| text.map_or_else(|| nothing().into_any(), IntoAny::into_any);
    view! {
        <tr role="row">
            {row_head(view! {
                <a href=link::slo(&line.name)>{line.name.clone()}</a>" "
                <span class="sub">{line.service.clone()}{line.team.clone().map(|team| format!(", {team}"))}</span>
            })}
            {objective.cell(line.objective.clone())}
            {sli.cell(or_nothing(share))}
            {met.cell(view! { {verdict}" "<span class="sub">{format!("coverage {}", format::percent(line.coverage))}</span> })}
            {failed.cell(format!("{} of {} {}", format::count(line.failed), format::count(line.total), line.unit))}
            {left.cell(or_nothing(line.budget_left.map(words::left_told)))}
            {alerts.cell(format!("{}, {}", format::plural(line.pages, "page"), format::plural(line.tickets, "ticket")))}
            {worst.cell(or_nothing(worst_day))}
        </tr>
    }
}
