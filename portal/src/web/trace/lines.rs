//! What was logged during a trace, below its spans and beside the span that is looked at.

use leptos::prelude::*;

use crate::{
    view::{
        logs::LineRow,
        trace::{SpanRow, TraceView},
    },
    web::{
        format, link,
        logs::lines::{level, list},
        time,
    },
};

/// Beside a span, more would push away what it tells itself.
const MOST_OF_SPAN: usize = 20;

/// All lines of the trace.
pub(super) fn card(trace: &TraceView) -> impl IntoView + use<> {
    let search = link::with_query("/logs", &[("trace", &trace.trace_id), ("range", "30d")]);
    if trace.lines.is_empty() {
        return None;
    }
    let more = trace.more_lines.then_some("the latest; ");
    Some(view! {
        <section class="card" id="lines">
            <header>
                <h2>{format::plural(trace.lines.len(), "line")}" logged"</h2>
                <div class="end">{more}<a href=search>"in the logs"</a></div>
            </header>
            {list(&trace.lines, true)}
        </section>
    })
}

/// The lines that were written during a span.
pub(super) fn of_span(trace: &TraceView, row: &SpanRow) -> Option<impl IntoView + use<>> {
    let of_span = || trace.lines.iter().filter(|line| line.span_id.as_deref() == Some(row.span_id.as_str()));
    let count = of_span().count();
    if count == 0 {
        return None;
    }
    let items: Vec<_> = of_span().take(MOST_OF_SPAN).map(item).collect();
    let rest = (count > MOST_OF_SPAN).then(|| {
        view! { <p class="small"><a href="#lines">{format!("and {} more", count - MOST_OF_SPAN)}</a></p> }
    });
    Some(view! { <div><h3>"Lines"</h3><ol class="events">{items}</ol>{rest}</div> })
}

fn item(line: &LineRow) -> impl IntoView + use<> {
    view! {
        <li class="small">
            {level(line.level)}" "<span class="faint mono">{time::instant_of_day(line.at)}</span>
            <p class="mono wrap-anywhere">{line.message.clone()}</p>
        </li>
    }
}
