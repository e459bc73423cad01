//! The steps of a run.

use leptos::prelude::*;
use seaworthy_records::{Run, State};

use super::{acts::Refused, lasted};
use crate::{
    auth::Caller,
    records::Kept,
    view::runbooks::run::{RunView, StepView},
    web::{field::form_token, format, icon::icon, time},
};

pub(super) fn card(
    caller: &Caller,
    view: &RunView,
    refused: &Refused,
    may_act: bool,
) -> impl IntoView + use<> {
    let line = &view.line;
    let running = line.finished_at.is_none().then(
        || view! { <div class="end">{format!("{} running", format::span(lasted(view, view.as_of)))}</div> },
    );
    let told = format!("{} of {}", line.settled, format::plural(line.of, "step"));
    let steps: Vec<_> =
        (0..view.steps.len()).map(|index| step(caller, view, index, refused, may_act)).collect();
    let elsewhere = refused.refusal.elsewhere(&["to", "note", "outcome"]);
    view! {
        <section class="card">
            <header><h2>{told.clone()}</h2>{running}</header>
            <div class="body">
                {elsewhere}
                <progress value=line.settled.to_string() max=line.of.to_string() aria-label="Steps done">{told}</progress>
            </div>
            <ol class="steps">{steps}</ol>
        </section>
    }
}

fn step(
    caller: &Caller,
    view: &RunView,
    index: usize,
    refused: &Refused,
    may_act: bool,
) -> impl IntoView + use<> {
    let Some(step) = view.steps.get(index) else { return ().into_any() };
    let number = index + 1;
    let is_now = view.current == Some(index) && view.line.finished_at.is_none();
    let class = match step.state {
        State::Open if is_now => "now",
        State::Open => "later",
        State::Done | State::Skipped => "",
    };
    let about = (!step.html.is_empty())
        .then(|| view! { <div class="prose wrap-anywhere" inner_html=step.html.clone()></div> });
    let said = (!step.note.is_empty()).then(|| view! { <p class="said wrap">{step.note.clone()}</p> });
    let form = may_act.then(|| act_form(caller, view.line.id, number, step, is_now, refused));
    view! {
        <li class=class id=format!("step-{number}")>
            {mark(caller, view.line.id, number, step, may_act)}
            <div>
                <h3><span class="wrap-anywhere">{step.text.clone()}</span>{stamp(step, is_now)}</h3>
                {about}{said}{form}
            </div>
        </li>
    }
    .into_any()
}

/// How a step stands; of an open one the box that ticks it.
fn mark(caller: &Caller, run: i64, number: usize, step: &StepView, may_act: bool) -> impl IntoView + use<> {
    match step.state {
        State::Done => view! { <span class="status is-pass" title="done">{icon("pass")}<span class="hidden-text">"done"</span></span> }.into_any(),
        State::Skipped => view! { <span class="status is-na" title="skipped">{icon("na")}<span class="hidden-text">"skipped"</span></span> }.into_any(),
        State::Open if may_act => view! {
            <form action=path(run, number) method="post">
                {form_token(caller.form_token())}
                <input type="hidden" name="act" value="done"/>
                <button class="tick" type="submit" title="Done" aria-label=format!("Tick step {number}: {}", step.text)></button>
            </form>
        }
        .into_any(),
        State::Open => view! { <span class="tick" title="open"><span class="hidden-text">"open"</span></span> }.into_any(),
    }
}

/// `ines, 20 Nov, 14:12 CET, 3 min`.
fn stamp(step: &StepView, is_now: bool) -> impl IntoView + use<> {
    let settled = step.by.clone().zip(step.at).map(|(by, at)| {
        let verb = if step.state == State::Skipped { "skipped by " } else { "" };
        let took = step.took_seconds.map(|seconds| format!(", {}", format::span(seconds)));
        view! { {verb}{by}", "{time::minute(at)}{took} }
    });
    view! { <span class="stamp">{settled}{is_now.then_some("now")}</span> }
}

fn act_form(
    caller: &Caller,
    run: i64,
    number: usize,
    step: &StepView,
    is_now: bool,
    refused: &Refused,
) -> impl IntoView + use<> {
    let mine = refused.step == Some(number - 1);
    let error = mine.then(|| refused.refusal.at("note")).flatten();
    let id = format!("note-{number}");
    let (label, buttons) = if step.state == State::Open {
        let primary = if is_now { "button primary" } else { "button" };
        let buttons = view! {
            <button class=primary type="submit" name="act" value="done">{icon("check")}"Done"</button>
            <button class="button" type="submit" name="act" value="skip">"Skip, say why"</button>
        };
        ("What did you see?", buttons.into_any())
    } else {
        let buttons = view! {
            <button class="button" type="submit" name="act" value="done">"Add the note"</button>
            <button class="button quiet" type="submit" name="act" value="undo">"Not done after all"</button>
        };
        ("What else is there to say?", buttons.into_any())
    };
    let note = if mine { refused.note.clone() } else { String::new() };
    // Leptos does not escape what stands in a textarea.
    let note = note.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let told = error
        .clone()
        .map(|error| view! { <p class="error" id=format!("{id}-error")>{icon("fail")}{error}</p> });
    let form = view! {
        <form class="form" action=path(run, number) method="post">
            {form_token(caller.form_token())}
            <div class="field">
                <label for=id.clone()>{label}</label>
                <textarea class="textarea" id=id.clone() name="note" placeholder="Kept with the step, with your name and the time"
                    aria-invalid=error.is_some().then_some("true") aria-describedby=error.is_some().then(|| format!("{id}-error"))>{note}</textarea>
                {told}
            </div>
            <div class="actions">{buttons}</div>
        </form>
    };
    if is_now {
        return form.into_any();
    }
    let summary =
        if step.state == State::Open { "Note, done or skip" } else { "Add a note, or take it back" };
    view! { <details class="act" open=mine><summary class="small">{summary}</summary>{form}</details> }
        .into_any()
}

fn path(run: i64, number: usize) -> String {
    format!("{}/steps/{number}", Run::page(run))
}
