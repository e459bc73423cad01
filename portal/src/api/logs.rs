//! Log lines as JSON.

use axum::{
    Json,
    extract::{Query, State},
    http::StatusCode,
};

use crate::{
    auth::Reader,
    problem::Problem,
    state::App,
    view::logs::{self, LogSearch, LogsView},
};

/// Log lines that match, latest first.
#[utoipa::path(get, path = "/api/v1/logs", params(LogSearch),
    responses((status = 200, body = LogsView), (status = 400, body = Problem), (status = 401, body = Problem)))]
pub(crate) async fn search(
    _: Reader,
    State(app): State<App>,
    Query(search): Query<LogSearch>,
) -> Result<Json<LogsView>, Problem> {
    let view = logs::load(&app, search).await?;
    match view.mistakes.first() {
        None => Ok(Json(view)),
        Some(mistake) => Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "The search was not understood",
            format!("{}: {}", mistake.field, mistake.message),
        )),
    }
}
