//! How all services stand: services by points, by team, worst first.

use axum::{
    extract::{Query, State},
    response::{Html, IntoResponse, Response},
};
use leptos::prelude::*;
use seaworthy_checklist::Level;

use super::parts::{became, kind, level};
use crate::{
    auth::{Caller, Viewer},
    problem::Problem,
    readiness::PointGlance,
    state::App,
    view::readiness::fleet::{
        self, FleetChange, FleetReadinessView, ReadinessFilter, ServiceReadiness, TeamReadiness,
    },
    web::{format, layout::page, link, nav::Section, time},
};

/// What a level is called in the filter.
const LEVELS: [(&str, &str); 5] = [
    ("", "every level"),
    ("none", "below bronze"),
    ("bronze", "bronze"),
    ("silver", "silver"),
    ("gold", "gold"),
];

/// Shows how services stand.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Query(filter): Query<ReadinessFilter>,
) -> Result<Response, Problem> {
    let view = fleet::load(&app, &filter).await?;
    Ok(render(&caller, &filter, &view).into_response())
}

fn render(caller: &Caller, filter: &ReadinessFilter, view: &FleetReadinessView) -> Html<String> {
    page(caller, Section::Readiness, "Readiness", || {
        let content = match (view.all, view.shown()) {
            (0, _) => nobody().into_any(),
            (_, 0) => view! {
                <section class="card"><div class="empty">
                    <h2>"No service is like that"</h2>
                    <p>"Write less, or "<a href="/readiness">"see all of them"</a>"."</p>
                </div></section>
            }
            .into_any(),
            _ => view! { <div class="stack">{figures(view)}{map(view)}{changes(view)}</div> }.into_any(),
        };
        view! {
            {head(view)}
            {(view.all > 0).then(|| filter_form(filter, view))}
            {content}
        }
    })
}

fn head(view: &FleetReadinessView) -> impl IntoView + use<> {
    let template = view.template.as_ref().map(|template| {
        view! { <span class="dot">"·"</span>"by "{template.title.clone()} }
    });
    let shown = match view.shown() {
        all if all == view.all => format::plural(all, "service"),
        some => format!("{some} of {}", format::plural(view.all, "service")),
    };
    let others = (view.not_judged > 0 && view.all > 0).then(|| {
        let words = format!("{} not judged by it", format::count(view.not_judged as u64));
        view! { <span class="dot">"·"</span>{words} }
    });
    view! {
        <div class="page-head">
            <h1>"Readiness"</h1>
            <p class="sub">{shown}{others}{template}<span class="dot">"·"</span>"worst first"<span class="dot">"·"</span>"as of "{time::clock(view.as_of)}</p>
        </div>
    }
}

fn nobody() -> impl IntoView {
    view! {
        <section class="card"><div class="empty">
            <h2>"No service was judged yet"</h2>
            <p>
                "The portal judges every service that checks in or sends telemetry, once a minute. "
                <a href="/">"The fleet"</a>" says how to add one."
            </p>
        </div></section>
    }
}

