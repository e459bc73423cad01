//! What stands beside the steps: the alert, the end, people, earlier runs.

use leptos::prelude::*;
use seaworthy_records::{HandOver, Run};

use super::acts::Refused;
use crate::{
    auth::Caller,
    records::Kept,
    view::{alerts::one::AlertView, runbooks::run::RunView},
    web::{
        alerts::words,
        field::{Area, Field, form_token},
        icon::icon,
        link,
        runbooks::one::run_line,
        time,
    },
};

const OUTCOME: Area =
    Area { name: "outcome", label: "How did it end?", hint: "in a sentence; what is open stays open" };
const TO: Field = Field::text("to", "Who goes on", "off").like("tomas").list("people");
const NOTE: Field = Field::optional("note", "What they should know");

/// The alert that it is for.
pub(super) fn alert(alert: &AlertView) -> impl IntoView + use<> {
    let line = &alert.line;
    let slo = line
        .slo
        .clone()
        .map(|slo| view! { <dt>"SLO"</dt><dd><a href=link::slo(&slo)>{slo.clone()}</a></dd> });
    let deploy = alert.clues.deploy.as_ref().map(|deploy| {
        view! { <dt>"Deploy before"</dt><dd>{deploy.version.clone()}", "{time::minute(deploy.at)}</dd> }
    });
    view! {
        <section class="card">
            <header><h2>"The alert"</h2></header>
            <div class="body stack">
                <div class="row">{words::state(line.state)}<span class="small muted">"since "{time::minute(line.started_at)}</span></div>
                <p class="wrap-anywhere"><a href=link::alert(line.id)>{line.title.clone()}</a></p>
                <p class="muted wrap-anywhere">{line.summary.clone()}</p>
                <dl class="facts">{slo}{deploy}</dl>
            </div>
        </section>
    }
}

/// Says that it is over.
pub(super) fn finish(caller: &Caller, view: &RunView, refused: &Refused) -> impl IntoView + use<> {
    let open = view.line.of - view.line.settled;
    let class = if open == 0 { "button primary" } else { "button" };
    view! {
        <section class="card" id="finish">
            <header><h2>"Finish the run"</h2></header>
            <div class="body">
                <form class="form" action=format!("{}/finish", Run::page(view.line.id)) method="post">
                    {form_token(caller.form_token())}
                    {OUTCOME.view(&refused.outcome, refused.refusal.at("outcome"))}
                    <div class="actions"><button class=class type="submit">{icon("check")}"Finish"</button></div>
                </form>
            </div>
        </section>
    }
}

/// Who takes part, and who goes on.
pub(super) fn people(
    caller: &Caller,
    view: &RunView,
    refused: &Refused,
    may_act: bool,
) -> impl IntoView + use<> {
    let people: Vec<_> = view
        .people
        .iter()
        .map(|login| {
            let leads = (*login == view.leader).then(|| view! { <span class="sub">"runs it"</span> });
            view! { <li>{icon("user")}<div class="grow wrap-anywhere">{login.clone()}{leads}</div></li> }
        })
        .collect();
    let handed: Vec<_> = view.hand_overs.iter().map(handed_over).collect();
    let form = may_act.then(|| {
        let is_open = !refused.to.is_empty() || refused.refusal.at("to").is_some();
        let note = if refused.step.is_none() { refused.note.as_str() } else { "" };
        view! {
            <details class="fold" open=is_open>
                <summary class="medium">"Hand over"</summary>
                <div class="body">
                    <form class="form" action=format!("{}/hand-over", Run::page(view.line.id)) method="post">
                        {form_token(caller.form_token())}
                        {TO.view(&refused.to, refused.refusal.at("to"))}
                        {NOTE.view(note, None)}
                        <div class="actions"><button class="button" type="submit">{icon("user")}"Hand over"</button></div>
                    </form>
                </div>
            </details>
        }
    });
    view! {
        <section class="card" id="people-card">
            <header><h2>"People"</h2></header>
            <ul class="list">{people}{handed}</ul>
            {form}
        </section>
    }
}

fn handed_over(hand_over: &HandOver) -> impl IntoView + use<> {
    let note = (!hand_over.note.is_empty())
        .then(|| view! { <span class="sub wrap">{hand_over.note.clone()}</span> });
    view! {
        <li>
            {icon("chevron")}
            <div class="grow wrap-anywhere">{format!("{} handed over to {}, ", hand_over.by, hand_over.to)}{time::minute(hand_over.at)}{note}</div>
        </li>
    }
}

/// Earlier runs of the same runbook.
pub(super) fn earlier(view: &RunView) -> Option<impl IntoView + use<>> {
    let runs: Vec<_> = view.earlier.iter().map(run_line).collect();
    (!runs.is_empty())
        .then(|| view! { <section class="card"><header><h2>"Earlier runs"</h2></header><ul class="list">{runs}</ul></section> })
}
