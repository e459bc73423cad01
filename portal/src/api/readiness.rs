//! How services stand by the checklist.

use axum::{
    Json,
    extract::{Path, Query, State},
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    auth::Reader,
    problem::Problem,
    state::App,
    view::readiness::{
        self, ReadinessView,
        fleet::{self, FleetReadinessView, ReadinessFilter},
        item::{self, ItemDetail},
    },
};

/// By which template.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct ByTemplate {
    /// Its id; the first of those that are for the service where none is given.
    template: String,
}

/// How all services stand, or some of them, by team, worst first.
#[utoipa::path(get, path = "/api/v1/readiness", operation_id = "fleet_readiness", params(ReadinessFilter),
    responses((status = 200, body = FleetReadinessView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn fleet(
    _: Reader,
    State(app): State<App>,
    Query(filter): Query<ReadinessFilter>,
) -> Result<Json<FleetReadinessView>, Problem> {
    fleet::load(&app, &filter).await.map(Json)
}

/// How one service stands, item by item.
#[utoipa::path(get, path = "/api/v1/services/{service}/readiness", operation_id = "readiness",
    params(("service" = String, Path, description = "Its name"), ByTemplate),
    responses((status = 200, body = ReadinessView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn service(
    _: Reader,
    State(app): State<App>,
    Path(service): Path<String>,
    Query(asked): Query<ByTemplate>,
) -> Result<Json<ReadinessView>, Problem> {
    let template = Some(asked.template.as_str()).filter(|template| !template.is_empty());
    let view = readiness::load(&app, &service, template).await?;
    view.map(Json).ok_or_else(|| {
        Problem::not_found(
            format!("{service} was not judged yet"),
            "The portal goes through all services every minute; ask again then.",
        )
    })
}

/// One item of a service: how it stands, and all that was said of it.
#[utoipa::path(get, path = "/api/v1/services/{service}/readiness/{template}/{item}", operation_id = "readiness_item",
    params(("service" = String, Path, description = "Its name"), ("template" = String, Path, description = "The template's id"),
        ("item" = String, Path, description = "The item's id")),
    responses((status = 200, body = ItemDetail), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn item(
    _: Reader,
    State(app): State<App>,
    Path((service, template, item)): Path<(String, String, String)>,
) -> Result<Json<ItemDetail>, Problem> {
    item::load(&app, &service, &template, &item).await.map(Json)
}
