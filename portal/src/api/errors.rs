//! Errors as JSON.

use axum::{
    Json,
    extract::{Path, Query, State},
};

use crate::{
    auth::Reader,
    problem::Problem,
    state::App,
    view::errors::{
        self, ErrorSearch, ErrorsView,
        one::{self, ErrorView},
    },
};

/// Groups of errors: regressed ones, new ones, then the others, of each most in 24 h first.
#[utoipa::path(get, path = "/api/v1/errors", params(ErrorSearch),
    responses((status = 200, body = ErrorsView), (status = 401, body = Problem)))]
pub(crate) async fn all(
    _: Reader,
    State(app): State<App>,
    Query(search): Query<ErrorSearch>,
) -> Result<Json<ErrorsView>, Problem> {
    errors::load(&app, search).await.map(Json)
}

/// One group of errors, with its latest occurrences.
#[utoipa::path(get, path = "/api/v1/errors/{group}", params(("group" = String, Path, description = "Its id")),
    responses((status = 200, body = ErrorView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn one(
    _: Reader,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<ErrorView>, Problem> {
    one::load(&app, &id).await.map(Json)
}
