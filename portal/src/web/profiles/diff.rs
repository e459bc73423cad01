//! The difference of two profiles.

use axum::{
    extract::{Path, Query, State},
    response::{Html, IntoResponse, Response},
};
use leptos::prelude::*;

use super::{
    amount, causes, crumbs,
    flame::{Drawn, picture, short},
    kind, signed, stacks, type_label,
};
use crate::{
    auth::{Caller, Viewer},
    problem::Problem,
    state::App,
    view::profiles::{
        ProfileLine,
        diff::{self, ChangeView, DiffFrame, DiffView},
        one::Look,
    },
    web::{
        format::{self, short_id},
        layout::page,
        link,
        nav::Section,
        service::tabs::tabs,
        table::{Column, column, row_head, table},
        time,
    },
};

const COLUMNS: [Column; 4] = [
    column("Function", "name-cell"),
    column("Own, change", "num"),
    column("Own", "num"),
    column("Total", "num"),
];

/// Shows what changed.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Path((one, other)): Path<(String, String)>,
    Query(look): Query<Look>,
) -> Result<Response, Problem> {
    let view = diff::load(&app, &one, &other, look.clone()).await?;
    Ok(render(&caller, &view, &look).into_response())
}

fn render(caller: &Caller, view: &DiffView, look: &Look) -> Html<String> {
    let of = kind(&view.after.kind).to_owned();
    page(caller, Section::Fleet, &format!("{of} profiles of {}, compared", view.after.service), || {
        view! {
            {crumbs(&view.after.service).here("Compared")}
            <div class="page-head">
                <h1>{of}" profiles, compared"</h1>
                <p class="sub">"from "{named(&view.before)}" to "{named(&view.after)}<span class="dot">"·"</span>{if view.is_of_moments { "by share of the larger" } else { "by share of the whole of each" }}</p>
            </div>
            {tabs(&view.after.service, "profiles")}
            <div class="stack">
                {causes::changes(view)}
                <section class="card" id="flame">
                    <header><h2>"What changed"</h2><div class="end">{views(view, look)}</div></header>
                    <div class="body stack">
                        <div class="row">{types(view, look)}{stacks(view.is_led_to_service, view.from_service, |begin| address(view, look, ("stacks", begin)))}</div>
                        {zoom(view, look)}
                        {graph(view, look)}
                        {legend()}
                    </div>
                </section>
                {changes(view)}
            </div>
        }
    })
}

fn named(profile: &ProfileLine) -> impl IntoView + use<> {
    view! {
        <a href=link::profile(&profile.id)>{profile.version.clone()}", "{time::minute(profile.taken_at)}</a>
        {format!(" ({})", amount(profile))}" on "<span class="mono" title=profile.instance.clone()>{short_id(&profile.instance)}</span>
    }
}

fn address(view: &DiffView, look: &Look, changed: (&str, &str)) -> String {
    let at = look.at.to_string();
    let mut pairs = [
        ("type", look.of.as_str()),
        ("view", look.view.as_str()),
        ("at", if look.at == 0 { "" } else { at.as_str() }),
        ("stacks", look.stacks.as_str()),
    ];
    for pair in &mut pairs {
        if pair.0 == changed.0 {
            pair.1 = changed.1;
        } else if changed.0 != "at" && pair.0 == "at" {
            pair.1 = "";
        }
    }
    link::with_query(&link::profile_diff(&view.before.id, &view.after.id), &pairs)
}

fn types(view: &DiffView, look: &Look) -> Option<impl IntoView + use<>> {
    if view.types.len() < 2 {
        return None;
    }
    let links: Vec<_> = view
        .types
        .iter()
        .rev()
        .map(|name| {
            let here = (*name == view.shown).then_some("true");
            view! { <a href=address(view, look, ("type", name)) aria-current=here>{type_label(name)}</a> }
        })
        .collect();
    Some(view! { <div class="segments" role="group" aria-label="What is compared">{links}</div> })
}

