//! The form that makes and changes an SLO.

use axum::{
    Form,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use seaworthy_catalog::{CatalogError, Minutes, SloDefinition};
use seaworthy_slo::{AlertSpec, BudgetingSpec, Calendar, Mistake, Scope, Sli, SloSpec, WindowSpec};
use serde::Deserialize;

use super::usual;
use crate::{
    auth::{Caller, Editor},
    problem::Problem,
    state::App,
    view::{fleet, slo},
    web::{
        field::{Area, Field, form_token, select, whole},
        layout::page,
        link,
        nav::Section,
    },
};

/// What the form holds, as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    name: String,
    service: String,
    team: String,
    title: String,
    description: String,
    kind: String,
    routes: String,
    methods: String,
    threshold_ms: String,
    objective: String,
    window: String,
    zone: String,
    slices: String,
    slice_target: String,
    alerts: Option<String>,
    least_failures: String,
    runbook: String,
    version: String,
}

/// What the form may be opened with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    service: String,
}

/// An empty form.
pub(crate) async fn new(
    Editor(caller): Editor,
    State(app): State<App>,
    Query(wish): Query<Wish>,
) -> Result<Response, Problem> {
    let definition = SloDefinition { service: wish.service, ..SloDefinition::default() };
    let typed = Typed::of("", &definition, &usual(), 0);
    form_page(&app, &caller, None, &typed, Vec::new(), StatusCode::OK).await
}

