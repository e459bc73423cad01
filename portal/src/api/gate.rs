//! The gate, for pipelines.

use axum::{
    Json,
    extract::{Path, Query, State},
};

use crate::{
    auth::Reader,
    problem::Problem,
    state::App,
    view::readiness::gate::{self, GateQuery, GateView},
};

/// Whether a service may be released: 200 with `passes` true or false. 409 says that it was not judged yet, or not lately.
#[utoipa::path(get, path = "/api/v1/services/{service}/gate", params(("service" = String, Path, description = "Its name"), GateQuery),
    responses((status = 200, body = GateView), (status = 400, body = Problem), (status = 401, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem)))]
pub(crate) async fn gate(
    _: Reader,
    State(app): State<App>,
    Path(service): Path<String>,
    Query(asked): Query<GateQuery>,
) -> Result<Json<GateView>, Problem> {
    gate::load(&app, &service, &asked).await.map(Json)
}
