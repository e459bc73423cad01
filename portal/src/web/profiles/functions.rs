//! The functions of a profile, as a table.

use leptos::prelude::*;

use super::value;
use crate::{
    profiles::Code,
    view::profiles::one::{FunctionView, ProfileView},
    web::{chart::bar, format, icon::icon},
};

/// Makes addresses with these pairs in the query.
pub(super) type Link<'l> = dyn Fn(&[(&str, &str)]) -> String + 'l;

/// `to` makes the address of the page with something else asked for.
pub(super) fn card(view: &ProfileView, to: &Link<'_>) -> impl IntoView + use<> {
    let of = view.types.get(view.shown);
    let (unit, whole) = of.map_or(("", 1), |of| (of.unit.as_str(), of.total.max(1)));
    let largest = view.functions.iter().map(|function| taken(function, view.by_total)).max().unwrap_or(1);
    let rows: Vec<_> =
        view.functions.iter().map(|function| row(function, unit, whole, (largest, view.by_total))).collect();
    let shown = match view.functions.len() {
        all if all == view.functions_in_all => format::plural(all, "function"),
        some => {
            format!("{some} of {}; find others by name", format::plural(view.functions_in_all, "function"))
        }
    };
    let head = |label: &'static str, sort: &'static str| {
        let is_sorted = (sort == "total") == view.by_total;
        let sorted = is_sorted.then_some("descending");
        let mark = is_sorted.then(|| icon("down"));
        view! {
            <th scope="col" class="num" aria-sort=sorted><a class="sort" href=to(&[("sort", sort)])>{label}{mark}</a></th>
        }
    };
    let (own, total) = (head("Own", "own"), head("Total", "total"));
    view! {
        <section class="card" id="functions">
            <header><h2>"Functions"</h2><div class="end small muted">{shown}</div></header>
            <div class="table-scroll" role="region" aria-label="Functions" tabindex="0">
                <table class="table top-line dense">
                    <caption class="hidden-text">"Functions, by what they take themselves and with what they call"</caption>
                    <thead><tr>
                        <th scope="col">"Function"</th>{own}
                        <th scope="col" class="wide-cell skip-narrow"><span class="hidden-text">"Bar"</span></th>{total}
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
}

fn taken(function: &FunctionView, by_total: bool) -> i64 {
    if by_total { function.total } else { function.own }
}

fn row(
    function: &FunctionView,
    unit: &str,
    whole: i64,
    (largest, by_total): (i64, bool),
) -> impl IntoView + use<> {
    let share = |part: i64| format::percent(part as f64 / whole as f64);
    let width = taken(function, by_total) as f64 / largest.max(1) as f64;
    let cell = |part: i64| view! { <td class="num" title=value(part, unit)>{share(part)}</td> };
    let file = (function.code == Code::Own && !function.file.is_empty()).then(|| {
        let file = format::code_place(&function.file).to_owned();
        view! { <span class="sub wide mono wrap-anywhere">{file}</span> }
    });
    view! {
        <tr>
            <th scope="row" title=function.file.clone()><span class=key(function.code) aria-hidden="true"></span>" "
                <span class="mono wrap-anywhere">{function.name.clone()}</span>{file}</th>
            {cell(function.own)}
            <td class="wide-cell skip-narrow">{bar(width, share(taken(function, by_total)))}</td>
            {cell(function.total)}
        </tr>
    }
}

/// The key of whose code it is.
pub(super) const fn key(code: Code) -> &'static str {
    match code {
        Code::Own => "key f1",
        Code::Dependency => "key f2",
        Code::Runtime => "key f3",
        Code::Standard => "key f4",
    }
}

/// What colours mean.
pub(super) fn legend() -> impl IntoView {
    let keys = [
        (Code::Own, "the service"),
        (Code::Dependency, "dependencies"),
        (Code::Standard, "standard library"),
        (Code::Runtime, "runtime and system"),
    ];
    let keys: Vec<_> = keys
        .into_iter()
        .map(|(code, words)| view! { <span><span class=key(code) aria-hidden="true"></span>{words}</span> })
        .collect();
    view! { <div class="legend">{keys}</div> }
}