/// Makes an SLO.
pub(crate) async fn create(
    Editor(caller): Editor,
    State(app): State<App>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let definition = match typed.definition(&usual()) {
        Ok(definition) => definition,
        Err(mistakes) => {
            return form_page(&app, &caller, None, &typed, mistakes, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    };
    let made = app.catalog().create_slo(&typed.name, &definition, &caller.actor(), app.clock().now()).await;
    match made {
        Ok(slo) => Ok(Redirect::to(&link::slo(&slo.name)).into_response()),
        Err(error) => refused(&app, &caller, None, &typed, error).await,
    }
}

/// The form with an SLO as it is.
pub(crate) async fn edit(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let (stored, spec) = slo::definition(&app, &name).await?;
    let typed = Typed::of(&stored.name, &stored.definition, &spec, stored.version);
    form_page(&app, &caller, Some(&name), &typed, Vec::new(), StatusCode::OK).await
}

/// Changes an SLO.
pub(crate) async fn change(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(name): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let typed = Typed { name: name.clone(), ..typed };
    let (stored, before) = slo::definition(&app, &name).await?;
    let definition = match typed.definition(&before) {
        Ok(definition) => definition,
        Err(mistakes) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return form_page(&app, &caller, Some(&name), &typed, mistakes, status).await;
        }
    };
    let same_events = typed.spec(&before).is_ok_and(|spec| spec.sli == before.sli)
        && stored.definition.service == definition.service;
    let minutes = if same_events { Minutes::Keep } else { Minutes::Forget };
    let definition = SloDefinition { openslo: stored.definition.openslo, ..definition };
    let seen = typed.version.parse().unwrap_or_default();
    let now = app.clock().now();
    match app.catalog().update_slo(&name, seen, &definition, minutes, &caller.actor(), now).await {
        Ok(slo) => Ok(Redirect::to(&link::slo(&slo.name)).into_response()),
        Err(error) => refused(&app, &caller, Some(&name), &typed, error).await,
    }
}

/// Deletes an SLO and all its minutes.
pub(crate) async fn delete(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<Redirect, Problem> {
    app.catalog().delete_slo(&name, &caller.actor(), app.clock().now()).await?;
    Ok(Redirect::to("/slos"))
}

/// What the catalog refused, with what was typed: nobody's text is lost.
async fn refused(
    app: &App,
    caller: &Caller,
    name: Option<&str>,
    typed: &Typed,
    error: CatalogError,
) -> Result<Response, Problem> {
    let field = match &error {
        CatalogError::Refused { field, .. } => (*field).to_owned(),
        CatalogError::Changed { .. } => String::new(),
        CatalogError::Taken { .. } => "name".to_owned(),
        _ => return Err(error.into()),
    };
    let status = match &error {
        CatalogError::Refused { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::CONFLICT,
    };
    let mistake = Mistake { field, message: format!("{error}.") };
    form_page(app, caller, name, typed, vec![mistake], status).await
}

impl Typed {
    fn of(name: &str, definition: &SloDefinition, spec: &SloSpec, version: i64) -> Self {
        let (kind, scope, threshold_ms) = match &spec.sli {
            Sli::Latency { scope, threshold_ms } => ("latency", scope.clone(), threshold_ms.to_string()),
            Sli::Availability { scope, .. } => ("availability", scope.clone(), String::new()),
            Sli::Ratio { .. } | Sli::Failures { .. } => ("counters", Scope::default(), String::new()),
        };
        let (window, zone) = match &spec.window {
            WindowSpec::Rolling { minutes } => (format!("{}d", minutes.div_ceil(24 * 60)), String::new()),
            WindowSpec::Calendar { unit, zone } => (unit_name(*unit).to_owned(), zone.clone()),
        };
        let (slices, slice_target) = match &spec.budgeting {
            BudgetingSpec::Occurrences => (String::new(), String::new()),
            BudgetingSpec::Slices { minutes, target_percent } => {
                (minutes.to_string(), target_percent.to_string())
            }
        };
        Self {
            name: name.to_owned(),
            service: definition.service.clone(),
            team: definition.team.clone().unwrap_or_default(),
            title: definition.title.clone(),
            description: definition.description.clone(),
            kind: kind.to_owned(),
            routes: scope.routes.join("\n"),
            methods: scope.methods.join(" "),
            threshold_ms,
            objective: spec.objective_percent.to_string(),
            window,
            zone,
            slices,
            slice_target,
            alerts: (!spec.alerts.is_empty()).then(|| "on".to_owned()),
            least_failures: spec.least_failures.to_string(),
            runbook: spec.runbook.clone().unwrap_or_default(),
            version: version.to_string(),
        }
    }

    /// What was typed, for the catalog. `before` holds what the form does not show.
    fn definition(&self, before: &SloSpec) -> Result<SloDefinition, Vec<Mistake>> {
        let spec = self.spec(before)?;
        spec.check()?;
        let spec = serde_json::to_string(&spec)
            .map_err(|error| vec![Mistake { field: String::new(), message: error.to_string() }])?;
        Ok(SloDefinition {
            service: self.service.clone(),
            title: if self.title.trim().is_empty() { self.name.clone() } else { self.title.clone() },
            description: self.description.clone(),
            team: Some(self.team.clone()).filter(|team| !team.trim().is_empty()),
            spec,
            openslo: None,
        })
    }

    fn spec(&self, before: &SloSpec) -> Result<SloSpec, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut number = |field: &str, text: &str, example: &str| {
            let text = text.trim().trim_end_matches('%').trim();
            text.parse::<f64>().unwrap_or_else(|_| {
                let message = format!("{text:?} is not a number; write for example {example}");
                mistakes.push(Mistake { field: field.to_owned(), message });
                0.0
            })
        };
        let scope = Scope {
            routes: self
                .routes
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .map(str::to_owned)
                .collect(),
            methods: self.methods.split_whitespace().map(str::to_uppercase).collect(),
        };
        let sli = match self.kind.as_str() {
            "latency" => {
                Sli::Latency { scope, threshold_ms: number("sli.threshold_ms", &self.threshold_ms, "250") }
            }
            "counters" => before.sli.clone(),
            _ => {
                let bad_statuses = match &before.sli {
                    Sli::Availability { bad_statuses, .. } => bad_statuses.clone(),
                    _ => Vec::new(),
                };
                Sli::Availability { scope, bad_statuses }
            }
        };
        let objective_percent = number("objective_percent", &self.objective, "99.9");
        let budgeting = match self.slices.trim() {
            "" => BudgetingSpec::Occurrences,
            minutes => BudgetingSpec::Slices {
                minutes: number("budgeting.minutes", minutes, "5") as u8,
                target_percent: number("budgeting.target_percent", &self.slice_target, "99"),
            },
        };
        let least_failures = number("least_failures", &self.least_failures, "5").max(0.0) as u64;
        let runbook = Some(self.runbook.trim()).filter(|runbook| !runbook.is_empty()).map(str::to_owned);
        let window = self.window().map_err(|mistake| mistakes.push(mistake)).ok();
        let alerts = match (&self.alerts, before.alerts.is_empty()) {
            (None, _) => Vec::new(),
            (Some(_), true) => AlertSpec::recommended(),
            (Some(_), false) => before.alerts.clone(),
        };
        match window {
            Some(window) if mistakes.is_empty() => {
                Ok(SloSpec { sli, objective_percent, window, budgeting, alerts, least_failures, runbook })
            }
            _ => Err(mistakes),
        }
    }

    /// `30d`, or a unit of the calendar.
    fn window(&self) -> Result<WindowSpec, Mistake> {
        let text = self.window.trim();
        let unit = [Calendar::Week, Calendar::Month, Calendar::Quarter, Calendar::Year]
            .into_iter()
            .find(|unit| unit_name(*unit) == text);
        if let Some(unit) = unit {
            let zone = if self.zone.trim().is_empty() { "UTC" } else { self.zone.trim() };
            return Ok(WindowSpec::Calendar { unit, zone: zone.to_owned() });
        }
        let days = text.strip_suffix('d').and_then(|days| days.trim().parse::<u32>().ok());
        days.and_then(|days| days.checked_mul(24 * 60))
            .map(|minutes| WindowSpec::Rolling { minutes })
            .ok_or_else(|| Mistake {
                field: "window.minutes".to_owned(),
                message: format!("{text:?} is not a window; choose one of the list"),
            })
    }
}

const fn unit_name(unit: Calendar) -> &'static str {
    match unit {
        Calendar::Week => "week",
        Calendar::Month => "month",
        Calendar::Quarter => "quarter",
        Calendar::Year => "year",
    }
}

async fn form_page(
    app: &App,
    caller: &Caller,
    name: Option<&str>,
    typed: &Typed,
    mistakes: Vec<Mistake>,
    status: StatusCode,
) -> Result<Response, Problem> {
    let services = fleet::named(app, "").await?;
    let title = name.map_or("New SLO".to_owned(), |name| format!("Edit {name}"));
    let html = page(caller, Section::Slos, &title, || {
        view! {
            <nav class="crumbs" aria-label="Breadcrumb"><ol>
                <li><a href="/slos">"SLOs"</a></li>
                {name.map(|name| view! { <li><a href=link::slo(name)>{name.to_owned()}</a></li> })}
                <li aria-current="page">{if name.is_some() { "Edit" } else { "New" }}</li>
            </ol></nav>
            <div class="page-head"><h1>{title.clone()}</h1></div>
            <div class="stack">
                <section class="card"><div class="body">{fields(caller, name, typed, &services, &mistakes)}</div></section>
                {name.map(|name| delete_card(caller, name))}
            </div>
        }
    });
    Ok((status, html).into_response())
}

fn fields(
    caller: &Caller,
    name: Option<&str>,
    typed: &Typed,
    services: &[String],
    mistakes: &[Mistake],
) -> impl IntoView + use<> {
    let action = name.map_or("/slos".to_owned(), link::slo);
    let whole: Vec<_> = mistakes
        .iter()
        .filter(|mistake| mistake.field.is_empty() || mistake.field.starts_with("alerts"))
        .map(|mistake| whole(Some(mistake.message.clone())))
        .collect();
    let known: Vec<_> = services.iter().map(|name| view! { <option value=name.clone()></option> }).collect();
    let of = |field: &'static str| {
        mistakes.iter().find(|mistake| mistake.field == field).map(|mistake| mistake.message.clone())
    };
    let is_new = name.is_none();
    view! {
        <form class="form" action=action method="post">
            {form_token(caller.form_token())}
            <input type="hidden" name="version" value=typed.version.clone()/>
            {whole}
            {is_new.then(|| Field::text("name", "Name", "off").like("orders-availability").hint("lower-case letters, digits and hyphens; it stays").view(&typed.name, of("name")))}
            {Field::text("service", "Service", "off").like("reception").list("services").view(&typed.service, of("service"))}
            <datalist id="services">{known}</datalist>
            {Field::optional("team", "Team").hint("optional; who answers for it").view(&typed.team, of("team"))}
            {Field::optional("title", "Title").hint("optional; shown instead of the name").view(&typed.title, of("title"))}
            {select("kind", "What is good", &typed.kind, kinds(typed), of("sli.kind"))}
            {Field::optional("threshold_ms", "Longest good duration in ms").like("250").hint("for fast answers only").view(&typed.threshold_ms, of("sli.threshold_ms"))}
            {Area { name: "routes", label: "Routes", hint: "one a line, such as /orders/{id}; none means all" }.view(&typed.routes, of("sli.scope.routes"))}
            {Field::optional("methods", "Methods").like("GET POST").hint("none means all").view(&typed.methods, of("sli.scope.methods"))}
            {Field::text("objective", "Objective in percent", "off").like("99.9").hint("so many must be good").view(&typed.objective, of("objective_percent"))}
            {select("window", "Window", &typed.window, windows(typed), of("window.minutes"))}
            {Field::optional("zone", "Time zone").like("Europe/Berlin").hint("for calendar windows; none means UTC").view(&typed.zone, of("window.zone"))}
            {select("slices", "Count by", &typed.slices, slices(), of("budgeting.minutes"))}
            {Field::optional("slice_target", "Percent of a slice that must be good").like("99").hint("for slices only").view(&typed.slice_target, of("budgeting.target_percent"))}
            <label class="check">
                <input type="checkbox" name="alerts" checked=typed.alerts.is_some()/>
                "watch for a fast burn as the SRE Workbook recommends"
            </label>
            {Field::text("least_failures", "Failures below which nothing alerts", "off").like("5").hint("so that one failure at night pages nobody").view(&typed.least_failures, of("least_failures"))}
            {Field::optional("runbook", "Runbook").like("https://wiki.example/orders").hint("optional; what to do when it alerts").view(&typed.runbook, of("runbook"))}
            {Area { name: "description", label: "Description", hint: "why this matters, and to whom" }.view(&typed.description, of("description"))}
            <button class="button primary" type="submit">{if is_new { "Make the SLO" } else { "Save" }}</button>
        </form>
    }
}

fn kinds(typed: &Typed) -> Vec<(String, String)> {
    let mut kinds = vec![
        ("availability".to_owned(), "answers without 5xx".to_owned()),
        ("latency".to_owned(), "fast answers".to_owned()),
    ];
    if typed.kind == "counters" {
        kinds.push(("counters".to_owned(), "two counters, as they were imported".to_owned()));
    }
    kinds
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

fn delete_card(caller: &Caller, name: &str) -> impl IntoView + use<> {
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
