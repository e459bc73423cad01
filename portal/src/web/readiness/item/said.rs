//! What became of an item, and what people say about it.

use leptos::prelude::*;

use super::{Refused, own_page};
use crate::{
    auth::Caller,
    view::readiness::item::{ChangeView, ItemDetail},
    web::{
        field::{Area, form_token},
        time,
    },
};

const TEXT: Area = Area { name: "text", label: "Comment", hint: "" };

/// How its verdict changed.
pub(super) fn changes(detail: &ItemDetail) -> impl IntoView + use<> {
    let rows: Vec<_> = detail.changes.iter().map(change).collect();
    let content = if rows.is_empty() {
        view! { <div class="body"><p class="muted">"Nothing has changed since it was first judged."</p></div> }.into_any()
    } else {
        view! { <ul class="list">{rows}</ul> }.into_any()
    };
    view! { <section class="card" id="history"><header><h2>"History"</h2></header>{content}</section> }
}

/// From what to what, and why.
pub(crate) fn change(change: &ChangeView) -> impl IntoView + use<> {
    let from = change.from.clone().unwrap_or_else(|| "not asked".to_owned());
    view! {
        <li>
            <div class="grow"><span class="medium">{format!("{from} → {}", change.to)}</span><span class="sub">{change.words.clone()}</span></div>
            <span class="small faint">{time::minute(change.at)}</span>
        </li>
    }
}

/// What people say.
pub(super) fn comments(
    caller: &Caller,
    detail: &ItemDetail,
    refused: &Refused,
    may_edit: bool,
) -> impl IntoView + use<> {
    let said: Vec<_> = detail
        .comments
        .iter()
        .map(|comment| {
            view! {
                <div>
                    <p class="wrap">{comment.text.clone()}</p>
                    <p class="small muted">{comment.by.clone()}", "{time::minute(comment.at)}</p>
                </div>
            }
        })
        .collect();
    let none = said.is_empty().then(|| view! { <p class="muted">"None yet."</p> });
    let form = may_edit.then(|| {
        view! {
            <form class="form" method="post" action=format!("{}/comment", own_page(detail))>
                {form_token(caller.form_token())}
                {TEXT.view(refused.comment.as_deref().unwrap_or_default(), refused.at("text"))}
                <div class="actions"><button class="button" type="submit">"Add"</button></div>
            </form>
        }
    });
    view! {
        <section class="card" id="comments">
            <header><h2>"Comments"</h2></header>
            <div class="body stack">{said}{none}{form}</div>
        </section>
    }
}
