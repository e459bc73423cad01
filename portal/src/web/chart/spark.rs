//! A small line without axes.

use leptos::prelude::*;

use super::{area, listed, runs};

const WIDTH: f64 = 100.0;
const HEIGHT: f64 = 26.0;

/// `sentence` says in words what it shows.
pub(in crate::web) fn spark(values: &[Option<f64>], sentence: String) -> impl IntoView + use<> {
    let largest = values.iter().flatten().copied().fold(0.0, f64::max);
    // A little room above, so that the line is not cut.
    let runs = runs(values, largest * 1.1, WIDTH, HEIGHT);
    let areas: Vec<_> =
        runs.iter().map(|run| view! { <polygon class="area" points=area(run, HEIGHT)/> }).collect();
    let lines: Vec<_> = runs.iter().map(|run| view! { <polyline points=listed(run)/> }).collect();
    view! {
        <svg class="spark" viewBox="0 0 100 26" preserveAspectRatio="none" role="img" aria-label=sentence>
            {areas}{lines}
        </svg>
    }
}
