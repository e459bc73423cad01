//! What an SLO would have told of the past.

use leptos::prelude::*;

use crate::{
    view::rehearsal::RehearsalView,
    web::{format, slo::words, time},
};

/// The preview above the form.
pub(super) fn card(past: &RehearsalView) -> impl IntoView + use<> {
    view! {
        <section class="card" aria-label="Preview" role="status">
            <header><h2>"On the past"</h2><div class="end">{time::minute(past.from)}" to "{time::minute(past.to)}</div></header>
            <div class="body stack">{told(past)}{suggestion(past)}</div>
        </section>
    }
}

fn told(past: &RehearsalView) -> AnyView {
    let Some(sli) = past.sli else {
        return view! {
            <p class="arithmetic">
                "Nothing that this SLO counts is known of this time: "
                {if past.coverage > 0.0 { "the service told of itself, and nobody asked anything like this of it." } else { "the service sent nothing that tells of it. Is its name right?" }}
            </p>
        }
        .into_any();
    };
    let left = past.budget_left.map(words::left_told).unwrap_or_default();
    let alerts = format!(
        "{} and {}",
        format::plural(past.pages as usize, "page"),
        format::plural(past.tickets as usize, "ticket")
    );
    view! {
        <p class="arithmetic">
            {format!("With {} of ", past.objective)}<b>{format!("{} {}", format::count(past.total), past.unit)}</b>", "
            <b>{format::count(past.spent)}</b>" failed and "{format::count(past.allowed.floor() as u64)}" might have: "
            <b>{format!("{left} left")}</b>", "<b>{alerts}</b>". The SLI was "
            <b>{words::sli(sli, past.objective_percent)}</b>", coverage "{format::percent(past.coverage)}"."
        </p>
    }
    .into_any()
}

fn suggestion(past: &RehearsalView) -> Option<impl IntoView + use<>> {
    let suggested = past.suggested.clone()?;
    let words = if suggested == past.objective {
        format!("{suggested} is the hardest usual objective that would have left a quarter of its budget.")
    } else {
        format!("The hardest usual objective that would have left a quarter of its budget is {suggested}.")
    };
    Some(view! { <p class="muted">{words}</p> })
}
