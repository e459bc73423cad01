//! Bars that show a share or a few durations.

use leptos::prelude::*;

use super::short;

/// A bar filled to `share` of 1, with `text` beside it.
pub(in crate::web) fn meter(share: f64, text: String, sentence: String) -> impl IntoView {
    let width = format!("{}%", short(share.clamp(0.0, 1.0) * 100.0));
    let class = if share > 0.9 { "fill warn" } else { "fill info" };
    view! {
        <div class="meter-line">
            <svg class="meter thin" role="img" aria-label=sentence>
                <rect class="track" width="100%" height="6" rx="3"/>
                <rect class=class width=width height="6" rx="3"/>
            </svg>
            <span class="value">{text}</span>
        </div>
    }
}

/// p50 as a bar with marks at p95 and p99, on a scale up to `longest`. All in the same unit.
pub(in crate::web) fn spread([p50, p95, p99]: [f64; 3], longest: f64, sentence: String) -> impl IntoView {
    let at = |value: f64| {
        let share = if longest > 0.0 { value / longest } else { 0.0 };
        format!("{}%", short(share.clamp(0.0, 1.0) * 100.0))
    };
    view! {
        <svg class="meter" role="img" aria-label=sentence>
            <rect class="track" width="100%" height="8" rx="4"/>
            <rect class="b1" width=at(p50) height="8" rx="4"/>
            <line class="l s2" x1=at(p95) x2=at(p95) y1="-1" y2="9" stroke-width="3"/>
            <line class="l s3" x1=at(p99) x2=at(p99) y1="-1" y2="9" stroke-width="3"/>
        </svg>
    }
}

/// A bar filled to `share` of 1, without more.
pub(in crate::web) fn bar(share: f64, sentence: String) -> impl IntoView {
    let width = format!("{}%", short(share.clamp(0.0, 1.0) * 100.0));
    view! {
        <svg class="meter thin" role="img" aria-label=sentence>
            <rect class="track" width="100%" height="6" rx="3"/>
            <rect class="fill info" width=width height="6" rx="3"/>
        </svg>
    }
}
