//! What pages show, as JSON under `/api/v1`, and the OpenAPI document of it.

pub(crate) mod capacity;
pub(crate) mod deploys;
pub(crate) mod errors;
pub(crate) mod files;
pub(crate) mod gamedays;
pub(crate) mod gate;
pub(crate) mod load_tests;
pub(crate) mod log_filter;
pub(crate) mod logs;
pub(crate) mod openslo;
pub(crate) mod profiles;
pub(crate) mod readiness;
pub(crate) mod records;

use axum::{
    Json,
    extract::{Path, Query, State},
};
use jiff::tz::TimeZone;
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};

use crate::{
    auth::{Anyone, Reader},
    problem::Problem,
    state::App,
    view::{
        Range,
        alerts::{
            self, AlertsView, Before,
            one::{self, AlertView},
            silences::{self, SilencesView},
        },
        channels::{self, ChannelView, ChannelsView},
        fleet::{self, FleetView},
        maintenance::{self, MaintenanceView},
        now::{self, NowView},
        report::{self, ReportQuery, ReportView},
        service::{self, ServiceView},
        slo::{self, SloView},
        slos::{self, SloFilter, SlosView},
        trace::{self, TraceView},
        traces::{self, TraceSearch, TracesView},
    },
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Seaworthy",
        description = "What the portal's pages show, as JSON. Times are RFC 3339 in UTC."
    ),
    paths(
        channels,
        channel,
        fleet,
        service,
        now,
        readiness::fleet,
        readiness::service,
        readiness::item,
        slos,
        slo,
        alerts,
        alert,
        silences,
        maintenance,
        report,
        search,
        trace,
        document,
        check_in,
        capacity::capacity,
        deploys::deploys,
        deploys::declare,
        errors::all,
        errors::one,
        files::plan,
        files::apply,
        gamedays::all,
        gamedays::one,
        gate::gate,
        load_tests::all,
        load_tests::one,
        load_tests::send,
        logs::search,
        log_filter::show,
        log_filter::change,
        openslo::openslo_of_all,
        openslo::openslo,
        openslo::prometheus_of_all,
        openslo::prometheus,
        profiles::of_service,
        profiles::capture,
        profiles::one,
        profiles::pprof,
        profiles::diff,
        profiles::upload,
        records::runbooks,
        records::runbook,
        records::runbook_version,
        records::runs,
        records::run,
        records::incidents,
        records::incident,
        records::training,
        records::rota
    ),
    components(schemas(Problem))
)]
struct Document;

/// How far back to look.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RangeQuery {
    /// Up to now; an hour where nothing is said.
    #[serde(default)]
    range: Range,
}

/// Every service, worst first.
#[utoipa::path(get, path = "/api/v1/services", responses((status = 200, body = FleetView), (status = 401, body = Problem)))]
pub(crate) async fn fleet(_: Reader, State(app): State<App>) -> Result<Json<FleetView>, Problem> {
    fleet::load(&app).await.map(Json)
}

