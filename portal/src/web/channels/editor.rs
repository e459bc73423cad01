//! The form that makes and changes a channel. Its secrets are never shown again: what is left empty stays as it is.

mod typed;

use axum::{
    Form,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use leptos::prelude::*;
use seaworthy_catalog::{CatalogError, ChannelKind};
use seaworthy_slo::Mistake;
use serde::Deserialize;

use super::{
    super::{
        field::{Area, Field, form_token, select, whole},
        icon::icon,
        layout::page,
        link,
        nav::Section,
    },
    PATH,
};
use crate::{
    alerts::{ChannelSettings, Target},
    auth::{Admin, Caller},
    problem::Problem,
    state::App,
    view::channels::{leads_to, settings},
};
use typed::Typed;

/// Which kind of channel is to be made.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    kind: Option<String>,
}

/// A choice of kinds, and then an empty form.
pub(crate) async fn new(Admin(caller): Admin, Query(asked): Query<Asked>) -> Html<String> {
    match asked.kind.as_deref().and_then(typed::kind) {
        Some(kind) => form_page(&caller, None, &Typed::empty(kind), &[]),
        None => choice(&caller),
    }
}

/// Makes a channel.
pub(crate) async fn create(
    Admin(caller): Admin,
    State(app): State<App>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let definition = match typed.settings(None).and_then(|settings| settings.definition()) {
        Ok(definition) => definition,
        Err(mistakes) => return Ok(wrong(&caller, None, &typed, &mistakes)),
    };
    let made =
        app.catalog().create_channel(&typed.name, &definition, &caller.actor(), app.clock().now()).await;
    match made {
        Ok(_) => Ok(Redirect::to(PATH).into_response()),
        Err(error) => refused(&caller, None, &typed, error),
    }
}

/// The form with a channel as it is, but for its secrets.
pub(crate) async fn edit(
    Admin(caller): Admin,
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<Html<String>, Problem> {
    let (channel, before) = settings(&app, &name).await?;
    Ok(form_page(&caller, Some(&before), &Typed::of(&channel, &before), &[]))
}

/// Changes a channel.
pub(crate) async fn change(
    Admin(caller): Admin,
    State(app): State<App>,
    Path(name): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let (_, before) = settings(&app, &name).await?;
    let typed = typed.changing(&name, &before);
    let definition = match typed.settings(Some(&before)).and_then(|settings| settings.definition()) {
        Ok(definition) => definition,
        Err(mistakes) => return Ok(wrong(&caller, Some(&before), &typed, &mistakes)),
    };
    let now = app.clock().now();
    match app.catalog().update_channel(&name, typed.version(), &definition, &caller.actor(), now).await {
        Ok(_) => Ok(Redirect::to(PATH).into_response()),
        Err(error) => refused(&caller, Some(&before), &typed, error),
    }
}

fn wrong(caller: &Caller, before: Option<&ChannelSettings>, typed: &Typed, mistakes: &[Mistake]) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, form_page(caller, before, typed, mistakes)).into_response()
}

/// What the catalog refused, with what was typed: nobody's text is lost.
fn refused(
    caller: &Caller,
    before: Option<&ChannelSettings>,
    typed: &Typed,
    error: CatalogError,
) -> Result<Response, Problem> {
    let (status, field) = match &error {
        CatalogError::Refused { field, .. } => (StatusCode::UNPROCESSABLE_ENTITY, *field),
        CatalogError::Changed { .. } => (StatusCode::CONFLICT, ""),
        CatalogError::Taken { .. } => (StatusCode::CONFLICT, "name"),
        _ => return Err(error.into()),
    };
    let mistake = Mistake { field: field.to_owned(), message: format!("{error}.") };
    Ok((status, form_page(caller, before, typed, &[mistake])).into_response())
}

fn choice(caller: &Caller) -> Html<String> {
    let kinds = [
        (
            "webhook",
            "Webhook",
            "An address that takes what Alertmanager sends: an on-call service, or a program of yours.",
        ),
        (
            "slack",
            "Slack",
            "An incoming webhook of Slack, Mattermost, Rocket.Chat, or whatever else takes its messages.",
        ),
        ("email", "Mail", "A few addresses. All mails of an alert are one conversation."),
    ];
    let kinds: Vec<_> = kinds
        .into_iter()
        .map(|(kind, name, what)| {
            view! {
                <li>
                    <div class="grow">{name}<span class="sub">{what}</span></div>
                    <a class="button" href=format!("{PATH}/new?kind={kind}") aria-label=format!("Choose {name}")>"Choose"</a>
                </li>
            }
        })
        .collect();
    page(caller, Section::Channels, "New channel", || {
        view! {
            <div class="page-head"><h1>"New channel"</h1></div>
            <section class="card">
                <header><h2>"How are people told?"</h2></header>
                <ul class="list">{kinds}</ul>
            </section>
        }
    })
}

