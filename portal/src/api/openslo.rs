//! SLOs as files of OpenSLO, and as rules of Prometheus.

use axum::{
    extract::{Path, Query, State},
    http::header,
    response::{IntoResponse, Response},
};
use seaworthy_openslo::{Definition, Histograms, to_prometheus};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::{
    auth::Reader,
    files::{definition, make},
    problem::Problem,
    state::App,
};

/// Which rules.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RulesQuery {
    /// How this Prometheus keeps histograms; classic where nothing is said.
    #[serde(default)]
    #[param(inline)]
    histograms: Kept,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Kept {
    #[default]
    Classic,
    Native,
}

/// Every SLO as OpenSLO.
#[utoipa::path(get, path = "/api/v1/openslo", responses((status = 200, body = String, content_type = "application/yaml"), (status = 401, body = Problem)))]
pub(crate) async fn openslo_of_all(_: Reader, State(app): State<App>) -> Result<Response, Problem> {
    Ok(yaml(definition::yaml(&make::all(&app).await?)?))
}

/// An SLO as OpenSLO.
#[utoipa::path(get, path = "/api/v1/slos/{slo}/openslo", params(("slo" = String, Path, description = "Its name")),
    responses((status = 200, body = String, content_type = "application/yaml"), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn openslo(
    _: Reader,
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    Ok(yaml(definition::yaml(&[make::one(&app, &name).await?])?))
}

/// Every SLO as rules of Prometheus.
#[utoipa::path(get, path = "/api/v1/prometheus", params(RulesQuery),
    responses((status = 200, body = String, content_type = "application/yaml"), (status = 400, body = Problem), (status = 401, body = Problem)))]
pub(crate) async fn prometheus_of_all(
    _: Reader,
    State(app): State<App>,
    Query(query): Query<RulesQuery>,
) -> Result<Response, Problem> {
    rules(&make::all(&app).await?, query)
}

/// An SLO as rules of Prometheus.
#[utoipa::path(get, path = "/api/v1/slos/{slo}/prometheus", params(("slo" = String, Path, description = "Its name"), RulesQuery),
    responses((status = 200, body = String, content_type = "application/yaml"), (status = 400, body = Problem), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn prometheus(
    _: Reader,
    State(app): State<App>,
    Path(name): Path<String>,
    Query(query): Query<RulesQuery>,
) -> Result<Response, Problem> {
    rules(&[make::one(&app, &name).await?], query)
}

fn rules(definitions: &[Definition], query: RulesQuery) -> Result<Response, Problem> {
    let histograms = match query.histograms {
        Kept::Classic => Histograms::Classic,
        Kept::Native => Histograms::Native,
    };
    to_prometheus(definitions, histograms).map(yaml).map_err(Problem::internal)
}

fn yaml(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/yaml")], text).into_response()
}
