//! One profile.

use axum::{
    extract::{Path, Query, State},
    http::header,
    response::{Html, IntoResponse, Response},
};
use jiff::SignedDuration;
use leptos::prelude::*;

use super::{
    amount, causes, crumbs,
    flame::{self, Drawn, picture},
    functions, kind, length, stacks, tasks, type_label, value,
};
use crate::{
    auth::{Caller, Viewer},
    problem::Problem,
    state::App,
    view::profiles::{
        ProfileLine,
        flame::FrameView,
        one::{self, Look, ProfileView},
    },
    web::{
        format::{self, short_id},
        icon::icon,
        layout::page,
        link,
        nav::Section,
        service::tabs::tabs,
        time,
    },
};

/// Profiles to compare with that are not folded away.
const OTHERS: usize = 4;

/// Shows a profile.
pub(crate) async fn show(
    Viewer(caller): Viewer,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(look): Query<Look>,
) -> Result<Response, Problem> {
    let view = one::load(&app, &id, look.clone()).await?;
    Ok(render(&caller, &view, &look).into_response())
}

/// The profile as it came.
pub(crate) async fn download(
    _: Viewer,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    one::body(&app, &id).await.map(|(line, body)| file(&line, body))
}

/// A file that `go tool pprof` reads.
pub(crate) fn file(line: &ProfileLine, body: Vec<u8>) -> Response {
    let safe = |text: &str| -> String {
        text.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect()
    };
    let taken_at = line.taken_at.strftime("%Y%m%dT%H%M%SZ");
    let name = format!("{}-{}-{taken_at}.pb.gz", safe(&line.service), safe(&line.kind));
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    (headers, body).into_response()
}

fn render(caller: &Caller, view: &ProfileView, look: &Look) -> Html<String> {
    let profile = &view.profile;
    let title = format!("{} profile", kind(&profile.kind));
    page(caller, Section::Fleet, &format!("{title} of {}", profile.service), || {
        let of_tasks =
            view.tasks.as_ref().filter(|_| look.view.is_empty()).map(|told| tasks::cards(view, told));
        let flame = of_tasks.is_none().then(|| flame_cards(view, look));
        let of_tasks = of_tasks.map(|cards| view! { {cards}{others(view)} });
        view! {
            {crumbs(&profile.service).here(&format!("{}, {}", kind(&profile.kind), time::told(profile.taken_at, "%H:%M:%S")))}
            <div class="page-head">
                <h1>{title}</h1>
                <div class="actions">{actions(view, look)}</div>
                {sub(profile)}
            </div>
            {tabs(&profile.service, "profiles")}
            <div class="stack">{of_tasks}{flame}{comments(view)}</div>
        }
    })
}

fn sub(profile: &ProfileLine) -> impl IntoView + use<> {
    let by = (!profile.asked_by.is_empty())
        .then(|| view! { <span class="dot">"·"</span>"captured by "{profile.asked_by.clone()} });
    let stacks = format::plural(usize::try_from(profile.samples).unwrap_or(usize::MAX), "stack");
    view! {
        <p class="sub">
            {profile.service.clone()}" "{profile.version.clone()}" on "
            <span class="mono" title=profile.instance.clone()>{short_id(&profile.instance)}</span><span class="dot">"·"</span>
            {time::moment(profile.taken_at)}", "{length(profile)}<span class="dot">"·"</span>
            {amount(profile)}", "{stacks}{by}
        </p>
    }
}

fn actions(view: &ProfileView, look: &Look) -> impl IntoView + use<> {
    let profile = &view.profile;
    let from = profile.taken_at - SignedDuration::from_mins(1);
    let to = profile.taken_at
        + SignedDuration::from_millis((profile.seconds * 1e3) as i64)
        + SignedDuration::from_mins(1);
    let traces = link::with_query(
        "/traces",
        &[("service", &profile.service), ("from", &from.to_string()), ("to", &to.to_string())],
    );
    let flame = view.tasks.is_some().then(|| {
        let is_flame = !look.view.is_empty();
        let own = link::profile(&profile.id);
        view! {
            <div class="segments" role="group" aria-label="View">
                <a href=own.clone() aria-current=(!is_flame).then_some("true")>"Tasks"</a>
                <a href=link::with_query(&own, &[("view", "flame")]) aria-current=is_flame.then_some("true")>"Flame graph"</a>
            </div>
        }
    });
    view! {
        {flame}
        <a class="button" href=traces>{icon("trace")}"Traces of its time"</a>
        <a class="button" href=link::profile_download(&profile.id)>{icon("download")}"pprof"</a>
    }
}

