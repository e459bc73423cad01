//! What one span tells, to the nanosecond.

use jiff::SignedDuration;
use leptos::prelude::*;

use super::{frame::Frame, lines};
use crate::{
    view::trace::{AttributeRow, EventRow, LinkRow, SpanRow, TraceView},
    web::{
        format::{self, short_id},
        icon::icon,
        link,
    },
};

/// Id of the card, which scripts replace alone.
pub(super) const ID: &str = "span-details";

pub(super) fn card(trace: &TraceView, chosen: Option<&SpanRow>, frame: Frame) -> impl IntoView + use<> {
    let content = chosen.map(|row| content(trace, row, frame));
    let name = chosen.map(|row| row.name.clone()).unwrap_or_default();
    view! {
        <section class="card details" id=ID aria-label="Span" aria-live="polite">
            <header><h2 class="wrap-anywhere">{name}</h2></header>
            <div class="body stack">{content}</div>
        </section>
    }
}

fn content(trace: &TraceView, row: &SpanRow, frame: Frame) -> impl IntoView + use<> {
    let state = if row.error {
        view! { <span class="pill is-fail">{icon("fail")}"Error"</span> }.into_any()
    } else {
        ().into_any()
    };
    view! {
        <div class="row">
            {state}
            {row.system.clone().map(|system| view! { <span class="badge">{system}</span> })}
            <span class="badge">{format!("{} span", row.kind)}</span>
        </div>
        {why(row)}
        {facts(trace, row)}
        {attributes("Attributes", &row.attributes)}
        {events(&row.events)}
        {lines::of_span(trace, row)}
        {links(&row.links)}
        {resource(row)}
        {dropped(row)}
        {actions(trace, row, frame)}
    }
}

/// What the span says of its failure: its status, and the exception if there is one.
fn why(row: &SpanRow) -> Option<impl IntoView + use<>> {
    if !row.error {
        return None;
    }
    let of = |key: &str| {
        let events = row.events.iter().filter(|event| event.name == "exception");
        let mut attributes = events.flat_map(|event| &event.attributes);
        attributes.find(|attribute| attribute.key == key).map(|attribute| attribute.value.clone())
    };
    let own = |key: &str| {
        row.attributes.iter().find(|attribute| attribute.key == key).map(|found| found.value.clone())
    };
    let message = Some(row.status_message.clone()).filter(|message| !message.is_empty());
    let answered = || own("http.response.status_code").map(|status| format!("Answered {status}"));
    let kind = of("exception.type").or_else(|| own("error.type"));
    let what = message
        .or_else(|| of("exception.message"))
        .or_else(answered)
        .or_else(|| kind.clone())
        .unwrap_or_else(|| "The span failed".to_owned());
    let kind = kind.filter(|kind| !what.contains(kind.as_str()));
    Some(view! {
        <div class="notice fail">{icon("fail")}
            <div class="wrap-anywhere"><b>{what}</b>{kind.map(|kind| view! { <br/><span class="small muted">{kind}</span> })}</div>
        </div>
    })
}

fn facts(trace: &TraceView, row: &SpanRow) -> impl IntoView + use<> {
    let share = |part: u64, whole: u64| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
    let critical: u64 = row.critical.iter().map(|(_, length)| length).sum();
    let own = format!(
        "{}, {}",
        format::exact_nanos(row.own_nanos),
        format::percent(share(row.own_nanos, row.duration_nanos))
    );
    let path = match critical {
        0 => "no".to_owned(),
        part => format!(
            "{}, {} of the trace",
            format::exact_nanos(part),
            format::percent(share(part, trace.duration_nanos))
        ),
    };
    let in_nanos = format!("{} ns", format::count(row.duration_nanos));
    let instance = (!row.instance.is_empty())
        .then(|| view! { <dt>"Instance"</dt><dd class="mono" title=row.instance.clone()>{short_id(&row.instance)}</dd> });
    view! {
        <dl class="facts">
            <dt>"Service"</dt><dd><a href=link::service(&row.service)>{row.service.clone()}</a></dd>
            {instance}
            <dt>"Starts"</dt><dd>{format!("+{}", format::exact_nanos(row.offset_nanos))}</dd>
            <dt>"Takes"</dt><dd title=in_nanos>{format::exact_nanos(row.duration_nanos)}</dd>
            <dt>"Own time"</dt><dd>{own}</dd>
            <dt>"On critical path"</dt><dd>{path}</dd>
            <dt>"Span id"</dt><dd class="mono">{row.span_id.clone()}</dd>
        </dl>
    }
}

