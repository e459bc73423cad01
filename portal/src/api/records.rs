//! What people record, as JSON.

use axum::{
    Json,
    extract::{Path, Query, State},
};

use crate::{
    auth::Reader,
    problem::Problem,
    state::App,
    view::{
        incidents::{
            self, IncidentsView,
            one::{self as incident_page, IncidentView},
        },
        records::ListFilter,
        runbooks::{
            self, RunbooksView,
            one::{self, RunbookView},
            run::{self, RunView, RunsView},
            version::{self, RunbookVersionView},
        },
        training::{self, RotaView, TrainingView},
    },
};

/// Runbooks, the longest unreviewed first.
#[utoipa::path(get, path = "/api/v1/runbooks", params(ListFilter),
    responses((status = 200, body = RunbooksView), (status = 401, body = Problem)))]
pub(crate) async fn runbooks(
    _: Reader,
    State(app): State<App>,
    Query(filter): Query<ListFilter>,
) -> Result<Json<RunbooksView>, Problem> {
    runbooks::load(&app, &filter).await.map(Json)
}

/// One runbook, with its versions and runs.
#[utoipa::path(get, path = "/api/v1/runbooks/{runbook}", params(("runbook" = i64, Path, description = "Its id")),
    responses((status = 200, body = RunbookView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn runbook(
    _: Reader,
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Json<RunbookView>, Problem> {
    one::load(&app, id).await.map(Json)
}

/// One version of a runbook, with what it changed.
#[utoipa::path(get, path = "/api/v1/runbooks/{runbook}/versions/{version}",
    params(("runbook" = i64, Path, description = "Its id"), ("version" = i64, Path, description = "From 1")),
    responses((status = 200, body = RunbookVersionView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn runbook_version(
    _: Reader,
    State(app): State<App>,
    Path((id, version)): Path<(i64, i64)>,
) -> Result<Json<RunbookVersionView>, Problem> {
    version::load(&app, id, version).await.map(Json)
}

/// Runs of runbooks, latest first.
#[utoipa::path(get, path = "/api/v1/runs", params(ListFilter),
    responses((status = 200, body = RunsView), (status = 401, body = Problem)))]
pub(crate) async fn runs(
    _: Reader,
    State(app): State<App>,
    Query(filter): Query<ListFilter>,
) -> Result<Json<RunsView>, Problem> {
    run::list(&app, &filter).await.map(Json)
}

/// One run, step by step.
#[utoipa::path(get, path = "/api/v1/runs/{run}", params(("run" = i64, Path, description = "Its id")),
    responses((status = 200, body = RunView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn run(
    _: Reader,
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Json<RunView>, Problem> {
    run::load(&app, id).await.map(Json)
}

/// Incidents, open ones first.
#[utoipa::path(get, path = "/api/v1/incidents", params(ListFilter),
    responses((status = 200, body = IncidentsView), (status = 401, body = Problem)))]
pub(crate) async fn incidents(
    _: Reader,
    State(app): State<App>,
    Query(filter): Query<ListFilter>,
) -> Result<Json<IncidentsView>, Problem> {
    incidents::load(&app, &filter).await.map(Json)
}

/// One incident, with its timeline and action items.
#[utoipa::path(get, path = "/api/v1/incidents/{incident}", params(("incident" = i64, Path, description = "Its id")),
    responses((status = 200, body = IncidentView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn incident(
    _: Reader,
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Json<IncidentView>, Problem> {
    incident_page::load(&app, id).await.map(Json)
}

/// Who is on call and who was trained, by service; those without anybody first.
#[utoipa::path(get, path = "/api/v1/training", params(ListFilter),
    responses((status = 200, body = TrainingView), (status = 401, body = Problem)))]
pub(crate) async fn training(
    _: Reader,
    State(app): State<App>,
    Query(filter): Query<ListFilter>,
) -> Result<Json<TrainingView>, Problem> {
    training::load(&app, &filter).await.map(Json)
}

/// Who is on call for a service and who was trained.
#[utoipa::path(get, path = "/api/v1/training/{service}", params(("service" = String, Path, description = "Its name")),
    responses((status = 200, body = RotaView), (status = 401, body = Problem)))]
pub(crate) async fn rota(
    _: Reader,
    State(app): State<App>,
    Path(service): Path<String>,
) -> Result<Json<RotaView>, Problem> {
    training::one(&app, &service).await.map(Json)
}
