//! Deploys and rollbacks: what there were, and what a pipeline says of one.

use axum::{
    Json,
    extract::{Query, State},
    http::StatusCode,
};

use crate::{
    auth::{Contributor, Reader},
    problem::Problem,
    state::App,
    view::deploys::{self, DeployDeclaration, DeployFilter, DeployView, DeploysView},
};

/// Deploys and rollbacks, the latest 100.
#[utoipa::path(get, path = "/api/v1/deploys", params(DeployFilter),
    responses((status = 200, body = DeploysView), (status = 401, body = Problem)))]
pub(crate) async fn deploys(
    _: Reader,
    State(app): State<App>,
    Query(filter): Query<DeployFilter>,
) -> Result<Json<DeploysView>, Problem> {
    deploys::load(&app, &filter).await.map(Json)
}

/// Takes down what a pipeline or a person says of a deploy. What is said within an hour of what was seen or said before, of
/// the same version, adds to it.
#[utoipa::path(post, path = "/api/v1/deploys", request_body = DeployDeclaration,
    responses((status = 201, body = DeployView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 422, body = Problem, description = "A field is missing, unknown or of another type")))]
pub(crate) async fn declare(
    contributor: Contributor,
    State(app): State<App>,
    Json(declared): Json<DeployDeclaration>,
) -> Result<(StatusCode, Json<DeployView>), Problem> {
    let deploy = deploys::declare(&app, declared, &contributor.actor()).await?;
    Ok((StatusCode::CREATED, Json(deploy)))
}
