//! How a service stands by the checklist: its level, the twelve points at a glance, what blocks the next level, every item.

pub(crate) mod badge;
pub(crate) mod export;
pub(crate) mod fleet;
pub(crate) mod history;
pub(crate) mod item;
mod items;
pub(crate) mod parts;
pub(crate) mod work;

use axum::{
    extract::{Path, Query, State},
    response::{Html, IntoResponse, Response},
};
use leptos::prelude::*;
use seaworthy_checklist::{Level, Verdict};
use serde::Deserialize;

use self::parts::{VERDICTS, bar, level, pips, verdict};
use super::{
    crumbs::Crumbs,
    icon::icon,
    layout::{live, page},
    link,
    nav::Section,
    service::tabs::tabs,
    time,
};
use crate::{
    auth::{Caller, Viewer},
    problem::Problem,
    state::App,
    view::readiness::{self, ItemView, LevelView, PointView, ReadinessView},
};

/// By which template, and which items.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    template: String,
    show: items::Show,
}

/// Shows how a service stands.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Path(service): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let template = Some(asked.template.as_str()).filter(|template| !template.is_empty());
    let view = readiness::load(&app, &service, template).await?;
    Ok(render(&caller, &service, view.as_ref(), &asked).into_response())
}

fn render(caller: &Caller, service: &str, view: Option<&ReadinessView>, asked: &Asked) -> Html<String> {
    let path = link::with_query(
        &link::readiness(service),
        &[("template", &asked.template), ("show", asked.show.as_str())],
    );
    page(caller, Section::Readiness, &format!("{service}, readiness"), || {
        // The items do not refresh: what somebody has opened stays open.
        let items = view.map(|view| items::card(view, asked.show));
        let standing = match view {
            Some(view) => view! { {head(view)}{tabs(service, "readiness")}{cards(view)} }.into_any(),
            None => view! { {bare_head(service)}{tabs(service, "readiness")}{not_yet()} }.into_any(),
        };
        view! {
            {section().here(service)}
            <div class="stack">{live(path, standing)}{items}</div>
        }
    })
}

/// Of the page of a service's readiness.
fn section() -> Crumbs {
    Crumbs::of("/readiness", "Readiness")
}

/// Of a page below that of a service's readiness.
fn crumbs(service: &str) -> Crumbs {
    section().then(&link::readiness(service), service)
}

fn bare_head(service: &str) -> impl IntoView + use<> {
    view! {
        <div class="page-head">
            <h1><span class="key k1" aria-hidden="true"></span>{service.to_owned()}<span class="hidden-text">" readiness"</span></h1>
        </div>
    }
}

fn not_yet() -> impl IntoView {
    view! {
        <section class="card"><div class="empty">
            <h2>"Not judged yet"</h2>
            <p>"The portal goes through all services every minute. This page shows the outcome as soon as it is there."</p>
        </div></section>
    }
}

fn head(view: &ReadinessView) -> impl IntoView + use<> {
    let path = link::readiness(&view.service);
    let build = view.build.clone().map(
        |build| view! { <span class="dot">"·"</span>"judged on build "<span class="mono">{build}</span> },
    );
    let team = view.team.clone().map(|team| view! { {team}<span class="dot">"·"</span> });
    view! {
        <div class="page-head">
            <h1><span class="key k1" aria-hidden="true"></span>{view.service.clone()}<span class="hidden-text">" readiness"</span></h1>
            {level(view.level)}
            <div class="actions">
                {templates(view)}
                <a class="button" href=format!("{path}/history")>{icon("clock")}"History"</a>
                <a class="button" href=format!("{path}/export")>{icon("download")}"Export"</a>
            </div>
            <p class="sub">
                {team}{format!("Template {} {}", view.template.id, view.template.version)}
                {build}<span class="dot">"·"</span>"judged "{time::clock(view.assessed_at)}
            </p>
        </div>
    }
}

