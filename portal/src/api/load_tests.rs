//! Load tests, for pipelines.

use axum::{
    Json,
    body::Body,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use seaworthy_records::import::MAX_IMPORT_BYTES;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    auth::{Reader, Writer},
    problem::Problem,
    state::App,
    view::{
        load_tests::{
            self, LoadTestsView,
            imported::{self, Told},
            one::{self, LoadTestView},
        },
        records::ListFilter,
    },
};

/// What the output of a tool does not tell.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Sent {
    /// The service that was tested.
    service: String,
    /// The version that was tested; that which runs now where nothing is said.
    #[serde(default)]
    build: Option<String>,
    /// What the load was sent to; needed where the tool does not write it.
    #[serde(default)]
    target: Option<String>,
    /// When, where the output does not say; now where nothing is said.
    #[serde(default)]
    #[param(value_type = Option<String>, format = DateTime)]
    ran_at: Option<Timestamp>,
    /// Where the whole result is, such as the page of the pipeline's run.
    #[serde(default)]
    link: Option<String>,
}

/// A load test that was kept.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct KeptView {
    /// What was recognised and what the figures are not, in sentences. They are kept as its note.
    remarks: Vec<String>,
    /// The load test.
    load_test: LoadTestView,
}

/// Load tests by service, with the highest rate within SLO of each build.
#[utoipa::path(get, path = "/api/v1/load-tests", params(ListFilter),
    responses((status = 200, body = LoadTestsView), (status = 401, body = Problem)))]
pub(crate) async fn all(
    _: Reader,
    State(app): State<App>,
    Query(filter): Query<ListFilter>,
) -> Result<Json<LoadTestsView>, Problem> {
    load_tests::load(&app, &filter).await.map(Json)
}

/// One load test, beside the one of the build before.
#[utoipa::path(get, path = "/api/v1/load-tests/{test}", params(("test" = i64, Path, description = "Its id")),
    responses((status = 200, body = LoadTestView), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn one(
    _: Reader,
    State(app): State<App>,
    Path(id): Path<i64>,
) -> Result<Json<LoadTestView>, Problem> {
    one::load(&app, id).await.map(Json)
}

/// Keeps a load test from what k6 (`--summary-export`), oha (`--output-format json`), vegeta (`report -type=json`) or wrk
/// (`--latency`) wrote, which is the body: `curl --data-binary @summary.json`. At most 8 MiB. The service's SLOs say
/// whether the rate that was measured is within SLO.
#[utoipa::path(post, path = "/api/v1/load-tests", params(Sent), request_body(content = String, content_type = "text/plain"),
    responses((status = 201, body = KeptView), (status = 401, body = Problem), (status = 404, body = Problem), (status = 413, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn send(
    writer: Writer,
    State(app): State<App>,
    Query(sent): Query<Sent>,
    body: Body,
) -> Result<Response, Problem> {
    let service = sent.service.trim();
    if app.catalog().service(service).await?.is_none() {
        return Err(Problem::not_found(
            format!("There is no service {service:?}"),
            "Name in the query one that has checked in or sent telemetry: ?service=reception.",
        ));
    }
    let output = text(body).await?;
    let some = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let told = Told {
        build: some(&sent.build),
        target: some(&sent.target).unwrap_or_default(),
        ran_at: sent.ran_at,
        link: some(&sent.link),
    };
    let read = imported::read(&app, service, &output, told).await?.map_err(|mistake| {
        let next = if mistake.field == "target" { " Add it to the query: &target=…" } else { "" };
        let detail = format!("Nothing was kept: {mistake}.{next}");
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "The output could not be read", detail)
    })?;
    let kept = imported::keep(&app, &writer.actor(), service, &read).await?;
    let load_test = one::load(&app, kept.id).await?;
    Ok((StatusCode::CREATED, Json(KeptView { remarks: read.remarks, load_test })).into_response())
}

async fn text(body: Body) -> Result<String, Problem> {
    let bytes = axum::body::to_bytes(body, MAX_IMPORT_BYTES).await.map_err(|_| {
        Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "The output is too large, or did not arrive",
            "Send the summary and not every request: less than 8 MiB.",
        )
    })?;
    String::from_utf8(bytes.into()).map_err(|_| {
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "The output is no text",
            "Send it as the tool wrote it, in UTF-8.",
        )
    })
}
