//! The spans of a trace, one below the other, as bars over time.

use leptos::prelude::*;

use super::{
    colour, details,
    frame::{Frame, Part},
};
use crate::{
    view::trace::{SpanRow, TraceView},
    web::{format, icon::icon, link},
};

/// Deeper spans are not set in any further.
const DEEPEST: usize = 16;
/// Rows in the small picture of the whole trace; in a larger trace some stand on each other.
const MAP_HEIGHT: f64 = 34.0;

pub(super) fn card(trace: &TraceView, chosen: Option<&SpanRow>, frame: Frame) -> impl IntoView + use<> {
    let rows: Vec<_> = trace.rows.iter().map(|row| line(trace, row, chosen, frame)).collect();
    let target = format!("#{}", details::ID);
    let whole = (!frame.whole).then(|| {
        let chosen = chosen.map(|row| row.span_id.clone()).unwrap_or_default();
        let to = link::with_query(&link::trace(&trace.trace_id), &[("span", &chosen)]);
        view! { <a class="button small" href=to>{icon("zoom")}"Whole trace"</a> }
    });
    view! {
        <section class="card" id="waterfall" aria-label="Waterfall">
            <div class="body map-frame">
                {map(trace, frame)}
                <p class="row spread small faint">
                    <span class="only-script" hidden>"Drag over the picture to zoom; ← and → fold a span"</span>{whole}
                </p>
            </div>
            <div class="trace">
                <div class="trace-axis"><span>"Span"</span>{axis(frame)}</div>
                <ol hx-boost="true" hx-target=target hx-swap="outerHTML">{rows}</ol>
            </div>
            <footer>{legend(trace)}</footer>
        </section>
    }
}

/// The whole trace, small, with the part that is shown.
fn map(trace: &TraceView, frame: Frame) -> impl IntoView + use<> {
    let all = Frame::of(trace, None, None);
    let step = (MAP_HEIGHT - 4.0) / trace.rows.len().max(1) as f64;
    let bars: Vec<_> = trace
        .rows
        .iter()
        .enumerate()
        .filter_map(|(index, row)| {
            let part = all.part(row.offset_nanos, row.duration_nanos)?;
            let y = format!("{:.1}", 2.0 + index as f64 * step);
            let height = format!("{:.1}", (step * 0.8).clamp(0.5, 4.0));
            Some(view! { <rect class=fill(trace, row) x=percent(part.x) width=percent(part.width.max(0.15)) y=y height=height/> })
        })
        .collect();
    let shown = (!frame.whole).then(|| all.part(frame.from, frame.to - frame.from)).flatten().map(|part| {
        view! { <rect class="shown" x=percent(part.x) width=percent(part.width) y="0" height="100%"/> }
    });
    let sentence = format!(
        "The whole trace: {} in {}",
        format::plural(trace.spans, "span"),
        format::nanos(trace.duration_nanos)
    );
    view! {
        <svg class="trace-map" role="img" aria-label=sentence data-nanos=trace.duration_nanos.max(1)>{bars}{shown}</svg>
    }
}

fn axis(frame: Frame) -> impl IntoView {
    let ticks: Vec<_> = frame
        .ticks()
        .into_iter()
        .filter_map(|at| {
            let x = frame.part(at, 0)?.x;
            let label = if at == 0 { "0".to_owned() } else { format::nanos(at) };
            let (offset, anchor) = if x < 4.0 { ("4", "start") } else { ("0", "middle") };
            Some(view! {
                <line x1=percent(x) x2=percent(x) y1="18" y2="26"/>
                {(x < 94.0).then(|| view! { <text x=percent(x) y="14" dx=offset text-anchor=anchor>{label}</text> })}
            })
        })
        .collect();
    let lines: Vec<_> = frame
        .ticks()
        .into_iter()
        .filter_map(|at| frame.part(at, 0))
        .map(|part| view! { <line class="gridline" x1=percent(part.x) x2=percent(part.x) y1="0" y2="30"/> })
        .collect();
    view! {
        <svg class="ticks" aria-hidden="true">
            // Every row shows these lines again.
            <defs><g id="trace-grid">{lines}</g></defs>
            {ticks}
        </svg>
    }
}

