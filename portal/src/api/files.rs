//! What files say, in: SLOs, templates, services with their answers, runbooks.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::{
    auth::{Reader, Writer},
    files::{
        Files, Plan,
        make::{self, Author},
    },
    problem::Problem,
    state::App,
};

/// What files would change. Changes nothing.
#[utoipa::path(post, path = "/api/v1/files/plan", request_body = Files,
    responses((status = 200, body = Plan), (status = 401, body = Problem), (status = 413, body = Problem),
        (status = 422, body = Plan, description = "There are mistakes in the files")))]
pub(crate) async fn plan(
    _: Reader,
    State(app): State<App>,
    Json(files): Json<Files>,
) -> Result<Response, Problem> {
    make::look(&app, files).await.map(told)
}

/// Makes the portal what files say: all of it, or nothing. Templates are for tokens that an admin has made. Answers are those
/// of who made the token, an editor or an admin.
#[utoipa::path(post, path = "/api/v1/files", request_body = Files,
    responses((status = 200, body = Plan), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 409, body = Problem), (status = 413, body = Problem),
        (status = 422, body = Plan, description = "There are mistakes in the files")))]
pub(crate) async fn apply(
    writer: Writer,
    State(app): State<App>,
    Json(files): Json<Files>,
) -> Result<Response, Problem> {
    let author = Author::program(&app, &writer).await?;
    make::apply(&app, files, &author).await.map(told)
}

fn told(plan: Plan) -> Response {
    let status = if plan.mistakes.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    (status, Json(plan)).into_response()
}
