//! Which lines instances log, for programs.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};

use crate::{
    auth::{Contributor, Reader},
    problem::Problem,
    state::App,
    view::log_filter::{self, FilterOrder, LogFilterView},
};

/// Which lines the instances of a service log, and what was asked of them.
#[utoipa::path(get, path = "/api/v1/services/{service}/log-filter", params(("service" = String, Path, description = "Its name")),
    responses((status = 200, body = LogFilterView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn show(
    _: Reader,
    State(app): State<App>,
    Path(service): Path<String>,
) -> Result<Json<LogFilterView>, Problem> {
    log_filter::load(&app, &service).await.map(Json)
}

/// Has instances log by another filter for a while. They hear of it when they check in next.
#[utoipa::path(post, path = "/api/v1/services/{service}/log-filter", request_body = FilterOrder,
    params(("service" = String, Path, description = "Its name")),
    responses((status = 202, body = LogFilterView), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 422, body = Problem, description = "The filter or the time cannot be")))]
pub(crate) async fn change(
    contributor: Contributor,
    State(app): State<App>,
    Path(service): Path<String>,
    Json(order): Json<FilterOrder>,
) -> Result<(StatusCode, Json<LogFilterView>), Problem> {
    log_filter::ask(&app, &service, &order, &contributor.actor()).await?;
    Ok((StatusCode::ACCEPTED, Json(log_filter::load(&app, &service).await?)))
}
