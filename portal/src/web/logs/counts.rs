//! How many lines there were, step by step.

use leptos::prelude::*;

use super::address;
use crate::{
    view::logs::{LogSearch, LogStep, LogsView},
    web::{format, time},
};

/// A part of a column: its class, its words, and how many lines it stands for.
type Part = (&'static str, &'static str, fn(&LogStep) -> u64);

/// From the bottom of a column to its top.
const LEVELS: [Part; 4] = [
    ("debug", "debug", |step| step.debug),
    ("info", "info", |step| step.info),
    ("warn", "warnings", |step| step.warn),
    ("error", "errors", |step| step.error),
];
const HEIGHT: f64 = 64.0;

/// The picture; none where all is of one trace, which it does not tell.
pub(super) fn card(found: &LogsView) -> Option<impl IntoView + use<>> {
    let highest = found.counts.iter().map(sum).max().unwrap_or_default();
    if highest == 0 || !found.search.trace.trim().is_empty() {
        return None;
    }
    let whose = match found.search.service.as_str() {
        "" => "All lines".to_owned(),
        service => format!("Lines of {service}"),
    };
    let totals = LEVELS.map(|(class, words, of)| (class, words, found.counts.iter().map(of).sum::<u64>()));
    let legend: Vec<_> = totals
        .iter()
        .rev()
        .filter(|(_, _, total)| *total > 0)
        .map(|(class, words, total)| {
            let key = format!("key log-{class}");
            view! { <span><span class=key aria-hidden="true"></span>{format!("{} {words}", format::count(*total))}</span> }
        })
        .collect();
    let count = found.counts.len().max(1) as f64;
    let columns: Vec<_> = found
        .counts
        .iter()
        .enumerate()
        .filter(|(_, step)| sum(step) > 0)
        .map(|(place, step)| column(&found.search, step, place as f64 / count, 1.0 / count, highest))
        .collect();
    let sentence = format!(
        "{whose} by time: {}, at most {} at once",
        totals.map(|(_, words, total)| format!("{} {words}", format::count(total))).join(", "),
        format::count(highest),
    );
    let ends = found.counts.first().zip(found.counts.last()).map(|(first, last)| {
        view! { <div class="row spread small faint">{time::minute(first.from)}{time::minute(last.to)}</div> }
    });
    Some(view! {
        <section class="card">
            <header><h2>{whose}</h2><div class="legend end">{legend}</div></header>
            <div class="body">
                <svg class="log-counts" role="img" aria-label=sentence height=HEIGHT.to_string()>{columns}</svg>
                {ends}
            </div>
        </section>
    })
}

fn sum(step: &LogStep) -> u64 {
    step.debug + step.info + step.warn + step.error
}

/// A column, which leads to the lines before its end.
fn column(search: &LogSearch, step: &LogStep, from: f64, width: f64, highest: u64) -> impl IntoView + use<> {
    let percent = |share: f64| format!("{:.2}%", share * 100.0);
    let mut below = 0;
    let parts: Vec<_> = LEVELS
        .iter()
        .filter_map(|(class, _, of)| {
            let lines = of(step);
            if lines == 0 {
                return None;
            }
            // One line among thousands is there to be seen.
            let height = (lines as f64 / highest as f64 * HEIGHT).max(1.5);
            let foot = below as f64 / highest as f64 * HEIGHT;
            below += lines;
            let y = format!("{:.1}", (HEIGHT - foot - height).max(0.0));
            let class = format!("log-{class}");
            Some(view! { <rect class=class x=percent(from + width * 0.1) width=percent(width * 0.8) y=y height=format!("{height:.1}")/> })
        })
        .collect();
    let told = LEVELS.iter().filter(|(_, _, of)| of(step) > 0);
    let told: Vec<String> =
        told.map(|(_, words, of)| format!("{} {words}", format::count(of(step)))).collect();
    let title = format!("{}: {}", time::told(step.from, "%-d %b, %H:%M"), told.join(", "));
    let end = u64::try_from(step.to.as_nanosecond()).unwrap_or_default();
    let href = address(&LogSearch { before: format!("{end:x}-0"), ..search.clone() });
    view! { <a href=href tabindex="-1"><title>{title}</title>{parts}</a> }
}
