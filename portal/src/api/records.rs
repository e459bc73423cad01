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
        records::ListFilter,
        runbooks::{
            self, RunbooksView,
            one::{self, RunbookView},
            run::{self, RunView, RunsView},
            version::{self, RunbookVersionView},
        },
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
