//! Pieces that tell how an item, a point or a service stands: always an icon or a picture, and words.

use leptos::prelude::*;
use seaworthy_checklist::{By, Level, Verdict};

use crate::{view::readiness::Judged, web::icon::icon};

/// All verdicts, in the order in which they are told.
pub(super) const VERDICTS: [Verdict; 6] =
    [Verdict::Pass, Verdict::Fail, Verdict::Stale, Verdict::Unknown, Verdict::Waived, Verdict::NotApplicable];

/// The level that a service has reached.
pub(crate) fn level(level: Option<Level>) -> impl IntoView + use<> {
    let (class, name, word) = match level {
        None => ("level none", "level0", "Below bronze"),
        Some(Level::Bronze) => ("level bronze", "level1", "Bronze"),
        Some(Level::Silver) => ("level silver", "level2", "Silver"),
        Some(Level::Gold) => ("level gold", "level3", "Gold"),
    };
    view! { <span class=class>{icon(name)}{word}</span> }
}

/// A verdict with its word, or with how many there are of it.
pub(super) fn verdict(verdict: Verdict, words: Option<String>) -> impl IntoView + use<> {
    let (class, name, word) = look(verdict);
    let words = words.unwrap_or_else(|| word.to_owned());
    view! { <span class=format!("status {class}")>{icon(name)}{words}</span> }
}

fn look(verdict: Verdict) -> (&'static str, &'static str, &'static str) {
    match verdict {
        Verdict::Pass => ("is-pass", "pass", "Pass"),
        Verdict::Fail => ("is-fail", "fail", "Fail"),
        Verdict::Unknown => ("is-unknown", "unknown", "Unknown"),
        Verdict::Stale => ("is-stale", "stale", "Stale"),
        Verdict::Waived => ("is-waived", "waived", "Waived"),
        Verdict::NotApplicable => ("is-na", "na", "Not applicable"),
    }
}

/// By what an item is judged; of a pass, whether that proves it.
pub(super) fn badge(judged: &Judged) -> impl IntoView + use<> {
    let (class, name, word) = match (judged.verdict, judged.by) {
        (Verdict::Pass, By::Evidence) => ("badge proved", "proved", "proved"),
        (Verdict::Pass, By::Answer) => ("badge claimed", "claimed", "claimed"),
        (_, By::Evidence) => ("badge", "proved", "evidence"),
        (_, By::Answer) => ("badge", "claimed", "answer"),
    };
    view! { <span class=class>{icon(name)}{word}</span> }
}

/// One piece for each verdict, the passes first.
pub(crate) fn pips(verdicts: &[Verdict], wide: bool) -> impl IntoView + use<> {
    let mut ordered: Vec<Verdict> =
        verdicts.iter().copied().filter(|verdict| *verdict != Verdict::NotApplicable).collect();
    ordered.sort_by_key(|verdict| VERDICTS.iter().position(|of| of == verdict));
    let step = 100.0 / ordered.len().max(1) as f64;
    let width = format!("{:.2}%", step * 0.87);
    let pieces: Vec<_> = ordered
        .iter()
        .zip(0_u32..)
        .map(|(verdict, index)| {
            let x = format!("{:.2}%", f64::from(index) * step);
            view! { <rect class=format!("pip {}", kind(*verdict)) x=x width=width.clone() height="8" rx="2"/> }
        })
        .collect();
    let class = if wide { "pips" } else { "pips w8" };
    view! { <svg class=class role="img" aria-label=told(&ordered)>{pieces}</svg> }
}

/// `7 pass, 1 fail`.
pub(super) fn told(verdicts: &[Verdict]) -> String {
    let count = |of: Verdict| verdicts.iter().filter(|verdict| **verdict == of).count();
    let parts: Vec<String> = VERDICTS
        .into_iter()
        .map(|of| (of, count(of)))
        .filter(|(_, count)| *count > 0)
        .map(|(of, count)| format!("{count} {}", of.as_str()))
        .collect();
    if parts.is_empty() { "none applies".to_owned() } else { parts.join(", ") }
}

/// What an item became, as the history calls it: a pass is proved or claimed.
pub(super) fn became(word: &str) -> impl IntoView + use<> {
    let verdict = match word {
        "proved" | "claimed" => Some(Verdict::Pass),
        other => VERDICTS.into_iter().find(|verdict| verdict.as_str() == other),
    };
    let (class, name, _) = verdict.map_or(("muted", "info", ""), look);
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    view! { <span class=format!("status {class}")>{icon(name)}{first + letters.as_str()}</span> }
}

/// The class of what shows a verdict as a patch of colour.
pub(super) fn kind(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Unknown => "unknown",
        Verdict::Stale => "stale",
        Verdict::Waived => "waived",
        Verdict::NotApplicable => "na",
    }
}

/// A bar of how many of so many.
pub(super) fn bar(some: usize, all: usize, class: &'static str, sentence: String) -> impl IntoView + use<> {
    let share = if all == 0 { 100.0 } else { some as f64 / all as f64 * 100.0 };
    view! {
        <svg class="meter thin" role="img" aria-label=sentence>
            <rect class="track" width="100%" height="6" rx="3"/>
            <rect class=format!("fill {class}") width=format!("{share:.2}%") height="6" rx="3"/>
        </svg>
    }
}