/// What goes on in a service right now: unfinished requests and spans, and open connections, the oldest first.
#[utoipa::path(get, path = "/api/v1/services/{service}/now", params(("service" = String, Path, description = "Its name")),
    responses((status = 200, body = NowView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn now(
    _: Reader,
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<Json<NowView>, Problem> {
    now::load(&app, &name).await.map(Json)
}

/// One service over a range of time.
#[utoipa::path(get, path = "/api/v1/services/{service}", params(("service" = String, Path, description = "Its name"), RangeQuery),
    responses((status = 200, body = ServiceView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn service(
    _: Reader,
    State(app): State<App>,
    Path(name): Path<String>,
    Query(query): Query<RangeQuery>,
) -> Result<Json<ServiceView>, Problem> {
    service::load(&app, &name, query.range).await.map(Json)
}

/// Every channel, without its secrets, and what could not be told.
#[utoipa::path(get, path = "/api/v1/channels", responses((status = 200, body = ChannelsView), (status = 401, body = Problem)))]
pub(crate) async fn channels(_: Reader, State(app): State<App>) -> Result<Json<ChannelsView>, Problem> {
    channels::load(&app).await.map(Json)
}

/// One channel, without its secrets.
#[utoipa::path(get, path = "/api/v1/channels/{channel}", params(("channel" = String, Path, description = "Its name")),
    responses((status = 200, body = ChannelView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn channel(
    _: Reader,
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<Json<ChannelView>, Problem> {
    channels::one(&app, &name).await.map(Json)
}

/// Every SLO, or some of them, the least budget first.
#[utoipa::path(get, path = "/api/v1/slos", params(SloFilter),
    responses((status = 200, body = SlosView), (status = 401, body = Problem)))]
pub(crate) async fn slos(
    _: Reader,
    State(app): State<App>,
    Query(filter): Query<SloFilter>,
) -> Result<Json<SlosView>, Problem> {
    slos::load(&app, filter).await.map(Json)
}

/// One SLO.
#[utoipa::path(get, path = "/api/v1/slos/{slo}", params(("slo" = String, Path, description = "Its name")),
    responses((status = 200, body = SloView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn slo(
    _: Reader,
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<Json<SloView>, Problem> {
    slo::load(&app, &name).await.map(Json)
}

/// How every SLO did in a month of the calendar, in UTC.
#[utoipa::path(get, path = "/api/v1/report", params(ReportQuery),
    responses((status = 200, body = ReportView), (status = 401, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn report(
    _: Reader,
    State(app): State<App>,
    Query(query): Query<ReportQuery>,
) -> Result<Json<ReportView>, Problem> {
    report::load(&app, &query, &TimeZone::UTC).await.map(Json)
}

/// Time that does not count against budgets: planned maintenance and load tests.
#[utoipa::path(get, path = "/api/v1/maintenance", responses((status = 200, body = MaintenanceView), (status = 401, body = Problem)))]
pub(crate) async fn maintenance(_: Reader, State(app): State<App>) -> Result<Json<MaintenanceView>, Problem> {
    maintenance::load(&app).await.map(Json)
}

/// What alerts, by service, and what did, the latest 50 at a time.
#[utoipa::path(get, path = "/api/v1/alerts", params(Before),
    responses((status = 200, body = AlertsView), (status = 401, body = Problem)))]
pub(crate) async fn alerts(
    _: Reader,
    State(app): State<App>,
    Query(asked): Query<Before>,
) -> Result<Json<AlertsView>, Problem> {
    alerts::load(&app, &asked).await.map(Json)
}

/// One alert, with what was told of it.
#[utoipa::path(get, path = "/api/v1/alerts/{alert}", params(("alert" = i64, Path, description = "Its id")),
    responses((status = 200, body = AlertView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn alert(
    _: Reader,
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Json<AlertView>, Problem> {
    one::load(&app, id).await.map(Json)
}

/// Silences: now, to come, and the latest 50 that are over.
#[utoipa::path(get, path = "/api/v1/silences", responses((status = 200, body = SilencesView), (status = 401, body = Problem)))]
pub(crate) async fn silences(_: Reader, State(app): State<App>) -> Result<Json<SilencesView>, Problem> {
    silences::load(&app).await.map(Json)
}

/// Traces that match. Every condition must be met by one and the same span.
#[utoipa::path(get, path = "/api/v1/traces", params(TraceSearch),
    responses((status = 200, body = TracesView), (status = 400, body = Problem), (status = 401, body = Problem)))]
pub(crate) async fn search(
    _: Reader,
    State(app): State<App>,
    Query(search): Query<TraceSearch>,
) -> Result<Json<TracesView>, Problem> {
    let view = traces::load(&app, search).await?;
    match view.mistakes.first() {
        None => Ok(Json(view)),
        Some(mistake) => Err(Problem::new(
            axum::http::StatusCode::BAD_REQUEST,
            "The search was not understood",
            format!("{}: {}", mistake.field, mistake.message),
        )),
    }
}

/// One trace with all its spans.
#[utoipa::path(get, path = "/api/v1/traces/{trace_id}", params(("trace_id" = String, Path, description = "32 hexadecimal digits")),
    responses((status = 200, body = TraceView), (status = 400, body = Problem), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn trace(
    _: Reader,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<TraceView>, Problem> {
    trace::load(&app, &id).await.map(Json)
}

/// Records what an agent tells of its instance.
#[utoipa::path(post, path = "/api/v1/check-in", request_body = Object,
    responses((status = 200, body = Object), (status = 400, body = Problem), (status = 401, body = Problem)))]
#[allow(dead_code)] // stands here for the document; the handler is the ingest's
fn check_in() {}

/// This document.
#[utoipa::path(get, path = "/api/v1/openapi.json", responses((status = 200, body = Object)))]
pub(crate) async fn document(_: Anyone) -> Json<utoipa::openapi::OpenApi> {
    Json(Document::openapi())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_api_route_is_in_the_document_and_the_other_way_round() {
        let routes: BTreeSet<String> = crate::routes::list()
            .into_iter()
            .filter(|route| route.path.starts_with("/api/"))
            .map(|route| format!("{} {}", route.method.as_str().to_lowercase(), route.path))
            .collect();
        let document = serde_json::to_value(Document::openapi()).unwrap();
        let documented: BTreeSet<String> = document["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, methods)| {
                methods.as_object().unwrap().keys().map(move |method| format!("{method} {path}"))
            })
            .collect();
        assert_eq!(routes, documented);
    }
}
