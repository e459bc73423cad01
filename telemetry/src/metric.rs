//! Metric points on the way in, and series of cells on the way out.
//!
//! The store keeps one **cell** per series and minute. It turns what arrives (delta or cumulative, doubled, late,
//! across restarts) into what happened in that minute, so that cells can be added: two cells of a counter or a
//! histogram merge into the cell of both minutes, without loss.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    histogram::{ExplicitHistogram, ExponentialHistogram},
    model::{Attributes, Resource, UnixNanos, Window},
};

/// What a metric measures with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MetricKind {
    /// Only ever grows; its cells say by how much.
    Counter,
    /// A sum that may also fall, such as requests in flight; its cells say where it stood.
    UpDownCounter,
    /// A value that is what it is; its cells say where it stood.
    Gauge,
    /// A distribution over fixed bounds; its cells count.
    ExplicitHistogram,
    /// A distribution over exponential buckets; its cells count.
    ExponentialHistogram,
}

/// How a point relates to the one before (OTLP's aggregation temporality). Gauges have none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Temporality {
    /// What happened since the last point.
    Delta,
    /// What happened since `start`.
    Cumulative,
}

/// The value of a point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum PointValue {
    /// Of a counter, an up-down counter or a gauge.
    Number(f64),
    /// Of an explicit histogram.
    Explicit(ExplicitHistogram),
    /// Of an exponential histogram.
    Exponential(ExponentialHistogram),
}

/// One metric point as it was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricPoint {
    /// Who sent it.
    pub resource: Arc<Resource>,
    /// Name of the metric: `http.server.request.duration`.
    pub name: Arc<str>,
    /// Unit as UCUM writes it: `s`, `By`, `{request}`.
    pub unit: Arc<str>,
    /// What it measures with.
    pub kind: MetricKind,
    /// How it relates to the point before; none for a gauge.
    pub temporality: Option<Temporality>,
    /// Attributes of the point.
    pub attributes: Attributes,
    /// Since when a cumulative or delta value counts; 0 where the sender does not say.
    pub start: UnixNanos,
    /// When it was taken.
    pub time: UnixNanos,
    /// The value.
    pub value: PointValue,
}

/// What is known of one series over one step of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum CellValue {
    /// By how much a counter grew.
    Increase(f64),
    /// Where a gauge or an up-down counter stood.
    Level {
        /// The latest value.
        last: f64,
        /// The smallest value.
        min: f64,
        /// The largest value.
        max: f64,
    },
    /// What an explicit histogram counted.
    Explicit(ExplicitHistogram),
    /// What an exponential histogram counted.
    Exponential(ExponentialHistogram),
}

/// One step of time of one series.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// First nanosecond of the step.
    pub at: UnixNanos,
    /// What happened in it.
    pub value: CellValue,
}

/// A series and its cells, in order of time. Steps without data have no cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// `service.name`.
    pub service: String,
    /// `service.instance.id`.
    pub instance: String,
    /// Name of the metric.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// What it measures with.
    pub kind: MetricKind,
    /// Attributes of its points.
    pub attributes: Attributes,
    /// Its cells.
    pub cells: Vec<Cell>,
}

/// Asks for series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricQuery {
    /// `service.name`; none for every service.
    pub service: Option<String>,
    /// Name of the metric, exactly; none for every metric.
    pub name: Option<String>,
    /// The time asked for.
    pub window: Window,
    /// Whole minutes a cell, at least 1. Cells start at multiples of it since the epoch.
    pub step_minutes: u32,
}
