//! Messages that were given up, with the reason, and the way to have them tried again.

use leptos::prelude::*;

use super::super::{
    field::form_token,
    icon::icon,
    status::nothing,
    table::{Column, column, row_head, table},
    time,
};
use crate::{
    auth::Caller,
    view::channels::{ChannelsView, DeadLetterView},
};

const COLUMNS: [Column; 5] = [
    column("Alert", "name-cell"),
    column("Channel", "two"),
    column("Given up", "two"),
    column("Reason", "full wrap-anywhere"),
    column("", "full"),
];

pub(super) fn card(caller: &Caller, view: &ChannelsView) -> impl IntoView + use<> {
    let rows: Vec<_> = view.dead_letters.iter().map(|letter| row(caller, letter)).collect();
    view! {
        <section class="card">
            <header>
                <h2>"Dead letters"</h2>
                <p class="sub">"what could not be told, and was given up: a receiver refused it, or was away for three days"</p>
            </header>
            {table("Dead letters, latest first", &COLUMNS, rows)}
        </section>
    }
}

fn row(caller: &Caller, letter: &DeadLetterView) -> impl IntoView + use<> {
    let [_, channel, given_up, reason, again] = COLUMNS;
    let event = letter.event.clone().unwrap_or_else(|| "unreadable".to_owned());
    let overtaken = letter.overtaken.then(|| {
        view! { <p class="sub">{icon("warn")}"Something later was told of this alert: now it is old news."</p> }
    });
    let tried = if letter.attempts == 1 { "once".to_owned() } else { format!("{} times", letter.attempts) };
    view! {
        <tr role="row" id=format!("letter-{}", letter.id)>
            {row_head(view! {
                <a href=format!("/alerts/{}", letter.alert_id)>{letter.title.clone()}</a><span class="sub">{event}</span>
            })}
            {channel.cell(letter.channel.clone())}
            {given_up.cell(letter.dead_at.map_or_else(|| nothing().into_any(), |at| time::moment(at).into_any()))}
            {reason.cell(view! { {letter.reason.clone()}<p class="sub">{format!("tried {tried}")}</p>{overtaken} })}
            {again.cell(view! {
                <form action=format!("/settings/dead-letters/{}/retry", letter.id) method="post">
                    {form_token(caller.form_token())}
                    <button class="button small" type="submit">"Try again"</button>
                </form>
            })}
        </tr>
    }
}
