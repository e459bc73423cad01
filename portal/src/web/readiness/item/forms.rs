//! The forms of an answer and of who sees to an item.

use leptos::prelude::*;

use super::{Refused, own_page};
use crate::{
    auth::Caller,
    view::readiness::item::{AnswerView, ItemDetail},
    web::{
        field::{Area, Field, form_token, select, suggestions, whole},
        icon::icon,
        time,
    },
};

const NOTE: Area = Area { name: "note", label: "Note", hint: "what you know, and from where" };
const LINK: Field = Field::optional("link", "Link").kind("url").like("https://wiki.example/on-call");
const OWNER: Field = Field::optional("owner", "Who").list("people").hint("the name they sign in with");
const DUE: Field = Field::optional("due", "Until").kind("date");

/// What is answered, and the form to answer.
pub(super) fn answer(
    caller: &Caller,
    detail: &ItemDetail,
    refused: &Refused,
    may_edit: bool,
) -> impl IntoView + use<> {
    let said = detail.answer().map(said);
    let asked = detail.item.rule.is_none();
    let open = asked && detail.answer().is_none() || refused.answer.is_some();
    let none = (said.is_none() && !may_edit).then(|| view! { <p class="muted">"Nobody has answered."</p> });
    let form = may_edit.then(|| form(caller, detail, refused, open));
    let earlier: Vec<_> = detail.answers.iter().skip(1).map(earlier).collect();
    let earlier = (!earlier.is_empty()).then(|| view! {
        <details class="unfold"><summary class="small muted"><span class="chevron">{icon("chevron")}</span>"Earlier answers"</summary><ul class="list">{earlier}</ul></details>
    });
    let title = if asked { "Answer" } else { "Answer by hand" };
    let counts = (!asked && may_edit).then(|| {
        view! { <p class="small muted">"An answer counts where the evidence sees nothing; what it sees cannot be answered away, unless the item allows it."</p> }
    });
    view! {
        <section class="card" id="answer">
            <header><h2>{title}</h2></header>
            <div class="body stack">{said}{none}{counts}{form}{earlier}</div>
        </section>
    }
}

fn said(answer: &AnswerView) -> impl IntoView + use<> {
    let link = answer.link.clone().map(|href| {
        let words = href.clone();
        view! { <p class="wrap-anywhere"><a href=href rel="noopener noreferrer">{words}</a></p> }
    });
    view! {
        <div>
            <p class="medium">{answer.kind.map(word)}</p>
            <p class="wrap">{answer.note.clone()}</p>
            {link}
            <p class="small muted">{answer.by.clone()}{from_file(answer)}", "{time::minute(answer.at)}{answer.build.clone().map(|build| format!(", on build {build}"))}</p>
        </div>
    }
}

fn earlier(answer: &AnswerView) -> impl IntoView + use<> {
    let what = answer.kind.map_or("withdrawn", word);
    view! { <li><div class="grow"><span class="medium">{what}</span><span class="sub">{answer.note.clone()}</span></div><span class="small faint">{answer.by.clone()}{from_file(answer)}", "{time::minute(answer.at)}</span></li> }
}

fn from_file(answer: &AnswerView) -> Option<String> {
    answer.file.as_ref().map(|file| format!(", from file {file}"))
}

fn word(kind: &'static str) -> &'static str {
    match kind {
        "satisfied" => "Yes, it is satisfied",
        "not satisfied" => "No, it is not satisfied",
        _ => "It does not apply",
    }
}

fn form(caller: &Caller, detail: &ItemDetail, refused: &Refused, open: bool) -> impl IntoView + use<> {
    let typed = refused.answer.clone();
    let (kind, note, link) = match (&typed, detail.answer()) {
        (Some(typed), _) => (typed.kind.clone(), typed.note.clone(), typed.link.clone()),
        (None, Some(answer)) => (
            answer.kind.unwrap_or_default().to_owned(),
            answer.note.clone(),
            answer.link.clone().unwrap_or_default(),
        ),
        (None, None) => ("satisfied".to_owned(), String::new(), String::new()),
    };
    let kinds = ["satisfied", "not satisfied", "not applicable"];
    let options = kinds.into_iter().map(|kind| (kind.to_owned(), word(kind).to_owned())).collect();
    let version = detail.answer_version().to_string();
    let page = own_page(detail);
    let withdraw = detail.answer().map(|_| {
        view! {
            <form method="post" action=format!("{page}/withdraw")>
                {form_token(caller.form_token())}<input type="hidden" name="version" value=version.clone()/>
                <button class="button quiet small" type="submit">"Take the answer back"</button>
            </form>
        }
    });
    let hint = detail.item.needs_link.then(|| view! { <p class="hint">"This item asks for a link."</p> });
    let summary = if detail.answer().is_some() { "Answer again" } else { "Answer" };
    view! {
        <details open=open class="unfold">
            <summary class="medium"><span class="chevron">{icon("chevron")}</span>{summary}</summary>
            <form class="form" method="post" action=format!("{page}/answer")>
                {form_token(caller.form_token())}
                <input type="hidden" name="version" value=version.clone()/>
                {whole(refused.at("answer"))}
                {select("kind", "Is it satisfied?", &kind, options, refused.at("kind"))}
                {NOTE.view(&note, refused.at("note"))}
                {LINK.view(&link, refused.at("link"))}{hint}
                <div class="actions"><button class="button primary" type="submit">"Save the answer"</button></div>
            </form>
            {withdraw}
        </details>
    }
}

/// Who sees to it.
pub(super) fn assignment(
    caller: &Caller,
    detail: &ItemDetail,
    refused: &Refused,
    people: &[String],
    may_edit: bool,
) -> impl IntoView + use<> {
    let now = &detail.assignment;
    let due_now = now.due.map(|due| due.to_string());
    let told = match (&now.owner, &due_now) {
        (None, None) => "Nobody yet.".to_owned(),
        (owner, due) => {
            let due = due.as_ref().map(|due| format!(", until {due}")).unwrap_or_default();
            format!("{}{due}", owner.as_deref().unwrap_or("Nobody"))
        }
    };
    let (owner, due) = match &refused.assigned {
        Some(typed) => (typed.owner.clone(), typed.due.clone()),
        None => (now.owner.clone().unwrap_or_default(), due_now.unwrap_or_default()),
    };
    let form = may_edit.then(|| {
        view! {
            <details class="unfold" open=refused.assigned.is_some()>
                <summary class="medium"><span class="chevron">{icon("chevron")}</span>"Change"</summary>
                <form class="form" method="post" action=format!("{}/assign", own_page(detail))>
                    {form_token(caller.form_token())}
                    <input type="hidden" name="version" value=now.version.to_string()/>
                    {suggestions("people", people)}
                    {OWNER.view(&owner, refused.at("owner"))}
                    {DUE.view(&due, refused.at("due"))}
                    <div class="actions"><button class="button" type="submit">"Save"</button></div>
                </form>
            </details>
        }
    });
    view! {
        <section class="card" id="assignment">
            <header><h2>"Who sees to it"</h2></header>
            <div class="body stack"><p>{told}</p>{form}</div>
        </section>
    }
}