fn line(trace: &TraceView, row: &SpanRow, chosen: Option<&SpanRow>, frame: Frame) -> impl IntoView + use<> {
    let [from, to] = frame.query();
    let query = [("span", row.span_id.as_str()), (from.0, from.1.as_str()), (to.0, to.1.as_str())];
    let id = format!("span-{}", row.span_id);
    let open = format!("{}#{id}", link::with_query(&link::trace(&trace.trace_id), &query));
    let current = chosen.is_some_and(|chosen| chosen.span_id == row.span_id).then_some("true");
    let depth = format!("who depth-{}", row.depth.min(DEEPEST));
    let place = row.system.clone().unwrap_or_else(|| row.service.clone());
    let error = row.error.then(|| {
        view! { <span class="is-fail">{icon("fail")}</span><span class="hidden-text">"error, "</span> }
    });
    view! {
        <li class="span" id=id data-depth=row.depth aria-current=current>
            <span class=depth>
                {twist(row)}
                <span class=format!("key k{}", colour(trace, row)) aria-hidden="true"></span>
                {error}
                <a class="open clip" href=open title=row.name.clone()>
                    {row.name.clone()}<span class="hidden-text">{spoken(row)}</span>
                </a>
                <span class="svc">{place}</span>
            </span>
            {bars(trace, row, frame)}
        </li>
    }
}

/// Folds what is below a span; a script makes it work and shows it.
fn twist(row: &SpanRow) -> impl IntoView + use<> {
    if row.descendants == 0 {
        return view! { <span class="twist"></span> }.into_any();
    }
    let name = format!("Fold {} below {}", format::plural(row.descendants, "span"), row.name);
    view! {
        <button class="twist" type="button" aria-expanded="true" aria-label=name disabled>{icon("down")}</button>
    }
    .into_any()
}

fn spoken(row: &SpanRow) -> String {
    let critical = if row.critical.is_empty() { "" } else { ", on the critical path" };
    format!(
        ", in {}, starts at {}, takes {}{critical}",
        row.service,
        format::nanos(row.offset_nanos),
        format::nanos(row.duration_nanos)
    )
}

fn bars(trace: &TraceView, row: &SpanRow, frame: Frame) -> impl IntoView + use<> {
    let Some(part) = frame.part(row.offset_nanos, row.duration_nanos) else {
        return view! { <svg class="bars" aria-hidden="true"><use href="#trace-grid"/></svg> }.into_any();
    };
    // What takes no time is still to be seen.
    let width = percent(part.width.max(0.2));
    let critical: Vec<_> = row
        .critical
        .iter()
        .filter_map(|(start, length)| frame.part(*start, *length))
        .map(|part| {
            view! { <rect class="crit" x=percent(part.x) width=percent(part.width.max(0.15)) y="23" height="2.5"/> }
        })
        .collect();
    let events: Vec<_> = row
        .events
        .iter()
        .filter_map(|event| frame.part(u64::try_from(event.offset_nanos).ok()?, 0))
        .map(|part| view! { <circle class="ev" cx=percent(part.x) cy="14" r="3.5"/> })
        .collect();
    let error = row.error.then(|| {
        view! { <rect class="err" x=percent(part.x) width=width.clone() y="8" height="12" rx="2"/> }
    });
    view! {
        <svg class="bars" aria-hidden="true">
            <use href="#trace-grid"/>
            <rect class=fill(trace, row) x=percent(part.x) width=width.clone() y="8" height="12" rx="2"/>
            {error}{critical}{events}
            {label(part, format::nanos(row.duration_nanos))}
        </svg>
    }
    .into_any()
}

/// The duration: after the bar, before it, or inside, wherever there is room.
fn label(part: Part, text: String) -> impl IntoView {
    let right = part.x + part.width;
    let (class, x, dx, anchor) = if right < 78.0 {
        (None, right, "6", "start")
    } else if part.width > 35.0 {
        (Some("in"), part.x, "8", "start")
    } else {
        (None, part.x, "-6", "end")
    };
    view! { <text class=class x=percent(x) dx=dx y="18" text-anchor=anchor>{text}</text> }
}

fn legend(trace: &TraceView) -> impl IntoView + use<> {
    let services: Vec<_> = trace
        .services
        .iter()
        .enumerate()
        .map(|(place, share)| {
            let key = format!("key k{}", place % 4 + 1);
            view! { <span><span class=key></span>{share.service.clone()}</span> }
        })
        .collect();
    let systems = trace.rows.iter().any(|row| row.system.is_some());
    view! {
        <div class="legend">
            {services}
            {systems.then(|| view! { <span><span class="key k5"></span>"database or queue"</span> })}
            <span>
                <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
                    <path d="M0 8h16" stroke="currentColor" stroke-width="3"/>
                </svg>
                "critical path"
            </span>
            <span class="is-fail">{icon("fail")}"error"</span>
            <span>
                <svg class="icon bars" viewBox="0 0 16 16" aria-hidden="true"><circle class="ev" cx="8" cy="8" r="4"/></svg>
                "event"
            </span>
        </div>
    }
}

fn fill(trace: &TraceView, row: &SpanRow) -> String {
    format!("b{}", colour(trace, row))
}

fn percent(value: f64) -> String {
    format!("{}%", (value * 1000.0).round() / 1000.0)
}
