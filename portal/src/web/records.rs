//! What pages of records have in common.

use axum::http::StatusCode;
use leptos::prelude::*;
use seaworthy_records::{Change, Diff, Mistake};

use super::{
    field::{Field, form_token, suggestions, whole},
    icon::icon,
    link,
};
use crate::{auth::Caller, problem::Problem, records::NotTaken, view::records::ListFilter};

/// What was wrong with a form, to be shown again with it. The default finds nothing wrong.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refusal {
    mistakes: Vec<Mistake>,
    changed: Option<String>,
}

impl Refusal {
    /// Why a form was not taken; a problem where no form can tell.
    pub(crate) fn of(error: NotTaken) -> Result<Self, Problem> {
        match error {
            NotTaken::Wrong(mistakes) => Ok(Self { mistakes, changed: None }),
            NotTaken::Changed(told) => Ok(Self { mistakes: Vec::new(), changed: Some(told) }),
            NotTaken::Problem(problem) => Err(problem),
        }
    }

    /// What is wrong with a field.
    pub(crate) fn at(&self, field: &str) -> Option<String> {
        let mistake = self.mistakes.iter().find(|mistake| mistake.field == field);
        mistake.map(|mistake| sentence(&mistake.message))
    }

    /// What is wrong with fields that the form does not show, and with the whole.
    pub(crate) fn elsewhere(&self, shown: &[&str]) -> impl IntoView + use<> {
        let changed = self.changed.as_deref().map(sentence);
        let rest = self.mistakes.iter().filter(|mistake| !shown.contains(&mistake.field.as_str()));
        let rest = rest.map(|mistake| sentence(&mistake.to_string()));
        changed.into_iter().chain(rest).map(|told| whole(Some(told))).collect_view()
    }

    /// Whether somebody else was first.
    pub(crate) fn is_conflict(&self) -> bool {
        self.changed.is_some()
    }

    /// What the page that shows the form again is answered with.
    pub(crate) fn status(&self) -> StatusCode {
        match (self.is_conflict(), self.mistakes.is_empty()) {
            (true, _) => StatusCode::CONFLICT,
            (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
            (false, true) => StatusCode::OK,
        }
    }
}

/// With a capital letter and a full stop.
pub(crate) fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

/// The field of the service that a record is of.
pub(crate) fn service_field(
    typed: &str,
    known: &[String],
    hint: &'static str,
    error: Option<String>,
) -> impl IntoView + use<> {
    view! {
        {Field::optional("service", "Service").hint(hint).like("reception").list("services").view(typed, error)}
        {suggestions("services", known)}
    }
}

/// What a record is of: a link to its service, or that it is of all.
pub(crate) fn service_link(service: Option<&str>) -> AnyView {
    match service {
        Some(name) => view! { <a href=link::service(name)>{name.to_owned()}</a> }.into_any(),
        None => "all services".into_any(),
    }
}

/// The filter of a list.
pub(crate) fn filter_form(
    path: &'static str,
    filter: &ListFilter,
    services: &[String],
) -> impl IntoView + use<> {
    let chosen = filter.service.clone();
    let mut names = services.to_vec();
    if !chosen.is_empty() && !names.contains(&chosen) {
        names.push(chosen.clone());
    }
    let options: Vec<_> = names
        .into_iter()
        .map(|name| {
            let selected = name == chosen;
            view! { <option value=name.clone() selected=selected>{name.clone()}</option> }
        })
        .collect();
    view! {
        <form class="filter-line" action=path role="search" aria-label="Filter">
            <label class="hidden-text" for="text">"Title or service"</label>
            <input class="input" type="search" id="text" name="text" placeholder="title or service" value=filter.text.clone()/>
            <label class="hidden-text" for="service">"Service"</label>
            <select class="select" id="service" name="service"><option value="">"every service"</option>{options}</select>
            <button class="button" type="submit">"Filter"</button>
        </form>
    }
}

/// What a list shows in which nothing is: what it is for, and how to begin. Of a filter that admits nothing, the way back.
pub(crate) fn empty_list(
    noun: &'static str,
    path: &'static str,
    filter: &ListFilter,
    advice: impl IntoView + 'static,
    begin: Option<AnyView>,
) -> AnyView {
    let (title, advice) = match filter.is_empty() {
        true => (format!("No {noun} yet"), advice.into_any()),
        false => {
            (format!("No {noun} is like that yet"), view! { <a href=path>"See all of them"</a> }.into_any())
        }
    };
    view! { <section class="card"><div class="empty"><h2>{title}</h2><p>{advice}</p>{begin}</div></section> }
        .into_any()
}

/// The card that deletes a record. `warning` says what goes with it.
pub(crate) fn delete_card(
    caller: &Caller,
    action: String,
    noun: &'static str,
    warning: String,
) -> impl IntoView + use<> {
    view! {
        <section class="card">
            <header><h2>"Delete"</h2></header>
            <div class="body stack">
                <p class="muted">{warning}</p>
                <form action=action method="post">
                    {form_token(caller.form_token())}
                    <button class="button danger" type="submit">{format!("Delete this {noun}")}</button>
                </form>
            </div>
        </section>
    }
}

/// What others saved meanwhile, above a form that holds what was typed: neither is lost.
pub(crate) fn saved_meanwhile(by: &str, theirs: &str, typed: &str) -> impl IntoView + use<> {
    let diff = Diff::between(theirs, typed);
    view! {
        <section class="card" id="theirs">
            <header><h2>{format!("What {by} saved")}</h2></header>
            <div class="body stack">
                <p class="notice warn">{icon("warn")}<span>
                    "Below, your text is still in the form. Take over what you want to keep of theirs, and save: \
                     then yours replaces theirs, which stays among the versions."
                </span></p>
                <details class="fold"><summary class="medium">"Their text"</summary><pre class="code wrap" tabindex="0">{theirs.to_owned()}</pre></details>
                <p class="label">"From theirs to yours"</p>
                {diff_view(&diff)}
            </div>
        </section>
    }
}

/// What changed, line by line.
pub(crate) fn diff_view(diff: &Diff) -> AnyView {
    if diff.hunks.is_empty() {
        return view! { <p class="muted">"The text is the same."</p> }.into_any();
    }
    let line = |line: &seaworthy_records::Line| {
        let (class, sign, word) = match line.change {
            Change::Kept => ("", " ", ""),
            Change::Removed => ("removed", "−", "removed: "),
            Change::Added => ("added", "+", "added: "),
        };
        let word = (!word.is_empty()).then(|| view! { <span class="hidden-text">{word}</span> });
        view! { <li class=class><span class="sign" aria-hidden="true">{sign}</span>{word}<span class="wrap">{line.text.clone()}</span></li> }
    };
    let hunks: Vec<_> = diff
        .hunks
        .iter()
        .map(|hunk| {
            let lines: Vec<_> = hunk.lines.iter().map(line).collect();
            view! { <p class="small faint">{format!("from line {}", hunk.new_line)}</p><ul class="diff">{lines}</ul> }
        })
        .collect();
    let more = (diff.left_out > 0)
        .then(|| view! { <p class="muted">{format!("{} more lines are not shown.", diff.left_out)}</p> });
    view! { <div class="diffs">{hunks}{more}</div> }.into_any()
}
