//! What the store remembers of a series to turn its points into what happened between them. Pure.

use serde::{Deserialize, Serialize};

use crate::{
    metric::{MetricKind, MetricPoint, PointValue, Temporality},
    model::UnixNanos,
};

/// Delta points remembered a series. One that is older than all of them cannot be told from a doubled one.
const REMEMBERED_DELTAS: usize = 32;
/// Cumulative runs (start times) remembered a series: processes that share a series by mistake, and restarts.
const REMEMBERED_RUNS: usize = 4;
/// The first value seen of a run counts in full if the run began at most so long before: the portal saw its life.
const FRESH_RUN: UnixNanos = 10 * 60 * 1_000_000_000;

/// The memory of one series.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Stream {
    deltas: Vec<(UnixNanos, UnixNanos)>,
    runs: Vec<Run>,
    level: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Run {
    start: UnixNanos,
    time: UnixNanos,
    value: PointValue,
}

/// What a point adds to its minute.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// A counter or histogram grew by this.
    Increase(PointValue),
    /// A gauge or up-down counter stood here.
    Level(f64),
    /// Nothing new: doubled, overtaken, or the first sight of a count that began long ago.
    Nothing,
}

impl Stream {
    /// Takes in a point.
    pub(super) fn step(&mut self, point: &MetricPoint) -> Step {
        match (point.kind, point.temporality, &point.value) {
            (MetricKind::Gauge, _, PointValue::Number(value)) => Step::Level(*value),
            (MetricKind::UpDownCounter, Some(Temporality::Delta), PointValue::Number(change)) => {
                if !self.is_new_delta(point) {
                    return Step::Nothing;
                }
                self.level += change;
                Step::Level(self.level)
            }
            (MetricKind::UpDownCounter, _, PointValue::Number(value)) => Step::Level(*value),
            (_, Some(Temporality::Delta), value) => {
                if self.is_new_delta(point) {
                    Step::Increase(value.clone())
                } else {
                    Step::Nothing
                }
            }
            (_, Some(Temporality::Cumulative), _) => self.cumulative(point),
            (_, None, _) => Step::Nothing,
        }
    }

    fn is_new_delta(&mut self, point: &MetricPoint) -> bool {
        let interval = (point.time, point.start);
        let Err(place) = self.deltas.binary_search(&interval) else { return false };
        if self.deltas.len() == REMEMBERED_DELTAS {
            if place == 0 {
                return false;
            }
            self.deltas.remove(0);
            self.deltas.insert(place - 1, interval);
        } else {
            self.deltas.insert(place, interval);
        }
        true
    }

    fn cumulative(&mut self, point: &MetricPoint) -> Step {
        let seen_before = self.runs.iter().map(|run| run.time).max();
        let Some(run) = self.runs.iter_mut().find(|run| run.start == point.start) else {
            self.remember_run(point);
            let fresh = point.start != 0
                && (point.time.saturating_sub(point.start) <= FRESH_RUN
                    || seen_before.is_some_and(|time| point.start >= time));
            return if fresh { Step::Increase(point.value.clone()) } else { Step::Nothing };
        };
        if point.time <= run.time {
            return Step::Nothing;
        }
        let earlier = std::mem::replace(&mut run.value, point.value.clone());
        run.time = point.time;
        // A value that fell under the same start was reset by its sender without saying so.
        Step::Increase(since(&point.value, &earlier).unwrap_or_else(|| point.value.clone()))
    }

    fn remember_run(&mut self, point: &MetricPoint) {
        if self.runs.len() == REMEMBERED_RUNS {
            let oldest = self.runs.iter().enumerate().min_by_key(|(_, run)| run.time).map(|(index, _)| index);
            if let Some(oldest) = oldest {
                self.runs.remove(oldest);
            }
        }
        self.runs.push(Run { start: point.start, time: point.time, value: point.value.clone() });
    }
}

fn since(now: &PointValue, earlier: &PointValue) -> Option<PointValue> {
    match (now, earlier) {
        (PointValue::Number(now), PointValue::Number(earlier)) if now >= earlier => {
            Some(PointValue::Number(now - earlier))
        }
        (PointValue::Explicit(now), PointValue::Explicit(earlier)) => {
            now.since(earlier).map(PointValue::Explicit)
        }
        (PointValue::Exponential(now), PointValue::Exponential(earlier)) => {
            now.since(earlier).map(PointValue::Exponential)
        }
        _ => None,
    }
}
