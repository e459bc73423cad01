//! Gamedays, for programs.

use axum::{
    Json,
    extract::{Path, Query, State},
};

use crate::{
    auth::Reader,
    problem::Problem,
    state::App,
    view::{
        gamedays::{
            self, GamedaysView,
            one::{self, GamedayView},
        },
        records::ListFilter,
    },
};

/// Gamedays: those to come and under way, those that are over, and tickets that are open.
#[utoipa::path(get, path = "/api/v1/gamedays", params(ListFilter),
    responses((status = 200, body = GamedaysView), (status = 401, body = Problem)))]
pub(crate) async fn all(
    _: Reader,
    State(app): State<App>,
    Query(filter): Query<ListFilter>,
) -> Result<Json<GamedaysView>, Problem> {
    gamedays::load(&app, &filter).await.map(Json)
}

/// One gameday, with the service's SLIs before, during and after each scenario.
#[utoipa::path(get, path = "/api/v1/gamedays/{gameday}", params(("gameday" = i64, Path, description = "Its id")),
    responses((status = 200, body = GamedayView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn one(
    _: Reader,
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Json<GamedayView>, Problem> {
    one::load(&app, id).await.map(Json)
}
