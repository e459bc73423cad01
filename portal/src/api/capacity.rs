//! Capacity, for programs.

use axum::{
    Json,
    extract::{Query, State},
};

use crate::{
    auth::Reader,
    problem::Problem,
    state::App,
    view::capacity::{self, CapacityView, OfService},
};

/// What services use of their limits; of one service also the course of each resource, its trend and when it runs out.
#[utoipa::path(get, path = "/api/v1/capacity", params(OfService),
    responses((status = 200, body = CapacityView), (status = 401, body = Problem)))]
pub(crate) async fn capacity(
    _: Reader,
    State(app): State<App>,
    Query(asked): Query<OfService>,
) -> Result<Json<CapacityView>, Problem> {
    capacity::load(&app, &asked).await.map(Json)
}
