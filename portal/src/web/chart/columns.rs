//! Columns side by side, for what is not spread over time: one a build.

use leptos::prelude::*;

use super::{axis, short};

/// One column.
#[derive(Clone, Debug)]
pub(in crate::web) struct Height {
    /// What stands under it.
    pub(in crate::web) label: String,
    pub(in crate::web) value: f64,
}

/// Columns from 0 upwards, with a line across them that they are to be compared with.
pub(in crate::web) struct ColumnChart {
    /// The chart in words.
    pub(in crate::web) sentence: String,
    pub(in crate::web) columns: Vec<Height>,
    /// A value and what it is called.
    pub(in crate::web) line: Option<(f64, String)>,
    pub(in crate::web) format: fn(f64) -> String,
}

/// The widest column, as a share of the chart.
const WIDEST: f64 = 0.08;

impl ColumnChart {
    /// The picture.
    pub(in crate::web) fn view(self) -> impl IntoView {
        let values = self.columns.iter().map(|column| column.value);
        let largest = values.chain(self.line.as_ref().map(|(value, _)| *value)).fold(0.0, f64::max);
        let (top, grid) = axis::values(largest);
        let count = self.columns.len().max(1) as f64;
        let width = WIDEST.min(0.6 / count);
        let columns: Vec<_> = self
            .columns
            .iter()
            .enumerate()
            .map(|(index, column)| {
                let middle = (index as f64 + 0.5) / count;
                column_view(column, (middle, width), top, index % 2 == 1 && count > 6.0, self.format)
            })
            .collect();
        let line = self.line.as_ref().map(|(value, words)| line_view(*value / top, words));
        view! {
            <div class="chart-frame">
                <svg class="chart" role="img" aria-label=self.sentence.clone()>
                    {grid_view(&grid, top, self.format)}{columns}{line}
                </svg>
            </div>
        }
    }
}

fn percent(share: f64) -> String {
    format!("{}%", short(share * 100.0))
}

fn column_view(
    column: &Height,
    (middle, width): (f64, f64),
    top: f64,
    every_other: bool,
    format: fn(f64) -> String,
) -> impl IntoView + use<> {
    let share = (column.value / top).clamp(0.0, 1.0);
    let (x, y) = (percent(middle), percent(1.0 - share));
    let class = every_other.then_some("alt");
    view! {
        <rect class="fill info" x=percent(middle - width / 2.0) y=y.clone() width=percent(width) height=percent(share)/>
        <text class="strong" x=x.clone() y=y dy="-4" text-anchor="middle">{format(column.value)}</text>
        <text class=class x=x y="100%" dy="16" text-anchor="middle">{column.label.clone()}</text>
    }
}

fn line_view(share: f64, words: &str) -> impl IntoView + use<> {
    let y = percent(1.0 - share);
    view! {
        <line class="target" x1="0" x2="100%" y1=y.clone() y2=y.clone()/>
        <text class="halo" x="100%" y=y dx="-4" dy="-4" text-anchor="end">{words.to_owned()}</text>
    }
}

fn grid_view(grid: &[f64], top: f64, format: fn(f64) -> String) -> impl IntoView + use<> {
    let lines: Vec<_> = grid
        .iter()
        .map(|value| {
            let y = percent(1.0 - value / top);
            let class = if *value == 0.0 { "base" } else { "grid" };
            view! {
                <line class=class x1="0" x2="100%" y1=y.clone() y2=y.clone()/>
                <text x="-6" y=y dy="4" text-anchor="end">{format(*value)}</text>
            }
        })
        .collect();
    lines
}
