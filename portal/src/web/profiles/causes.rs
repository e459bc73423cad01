//! The functions of the service that cause the most, and those for which that has changed the most.

use leptos::prelude::*;

use super::{flame::short, functions::Link, signed, value};
use crate::{
    view::profiles::{
        diff::{CauseChangeView, DiffView},
        one::{CauseView, ProfileView},
    },
    web::{
        chart::bar,
        format,
        table::{Column, column, row_head, table},
    },
};

const COLUMNS: [Column; 4] = [
    column("Function", "name-cell"),
    column("Value", "num"),
    column("Share", "num"),
    column("Of the whole", "wide-cell skip-narrow"),
];

/// None where no function of the service is known by name. `to` makes the address of the page with something else asked for.
pub(super) fn card(view: &ProfileView, to: &Link<'_>) -> Option<impl IntoView + use<>> {
    if view.causes.is_empty() {
        return None;
    }
    let of = view.types.get(view.shown);
    let (unit, whole) = of.map_or(("", 1), |of| (of.unit.as_str(), of.total.max(1)));
    let [_, amount, part, drawn] = COLUMNS;
    let rows: Vec<_> = view
        .causes
        .iter()
        .map(|cause| {
            let share = cause.value as f64 / whole as f64;
            let percent = format::percent(share);
            view! {
                <tr role="row">
                    {row_head(view! {
                        <a class="mono wrap-anywhere" href=to(&[("find", &cause.name), ("at", "")])>{short(&cause.name)}</a>
                        {places(cause)}
                    })}
                    {amount.cell(value(cause.value, unit))}
                    {part.cell(percent.clone())}
                    {drawn.cell(bar(share, percent))}
                </tr>
            }
        })
        .collect();
    Some(view! {
        <section class="card" id="causes">
            <header><h2>"Look here first"</h2><div class="end small muted">"functions of the service, with what they call of others"</div></header>
            {table("The functions of the service that cause the most", &COLUMNS, rows)}
        </section>
    })
}

/// Where it is, and who calls it.
fn places(cause: &CauseView) -> impl IntoView + use<> {
    let at = |place: &str| {
        (!place.is_empty()).then(|| {
            view! { <span class="mono unbroken" title=place.to_owned()>{format::code_place(place).to_owned()}</span> }
        })
    };
    let here = at(&cause.place).map(|place| view! { <span class="sub wide">{place}</span> });
    let caller = (!cause.caller.is_empty()).then(|| {
        let name = short(&cause.caller);
        view! { <span class="sub wide">"called by "<span class="mono wrap-anywhere">{name}</span>" "{at(&cause.caller_place)}</span> }
    });
    view! { {here}{caller} }
}

const CHANGES: [Column; 4] = [
    column("Function", "name-cell"),
    column("Change", "num"),
    column("Before", "num"),
    column("After", "num"),
];

/// None where nothing of the service has changed.
pub(super) fn changes(view: &DiffView) -> Option<impl IntoView + use<>> {
    if view.causes.is_empty() {
        return None;
    }
    let [_, change, before, after] = CHANGES;
    let rows: Vec<_> = view
        .causes
        .iter()
        .map(|told| {
            let CauseChangeView { cause, value_before, value_after, share_before, share_after } = told;
            let (by, from, to) = if view.is_of_moments {
                let sign = if value_after > value_before { "+" } else { "" };
                let by = format!("{sign}{}", value(value_after.saturating_sub(*value_before), &view.unit));
                (by, value(*value_before, &view.unit), value(*value_after, &view.unit))
            } else {
                (signed(told.share_after - told.share_before), format::percent(*share_before), format::percent(*share_after))
            };
            let class = if share_after > share_before { "medium t-warn" } else { "medium" };
            view! {
                <tr role="row">
                    {row_head(view! { <span class="mono wrap-anywhere">{short(&cause.name)}</span>{places(cause)} })}
                    {change.cell(view! { <span class=class>{by}</span> })}
                    {before.cell(from)}
                    {after.cell(to)}
                </tr>
            }
        })
        .collect();
    Some(view! {
        <section class="card" id="causes">
            <header><h2>"Look here first"</h2><div class="end small muted">"functions of the service, with what they call of others, the largest change first"</div></header>
            {table("The functions of the service for which the most has changed", &CHANGES, rows)}
        </section>
    })
}