/// The templates by which it is judged, where there are several.
fn templates(view: &ReadinessView) -> Option<impl IntoView + use<>> {
    let path = link::readiness(&view.service);
    let links: Vec<_> = view
        .templates
        .iter()
        .map(|template| {
            let here = (template.id == view.template.id).then_some("true");
            view! { <a href=link::with_query(&path, &[("template", &template.id)]) aria-current=here>{template.title.clone()}</a> }
        })
        .collect();
    (view.templates.len() > 1)
        .then(|| view! { <div class="segments" role="group" aria-label="Template">{links}</div> })
}

fn cards(view: &ReadinessView) -> impl IntoView + use<> {
    view! { <div class="stack">{level_card(view)}{points_card(view)}{blockers_card(view)}</div> }
}

fn level_card(view: &ReadinessView) -> impl IntoView + use<> {
    let steps: Vec<_> = view.levels.iter().map(|of| step(of, view)).collect();
    let share = &view.share;
    let verdicts: Vec<_> = VERDICTS
        .into_iter()
        .map(|of| (of, view.count(of)))
        .filter(|(_, count)| *count > 0)
        .map(|(of, count)| verdict(of, Some(format!("{count} {}", of.as_str()))))
        .collect();
    let percent = share.percent().map_or_else(|| "–".to_owned(), |percent| format!("{percent} %"));
    view! {
        <section class="card" aria-label="Level"><div class="body stack"><div class="with-side">
            <div class="stack"><ol class="level-track">{steps}</ol></div>
            <div class="stack">
                <div class="row spread">
                    <div><span class="label">"Level reached"</span><p class="figure">{level(view.level)}</p></div>
                    <div>
                        <span class="label">"Share that passes"</span>
                        <p class="figure">{percent}" "<small>{format!("{} of {}", share.passing, share.applicable)}</small></p>
                    </div>
                </div>
                <div class="legend">{verdicts}</div>
                <div class="row">
                    <div class="row tight">
                        <span class="badge proved">{icon("proved")}"proved"</span>
                        <span class="small muted">{format!("{} of the {} pass by evidence", share.proved, share.passing)}</span>
                    </div>
                    <div class="row tight">
                        <span class="badge claimed">{icon("claimed")}"claimed"</span>
                        <span class="small muted">{format!("{} by a person's word", share.claimed)}</span>
                    </div>
                </div>
            </div>
        </div></div></section>
    }
}

fn step(of: &LevelView, view: &ReadinessView) -> impl IntoView + use<> {
    let next = view.next_level == Some(of.level);
    let open = of.applicable - of.holding;
    // Of the next level everything below it counts as well: a level is reached with all of those.
    let to_go = view.items().filter(|item| item.blocks).count();
    let class = match (of.reached, next) {
        (true, _) => "level-step reached",
        (_, true) => "level-step next",
        _ => "level-step",
    };
    let status = match (of.reached, next) {
        (true, _) => verdict(Verdict::Pass, Some("Reached".to_owned())).into_any(),
        (_, true) => {
            view! { <span class="status is-info">{icon("info")}{format!("{to_go} to go")}</span> }.into_any()
        }
        _ if open == 0 => {
            view! { <span class="status muted">{icon("pass")}"Its own items hold"</span> }.into_any()
        }
        _ => view! { <span class="status faint">"Later"</span> }.into_any(),
    };
    let holding = format!("{} of {} pass or are waived", of.holding, of.applicable);
    let waived = (of.waived > 0).then(|| format!(" · {} of them waived", of.waived));
    let since = view.level_since.filter(|_| view.level == Some(of.level)).map(|since| {
        view! { "since "{time::told(since, "%-d %b %Y")}" · " }
    });
    let fill = if of.reached { "pass" } else { "info" };
    view! {
        <li class=class>
            <div class="row spread">{level(Some(of.level))}{status}</div>
            {bar(of.holding, of.applicable, fill, holding.clone())}
            <span class="small muted">{holding}{waived}</span>
            <span class="small faint">{since}{what(of.level)}</span>
        </li>
    }
}

fn what(level: Level) -> &'static str {
    match level {
        Level::Bronze => "before any production traffic",
        Level::Silver => "a service others depend on",
        Level::Gold => "a service the company depends on",
    }
}

