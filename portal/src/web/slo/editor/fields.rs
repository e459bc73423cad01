//! The form of an SLO.

use leptos::prelude::*;
use seaworthy_slo::{AlertSpec, Mistake, Severity};

use super::typed::Typed;
use crate::{
    auth::Caller,
    web::{
        field::{Area, Field, form_token, select, suggestions, whole},
        icon::icon,
        link,
        slo::words,
    },
};

/// The form with what was typed, and what is wrong with it.
pub(super) fn fields(
    caller: &Caller,
    name: Option<&str>,
    typed: &Typed,
    services: &[String],
    runbooks: &[(String, String)],
    mistakes: &[Mistake],
) -> impl IntoView + use<> {
    let written: Vec<_> = runbooks
        .iter()
        .map(|(path, title)| view! { <option value=path.clone()>{title.clone()}</option> })
        .collect();
    let action = name.map_or("/slos".to_owned(), link::slo);
    let whole: Vec<_> = mistakes
        .iter()
        .filter(|mistake| mistake.field.is_empty())
        .map(|mistake| whole(Some(mistake.message.clone())))
        .collect();
    let of = |field: &str| told(mistakes, field);
    let is_new = name.is_none();
    view! {
        <form class="form" action=action method="post">
            {form_token(caller.form_token())}
            <input type="hidden" name="version" value=typed.version.clone()/>
            {whole}
            {is_new.then(|| Field::text("name", "Name", "off").like("orders-availability").hint("lower-case letters, digits and hyphens; it stays").view(&typed.name, of("name")))}
            {Field::text("service", "Service", "off").like("reception").list("services").view(&typed.service, of("service"))}
            {suggestions("services", services)}
            {Field::optional("team", "Team").hint("optional; who answers for it").view(&typed.team, of("team"))}
            {Field::optional("title", "Title").hint("optional; shown instead of the name").view(&typed.title, of("title"))}
            {select("kind", "What is good", &typed.kind, kinds(), of("sli.kind"))}
            {requests(typed, mistakes)}
            {counters(typed, mistakes)}
            {Field::text("objective", "Objective in percent", "off").like("99.9").hint("so many must be good").view(&typed.objective, of("objective_percent"))}
            {select("window", "Window", &typed.window, windows(typed), of("window.minutes"))}
            {Field::optional("zone", "Time zone").like("Europe/Berlin").hint("for calendar windows; none means UTC").view(&typed.zone, of("window.zone"))}
            {select("slices", "Count by", &typed.slices, slices(), of("budgeting.minutes"))}
            {Field::optional("slice_target", "Percent of a slice that must be good").like("99").hint("for slices only").view(&typed.slice_target, of("budgeting.target_percent"))}
            {alerts(typed, mistakes)}
            {Field::text("least_failures", "Failures below which nothing alerts", "off").like("5").hint("so that one failure at night pages nobody").view(&typed.least_failures, of("least_failures"))}
            {Field::optional("runbook", "Runbook").like("/runbooks/7").list("runbooks").hint("optional; what to do when it alerts: the path of a runbook here, or an address such as https://wiki.example/orders").view(&typed.runbook, of("runbook"))}
            <datalist id="runbooks">{written}</datalist>
            {Area { name: "description", label: "Description", hint: "why this matters, and to whom" }.view(&typed.description, of("description"))}
            {name.map(|name| view! { <input type="hidden" name="edits" value=name.to_owned()/> })}
            <div class="row">
                <button class="button primary" type="submit">{if is_new { "Make the SLO" } else { "Save" }}</button>
                <button class="button" type="submit" formaction="/slos/preview">"Preview on the past"</button>
            </div>
        </form>
    }
}

/// What is wrong with a field.
fn told(mistakes: &[Mistake], field: &str) -> Option<String> {
    mistakes.iter().find(|mistake| mistake.field == field).map(|mistake| mistake.message.clone())
}

/// Which requests, and what of them is bad.
fn requests(typed: &Typed, mistakes: &[Mistake]) -> impl IntoView + use<> {
    let of = |field: &str| told(mistakes, field);
    let (statuses, threshold) = (of("sli.bad_statuses[0]"), of("sli.threshold_ms"));
    view! {
        <fieldset class="fields">
            <legend>"Requests"</legend>
            {Area { name: "routes", label: "Routes", hint: "one a line, such as /orders/{id}; none means all" }.view(&typed.routes, of("sli.scope.routes"))}
            {Field::optional("methods", "Methods").like("GET POST").hint("none means all").view(&typed.methods, of("sli.scope.methods"))}
            {Field::optional("bad_statuses", "Statuses that are failures").like("500-599 429").hint("for answers without failure; none means 500 to 599").view(&typed.bad_statuses, statuses)}
            {Field::optional("threshold_ms", "Longest good duration in ms").like("250").hint("for fast answers").view(&typed.threshold_ms, threshold)}
        </fieldset>
    }
}

