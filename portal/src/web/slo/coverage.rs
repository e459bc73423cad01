//! What is known of an SLO's window, as a strip and in words.

use jiff::Timestamp;
use leptos::prelude::*;

use crate::{
    view::slo::{CoverageKind, SloView},
    web::{chart::hatch, format, time},
};

const MOMENT: &str = "%-d %b, %H:%M %Z";

pub(super) fn card(slo: &SloView) -> impl IntoView + use<> {
    let detail = &slo.coverage_detail;
    let told = slo.summary.coverage.map_or("nothing yet".to_owned(), format::percent);
    let kinds = [
        (CoverageKind::Busy, detail.busy_minutes),
        (CoverageKind::NoTraffic, detail.no_traffic_minutes),
        (CoverageKind::AgentLost, detail.agent_lost_minutes),
        (CoverageKind::Down, detail.down_minutes),
        (CoverageKind::Unknown, detail.unknown_minutes),
        (CoverageKind::Excluded, detail.excluded_minutes),
    ];
    let rows: Vec<_> = kinds
        .into_iter()
        .filter(|(_, minutes)| *minutes > 0)
        .map(|(kind, minutes)| {
            let (class, word, meaning) = words(kind);
            view! {
                <div>
                    <dt><svg class="icon" aria-hidden="true">{hatch()}<rect class=class width="16" height="16" rx="3"/></svg>{word}</dt>
                    <dd>{format::span(minutes * 60)}" "<span class="sub">{meaning}</span></dd>
                </div>
            }
        })
        .collect();
    view! {
        <section class="card">
            <header><h2>"Coverage"</h2><div class="end">{told}" of the minutes were told of"</div></header>
            <div class="body stack">{strip(slo)}<dl class="kinds">{rows}</dl></div>
        </section>
    }
}

fn strip(slo: &SloView) -> Option<impl IntoView + use<>> {
    let stretches = &slo.coverage_detail.stretches;
    let (from, to) = (stretches.first()?.from, stretches.last()?.to);
    let share = |at: Timestamp| {
        at.duration_since(from).as_secs_f64() / to.duration_since(from).as_secs_f64().max(1.0) * 100.0
    };
    let pieces: Vec<_> = stretches
        .iter()
        .map(|stretch| {
            let (class, word, _) = words(stretch.kind);
            let (x, end) = (share(stretch.from), share(stretch.to));
            let (x, width) = (format!("{x:.2}%"), format!("{:.2}%", end - x));
            let title =
                format!("{word}: {} to {}", time::told(stretch.from, MOMENT), time::told(stretch.to, MOMENT));
            view! { <rect class=class x=x width=width height="14"><title>{title}</title></rect> }
        })
        .collect();
    Some(view! {
        <svg class="strip-chart" role="img" aria-label="What is known of the window over time; the list below tells the same">
            {hatch()}{pieces}
        </svg>
    })
}

fn words(kind: CoverageKind) -> (&'static str, &'static str, &'static str) {
    match kind {
        CoverageKind::Busy => ("fill pass", "Told", "minutes with events"),
        CoverageKind::NoTraffic => {
            ("fill info", "No traffic", "the service told of itself, and nobody asked anything")
        }
        CoverageKind::AgentLost => {
            ("fill warn", "Agent lost", "a process was there, or may have been, and its agent sent nothing")
        }
        CoverageKind::Down => ("fill fail", "Process down", "no process of the service ran"),
        CoverageKind::Unknown => ("fill unknown", "Unknown", "nothing came, and nothing tells why"),
        CoverageKind::Excluded => ("fill hatch", "Excluded", "planned; does not count"),
    }
}
