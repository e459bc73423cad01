//! `POST /v1/traces`, `POST /v1/metrics` and `POST /v1/logs`.

use std::collections::BTreeSet;

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use opentelemetry_proto::tonic::collector::{
    logs::v1::{ExportLogsPartialSuccess, ExportLogsServiceRequest, ExportLogsServiceResponse},
    metrics::v1::{ExportMetricsPartialSuccess, ExportMetricsServiceRequest, ExportMetricsServiceResponse},
    trace::v1::{ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse},
};
use prost::Message;
use seaworthy_telemetry::{AppendError, log::LogRecord, metric::MetricPoint, model::Span};
use serde::de::DeserializeOwned;

use super::{
    bounds::TimeBounds,
    format::{Format, Refusal},
    logs::records,
    metrics::points,
    payload::LARGE,
    rejected::Rejected,
    spans::spans,
    weight::Weighed,
};
use crate::{
    auth::IngestToken,
    errors::{self, Noted},
    state::App,
    view::range::nanos,
};

/// Stores spans.
pub(crate) async fn export_traces(_: IngestToken, State(app): State<App>, request: Request) -> Response {
    let format = Format::of(request.headers());
    let told = format.as_ref().copied().unwrap_or(Format::Json);
    match format {
        Ok(format) => store_spans(&app, format, request).await,
        Err(refusal) => Err(refusal),
    }
    .map_or_else(
        |refusal| refusal.told(told),
        |rejected| {
            let partial_success = (rejected.count() > 0).then(|| ExportTracePartialSuccess {
                rejected_spans: rejected.count(),
                error_message: rejected.message(),
            });
            told.answer(StatusCode::OK, &ExportTraceServiceResponse { partial_success })
        },
    )
}

/// Stores metric points.
pub(crate) async fn export_metrics(_: IngestToken, State(app): State<App>, request: Request) -> Response {
    let format = Format::of(request.headers());
    let told = format.as_ref().copied().unwrap_or(Format::Json);
    match format {
        Ok(format) => store_points(&app, format, request).await,
        Err(refusal) => Err(refusal),
    }
    .map_or_else(
        |refusal| refusal.told(told),
        |rejected| {
            let partial_success = (rejected.count() > 0).then(|| ExportMetricsPartialSuccess {
                rejected_data_points: rejected.count(),
                error_message: rejected.message(),
            });
            told.answer(StatusCode::OK, &ExportMetricsServiceResponse { partial_success })
        },
    )
}

/// Stores log records.
pub(crate) async fn export_logs(_: IngestToken, State(app): State<App>, request: Request) -> Response {
    let format = Format::of(request.headers());
    let told = format.as_ref().copied().unwrap_or(Format::Json);
    match format {
        Ok(format) => store_records(&app, format, request).await,
        Err(refusal) => Err(refusal),
    }
    .map_or_else(
        |refusal| refusal.told(told),
        |rejected| {
            let partial_success = (rejected.count() > 0).then(|| ExportLogsPartialSuccess {
                rejected_log_records: rejected.count(),
                error_message: rejected.message(),
            });
            told.answer(StatusCode::OK, &ExportLogsServiceResponse { partial_success })
        },
    )
}

async fn store_spans(app: &App, format: Format, request: Request) -> Result<Rejected, Refusal> {
    let bounds = TimeBounds::new(app.clock().now(), app.settings().retention_days);
    let convert = move |request: ExportTraceServiceRequest| {
        let (spans, rejected) = spans(request, bounds);
        let mut exceptions = errors::of_spans(&spans);
        let noted = errors::note_groups(&mut exceptions);
        (spans, exceptions, noted, rejected)
    };
    let (spans, exceptions, noted, rejected) = received(app, format, request, convert).await?;
    if spans.is_empty() {
        return Ok(rejected);
    }
    let services = names(spans.iter().map(|span: &Span| span.resource.service.as_str()));
    app.telemetry().append_spans(spans).await.map_err(not_stored)?;
    if !exceptions.is_empty() {
        app.telemetry().append_logs(exceptions).await.map_err(not_stored)?;
        count(app, &noted).await?;
    }
    note(app, &services).await;
    Ok(rejected)
}