fn attributes(title: &'static str, attributes: &[AttributeRow]) -> Option<impl IntoView + use<>> {
    (!attributes.is_empty()).then(|| view! { <div><h3>{title}</h3>{pairs(attributes)}</div> })
}

fn pairs(attributes: &[AttributeRow]) -> impl IntoView + use<> {
    let pairs: Vec<_> = attributes
        .iter()
        .map(|attribute| view! { <dt>{attribute.key.clone()}</dt><dd>{attribute.value.clone()}</dd> })
        .collect();
    view! { <dl class="facts left mono small pairs">{pairs}</dl> }
}

fn events(events: &[EventRow]) -> Option<impl IntoView + use<>> {
    if events.is_empty() {
        return None;
    }
    let events: Vec<_> = events
        .iter()
        .map(|event| {
            let sign = if event.offset_nanos < 0 { "−" } else { "+" };
            let at = format!("{sign}{}", format::exact_nanos(event.offset_nanos.unsigned_abs()));
            view! {
                <li>
                    <p class="small"><b class="wrap-anywhere">{event.name.clone()}</b>" "<span class="faint">{at}</span></p>
                    {pairs(&event.attributes)}
                </li>
            }
        })
        .collect();
    Some(view! { <div><h3>"Events"</h3><ol class="events">{events}</ol></div> })
}

fn links(links: &[LinkRow]) -> Option<impl IntoView + use<>> {
    if links.is_empty() {
        return None;
    }
    let links: Vec<_> = links
        .iter()
        .map(|other| {
            let to = link::with_query(&link::trace(&other.trace_id), &[("span", &other.span_id)]);
            view! { <li><a class="mono small wrap-anywhere" href=to>{other.trace_id.clone()}</a></li> }
        })
        .collect();
    Some(view! { <div><h3>"Links to other traces"</h3><ul>{links}</ul></div> })
}

fn resource(row: &SpanRow) -> impl IntoView + use<> {
    let scope = (!row.scope.is_empty())
        .then(|| view! { <p class="small faint">{format!("made by {}", row.scope)}</p> });
    view! {
        <details>
            <summary><h3 class="row tight"><span class="chevron">{icon("chevron")}</span>"Resource"</h3></summary>
            {pairs(&row.resource)}{scope}
        </details>
    }
}

fn dropped(row: &SpanRow) -> Option<impl IntoView + use<>> {
    (row.dropped > 0).then(|| {
        let count = format::count(row.dropped);
        view! { <p class="small faint">{format!("Its sender dropped {count} attributes, events or links.")}</p> }
    })
}

fn actions(trace: &TraceView, row: &SpanRow, frame: Frame) -> impl IntoView + use<> {
    let (from, to) = Frame::around(trace, row);
    let (from, to) = (from.to_string(), to.to_string());
    let here = link::trace(&trace.trace_id);
    let zoom = link::with_query(&here, &[("span", &row.span_id), ("from", &from), ("to", &to)]);
    let whole = link::with_query(&here, &[("span", &row.span_id)]);
    let same = link::with_query("/traces", &[("service", &row.service), ("operation", &row.name)]);
    let profiles = (!row.instance.is_empty()).then(|| {
        let at = trace.started_at.checked_add(SignedDuration::from_nanos(row.offset_nanos as i64));
        let at = at.unwrap_or(trace.started_at).to_string();
        let to =
            link::with_query(&link::profiles(&row.service), &[("instance", &row.instance), ("around", &at)]);
        view! { <a class="button small" href=to>{icon("flame")}"Profiles of this minute"</a> }
    });
    view! {
        <div class="actions">
            <a class="button small" href=zoom>{icon("zoom")}"Zoom to this span"</a>
            {(!frame.whole).then(|| view! { <a class="button small" href=whole>"Whole trace"</a> })}
            <a class="button small" href=same>{icon("search")}"Traces like this"</a>
            {profiles}
        </div>
    }
}
