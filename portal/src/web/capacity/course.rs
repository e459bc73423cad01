//! How a resource has been used, and where that leads: in words and as a picture.

use jiff::{SignedDuration, Timestamp};
use leptos::prelude::*;

use crate::{
    view::capacity::{ResourceView, RunsOutView, TrendView},
    web::{
        chart::{Line, LineChart, Mark, Overlay, TimeAxis},
        format, time,
    },
};

/// One point of a picture stands for so long.
const STEP: SignedDuration = SignedDuration::from_hours(4);
/// So far ahead a picture looks.
const AHEAD: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The card of a resource.
pub(super) fn card(view: &ResourceView, now: Timestamp) -> impl IntoView + use<> {
    let title = if view.resource == "memory" { "Memory" } else { "CPU" };
    let chart = chart(view, now).map(|chart| view! { <div class="tall-chart">{chart.view()}</div> });
    view! {
        <section class="card">
            <header><h2>{title}</h2><div class="end row tight">{legend(view)}</div></header>
            <div class="body stack">{told(view)}{chart}</div>
        </section>
    }
}

/// Only of what there is.
fn legend(view: &ResourceView) -> impl IntoView + use<> {
    let trend = view.trend.map(|_| {
        view! {
            <span><span class="key line k2"></span>"trend"</span>
            <span><span class="key k2 soft"></span>"where it may lead"</span>
        }
    });
    view! {
        <div class="legend">
            <span><span class="key line k1"></span>"share of the limit, the fullest instance"</span>{trend}
        </div>
    }
}

/// The forecast in sentences.
fn told(view: &ResourceView) -> impl IntoView + use<> {
    let highest = view.highest_24h.map(|share| {
        view! { "At its highest "<b>{format::percent(rounded(share))}</b>" of the limit was used in the last 24 h. " }
    });
    let forecast = match &view.trend {
        Some(trend) => view! { {growth(trend)}" "{runs_out(view.runs_out)} }.into_any(),
        None => format!("No forecast yet: {}.", view.no_trend.clone().unwrap_or_default()).into_any(),
    };
    view! { <p class="arithmetic">{highest}{forecast}</p> }
}

fn growth(trend: &TrendView) -> String {
    format!(
        "By the highest hours of {} days a day adds {} of the limit ({} to {}, nine times of ten).",
        trend.days,
        points(trend.per_day),
        points(trend.per_day_low),
        points(trend.per_day_high),
    )
}

fn runs_out(found: Option<RunsOutView>) -> AnyView {
    let Some(RunsOutView { expected, earliest, latest }) = found else {
        return "It does not grow towards its limit.".into_any();
    };
    let latest = match latest {
        Some(latest) => view! { ", at the slowest on "{time::day(latest)}"." }.into_any(),
        None => ", at the slowest never.".into_any(),
    };
    view! { "It runs out on "<b>{time::day(expected)}</b>": at the fastest on "{time::day(earliest)}{latest} }
        .into_any()
}

/// `1.2 points`, of a hundred.
fn points(share: f64) -> String {
    let points = format::number((share * 1e4).round() / 1e2);
    format!("{points} point{}", if points == "1" { "" } else { "s" })
}

/// Tenths of a percent are as much as anybody acts on.
fn rounded(share: f64) -> f64 {
    (share * 1e3).round() / 1e3
}

fn chart(view: &ResourceView, now: Timestamp) -> Option<LineChart> {
    let first = view.hours.first()?.at;
    let to = if view.trend.is_some() { now + AHEAD } else { now };
    let step_of = |at: Timestamp| at.duration_since(first).as_secs() / STEP.as_secs();
    let times: Vec<Timestamp> =
        (0..=i32::try_from(step_of(to)).ok()?).map(|step| first + STEP * step).collect();
    let mut used: Vec<Option<f64>> = vec![None; times.len()];
    for hour in &view.hours {
        if let Some(highest) = usize::try_from(step_of(hour.at)).ok().and_then(|step| used.get_mut(step)) {
            *highest = Some(highest.map_or(hour.share, |known| known.max(hour.share)));
        }
    }
    let trend =
        view.trend.map(|trend| Line { name: "trend", class: "s2 dash", values: line(&trend, &times) });
    let mark = view.runs_out.map(|found| Mark { at: found.expected, label: "runs out".to_owned() });
    Some(LineChart {
        sentence: sentence(view),
        axis: TimeAxis { from: first, to: *times.last()?, zone: time::zone() },
        lines: std::iter::once(Line { name: "used", class: "s1", values: used }).chain(trend).collect(),
        area: Some(""),
        top: Some(1.0),
        format: |share| format::percent(rounded(share)),
        marks: mark.into_iter().collect(),
        overlay: Overlay {
            now: Some(now),
            range: view.trend.map(|trend| range(&trend, &times)).unwrap_or_default(),
            ..Overlay::default()
        },
        times,
    })
}

fn days_after(trend: &TrendView, at: Timestamp) -> f64 {
    at.duration_since(trend.until).as_secs_f64() / 86_400.0
}

/// The trend, as far as there is anything to use.
fn line(trend: &TrendView, times: &[Timestamp]) -> Vec<Option<f64>> {
    let share = |at: &Timestamp| trend.level + trend.per_day * days_after(trend, *at);
    times.iter().map(|at| Some(share(at)).filter(|share| (0.0..=1.0).contains(share))).collect()
}

/// Where it may lead from its last point on: from a low day as slowly as it may grow, to a high day as fast as it may.
fn range(trend: &TrendView, times: &[Timestamp]) -> Vec<(Timestamp, f64, f64)> {
    let ahead = times.iter().filter(|at| **at >= trend.until);
    let share = |at: Timestamp, spread: f64, per_day: f64| {
        (trend.level + spread + per_day * days_after(trend, at)).clamp(0.0, 1.0)
    };
    ahead
        .map(|at| {
            (
                *at,
                share(*at, trend.spread_low, trend.per_day_low),
                share(*at, trend.spread_high, trend.per_day_high),
            )
        })
        .collect()
}

/// The picture, for those who do not see it.
fn sentence(view: &ResourceView) -> String {
    let ahead = match (&view.trend, view.runs_out) {
        (None, _) => "there is no forecast".to_owned(),
        (_, None) => "it does not grow towards its limit".to_owned(),
        (_, Some(found)) => format!("it runs out on {}", time::told(found.expected, "%-d %b %Y")),
    };
    format!("The share of the limit of {} that the fullest instance used, over days; {ahead}.", view.resource)
}