async fn store_points(app: &App, format: Format, request: Request) -> Result<Rejected, Refusal> {
    let bounds = TimeBounds::new(app.clock().now(), app.settings().retention_days);
    let convert = move |request: ExportMetricsServiceRequest| points(request, bounds);
    let (points, rejected) = received(app, format, request, convert).await?;
    if points.is_empty() {
        return Ok(rejected);
    }
    let services = names(points.iter().map(|point: &MetricPoint| point.resource.service.as_str()));
    app.telemetry().append_points(points).await.map_err(not_stored)?;
    note(app, &services).await;
    Ok(rejected)
}

async fn store_records(app: &App, format: Format, request: Request) -> Result<Rejected, Refusal> {
    let now = app.clock().now();
    let bounds = TimeBounds::new(now, app.settings().retention_days);
    let convert = move |request: ExportLogsServiceRequest| {
        let (mut records, rejected) = records(request, bounds, nanos(now));
        let noted = errors::note_groups(&mut records);
        (records, noted, rejected)
    };
    let (records, noted, rejected) = received(app, format, request, convert).await?;
    if records.is_empty() {
        return Ok(rejected);
    }
    let services = names(records.iter().map(|record: &LogRecord| record.resource.service.as_str()));
    app.telemetry().append_logs(records).await.map_err(not_stored)?;
    count(app, &noted).await?;
    note(app, &services).await;
    Ok(rejected)
}

/// Counts errors in the catalog. Where that fails the request is sent again, and its records, which are stored by now, are
/// the same; and where only the answer is lost, the catalog knows the request.
async fn count(app: &App, noted: &Noted) -> Result<(), Refusal> {
    let counted = app.catalog().record_errors(&noted.request, &noted.seen, app.clock().now()).await;
    counted.map_err(|error| {
        tracing::error!(%error, "errors could not be counted in the catalog");
        Refusal::later(
            StatusCode::SERVICE_UNAVAILABLE,
            "the portal could not count these errors; the cause is in its log",
            5,
        )
    })
}

/// Reads, decodes and converts a request; large ones where they do not hold up others.
async fn received<M, T>(
    app: &App,
    format: Format,
    request: Request,
    convert: impl FnOnce(M) -> T + Send + 'static,
) -> Result<T, Refusal>
where
    M: Message + Default + DeserializeOwned + Weighed + 'static,
    T: Send + 'static,
{
    let (head, body) = request.into_parts();
    let payload = app.intake().read(&head.headers, body).await?;
    let large = payload.bytes.len() >= LARGE;
    let intake = app.intake().clone();
    let decode = move || {
        let _room = intake.room_to_decode(format.weight::<M>(&payload.bytes))?;
        format.decode::<M>(&payload.bytes).map(convert)
    };
    if !large {
        return decode();
    }
    tokio::task::spawn_blocking(decode).await.map_err(|error| {
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, format!("decoding failed: {error}"))
    })?
}

fn not_stored(error: AppendError) -> Refusal {
    match error {
        AppendError::Behind { retry_after } => {
            Refusal::later(StatusCode::TOO_MANY_REQUESTS, error.to_string(), retry_after.as_secs())
        }
        AppendError::Closed => Refusal::later(StatusCode::SERVICE_UNAVAILABLE, error.to_string(), 5),
        AppendError::Failed(cause) => {
            tracing::error!(%cause, "telemetry was not stored");
            Refusal::later(
                StatusCode::SERVICE_UNAVAILABLE,
                "the portal could not store this; nothing of it may be there; the cause is in its log",
                5,
            )
        }
    }
}

fn names<'a>(services: impl Iterator<Item = &'a str>) -> Vec<String> {
    let names: BTreeSet<&str> = services.collect();
    names.into_iter().map(str::to_owned).collect()
}

/// Makes the services known to the catalog. The data is stored by now, and the next request will note them again, so a
/// failure is not the sender's business.
async fn note(app: &App, services: &[String]) {
    if let Err(error) = app.catalog().note_services_seen(services, app.clock().now()).await {
        tracing::error!(%error, "services could not be noted in the catalog");
    }
}