/// The address of this page with something else asked for.
fn address(view: &ProfileView, look: &Look, changed: &[(&str, &str)]) -> String {
    let at = look.at.to_string();
    let mut pairs = vec![
        ("type", look.of.as_str()),
        ("view", look.view.as_str()),
        ("at", if look.at == 0 { "" } else { at.as_str() }),
        ("find", look.find.as_str()),
        ("sort", look.sort.as_str()),
        ("stacks", look.stacks.as_str()),
    ];
    for (name, value) in changed {
        if let Some(pair) = pairs.iter_mut().find(|(known, _)| known == name) {
            pair.1 = value;
        }
    }
    link::with_query(&link::profile(&view.profile.id), &pairs)
}

fn flame_cards(view: &ProfileView, look: &Look) -> impl IntoView + use<> {
    let to = |changed: &[(&str, &str)]| address(view, look, changed);
    view! {
        {causes::card(view, &to)}
        <section class="card" id="flame">
            <header><h2>{if view.inverted { "Callers" } else { "Flame graph" }}</h2><div class="end"><div class="row">
                {search(view, look)}
                {views(view, look)}
            </div></div></header>
            <div class="body stack">
                <div class="row">{types(view, look)}{stacks(view.is_led_to_service, view.from_service, |begin| to(&[("stacks", begin), ("at", "")]))}</div>
                {zoom(view, look)}
                {graph(view, look)}
                {functions::legend()}
                {left_out(view)}
            </div>
        </section>
        {others(view)}
        {functions::card(view, &to)}
    }
}

fn search(view: &ProfileView, look: &Look) -> impl IntoView + use<> {
    let hidden: Vec<_> =
        [("type", &look.of), ("view", &look.view), ("sort", &look.sort), ("stacks", &look.stacks)]
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| view! { <input type="hidden" name=name value=value.clone()/> })
            .collect();
    let found = view.frames.iter().filter(|frame| frame.found).count();
    let told = match view.find.is_empty() {
        true => String::new(),
        false => format!("{}, {}", format::plural(found, "frame"), format::percent(view.found)),
    };
    view! {
        <form class="row" action=link::profile(&view.profile.id) role="search">
            {hidden}
            <label class="hidden-text" for="find">"Find a function"</label>
            <input class="input compact" id="find" type="search" name="find" placeholder="Find a function" value=view.find.clone()/>
            <output class="small" id="found" for="find">{told}</output>
        </form>
    }
}

fn views(view: &ProfileView, look: &Look) -> impl IntoView + use<> {
    let way = |label: &'static str, name: &'static str| {
        let here = ((name == "inverted") == view.inverted).then_some("true");
        view! { <a href=address(view, look, &[("view", name), ("at", "")]) aria-current=here data-flame="">{label}</a> }
    };
    // Tasks are shown as tasks unless a flame graph is asked for.
    view! {
        <div class="segments" role="group" aria-label="View">
            {way("Flame", "flame")}{way("Inverted", "inverted")}<a href="#functions">"Table"</a>
        </div>
    }
}

fn types(view: &ProfileView, look: &Look) -> Option<impl IntoView + use<>> {
    if view.types.len() < 2 {
        return None;
    }
    let links: Vec<_> = view
        .types
        .iter()
        .enumerate()
        .rev()
        .map(|(index, of)| {
            let here = (index == view.shown).then_some("true");
            let to = address(view, look, &[("type", &of.name), ("at", "")]);
            view! { <a href=to aria-current=here>{type_label(&of.name)}</a> }
        })
        .collect();
    Some(view! { <div class="segments" role="group" aria-label="What is shown">{links}</div> })
}

