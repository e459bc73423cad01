//! Where alerts are told: the channels, how each stands, and what could not be told.

pub(crate) mod editor;
mod letters;

use std::time::{Duration, Instant};

use axum::{
    extract::{Path, State},
    response::{Html, Redirect},
};
use leptos::prelude::*;
use seaworthy_catalog::Role;
use seaworthy_slo::Severity;

use super::{
    field::form_token,
    format,
    icon::icon,
    layout::page,
    link,
    nav::Section,
    status::nothing,
    table::{Column, column, row_head, table},
    time,
};
use crate::{
    alerts::{
        acknowledge::{KEY, SignedLink, TEST},
        deliver::{send, test_letter},
    },
    auth::{Admin, Caller, Editor},
    problem::Problem,
    state::App,
    view::channels::{self, ChannelState, ChannelView, ChannelsView, TestView},
};

/// Where the page is.
pub(super) const PATH: &str = "/settings/channels";

const COLUMNS: [Column; 6] = [
    column("Channel", "name-cell"),
    column("Leads to", "two wrap-anywhere"),
    column("Is told of", "two"),
    column("State", "full"),
    column("Last delivered", "two"),
    column("", "full"),
];

/// What became of a test alert.
struct Tested {
    channel: String,
    took: Duration,
    /// Or why it did not arrive.
    outcome: Result<(), String>,
}

/// Shows the channels.
pub(crate) async fn show(Editor(caller): Editor, State(app): State<App>) -> Result<Html<String>, Problem> {
    Ok(render(&caller, &channels::load(&app).await?, None))
}

