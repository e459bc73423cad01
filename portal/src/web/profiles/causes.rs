//! The functions of the service that cause the most.

use leptos::prelude::*;

use super::{flame::short, functions::Link, value};
use crate::{
    view::profiles::one::ProfileView,
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
                    {row_head(view! { <a class="mono wrap-anywhere" href=to(&[("find", &cause.name), ("at", "")])>{short(&cause.name)}</a> })}
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