fn form_page(
    caller: &Caller,
    before: Option<&ChannelSettings>,
    typed: &Typed,
    mistakes: &[Mistake],
) -> Html<String> {
    let title = match before {
        None => "New channel".to_owned(),
        Some(_) => format!("Edit {}", typed.name),
    };
    page(caller, Section::Channels, &title.clone(), || {
        view! {
            <div class="page-head"><h1>{title}</h1></div>
            <div class="stack">
                <section class="card"><div class="body">{form(caller, before, typed, mistakes)}</div></section>
                {before.is_some().then(|| delete_card(caller, &typed.name))}
            </div>
        }
    })
}

fn form(
    caller: &Caller,
    before: Option<&ChannelSettings>,
    typed: &Typed,
    mistakes: &[Mistake],
) -> impl IntoView + use<> {
    let of = |field: &str| {
        mistakes.iter().find(|mistake| mistake.field == field).map(|mistake| mistake.message.clone())
    };
    let action =
        before.map_or_else(|| format!("{PATH}/new"), |_| format!("{}/edit", link::channel(&typed.name)));
    let severities = [("ticket", "pages and tickets"), ("page", "pages only")];
    let severities = severities.map(|(value, words)| (value.to_owned(), words.to_owned()));
    let save = if before.is_some() { "Save" } else { "Make the channel" };
    view! {
        <form class="form" action=action method="post">
            {form_token(caller.form_token())}
            <input type="hidden" name="kind" value=typed.kind.clone()/>
            <input type="hidden" name="version" value=typed.version.clone()/>
            {whole(of(""))}
            {before.is_none().then(|| Field::text("name", "Name", "off").like("on-call").hint("lower-case letters, digits and hyphens; it stays").view(&typed.name, of("name")))}
            {target_fields(before.map(|before| &before.target), typed, &of)}
            {select("least_severity", "Tell of", &typed.least_severity, severities.into(), of("least_severity"))}
            {Area { name: "services", label: "Services", hint: "one a line; none means all" }.view(&typed.services, of("services"))}
            <button class="button primary" type="submit">{save}</button>
        </form>
    }
}

/// What it takes to get there.
fn target_fields(before: Option<&Target>, typed: &Typed, of: &impl Fn(&str) -> Option<String>) -> AnyView {
    let kept = before.map(|before| {
        let text = format!(
            "Leads to {} now. Whatever is secret is not shown: leave it empty to keep it.",
            leads_to(before)
        );
        view! { <p class="notice info">{icon("info")}<span>{text}</span></p> }
    });
    match typed::kind(&typed.kind) {
        Some(ChannelKind::Email) => {
            let to = Area { name: "to", label: "To", hint: "addresses of mail, one a line" };
            to.view(&typed.to, of("to")).into_any()
        }
        Some(ChannelKind::Slack) => {
            let url = url_field(before.is_some()).like("https://hooks.slack.com/services/…");
            view! { {kept}{url.view(&typed.url, of("url"))} }.into_any()
        }
        _ => {
            let url = url_field(before.is_some()).like("https://alerts.example/hook");
            view! { {kept}{url.view(&typed.url, of("url"))}{webhook_fields(before, typed, of)} }.into_any()
        }
    }
}

fn url_field(is_kept: bool) -> Field {
    match is_kept {
        true => Field::optional("url", "New address").hint("empty: stays as it is"),
        false => Field::text("url", "Address", "off"),
    }
}

fn webhook_fields(before: Option<&Target>, typed: &Typed, of: &impl Fn(&str) -> Option<String>) -> AnyView {
    let (has_bearer, names) = match before {
        Some(Target::Webhook { bearer, headers, .. }) => {
            (bearer.is_some(), headers.keys().cloned().collect::<Vec<_>>().join(", "))
        }
        _ => (false, String::new()),
    };
    let bearer = Field::optional("bearer", "Bearer token").kind("password");
    let bearer = match has_bearer {
        true => bearer.hint("there is one; empty: stays as it is"),
        false => bearer.hint("optional; sent as Authorization: Bearer …"),
    };
    let headers = match names.is_empty() {
        true => {
            Area { name: "headers", label: "Headers", hint: "optional; one a line, such as X-Team: shop" }
        }
        false => Area {
            name: "headers",
            label: "New headers",
            hint: "one a line, instead of those there are; empty: they stay",
        },
    };
    view! {
        {bearer.view("", of("bearer"))}
        {has_bearer.then(|| view! {
            <label class="check">
                <input type="checkbox" name="forget_bearer" checked=typed.forget_bearer.is_some()/>"send no bearer token any more"
            </label>
        })}
        {headers.view(&typed.headers, of("headers"))}
        {(!names.is_empty()).then(|| view! {
            <label class="check">
                <input type="checkbox" name="forget_headers" checked=typed.forget_headers.is_some()/>
                {format!("send none of these headers any more: {names}")}
            </label>
        })}
    }
    .into_any()
}

fn delete_card(caller: &Caller, name: &str) -> impl IntoView + use<> {
    view! {
        <section class="card">
            <header><h2>"Delete"</h2></header>
            <div class="body stack">
                <p class="muted">"The channel goes with whatever is still to be told there. This cannot be undone."</p>
                <form action=format!("{}/delete", link::channel(name)) method="post">
                    {form_token(caller.form_token())}
                    <button class="button danger" type="submit">"Delete this channel"</button>
                </form>
            </div>
        </section>
    }
}