fn views(view: &DiffView, look: &Look) -> impl IntoView + use<> {
    let way = |label: &'static str, name: &'static str| {
        let here = ((name == "inverted") == view.inverted).then_some("true");
        view! { <a href=address(view, look, ("view", name)) aria-current=here data-flame="">{label}</a> }
    };
    view! { <div class="segments" role="group" aria-label="View">{way("Flame", "")}{way("Inverted", "inverted")}</div> }
}

fn zoom(view: &DiffView, look: &Look) -> impl IntoView + use<> {
    if view.at == 0 {
        return view! { <p class="small muted">"Choose a frame to zoom in."</p> }.into_any();
    }
    view! { <p class="small"><a href=address(view, look, ("at", "")) data-flame="">"Show all again"</a></p> }
        .into_any()
}

fn graph(view: &DiffView, look: &Look) -> impl IntoView + use<> {
    let drawn = |frame: &DiffFrame| {
        let at = if frame.at == 0 { String::new() } else { frame.at.to_string() };
        Drawn {
            href: address(view, look, ("at", &at)),
            told: format!(
                "{} before, {} after ({})",
                format::percent(frame.before),
                format::percent(frame.after),
                signed(frame.after - frame.before)
            ),
            class: class(frame).to_owned(),
            name: frame.name.clone(),
            depth: frame.depth,
            left: frame.left,
            width: frame.width,
            found: false,
        }
    };
    let largest = view.changes.first().map_or_else(
        || "nothing changed by more than a thousandth".to_owned(),
        |change| {
            format!(
                "largest change: {} {}",
                short(&change.name),
                signed(change.own_after - change.own_before)
            )
        },
    );
    let sentence = format!("Two {} profiles compared, {largest}", kind(&view.after.kind));
    picture(view.frames.iter().map(drawn).collect(), view.depth, sentence)
}

/// By how many percent points of the whole it changed.
fn class(frame: &DiffFrame) -> &'static str {
    match frame.after - frame.before {
        more if more >= 0.10 => "d-more-3",
        more if more >= 0.03 => "d-more-2",
        more if more >= 0.005 => "d-more-1",
        less if less <= -0.10 => "d-less-3",
        less if less <= -0.03 => "d-less-2",
        less if less <= -0.005 => "d-less-1",
        _ => "d-same",
    }
}

fn legend() -> impl IntoView {
    let keys = [
        ("key d-more", "takes more than before, the more the stronger"),
        ("key d-less", "takes less"),
        ("key d-none", "as before, within half a percent of the whole"),
    ];
    let keys: Vec<_> = keys
        .into_iter()
        .map(|(class, words)| view! { <span><span class=class aria-hidden="true"></span>{words}</span> })
        .collect();
    view! { <div class="legend">{keys}</div> }
}

fn changes(view: &DiffView) -> impl IntoView + use<> {
    if view.changes.is_empty() {
        return view! {
            <section class="card"><div class="empty"><h2>"Nothing changed"</h2>
                <p>"No function takes more or less than before by a thousandth of the whole."</p></div></section>
        }
        .into_any();
    }
    let rows: Vec<_> = view.changes.iter().map(row).collect();
    view! {
        <section class="card" id="functions">
            <header><h2>"Functions"</h2><div class="end small muted">"the largest change first"</div></header>
            {table("Functions by how much of their own share changed", &COLUMNS, rows)}
        </section>
    }
    .into_any()
}

fn row(change: &ChangeView) -> impl IntoView + use<> {
    let [_, by, own, total] = COLUMNS;
    let from_to =
        |before: f64, after: f64| format!("{} to {}", format::percent(before), format::percent(after));
    let moved = change.own_after - change.own_before;
    let class = if moved > 0.0 { "medium t-warn" } else { "medium" };
    view! {
        <tr role="row">
            {row_head(view! { <span class="mono wrap-anywhere">{change.name.clone()}</span> })}
            {by.cell(view! { <span class=class>{signed(moved)}</span> })}
            {own.cell(from_to(change.own_before, change.own_after))}
            {total.cell(from_to(change.total_before, change.total_after))}
        </tr>
    }
}