/// The frames above the one that is zoomed in on, each a way back.
fn zoom(view: &ProfileView, look: &Look) -> impl IntoView + use<> {
    let last = view.path.len().saturating_sub(1);
    let steps: Vec<_> = view
        .path
        .iter()
        .enumerate()
        .map(|(index, frame)| {
            let name = flame::short(&frame.name);
            if index == last && last > 0 {
                return view! { <li aria-current="true">{name}</li> }.into_any();
            }
            let at = if frame.at == 0 { String::new() } else { frame.at.to_string() };
            let gap = (index == 0 && view.path_left_out > 0).then(|| {
                let told = format::plural(view.path_left_out, "frame");
                view! { <li class="muted" title=told>"…"</li> }
            });
            view! { <li><a href=address(view, look, &[("at", &at)]) data-flame="">{name}</a></li>{gap} }
                .into_any()
        })
        .collect();
    let hint = (last == 0).then(|| view! { <li aria-current="true">"choose a frame to zoom in"</li> });
    view! { <nav class="crumbs" aria-label="Zoom"><ol>{steps}{hint}</ol></nav> }
}

fn graph(view: &ProfileView, look: &Look) -> impl IntoView + use<> {
    let of = view.types.get(view.shown);
    let (unit, whole) = of.map_or((String::new(), 0), |of| (of.unit.clone(), of.total));
    if view.frames.len() < 2 {
        return view! {
            <p class="muted">"Nothing was counted: the process did nothing of this kind while it was looked at."</p>
        }
        .into_any();
    }
    let share = |part: i64| format::percent(part as f64 / whole.max(1) as f64);
    let file = |frame: &FrameView| match format::code_place(&frame.file) {
        "" => String::new(),
        file => format!(", {file}"),
    };
    let told = |frame: &FrameView| match view.inverted {
        // What a caller takes itself is not in this tree.
        true => format!("{}, {}{}", value(frame.total, &unit), share(frame.total), file(frame)),
        false => {
            let own = share(frame.own);
            format!("{}, {} (own {own}){}", value(frame.total, &unit), share(frame.total), file(frame))
        }
    };
    let drawn = |frame: &FrameView| {
        let at = if frame.at == 0 { String::new() } else { frame.at.to_string() };
        Drawn {
            href: address(view, look, &[("at", &at)]),
            told: told(frame),
            class: flame::class(frame.code, frame.depth),
            name: frame.name.clone(),
            depth: frame.depth,
            left: frame.left,
            width: frame.width,
            found: frame.found,
        }
    };
    let widest = view.frames.iter().find(|frame| frame.depth == 1).map(|frame| flame::short(&frame.name));
    let sentence = format!(
        "{} profile, {} in all, widest below the top: {}",
        kind(&view.profile.kind),
        value(whole, &unit),
        widest.unwrap_or_default()
    );
    picture(view.frames.iter().map(drawn).collect(), view.depth, sentence).into_any()
}

fn left_out(view: &ProfileView) -> Option<impl IntoView + use<>> {
    let words = "too narrow to be drawn; zoom in to see them, or look into the table.";
    (view.left_out > 0).then(|| {
        view! { <p class="small muted">{format::plural(view.left_out, "frame")}" "{words}</p> }
    })
}

fn comments(view: &ProfileView) -> Option<impl IntoView + use<>> {
    // Those of tasks are told in words of their own.
    if view.comments.is_empty() || view.tasks.is_some() {
        return None;
    }
    let lines: Vec<_> = view.comments.iter().map(|line| view! { <li>{line.clone()}</li> }).collect();
    Some(
        view! { <section class="card"><header><h2>"Told by who took it"</h2></header><ul class="list">{lines}</ul></section> },
    )
}

fn others(view: &ProfileView) -> Option<impl IntoView + use<>> {
    if view.others.is_empty() {
        return None;
    }
    let own = &view.profile;
    let mut lines: Vec<_> = view
        .others
        .iter()
        .map(|other| {
            let newer = if other.version == own.version { "" } else { ", another version" };
            view! {
                <li><div class="row">
                    <a href=link::profile(&other.id)>{time::moment(other.taken_at)}</a>
                    <span class="muted">{format!("{}{newer}, {}", other.version, amount(other))}</span>
                    <a class="button small" href=link::profile_diff(&own.id, &other.id)>"Compare"</a>
                </div></li>
            }
        })
        .collect();
    let earlier = lines.split_off(lines.len().min(OTHERS));
    let earlier = (!earlier.is_empty()).then(|| {
        let words = format::plural(earlier.len(), "earlier one");
        view! {
            <details>
                <summary class="row tight small"><span class="chevron">{icon("chevron")}</span>{words}</summary>
                <ul class="list">{earlier}</ul>
            </details>
        }
    });
    Some(view! {
        <section class="card"><header><h2>"Compare with"</h2></header><ul class="list">{lines}</ul>{earlier}</section>
    })
}
