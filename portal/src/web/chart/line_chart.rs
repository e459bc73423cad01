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
    pub(in crate::web) overlay: Overlay,
}

/// What lies over or under the lines.
#[derive(Clone, Debug, Default)]
pub(in crate::web) struct Overlay {
    /// Time that does not count, and why.
    pub(in crate::web) excluded: Vec<(Timestamp, Timestamp, String)>,
    /// Time in which something alerted.
    pub(in crate::web) alerts: Vec<(Timestamp, Timestamp)>,
    /// Where the past ends.
    pub(in crate::web) now: Option<Timestamp>,
    /// From a time and a value down to 0, at the earliest and at the latest; none for no latest.
    pub(in crate::web) forecast: Option<Forecast>,
    /// At each time, the lowest and the highest that a value may be.
    pub(in crate::web) range: Vec<(Timestamp, f64, f64)>,
}

/// Where a line leads.
#[derive(Clone, Copy, Debug)]
pub(in crate::web) struct Forecast {
    pub(in crate::web) from: Timestamp,
    pub(in crate::web) value: f64,
    pub(in crate::web) earliest: Timestamp,
    pub(in crate::web) latest: Option<Timestamp>,
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
                    {self.overlay.alerts_view(&self.axis)}
                    <svg width="100%" height="100%" viewBox="0 0 1000 100" preserveAspectRatio="none" overflow="visible">
                        {self.overlay.range_view(&self.axis, top)}{areas}{lines}{self.overlay.forecast_view(&self.axis, top)}
                    </svg>
                    {self.overlay.excluded_view(&self.axis)}
                    {marks}
                    {self.overlay.now_view(&self.axis)}
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

impl Overlay {
    fn excluded_view(&self, axis: &TimeAxis) -> Option<impl IntoView + use<>> {
        let bands: Vec<_> = self
            .excluded
            .iter()
            .filter_map(|(from, to, why)| {
                let (x, width) = axis.stretch(*from, *to)?;
                // A band of a minute in a month must still be seen.
                let width = format!("{}%", short((width * 100.0).max(0.3)));
                Some(view! {
                    <rect class="excluded" x=format!("{}%", short(x * 100.0)) width=width height="100%">
                        <title>{why.clone()}</title>
                    </rect>
                })
            })
            .collect();
        (!bands.is_empty()).then(|| view! { {hatch()}{bands} })
    }

    fn alerts_view(&self, axis: &TimeAxis) -> Vec<impl IntoView + use<>> {
        let bands = self.alerts.iter().filter_map(|(from, to)| axis.stretch(*from, *to));
        bands
            .map(|(x, width)| {
                let width = format!("{}%", short((width * 100.0).max(0.3)));
                view! { <rect class="alert-band" x=format!("{}%", short(x * 100.0)) width=width y="100%" height="5"/> }
            })
            .collect()
    }

    fn now_view(&self, axis: &TimeAxis) -> Option<impl IntoView + use<>> {
        let x = format!("{}%", short(axis.share(self.now?)? * 100.0));
        Some(view! { <line class="now" x1=x.clone() x2=x y1="0" y2="100%"/> })
    }

    /// Between the lowest and the highest, there and back.
    fn range_view(&self, axis: &TimeAxis, top: f64) -> Option<impl IntoView + use<>> {
        let point = |(at, value): (Timestamp, f64)| {
            let y = HEIGHT * (1.0 - (value / top).clamp(0.0, 1.0));
            Some(format!("{},{}", short(axis.share(at)? * WIDTH), short(y)))
        };
        let highest = self.range.iter().map(|(at, _, high)| (*at, *high));
        let lowest = self.range.iter().rev().map(|(at, low, _)| (*at, *low));
        let points: Vec<String> = highest.chain(lowest).filter_map(point).collect();
        (!points.is_empty()).then(|| view! { <polygon class="area range" points=points.join(" ")/> })
    }

    /// Between the fastest and the slowest way down, cut off at the right edge.
    fn forecast_view(&self, axis: &TimeAxis, top: f64) -> Option<impl IntoView + use<>> {
        let Forecast { from, value, earliest, latest } = self.forecast?;
        let start = (axis.share(from)?, value / top);
        let end = |gone: Timestamp| {
            let whole = gone.duration_since(from).as_secs_f64();
            let seen = axis.to.duration_since(from).as_secs_f64().min(whole);
            let left = if whole > 0.0 { start.1 * (1.0 - seen / whole) } else { 0.0 };
            (axis.share(gone.min(axis.to)).unwrap_or(1.0), left)
        };
        let point = |(x, y): (f64, f64)| format!("{},{}", short(x * WIDTH), short(HEIGHT * (1.0 - y)));
        let (start_at, soon) = (point(start), point(end(earliest)));
        let dashes = |to: &str| {
            let points = format!("{start_at} {to}");
            view! { <polyline class="l s1 dash thin" points=points/> }
        };
        let late = latest.map(|latest| {
            let late_end = end(latest);
            // The corner under a slow way that leaves the picture above the base.
            let corner = point((late_end.0, 0.0));
            let late = point(late_end);
            let points = format!("{start_at} {late} {corner} {soon}");
            view! { {hatch()}<polygon class="area forecast" points=points/>{dashes(&late)} }
        });
        Some(view! { {late}{dashes(&soon)} })
    }
}

/// The pattern of what is not certain or does not count.
pub(in crate::web) fn hatch() -> impl IntoView {
    view! {
        <defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <line class="hatch-line" x1="0" y1="0" x2="0" y2="6"/>
        </pattern></defs>
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
