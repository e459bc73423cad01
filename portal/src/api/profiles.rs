//! Profiles, for programs.

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    auth::{Contributor, Reader},
    problem::Problem,
    state::App,
    view::profiles::{
        self, ProfilesFilter, ProfilesView,
        diff::{self, DiffView},
        one::{self, Look, ProfileView},
    },
    web,
};

/// A profile that is to be taken now.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(crate) struct CaptureOrder {
    /// The instance.
    instance: String,
    /// `cpu`, `heap` or `tasks`.
    #[schema(value_type = String)]
    kind: seaworthy_protocol::ProfileKind,
    /// For how long: of the CPU from 1 to 60, and 10 where nothing is said; of the heap how it changes over so long, up to
    /// 600, or what is in use now.
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    seconds: Option<serde_json::Number>,
}

/// The profiles of a service, and what is being captured.
#[utoipa::path(get, path = "/api/v1/services/{service}/profiles",
    params(("service" = String, Path, description = "Its name"), ProfilesFilter),
    responses((status = 200, body = ProfilesView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn of_service(
    _: Reader,
    State(app): State<App>,
    Path(service): Path<String>,
    Query(filter): Query<ProfilesFilter>,
) -> Result<Json<ProfilesView>, Problem> {
    profiles::load(&app, &service, &filter).await.map(Json)
}

/// Asks an instance for a profile. It hears of it when it checks in next; how that goes is among the service's profiles.
#[utoipa::path(post, path = "/api/v1/services/{service}/captures", request_body = CaptureOrder,
    params(("service" = String, Path, description = "Its name")),
    responses((status = 202, body = ProfilesView), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem, description = "No profile of this kind can be taken of the instance"),
        (status = 422, body = Problem, description = "A field is missing, unknown or of another type, or no profile takes so long")))]
pub(crate) async fn capture(
    contributor: Contributor,
    State(app): State<App>,
    Path(service): Path<String>,
    Json(order): Json<CaptureOrder>,
) -> Result<(StatusCode, Json<ProfilesView>), Problem> {
    let written = order.seconds.map(|seconds| seconds.to_string());
    let of = (order.kind, profiles::seconds(order.kind, written.as_deref())?);
    profiles::ask(&app, &service, &order.instance, of, &contributor.actor()).await?;
    let view = profiles::load(&app, &service, &ProfilesFilter::default()).await?;
    Ok((StatusCode::ACCEPTED, Json(view)))
}

/// One profile: its frames as they are drawn, its functions, and what tasks did.
#[utoipa::path(get, path = "/api/v1/profiles/{profile}", params(("profile" = String, Path, description = "Its id"), Look),
    responses((status = 200, body = ProfileView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn one(
    _: Reader,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(look): Query<Look>,
) -> Result<Json<ProfileView>, Problem> {
    one::load(&app, &id, look).await.map(Json)
}

/// A profile as a file that `go tool pprof` reads.
#[utoipa::path(get, path = "/api/v1/profiles/{profile}/pprof", params(("profile" = String, Path, description = "Its id")),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn pprof(
    _: Reader,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    one::body(&app, &id).await.map(|(line, body)| web::profiles::one::file(&line, body))
}

/// What changed from the earlier of two profiles to the later, by shares of each.
#[utoipa::path(get, path = "/api/v1/profiles/{profile}/diff/{other}",
    params(("profile" = String, Path, description = "Id of the one"), ("other" = String, Path, description = "Id of the other"), Look),
    responses((status = 200, body = DiffView), (status = 400, body = Problem), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn diff(
    _: Reader,
    State(app): State<App>,
    Path((one, other)): Path<(String, String)>,
    Query(look): Query<Look>,
) -> Result<Json<DiffView>, Problem> {
    diff::load(&app, &one, &other, look).await.map(Json)
}

/// Takes in a profile as `profile.proto`, as it is or compressed by gzip, of at most 16 MiB. The query says what it is:
/// `service`, `instance`, `kind` and `taken_at`, and `version`, `commit`, `environment` and `command` where there are.
#[utoipa::path(post, path = "/api/v1/profiles", request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = Object), (status = 400, body = Problem), (status = 401, body = Problem), (status = 413, body = Problem)))]
#[allow(dead_code)] // stands here for the document; the handler is the ingest's
fn upload() {}