fn filter_form(filter: &ReadinessFilter, view: &FleetReadinessView) -> impl IntoView + use<> {
    let options = |chosen: &str, all: Vec<(String, String)>| -> Vec<_> {
        all.into_iter()
            .map(|(value, words)| {
                let selected = value == chosen;
                view! { <option value=value selected=selected>{words}</option> }
            })
            .collect()
    };
    let teams = (!view.all_teams.is_empty()).then(|| {
        let teams = view.all_teams.iter().map(|team| (team.clone(), team.clone()));
        let teams = std::iter::once((String::new(), "every team".to_owned())).chain(teams).collect();
        view! {
            <label class="hidden-text" for="team">"Team"</label>
            <select class="select" id="team" name="team">{options(&filter.team, teams)}</select>
        }
    });
    let levels = LEVELS.map(|(value, words)| (value.to_owned(), words.to_owned())).to_vec();
    let chosen = view.template.as_ref().map(|template| template.id.clone()).unwrap_or_default();
    let templates = (view.templates.len() > 1).then(|| {
        let words = |template: &fleet::TemplateInUse| format!("{} ({})", template.title, template.services);
        let all = view.templates.iter().map(|template| (template.id.clone(), words(template))).collect();
        view! {
            <label class="hidden-text" for="template">"Template"</label>
            <select class="select" id="template" name="template">{options(&chosen, all)}</select>
        }
    });
    view! {
        <form class="filter-line" action="/readiness" role="search" aria-label="Filter services">
            <label class="hidden-text" for="text">"Service or team"</label>
            <input class="input" type="search" id="text" name="text" placeholder="service or team" value=filter.text.clone()/>
            {teams}
            <label class="hidden-text" for="level">"Level"</label>
            <select class="select" id="level" name="level">{options(&filter.level, levels)}</select>
            {templates}
            <button class="button" type="submit">"Filter"</button>
        </form>
    }
}

fn figures(view: &FleetReadinessView) -> impl IntoView + use<> {
    let levels = view.levels;
    let figures = [
        ("none", None, levels.none),
        ("bronze", Some(Level::Bronze), levels.bronze),
        ("silver", Some(Level::Silver), levels.silver),
        ("gold", Some(Level::Gold), levels.gold),
    ];
    let template = view.template.as_ref().map(|template| template.id.clone()).unwrap_or_default();
    let figures: Vec<_> = figures
        .into_iter()
        .map(|(name, of, count)| {
            let path = link::with_query("/readiness", &[("template", &template), ("level", name)]);
            view! { <div><span class="label">{level(of)}</span><span class="value"><a href=path>{count}</a></span></div> }
        })
        .collect();
    view! { <section class="card" aria-label="Services by level"><div class="strip">{figures}</div></section> }
}

fn map(view: &FleetReadinessView) -> impl IntoView + use<> {
    let heads: Vec<_> = view
        .points
        .iter()
        .zip(1..)
        .map(|(title, number)| view! { <th scope="col" class="p"><abbr title=title.clone()>{number}</abbr><span class="hidden-text">" "{title.clone()}</span></th> })
        .collect();
    let template = view.template.as_ref().map(|template| template.id.as_str()).unwrap_or_default();
    let columns = view.points.len() + 3;
    let teams: Vec<_> = view.teams.iter().map(|of| team(of, template, columns)).collect();
    view! {
        <section class="card">
            <header><h2>"Services and points"</h2><div class="end">{legend()}</div></header>
            <div class="table-scroll" role="region" aria-label="Services and points" tabindex="0">
                <table class="table dense top-line heat">
                    <caption class="hidden-text">"Services, worst first, by the points of the checklist. A cell tells what of a point blocks the service's next level."</caption>
                    <thead><tr>
                        <th scope="col">"Service"</th><th scope="col">"Level"</th><th scope="col" class="num">"Passes"</th>{heads}
                    </tr></thead>
                    {teams}
                </table>
            </div>
            <footer>{points_named(view)}</footer>
        </section>
    }
}

fn legend() -> impl IntoView {
    let keys = [
        ("fail", "fails"),
        ("stale", "stale"),
        ("unknown", "unknown"),
        ("waived", "waived"),
        ("later", "open for a later level"),
        ("pass", "nothing open"),
    ];
    let keys: Vec<_> = keys
        .into_iter()
        .map(|(class, words)| view! { <span><i class=format!("swatch {class}")></i>{words}</span> })
        .collect();
    view! { <div class="legend">{keys}</div> }
}

/// What the numbers over the columns stand for.
fn points_named(view: &FleetReadinessView) -> impl IntoView + use<> {
    let names: Vec<_> = view
        .points
        .iter()
        .zip(1..)
        .map(|(title, number)| view! { <li><span class="faint">{number}</span>" "{title.clone()}</li> })
        .collect();
    view! { <ol class="legend">{names}</ol> }
}

