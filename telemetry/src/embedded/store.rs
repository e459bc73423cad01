//! Opens the store, and answers for the [`Telemetry`] trait.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use async_trait::async_trait;

use super::{
    day::Day,
    figures, lines, metrics_read, observed_read,
    pool::Pool,
    profiles, search,
    settings::EmbeddedSettings,
    traces_read,
    writer::{Work, Writer},
};
use crate::{
    log::{LogCount, LogQuery, LogRecord, LogsFound},
    metric::{MetricPoint, MetricQuery, Series},
    model::{Span, SpanMinute, TraceFound, TraceId, TraceQuery, TracesFound, UnixNanos, Window},
    observed::{BusiestMinute, LastPoint, Outbound, SpanLinks},
    profile::{LastProfile, ProfileId, ProfileInfo, ProfileQuery, StoredProfile},
    store::{AppendError, ReadError, StoreFigures, Telemetry},
};

/// Telemetry in SQLite files of one folder, one per UTC day. A folder belongs to one store at a time.
pub struct EmbeddedStore {
    writer: Writer,
    pool: Arc<Pool>,
    settings: EmbeddedSettings,
}

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
#[error(
    "the telemetry folder {folder} cannot be used: {cause}; choose another folder or mend its permissions"
)]
pub struct OpenError {
    folder: String,
    cause: std::io::Error,
}

impl EmbeddedStore {
    /// Opens the store in this folder, making the folder where it is missing.
    pub fn open(folder: &Path, settings: EmbeddedSettings) -> Result<Self, OpenError> {
        let refused = |cause| OpenError { folder: folder.display().to_string(), cause };
        std::fs::create_dir_all(folder).map_err(refused)?;
        Day::in_folder(folder).map_err(refused)?;
        let pool = Arc::new(Pool::new(folder, settings.readers));
        let writer = Writer::start(folder, settings, pool.clone()).map_err(refused)?;
        Ok(Self { writer, pool, settings })
    }
}

#[async_trait]
impl Telemetry for EmbeddedStore {
    async fn append_spans(&self, spans: Vec<Span>) -> Result<(), AppendError> {
        self.writer.ask(Work::Spans(spans)).await
    }

    async fn append_points(&self, points: Vec<MetricPoint>) -> Result<(), AppendError> {
        self.writer.ask(Work::Points(points)).await
    }

    async fn append_logs(&self, records: Vec<LogRecord>) -> Result<(), AppendError> {
        self.writer.ask(Work::Lines(lines::of_request(records))).await
    }

    async fn append_profile(&self, info: ProfileInfo, body: Vec<u8>) -> Result<ProfileId, AppendError> {
        let id = profiles::id(&info);
        self.writer.ask(Work::Profile(Box::new((info, body)))).await?;
        Ok(id)
    }

    async fn trace(&self, id: TraceId) -> Result<TraceFound, ReadError> {
        let most = self.settings.trace_spans;
        self.pool.read(move |pool| traces_read::trace(pool, id, most)).await
    }

    async fn search(&self, query: TraceQuery) -> Result<TracesFound, ReadError> {
        let time = self.settings.search_time;
        self.pool.read(move |pool| search::search(pool, &query, time)).await
    }

    async fn operations(&self, service: &str, window: Window) -> Result<Vec<String>, ReadError> {
        let service = service.to_owned();
        self.pool.read(move |pool| traces_read::operations(pool, &service, window)).await
    }

    async fn services(&self, window: Window) -> Result<Vec<String>, ReadError> {
        self.pool.read(move |pool| traces_read::services(pool, window)).await
    }

    async fn span_minutes(&self, service: &str, window: Window) -> Result<Vec<SpanMinute>, ReadError> {
        let service = service.to_owned();
        self.pool.read(move |pool| traces_read::span_minutes(pool, &service, window)).await
    }

    async fn series(&self, query: MetricQuery) -> Result<Vec<Series>, ReadError> {
        self.pool.read(move |pool| metrics_read::series(pool, &query)).await
    }

    async fn span_links(&self, service: &str, window: Window) -> Result<SpanLinks, ReadError> {
        let service = service.to_owned();
        self.pool.read(move |pool| observed_read::span_links(pool, &service, window)).await
    }

    async fn outbound(&self, service: &str, window: Window) -> Result<Vec<Outbound>, ReadError> {
        let service = service.to_owned();
        self.pool.read(move |pool| observed_read::outbound(pool, &service, window)).await
    }

    async fn busiest_minute(
        &self,
        service: &str,
        metric: Option<&str>,
        window: Window,
    ) -> Result<Option<BusiestMinute>, ReadError> {
        let (service, metric) = (service.to_owned(), metric.map(str::to_owned));
        self.pool
            .read(move |pool| observed_read::busiest_minute(pool, &service, metric.as_deref(), window))
            .await
    }

    async fn last_points(&self, metrics: &[&str], window: Window) -> Result<Vec<LastPoint>, ReadError> {
        let metrics: Vec<String> = metrics.iter().map(|metric| (*metric).to_owned()).collect();
        self.pool.read(move |pool| observed_read::last_points(pool, &metrics, window)).await
    }

    async fn last_spans(&self, window: Window) -> Result<BTreeMap<String, UnixNanos>, ReadError> {
        self.pool.read(move |pool| observed_read::last_spans(pool, window)).await
    }

    async fn logs(&self, query: LogQuery) -> Result<LogsFound, ReadError> {
        let time = self.settings.search_time;
        self.pool.read(move |pool| lines::search(pool, &query, time)).await
    }

    async fn log_counts(
        &self,
        service: Option<&str>,
        window: Window,
        step_minutes: u32,
    ) -> Result<Vec<LogCount>, ReadError> {
        let service = service.map(str::to_owned);
        self.pool.read(move |pool| lines::counts(pool, service.as_deref(), window, step_minutes)).await
    }

    async fn profiles(&self, query: ProfileQuery) -> Result<Vec<StoredProfile>, ReadError> {
        self.pool.read(move |pool| profiles::list(pool, &query)).await
    }

    async fn profile(&self, id: ProfileId) -> Result<Option<(StoredProfile, Vec<u8>)>, ReadError> {
        self.pool.read(move |pool| profiles::one(pool, id)).await
    }

    async fn last_profiles(&self, window: Window) -> Result<Vec<LastProfile>, ReadError> {
        self.pool.read(move |pool| profiles::last(pool, window)).await
    }

    async fn retain(&self, now: jiff::Timestamp, keep_days: u32) -> Result<(), ReadError> {
        let today = Day::of(u64::try_from(now.as_nanosecond()).unwrap_or_default());
        let first_kept = today.minus(u64::from(keep_days));
        self.writer.ask(Work::Retain(first_kept)).await.map_err(|error| ReadError(error.to_string()))
    }

    async fn figures(&self) -> Result<StoreFigures, ReadError> {
        let queued = self.writer.waiting();
        self.pool.read(move |pool| figures::figures(pool, queued)).await
    }

    async fn close(&self) {
        self.writer.close().await;
        self.pool.close();
    }
}
