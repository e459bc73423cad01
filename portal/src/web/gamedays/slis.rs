//! How the service did around a scenario.

use leptos::prelude::*;

use crate::{
    view::gamedays::{Part, SliView},
    web::{
        format,
        icon::icon,
        link,
        slo::words,
        status::nothing,
        table::{Column, column, row_head, table},
    },
};

const COLUMNS: [Column; 5] = [
    column("SLO", "name-cell"),
    column("Asked", "num"),
    column("Before", "num two"),
    column("During", "num two"),
    column("After", "num two"),
];

/// The SLIs before, during and after it.
pub(super) fn slis(views: &[SliView]) -> Option<impl IntoView + use<>> {
    let [_, asked, before, during, after] = COLUMNS;
    let rows: Vec<_> = views
        .iter()
        .map(|view| {
            let part = |of: &Part| part(of, view.objective_percent);
            view! {
                <tr role="row">
                    {row_head(view! { <a href=link::slo(&view.slo)>{view.slo.clone()}</a> })}
                    {asked.cell(view.objective.clone())}
                    {before.cell(part(&view.before))}
                    {during.cell(part(&view.during))}
                    {after.cell(view.after.as_ref().map_or_else(|| nothing().into_any(), part))}
                </tr>
            }
        })
        .collect();
    (!rows.is_empty()).then(|| table("SLIs before, during and after", &COLUMNS, rows))
}

fn part(part: &Part, objective_percent: f64) -> AnyView {
    let Some(sli) = part.sli else {
        let why = if part.known_minutes == 0 { "nothing known" } else { "no traffic" };
        return view! { <span class="faint">{why}</span> }.into_any();
    };
    let (class, name) = match part.below_objective {
        Some(true) => ("status is-fail", "fail"),
        _ => ("status is-pass", "pass"),
    };
    view! {
        <span class=class>{icon(name)}{words::sli(sli, objective_percent)}</span>
        <span class="sub">{format!("of {}", format::count(part.events))}</span>
    }
    .into_any()
}