fn points_card(view: &ReadinessView) -> impl IntoView + use<> {
    let points: Vec<_> = view.points.iter().map(|point| glance(point, view)).collect();
    let title = if view.points.len() == 12 { "The twelve points" } else { "The points" };
    view! {
        <section class="card">
            <header><h2>{title}</h2><div class="end">{format!("{} proved · {} claimed", view.share.proved, view.share.claimed)}</div></header>
            <div class="body"><ol class="points">{points}</ol></div>
        </section>
    }
}

fn glance(point: &PointView, view: &ReadinessView) -> impl IntoView + use<> {
    let verdicts: Vec<Verdict> = point.items.iter().map(|item| item.judged.verdict).collect();
    view! {
        <li><a class="point" href=format!("#point-{}", point.number)>
            <span class="name"><span class="n">{point.number}</span>{point.title.clone()}</span>
            <span class="row spread">{standing(point, view)}<span class="small muted">{format!("{}/{}", point.passing(), point.applicable().count())}</span></span>
            {pips(&verdicts, true)}
        </a></li>
    }
}

/// The worst that there is to say of a point.
fn standing(point: &PointView, view: &ReadinessView) -> AnyView {
    let blocking: Vec<&ItemView> = point.items.iter().filter(|item| item.blocks).collect();
    let open = || point.items.iter().filter(|item| !item.judged.verdict.holds());
    if let (Some(next), Some(worst)) = (view.next_level, worst(&blocking)) {
        let count = blocking.len();
        let block = if count == 1 { "blocks" } else { "block" };
        return verdict(worst, Some(format!("{count} {block} {}", next.as_str()))).into_any();
    }
    match open().map(|item| item.judged.level).min() {
        Some(level) => {
            let words = format!(
                "{} open for {}",
                open().filter(|item| item.judged.level == level).count(),
                level.as_str()
            );
            view! { <span class="status muted">{words}</span> }.into_any()
        }
        None if point.applicable().next().is_none() => verdict(Verdict::NotApplicable, None).into_any(),
        None if point.passing() == point.applicable().count() => {
            verdict(Verdict::Pass, Some("All pass".to_owned())).into_any()
        }
        None => verdict(Verdict::Waived, Some("None open".to_owned())).into_any(),
    }
}

fn worst(items: &[&ItemView]) -> Option<Verdict> {
    [Verdict::Fail, Verdict::Stale, Verdict::Unknown]
        .into_iter()
        .find(|of| items.iter().any(|item| item.judged.verdict == *of))
}

fn blockers_card(view: &ReadinessView) -> Option<impl IntoView + use<>> {
    let next = view.next_level?;
    let mut blockers: Vec<&ItemView> = view.items().filter(|item| item.blocks).collect();
    // What has a page to begin on comes before what needs a change of the service.
    blockers
        .sort_by_key(|item| (item.judged.level, !begins_here(item), item.judged.verdict == Verdict::Unknown));
    let count = blockers.len();
    let rows: Vec<_> =
        blockers.into_iter().map(|item| blocker(item, &view.service, &view.template.id)).collect();
    let title = format!("What blocks {}: {}", next.as_str(), super::format::plural(count, "item"));
    Some(view! {
        <section class="card">
            <header><h2>{title}</h2><div class="end row tight"><span>"the shortest way up, easiest first"</span></div></header>
            <ol class="list blockers">{rows}</ol>
        </section>
    })
}

/// Whether the portal has a page on which it can be mended.
fn begins_here(item: &ItemView) -> bool {
    let elsewhere = "What to do";
    item.action.as_ref().is_some_and(|action| action.label != elsewhere)
}

fn blocker(item: &ItemView, service: &str, template: &str) -> impl IntoView + use<> {
    let page = link::readiness_item(service, template, &item.judged.item);
    let next = item.judged.next.clone().map(|next| view! { <span class="small muted">{next}</span> });
    let action = item
        .action
        .clone()
        .map(|action| view! { <a class="button small" href=action.href>{action.label}</a> });
    view! {
        <li>
            {verdict(item.judged.verdict, None)}
            <div class="grow">
                <a class="medium" href=page>{item.question.clone()}</a>
                <span class="sub">{item.judged.words.clone()}</span>
                {next}
            </div>
            {action}
        </li>
    }
}
