//! Lines below each other, each of which opens to tell the rest.

use leptos::prelude::*;

use crate::{
    view::{logs::LineRow, trace::AttributeRow},
    web::{format::short_id, icon::icon, link, time},
};

/// Of a message this much is shown before it is opened.
const SHORT: usize = 300;

/// A list of lines. Those of one trace need no link to it.
pub(crate) fn list(lines: &[LineRow], with_traces: bool) -> impl IntoView + use<> {
    let items: Vec<_> = lines.iter().map(|line| item(line, with_traces)).collect();
    view! { <ol class="lines">{items}</ol> }
}

fn item(line: &LineRow, with_trace: bool) -> impl IntoView + use<> {
    let class = format!("line is-{}", line.level);
    let to_trace = line.trace_id.as_deref().filter(|_| with_trace).map(|id| {
        let label = format!("Trace {id}");
        view! { <a class="of-trace mono small" href=to_span(id, line.span_id.as_deref()) aria-label=label>{short_id(id)}</a> }
    });
    let short: String =
        line.message.chars().take(SHORT).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let cut = (short.len() < line.message.len()).then_some("…");
    view! {
        <li class=class>
            <details>
                <summary>
                    <span class="chevron">{icon("chevron")}</span>
                    <span class="at mono">{time::instant_of_day(line.at)}</span>
                    {level(line.level)}
                    <span class="from">{line.service.clone()}</span>
                    <span class="says mono">{short}{cut}</span>
                </summary>
                {more(line)}
            </details>
            {to_trace}
        </li>
    }
}

fn to_span(trace: &str, span: Option<&str>) -> String {
    link::with_query(&link::trace(trace), &[("span", span.unwrap_or_default())])
}

/// `WARN`, with the colour of how bad it is.
pub(crate) fn level(name: &'static str) -> impl IntoView {
    let word = if name == "unspecified" { "–" } else { name };
    view! { <span class=format!("log-level {name}")>{word}</span> }
}

fn more(line: &LineRow) -> impl IntoView + use<> {
    let (stacks, fields): (Vec<_>, Vec<_>) =
        line.fields.iter().partition(|field| field.key == "exception.stacktrace");
    let stacks: Vec<_> = stacks
        .into_iter()
        .map(|stack| view! { <pre class="code wrap">{stack.value.clone()}</pre> })
        .collect();
    let trace = line.trace_id.as_deref().map(|id| {
        let href = to_span(id, line.span_id.as_deref());
        view! { <dt>"trace"</dt><dd><a href=href>{id.to_owned()}</a></dd> }
    });
    let error = line.error_group.as_deref().map(|group| {
        view! { <dt>"error"</dt><dd><a href=link::error(group)>"all of this kind"</a></dd> }
    });
    let fact = |name: &'static str, value: &str| {
        (!value.is_empty()).then(|| view! { <dt>{name}</dt><dd>{value.to_owned()}</dd> })
    };
    let whole = (line.message.len() > SHORT || line.message.contains('\n'))
        .then(|| view! { <pre class="code wrap">{line.message.clone()}</pre> });
    let dropped = (line.dropped > 0).then(
        || view! { <p class="small faint">{format!("Its sender dropped {} fields.", line.dropped)}</p> },
    );
    view! {
        <div class="line-more">
            {whole}
            <dl class="facts left mono small pairs">
                {fields.into_iter().map(pair).collect::<Vec<_>>()}
                {trace}
                {error}
                {fact("target", &line.target)}
                {fact("place", line.place.as_deref().unwrap_or_default())}
                {fact("event", &line.event)}
                {fact("instance", &line.instance)}
                <dt>"time"</dt><dd>{time::instant(line.at)}</dd>
            </dl>
            {stacks}
            {dropped}
        </div>
    }
}

fn pair(field: &AttributeRow) -> impl IntoView + use<> {
    view! { <dt>{field.key.clone()}</dt><dd>{field.value.clone()}</dd> }
}
