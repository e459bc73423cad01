//! Badges, for those who may read and for those who have a signed link.

use axum::{
    extract::{Path, State},
    http::{HeaderName, header},
    response::{IntoResponse, Response},
};

use crate::{
    auth::{Anyone, Reader},
    badge::{self, Standing},
    problem::Problem,
    state::App,
    view::readiness::badge::{load, public},
};

const SVG: &str = "image/svg+xml; charset=utf-8";

/// The badge of a service.
pub(crate) async fn show(
    _: Reader,
    State(app): State<App>,
    Path(file): Path<String>,
) -> Result<Response, Problem> {
    let service = named(&file)?;
    let svg = badge::svg(service, load(&app, service).await?);
    Ok(([(header::CONTENT_TYPE, SVG), (header::CACHE_CONTROL, "private, max-age=60")], svg).into_response())
}

/// The same by a signed link, which pages of others may show.
pub(crate) async fn show_public(
    _: Anyone,
    State(app): State<App>,
    Path((tag, file)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let service = named(&file)?;
    let standing: Standing = public(&app, &tag, service).await?;
    let headers = [
        (header::CONTENT_TYPE, SVG),
        (header::CACHE_CONTROL, "public, max-age=60"),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ];
    Ok((headers, badge::svg(service, standing)).into_response())
}

/// The service of `reception.svg`.
fn named(file: &str) -> Result<&str, Problem> {
    file.strip_suffix(".svg").ok_or_else(|| {
        Problem::not_found("There is no such badge", "The badge of reception is /badges/reception.svg.")
    })
}
