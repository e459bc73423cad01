//! My work: what the person who looks has to see to.

use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use jiff::civil::Date;
use leptos::prelude::*;

use super::parts::{level, verdict};
use crate::{
    auth::{Caller, Viewer},
    problem::Problem,
    state::App,
    view::readiness::work::{self, OwnedService, WorkItem, WorkView, WorkWaiver},
    web::{field::form_token, format, icon::icon, layout::page, link, nav::Section, time},
};

/// Items of a service that are shown; its own page has them all.
const SHOWN: usize = 8;

/// Shows what the caller has to see to.
pub(crate) async fn show(Viewer(caller): Viewer, State(app): State<App>) -> Result<Response, Problem> {
    let view = work::of(&app, &caller).await?;
    Ok(render(&caller.with_work(view.count()), &view).into_response())
}

fn render(caller: &Caller, view: &WorkView) -> Html<String> {
    page(caller, Section::Work, "My work", || {
        let today = view.as_of.to_zoned(time::zone()).date();
        let content = if view.is_empty() {
            nothing(view).into_any()
        } else {
            view! {
                <div class="stack">
                    {items("Assigned to me", "earliest due first", &view.assigned, today)}
                    {waivers(caller, "Waivers that wait for my approval", &view.to_approve, true)}
                    {items("What I answered and is stale", "look again, and answer again", &view.stale, today)}
                    {waivers(caller, "My waivers that end within 14 days", &view.ending, false)}
                    {owned(view)}
                </div>
            }
            .into_any()
        };
        let count = match view.count() {
            0 => "Nothing to see to in person".to_owned(),
            count => format!("{} to see to", format::plural(count, "thing")),
        };
        view! {
            <div class="page-head">
                <h1>"My work"</h1>
                <p class="sub">{count}<span class="dot">"·"</span>"as of "{time::clock(view.as_of)}</p>
            </div>
            {content}
        }
    })
}

fn nothing(view: &WorkView) -> impl IntoView + use<> {
    let owner = match view.services {
        0 => "You own no service: the settings of a service say who does.".to_owned(),
        services => format!(
            "Nothing blocks the next level of the {} that you own.",
            format::plural(services, "service")
        ),
    };
    view! {
        <section class="card"><div class="empty">
            <h2>"Nothing waits for you"</h2>
            <p>
                "Items that somebody assigns to you, answers of yours that become stale, and waivers that need you appear here. "
                {owner}
            </p>
            <div class="row"><a class="button" href="/readiness">"See how all services stand"</a></div>
        </div></section>
    }
}

fn items(
    title: &'static str,
    hint: &'static str,
    items: &[WorkItem],
    today: Date,
) -> Option<impl IntoView + use<>> {
    let rows: Vec<_> = items.iter().map(|item| row(item, today, true)).collect();
    (!items.is_empty()).then(|| {
        view! {
            <section class="card">
                <header><h2>{format!("{title}: {}", items.len())}</h2><div class="end">{hint}</div></header>
                <ul class="list">{rows}</ul>
            </section>
        }
    })
}

fn row(work: &WorkItem, today: Date, with_service: bool) -> impl IntoView + use<> {
    let (key, judged) = (&work.key, &work.item.judged);
    let page = link::readiness_item(&key.service, &key.template, &key.item);
    let service = with_service.then(|| view! { <span class="medium">{key.service.clone()}</span>" · " });
    let action = work
        .item
        .action
        .clone()
        .map(|action| view! { <a class="button small" href=action.href>{action.label}</a> });
    view! {
        <li>
            {verdict(judged.verdict, None)}
            <div class="grow">
                {service}<a href=page>{work.item.question.clone()}</a>
                <span class="sub">{judged.words.clone()}</span>
            </div>
            {work.due.map(|due| due_on(due, today))}
            {level(Some(judged.level))}
            {action}
        </li>
    }
}

fn due_on(due: Date, today: Date) -> AnyView {
    let day = due.strftime("%-d %b %Y").to_string();
    match due.cmp(&today) {
        std::cmp::Ordering::Less => {
            view! { <span class="status is-fail">{icon("clock")}{format!("Overdue since {day}")}</span> }
                .into_any()
        }
        std::cmp::Ordering::Equal => {
            view! { <span class="status is-stale">{icon("clock")}"Due today"</span> }.into_any()
        }
        std::cmp::Ordering::Greater => {
            view! { <span class="small muted">{format!("due {day}")}</span> }.into_any()
        }
    }
}

fn waivers(
    caller: &Caller,
    title: &'static str,
    waivers: &[WorkWaiver],
    approve: bool,
) -> Option<impl IntoView + use<>> {
    let rows: Vec<_> = waivers.iter().map(|of| waiver(caller, of, approve)).collect();
    (!waivers.is_empty()).then(|| {
        view! {
            <section class="card">
                <header><h2>{format!("{title}: {}", waivers.len())}</h2></header>
                <ul class="list">{rows}</ul>
            </section>
        }
    })
}

fn waiver(caller: &Caller, of: &WorkWaiver, approve: bool) -> impl IntoView + use<> {
    let waiver = &of.waiver;
    let page = link::readiness_item(&waiver.service, &waiver.template, &waiver.item);
    let question = if of.question.is_empty() { waiver.item.clone() } else { of.question.clone() };
    let asked = approve.then(|| format!("{} asks, ", waiver.asked_by));
    let button = |verb: &str, class: &'static str, word: &'static str| {
        view! {
            <form method="post" action=format!("/waivers/{}/{verb}", waiver.id)>
                {form_token(caller.form_token())}<button class=class type="submit">{word}</button>
            </form>
        }
    };
    let buttons = approve.then(|| {
        view! { {button("approve", "button small primary", "Approve")}{button("end", "button small", "Refuse")} }
    });
    view! {
        <li>
            <div class="grow">
                <span class="medium">{waiver.service.clone()}</span>" · "<a href=page>{question}</a>
                <span class="sub wrap">{waiver.reason.clone()}</span>
                <span class="sub">{asked}"until "{time::minute(waiver.expires_at)}</span>
            </div>
            {buttons}
        </li>
    }
}

fn owned(view: &WorkView) -> Vec<impl IntoView + use<>> {
    let today = view.as_of.to_zoned(time::zone()).date();
    view.owned.iter().map(|owned| service(owned, today)).collect()
}

fn service(owned: &OwnedService, today: Date) -> impl IntoView + use<> {
    let page = link::with_query(&link::readiness(&owned.service), &[("template", &owned.template)]);
    let next = owned.next_level.map_or("gold", |next| next.as_str());
    let rows: Vec<_> = owned.blocking.iter().take(SHOWN).map(|item| row(item, today, false)).collect();
    let more = owned.blocking.len().checked_sub(SHOWN).filter(|more| *more > 0).map(|more| {
        view! { <footer><a href=format!("{page}#items")>{format!("{} more", format::count(more as u64))}</a></footer> }
    });
    let title = format!("{}: {} to {next}", owned.service, format::plural(owned.blocking.len(), "item"));
    view! {
        <section class="card">
            <header><h2><a href=page.clone()>{title}</a></h2>{level(owned.level)}<div class="end">"a service that you own"</div></header>
            <ul class="list">{rows}</ul>
            {more}
        </section>
    }
}