fn team(of: &TeamReadiness, template: &str, columns: usize) -> impl IntoView + use<> {
    let name = of.team.clone().unwrap_or_else(|| "No team".to_owned());
    let count = format::plural(of.services.len(), "service");
    let rows: Vec<_> = of.services.iter().map(|service| row(service, template)).collect();
    view! {
        <tbody>
            <tr class="team"><th scope="rowgroup" colspan=columns.to_string()>{name}<span class="faint">{format!(" · {count}")}</span></th></tr>
            {rows}
        </tbody>
    }
}

fn row(service: &ServiceReadiness, template: &str) -> impl IntoView + use<> {
    let page = link::with_query(&link::readiness(&service.name), &[("template", template)]);
    let cells: Vec<_> =
        service.points.iter().zip(1..).map(|(point, number)| cell(point, number, service, &page)).collect();
    let fell = service.fell.as_ref().map(|fall| {
        view! { <span class="sub t-fail">"fell from "{fall.from.as_str()}", "{time::minute(fall.at)}</span> }
    });
    let percent = service.items.percent().map_or_else(|| "–".to_owned(), |percent| format!("{percent} %"));
    view! {
        <tr>
            <th scope="row"><a href=page.clone()>{service.name.clone()}</a>{fell}</th>
            <td class="of">{level(service.level)}</td>
            <td class="of num" title=format!("{} of {} items pass", service.items.passing(), service.items.applicable)>{percent}</td>
            {cells}
        </tr>
    }
}

fn cell(point: &PointGlance, number: usize, service: &ServiceReadiness, page: &str) -> impl IntoView + use<> {
    let (class, shown, words) = told(point, service.next_level);
    let words = format!("{}: {words}", point.title);
    view! { <td class=class><a href=format!("{page}#point-{number}") title=words.clone() aria-label=words>{shown}</a></td> }
}

/// How a cell looks, the number in it, and the same in words.
fn told(point: &PointGlance, next: Option<Level>) -> (&'static str, usize, String) {
    let (blocking, items) = (point.blocking, point.items);
    if let (Some(worst), Some(next)) = (blocking.worst(), next) {
        let parts = [(blocking.fail, "fail"), (blocking.stale, "stale"), (blocking.unknown, "unknown")];
        let parts: Vec<String> = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        let verb = if blocking.count() == 1 { "blocks" } else { "block" };
        return (kind(worst), blocking.count(), format!("{} {verb} {}", parts.join(", "), next.as_str()));
    }
    match (items.open(), items.waived, items.applicable) {
        (_, _, 0) => ("na", 0, "no item applies".to_owned()),
        (0, 0, all) => ("pass", all, format!("all {all} pass")),
        (0, waived, _) => ("waived", waived, format!("{waived} waived, the rest pass")),
        (open, ..) => ("later", open, format!("{open} open for a later level")),
    }
}

fn changes(view: &FleetReadinessView) -> impl IntoView + use<> {
    let rows: Vec<_> = view.changes.iter().map(change).collect();
    let none = rows.is_empty().then(|| {
        view! { <div class="body"><p class="muted">"Nothing has changed since these services were first judged."</p></div> }
    });
    view! {
        <section class="card">
            <header><h2>"What changed lately"</h2></header>
            {none}
            <ul class="list">{rows}</ul>
        </section>
    }
}

fn change(change: &FleetChange) -> impl IntoView + use<> {
    let FleetChange { service, template, change } = change;
    let page = link::readiness_item(service, template, &change.item);
    let was = change.from.clone().map_or_else(|| "not asked before".to_owned(), |from| format!("was {from}"));
    view! {
        <li>
            {became(&change.to)}
            <div class="grow"><a href=page>{format!("{service}: {}", change.item)}</a><span class="sub">{was}"; "{change.words.clone()}</span></div>
            <span class="small faint">{time::minute(change.at)}</span>
        </li>
    }
}