/// Sends a test alert, past the outbox, and tells what became of it.
pub(crate) async fn test(
    Admin(caller): Admin,
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<Html<String>, Problem> {
    let (channel, settings) = channels::settings(&app, &name).await?;
    let (catalog, now) = (app.catalog(), app.clock().now());
    let sent_at = catalog.begin_channel_test(channel.id, &caller.actor(), now).await?;
    let link = SignedLink::new(TEST, channel.id, sent_at).path(&catalog.key(KEY, now).await?);
    let letter = test_letter(&app, &name, &settings, &caller.person().name, &link);
    let began = Instant::now();
    let outcome = send(app.outgoing(), &settings.target, &letter).await.map_err(|failure| failure.words);
    let told = outcome.as_ref().map(|_| ()).map_err(|words| words.as_str());
    catalog.end_channel_test(channel.id, sent_at, told, app.clock().now()).await?;
    let tested = Tested { channel: name, took: began.elapsed(), outcome };
    Ok(render(&caller, &channels::load(&app).await?, Some(&tested)))
}

/// Deletes a channel with what was still to be told there.
pub(crate) async fn delete(
    Admin(caller): Admin,
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<Redirect, Problem> {
    app.catalog().delete_channel(&name, &caller.actor(), app.clock().now()).await?;
    Ok(Redirect::to(PATH))
}

/// Has a dead letter tried again.
pub(crate) async fn retry(
    Editor(caller): Editor,
    State(app): State<App>,
    Path(letter): Path<i64>,
) -> Result<Redirect, Problem> {
    app.catalog().retry_dead(letter, &caller.actor(), app.clock().now()).await?;
    Ok(Redirect::to(PATH))
}

fn render(caller: &Caller, view: &ChannelsView, tested: Option<&Tested>) -> Html<String> {
    page(caller, Section::Channels, "Channels", || {
        let may_edit = caller.role() >= Role::Admin;
        let content = match view.channels.is_empty() {
            true => none(may_edit).into_any(),
            false => some(caller, view, may_edit).into_any(),
        };
        view! {
            <div class="page-head">
                <h1>"Channels"</h1>
                <div class="actions">{may_edit.then(new_button)}</div>
                <p class="sub">"where people are told that an alert fires, and that it is over"</p>
            </div>
            <div class="stack">
                {tested.map(outcome)}
                {(!view.portal_url_is_public && !view.channels.is_empty()).then(|| links_lead_to(&view.portal_url))}
                {content}
                {(!view.dead_letters.is_empty()).then(|| letters::card(caller, view))}
            </div>
        }
    })
}

fn new_button() -> impl IntoView {
    view! { <a class="button primary" href="/settings/channels/new">{icon("plus")}"New channel"</a> }
}

fn none(may_edit: bool) -> impl IntoView {
    let next = match may_edit {
        true => "Make one now, send a test alert to it, and it is told of every alert from then on.",
        false => "Ask an admin of this portal to make one.",
    };
    view! {
        <section class="card"><div class="empty">
            <h2>"Nobody is told of alerts"</h2>
            <p>
                "A channel is a webhook that takes what Alertmanager sends, an incoming webhook of Slack or Mattermost, or \
                 a few addresses of mail. "{next}
            </p>
            {may_edit.then(new_button)}
        </div></section>
    }
}

fn outcome(tested: &Tested) -> impl IntoView + use<> {
    let took = format::seconds(tested.took.as_secs_f64());
    let (class, name, text) = match &tested.outcome {
        Ok(()) => (
            "notice pass",
            "pass",
            format!(
                "The test alert arrived in {} after {took}. Who gets it acknowledges it by its link.",
                tested.channel
            ),
        ),
        Err(words) => (
            "notice fail",
            "fail",
            format!("The test alert did not arrive in {}, after {took}: {words}.", tested.channel),
        ),
    };
    view! { <p class=class role="status" id="tested">{icon(name)}<span>{text}</span></p> }
}

fn links_lead_to(url: &str) -> impl IntoView + use<> {
    let text = format!(
        "Links in messages lead to {url}, where the portal listens. If people reach it elsewhere, start it with --public-url."
    );
    view! { <p class="notice info">{icon("info")}<span>{text}</span></p> }
}

fn some(caller: &Caller, view: &ChannelsView, may_edit: bool) -> impl IntoView + use<> {
    let rows: Vec<_> =
        view.channels.iter().map(|channel| row(caller, channel, view.has_mail, may_edit)).collect();
    view! { <section class="card">{table("Channels", &COLUMNS, rows)}</section> }
}

fn row(caller: &Caller, channel: &ChannelView, has_mail: bool, may_edit: bool) -> impl IntoView + use<> {
    let [_, leads_to, told, state, delivered, actions] = COLUMNS;
    let kind = match &*channel.kind {
        "webhook" => "Webhook",
        "slack" => "Slack",
        _ => "Mail",
    };
    view! {
        <tr role="row" id=format!("channel-{}", channel.name)>
            {row_head(view! { {channel.name.clone()}<span class="sub">{kind}</span> })}
            {leads_to.cell(channel.leads_to.clone())}
            {told.cell(told_of(channel))}
            {state.cell(standing(channel, has_mail))}
            {delivered.cell(channel.last_delivered_at.map_or_else(|| nothing().into_any(), |at| time::moment(at).into_any()))}
            {actions.cell(view! { {channel.tested.clone().map(tested)}{may_edit.then(|| buttons(caller, channel))} })}
        </tr>
    }
}

/// `pages of reception and barista`
fn told_of(channel: &ChannelView) -> String {
    let alerts = match channel.least_severity {
        Some(Severity::Page) => "pages",
        Some(Severity::Ticket) => "pages and tickets",
        None => "nothing",
    };
    match channel.services.is_empty() {
        true => format!("{alerts}, all services"),
        false => format!("{alerts} of {}", channel.services.join(", ")),
    }
}

fn standing(channel: &ChannelView, has_mail: bool) -> impl IntoView + use<> {
    let (class, name, word) = match channel.state {
        _ if channel.kind == "email" && !has_mail => ("status is-fail", "fail", "No server for mail"),
        ChannelState::Failing => ("status is-fail", "fail", "Fails"),
        ChannelState::Sending => ("status is-info", "clock", "Sending"),
        ChannelState::Working => ("status is-pass", "pass", "Works"),
        ChannelState::Idle => ("status is-unknown", "unknown", "Nothing told lately"),
    };
    let waiting = channel.waiting_since.map(|since| {
        let count = format::plural(usize::try_from(channel.waiting).unwrap_or(usize::MAX), "message");
        view! { <p class="sub">{format!("{count} waiting, the oldest since ")}{time::moment(since)}</p> }
    });
    let no_mail = (channel.kind == "email" && !has_mail).then(
        || view! { <p class="sub">"Whoever runs the portal starts it with "<code class="nowrap">"--smtp-url"</code>" and "<code class="nowrap">"--mail-from"</code>"."</p> },
    );
    view! {
        <span class=class>{icon(name)}{word}</span>
        {channel.error.clone().map(|error| view! { <p class="sub wrap-anywhere">{error}</p> })}
        {no_mail}
        {waiting}
    }
}

/// What became of the latest test alert.
fn tested(test: TestView) -> impl IntoView {
    let told = match (test.acknowledged, test.delivered_at) {
        (Some((by, at)), _) => view! { "test acknowledged by "{by}", "{time::minute(at)} }.into_any(),
        (None, Some(at)) => {
            view! { "test sent "{time::minute(at)}", nobody has acknowledged it yet" }.into_any()
        }
        (None, None) => view! { "test of "{time::minute(test.sent_at)}" did not arrive" }.into_any(),
    };
    view! { <p class="sub">{told}</p> }
}

fn buttons(caller: &Caller, channel: &ChannelView) -> impl IntoView + use<> {
    let path = link::channel(&channel.name);
    view! {
        <div class="actions">
            <form action=format!("{path}/test") method="post">
                {form_token(caller.form_token())}
                <button class="button small" type="submit">"Send a test alert"</button>
            </form>
            <a class="button small" href=format!("{path}/edit")>"Edit"</a>
        </div>
    }
}
