//! The seam between the portal and its telemetry.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;

use crate::{
    log::{LogCount, LogQuery, LogRecord, LogsFound},
    metric::{MetricPoint, MetricQuery, Series},
    model::{Span, SpanMinute, TraceFound, TraceId, TraceQuery, TracesFound, UnixNanos, Window},
    observed::{BusiestMinute, LastPoint, Outbound, SpanLinks},
    profile::{LastProfile, ProfileId, ProfileInfo, ProfileQuery, StoredProfile},
};

/// Stores what machines send, and finds it again.
#[async_trait]
pub trait Telemetry: Send + Sync + 'static {
    /// Stores spans. Returns once they are durable: they survive `kill -9` from then on.
    async fn append_spans(&self, spans: Vec<Span>) -> Result<(), AppendError>;

    /// Stores metric points, each of them counted exactly once however often it is sent. Returns once they are durable.
    async fn append_points(&self, points: Vec<MetricPoint>) -> Result<(), AppendError>;

    /// Stores log records. Returns once they are durable.
    async fn append_logs(&self, records: Vec<LogRecord>) -> Result<(), AppendError>;

    /// Stores a profile, as it was compressed by who took it. Returns once it is durable. The same profile, sent again, has the
    /// same id and is there once.
    async fn append_profile(&self, info: ProfileInfo, body: Vec<u8>) -> Result<ProfileId, AppendError>;

    /// The spans of a trace; none for a trace that is not known. A span that was sent twice is there once.
    async fn trace(&self, id: TraceId) -> Result<TraceFound, ReadError>;

    /// Traces that match, latest first.
    async fn search(&self, query: TraceQuery) -> Result<TracesFound, ReadError>;

    /// Names of the spans of a service, in alphabetical order.
    async fn operations(&self, service: &str, window: Window) -> Result<Vec<String>, ReadError>;

    /// Services that sent spans, points or lines, in alphabetical order.
    async fn services(&self, window: Window) -> Result<Vec<String>, ReadError>;

    /// Requests and errors of a service by its server and consumer spans.
    async fn span_minutes(&self, service: &str, window: Window) -> Result<Vec<SpanMinute>, ReadError>;

    /// Series that match, with their cells.
    async fn series(&self, query: MetricQuery) -> Result<Vec<Series>, ReadError>;

    /// How the spans of a service hang together with those of others.
    async fn span_links(&self, service: &str, window: Window) -> Result<SpanLinks, ReadError>;

    /// Whom a service calls, by name, in whole hours.
    async fn outbound(&self, service: &str, window: Window) -> Result<Vec<Outbound>, ReadError>;

    /// The minute in which a service was asked most: by one of the [request metrics](crate::observed::REQUEST_METRICS),
    /// load tests left out, or else by its server and consumer spans. None where nothing was counted.
    async fn busiest_minute(
        &self,
        service: &str,
        metric: Option<&str>,
        window: Window,
    ) -> Result<Option<BusiestMinute>, ReadError>;

    /// When each series of these metrics was last heard of, for all services. A series without a point in the window is
    /// left out.
    async fn last_points(&self, metrics: &[&str], window: Window) -> Result<Vec<LastPoint>, ReadError>;

    /// When each service last sent server or consumer spans: the first nanosecond of the minute in which they began.
    async fn last_spans(&self, window: Window) -> Result<BTreeMap<String, UnixNanos>, ReadError>;

    /// Lines that match, latest first. A line that was sent twice is there once.
    async fn logs(&self, query: LogQuery) -> Result<LogsFound, ReadError>;

    /// How many lines a service writes, or all of them do, by level and steps of so many minutes, in order of time. Steps
    /// begin with the window.
    async fn log_counts(
        &self,
        service: Option<&str>,
        window: Window,
        step_minutes: u32,
    ) -> Result<Vec<LogCount>, ReadError>;

    /// Profiles that match, latest first.
    async fn profiles(&self, query: ProfileQuery) -> Result<Vec<StoredProfile>, ReadError>;

    /// A profile and its body, as it came; none for an id that is not known.
    async fn profile(&self, id: ProfileId) -> Result<Option<(StoredProfile, Vec<u8>)>, ReadError>;

    /// The latest profile of each service, build and kind.
    async fn last_profiles(&self, window: Window) -> Result<Vec<LastProfile>, ReadError>;

    /// Deletes the days that ended more than `keep_days` days before `now`.
    async fn retain(&self, now: jiff::Timestamp, keep_days: u32) -> Result<(), ReadError>;

    /// What the store holds.
    async fn figures(&self) -> Result<StoreFigures, ReadError>;

    /// Takes no more data, makes durable what it has taken, and lets go of its files.
    async fn close(&self);
}

/// What the store holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreFigures {
    /// Spans stored.
    pub spans: u64,
    /// Log lines stored.
    pub lines: u64,
    /// Bytes on disk, for everything.
    pub bytes: u64,
    /// Spans, points and lines waiting to be written.
    pub queued: usize,
    /// Small chunks that wait to be joined.
    pub to_join: usize,
    /// Pieces that were found damaged since the store was opened. They are passed over, and left where they are.
    pub damaged: usize,
}

/// Why data was not stored.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// More is waiting than the store may hold in memory.
    #[error("the telemetry store is behind; send again in {} s", .retry_after.as_secs().max(1))]
    Behind {
        /// When to send again.
        retry_after: Duration,
    },
    /// The store is shutting down.
    #[error("the telemetry store is closing")]
    Closed,
    /// The disk or the database failed. Nothing of the batch was stored.
    #[error("the telemetry store could not write: {0}")]
    Failed(String),
}

/// Why data could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the telemetry store could not read: {0}")]
pub struct ReadError(pub String);
