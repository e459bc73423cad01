//! Lines over time.

use jiff::Timestamp;
use leptos::prelude::*;

use super::{
    area,
    axis::{self, TimeAxis},
    listed, runs, short,
};

const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 100.0;

/// One line: its values, one a step; none where nothing is known.
#[derive(Clone, Debug)]
pub(in crate::web) struct Line {
    /// What it is called under the pointer.
    pub(in crate::web) name: &'static str,
    /// How it is drawn: `s1` to `s5`, `sf` for failures.
    pub(in crate::web) class: &'static str,
    pub(in crate::web) values: Vec<Option<f64>>,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub(in crate::web) struct Mark {
    pub(in crate::web) at: Timestamp,
    pub(in crate::web) label: String,
}

/// A chart of one or more lines from 0 upwards.
pub(in crate::web) struct LineChart {
    /// The chart in words.
    pub(in crate::web) sentence: String,
    pub(in crate::web) axis: TimeAxis,
    /// When each step begins.
    pub(in crate::web) times: Vec<Timestamp>,
    pub(in crate::web) lines: Vec<Line>,
    /// Class of the area under the first line; none for no area.
    pub(in crate::web) area: Option<&'static str>,
    /// The value at the upper edge; none for what the lines need.
    pub(in crate::web) top: Option<f64>,
    /// A value with its unit.
    pub(in crate::web) format: fn(f64) -> String,
    pub(in crate::web) marks: Vec<Mark>,
}

impl LineChart {
    /// The picture.
    pub(in crate::web) fn view(self) -> impl IntoView {
        let largest = self.lines.iter().flat_map(|line| &line.values).flatten().copied().fold(0.0, f64::max);
        let (top, grid) = axis::values(self.top.unwrap_or(largest));
        let points = serde_json::to_string(&self.points()).unwrap_or_default();
        let areas = self.area.map(|class| self.area_view(class, top));
        let lines: Vec<_> = self.lines.iter().flat_map(|line| line_view(line, top)).collect();
        let marks: Vec<_> = self.marks.iter().filter_map(|mark| self.mark_view(mark)).collect();
        view! {
            <div class="chart-frame">
                <svg class="chart" role="img" aria-label=self.sentence.clone() data-points=points>
                    {grid_view(&grid, top, self.format)}
                    {ticks_view(&self.axis)}
                    <svg width="100%" height="100%" viewBox="0 0 1000 100" preserveAspectRatio="none" overflow="visible">
                        {areas}{lines}
                    </svg>
                    {marks}
                </svg>
            </div>
        }
    }

    /// What stands under the pointer: for every step its time, then each line.
    fn points(&self) -> Vec<Vec<String>> {
        let step = |(index, at): (usize, &Timestamp)| {
            let time = at.to_zoned(self.axis.zone.clone()).strftime("%a %-d %b, %H:%M %Z").to_string();
            let values = self.lines.iter().map(|line| {
                let value = line.values.get(index).copied().flatten();
                format!("{} {}", line.name, value.map_or("no data".to_owned(), self.format))
            });
            std::iter::once(time).chain(values).collect()
        };
        self.times.iter().enumerate().map(step).collect()
    }

    fn area_view(&self, class: &'static str, top: f64) -> impl IntoView + use<> {
        let values = self.lines.first().map(|line| line.values.as_slice()).unwrap_or_default();
        let class = format!("area {class}");
        let polygons: Vec<_> = runs(values, top, WIDTH, HEIGHT)
            .iter()
            .map(|run| view! { <polygon class=class.clone() points=area(run, HEIGHT)/> })
            .collect();
        polygons
    }

    fn mark_view(&self, mark: &Mark) -> Option<impl IntoView + use<>> {
        let share = self.axis.share(mark.at)?;
        let x = format!("{}%", short(share * 100.0));
        // The label stays inside the picture.
        let (offset, anchor) = if share > 0.8 { ("-7", "end") } else { ("7", "start") };
        Some(view! {
            <g>
                <line class="deploy" x1=x.clone() x2=x.clone() y1="-2" y2="100%"/>
                <svg x=x.clone() y="-9" overflow="visible"><path class="deploy-flag" d="M-4 6 0-1 4 6z"/></svg>
                <text x=x dx=offset y="-4" text-anchor=anchor>{mark.label.clone()}</text>
            </g>
        })
    }
}

fn line_view(line: &Line, top: f64) -> Vec<impl IntoView + use<>> {
    let class = format!("l {}", line.class);
    runs(&line.values, top, WIDTH, HEIGHT)
        .iter()
        .map(|run| view! { <polyline class=class.clone() points=listed(run)/> })
        .collect()
}

fn grid_view(grid: &[f64], top: f64, format: fn(f64) -> String) -> impl IntoView + use<> {
    let lines: Vec<_> = grid
        .iter()
        .map(|value| {
            let y = format!("{}%", short(100.0 - value / top * 100.0));
            let class = if *value == 0.0 { "base" } else { "grid" };
            view! {
                <line class=class x1="0" x2="100%" y1=y.clone() y2=y.clone()/>
                <text x="-6" y=y dy="4" text-anchor="end">{format(*value)}</text>
            }
        })
        .collect();
    lines
}

fn ticks_view(axis: &TimeAxis) -> impl IntoView + use<> {
    let ticks: Vec<_> = axis
        .ticks()
        .into_iter()
        // A label at the edge would stick out.
        .filter(|(share, _)| (0.02..=0.98).contains(share))
        .enumerate()
        .map(|(index, (share, label))| {
            let class = (index % 2 == 1).then_some("alt");
            let x = format!("{}%", short(share * 100.0));
            view! { <text class=class x=x y="100%" dy="16" text-anchor="middle">{label}</text> }
        })
        .collect();
    ticks
}