fn counters(typed: &Typed, mistakes: &[Mistake]) -> impl IntoView + use<> {
    let of = |field: &str| told(mistakes, field);
    let part = of("sli.good").or_else(|| of("sli.bad"));
    let metric = of("sli.good.metric").or_else(|| of("sli.bad.metric"));
    let attributes = "one a line, such as result=ok; none means all";
    let open = matches!(typed.kind.as_str(), "ratio" | "failures");
    view! {
        <details class="fields" open=open>
            <summary>{icon("chevron")}"Two counters"</summary>
            <div class="stack">
                {Field::optional("part_metric", "Metric of the good, or the failed").like("orders.accepted").view(&typed.part_metric, metric)}
                {Area { name: "part_attributes", label: "Its attributes", hint: attributes }.view(&typed.part_attributes, part)}
                {Field::optional("total_metric", "Metric of all").like("orders.received").view(&typed.total_metric, of("sli.total.metric"))}
                {Area { name: "total_attributes", label: "Its attributes", hint: attributes }.view(&typed.total_attributes, of("sli.total"))}
            </div>
        </details>
    }
}

fn alerts(typed: &Typed, mistakes: &[Mistake]) -> impl IntoView + use<> {
    let chosen = [
        ("page_1h", &typed.page_1h),
        ("page_6h", &typed.page_6h),
        ("ticket_1d", &typed.ticket_1d),
        ("ticket_3d", &typed.ticket_3d),
    ];
    let boxes: Vec<_> = AlertSpec::recommended()
        .into_iter()
        .zip(chosen)
        .map(|(rule, (name, chosen))| {
            let severity = match rule.severity {
                Severity::Page => "page",
                Severity::Ticket => "ticket",
            };
            let told = format!(
                "a {severity} when {} % of the budget go in {}",
                rule.budget_percent,
                words::length(rule.long_minutes)
            );
            let checked = chosen.is_some();
            view! { <label class="check"><input type="checkbox" name=name checked=checked/>{told}</label> }
        })
        .collect();
    let wrong: Vec<_> = mistakes
        .iter()
        .filter(|mistake| mistake.field.starts_with("alerts"))
        .map(|mistake| whole(Some(mistake.message.clone())))
        .collect();
    view! {
        <fieldset class="field">
            <legend>"Alerts on a fast burn"</legend>
            {boxes}
            <p class="hint">"as the SRE Workbook recommends; a short window of a twelfth ends each soon after the burning ends"</p>
            {wrong}
        </fieldset>
    }
}

fn kinds() -> Vec<(String, String)> {
    [
        ("availability", "answers without failure"),
        ("latency", "fast answers"),
        ("ratio", "two counters: the good, and all"),
        ("failures", "two counters: the failed, and all"),
    ]
    .map(|(value, words)| (value.to_owned(), words.to_owned()))
    .into()
}

fn windows(typed: &Typed) -> Vec<(String, String)> {
    let mut windows: Vec<(String, String)> = [
        ("7d", "the last 7 days"),
        ("28d", "the last 28 days"),
        ("30d", "the last 30 days"),
        ("90d", "the last 90 days"),
        ("week", "the calendar week"),
        ("month", "the calendar month"),
        ("quarter", "the calendar quarter"),
        ("year", "the calendar year"),
    ]
    .map(|(value, label)| (value.to_owned(), label.to_owned()))
    .into();
    if !windows.iter().any(|(value, _)| *value == typed.window) {
        windows.insert(0, (typed.window.clone(), format!("the last {}", typed.window)));
    }
    windows
}

fn slices() -> Vec<(String, String)> {
    let of = |minutes: &str| (minutes.to_owned(), format!("slices of {minutes} min"));
    vec![(String::new(), "requests".to_owned()), of("1"), of("5"), of("10"), of("15"), of("60")]
}

pub(super) fn delete_card(caller: &Caller, name: &str) -> impl IntoView + use<> {
    view! {
        <section class="card">
            <header><h2>"Delete"</h2></header>
            <div class="body stack">
                <p class="muted">"The SLO goes with every minute that was counted for it. This cannot be undone."</p>
                <form action=format!("{}/delete", link::slo(name)) method="post">
                    {form_token(caller.form_token())}
                    <button class="button danger" type="submit">"Delete this SLO"</button>
                </form>
            </div>
        </section>
    }
}
