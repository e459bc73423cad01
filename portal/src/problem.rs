//! How errors are told.
//!
//! A handler that cannot do what was asked returns a [`Problem`]: what happened, which input, and what to do next.
//! Programs get it as `application/problem+json` (RFC 9457), people as a page. What went wrong inside is logged, and
//! a stranger is told nothing of it.

use axum::{
    Json,
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use leptos::prelude::*;
use seaworthy_catalog::CatalogError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::web::layout::door;

/// Why a request was not fulfilled.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    #[serde(serialize_with = "status_code")]
    #[schema(value_type = u16)]
    status: StatusCode,
    title: String,
    detail: String,
}

fn status_code<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

impl Problem {
    /// `title`: what happened, in one line. `detail`: which input, and what to do next.
    pub fn new(status: StatusCode, title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { status, title: title.into(), detail: detail.into() }
    }

    /// Nothing is there by this name.
    pub fn not_found(what: impl Into<String>, next: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, what, next)
    }

    /// Somebody else may do this.
    pub fn forbidden(what: impl Into<String>, next: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, what, next)
    }

    /// The portal's own fault. `cause` goes to the log, not to the caller.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The portal could not do this",
            "The cause is in the portal's log. Try again; if it stays, tell whoever runs the portal.",
        )
    }

    /// The status it is told with.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// What happened.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Which input, and what to do next.
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl From<CatalogError> for Problem {
    fn from(error: CatalogError) -> Self {
        let status = match &error {
            CatalogError::Refused { .. } => StatusCode::BAD_REQUEST,
            CatalogError::LoginTaken(_)
            | CatalogError::Taken { .. }
            | CatalogError::Changed { .. }
            | CatalogError::LastAdmin
            | CatalogError::AlreadySetUp => StatusCode::CONFLICT,
            CatalogError::OwnWaiver => StatusCode::FORBIDDEN,
            CatalogError::NotFound(_) => StatusCode::NOT_FOUND,
            _ => return Self::internal(error),
        };
        Self::new(status, "The portal did not do this", format!("Nothing was changed: {error}."))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(&self)).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        // Kept for the layer that shows problems to people as a page.
        response.extensions_mut().insert(self);
        response
    }
}

/// Whether an answer is read by a person: browsers ask for HTML. What is under `/api/` and `/v1/` is for programs.
pub(crate) fn for_a_person(headers: &HeaderMap, path: &str) -> bool {
    let accepts = |value: &HeaderValue| value.to_str().is_ok_and(|value| value.contains("text/html"));
    !path.starts_with("/api/")
        && !path.starts_with("/v1/")
        && headers.get_all(header::ACCEPT).iter().any(accepts)
}

/// Tells every error as a [`Problem`], in the form that the caller can read.
pub(crate) async fn tell(request: Request, next: Next) -> Response {
    let person = for_a_person(request.headers(), request.uri().path());
    let response = with_problem(next.run(request).await).await;
    match response.extensions().get::<Problem>() {
        Some(problem) if person => as_page(problem.clone(), response),
        _ => response,
    }
}

/// The problem for a person: the same status and headers, and a page instead of JSON.
fn as_page(problem: Problem, response: Response) -> Response {
    let page = door(&problem.title, || {
        view! {
            <div class="stack">
                <p class="wrap-anywhere">{problem.detail.clone()}</p>
                <div class="actions"><a class="button" href="/">"To the fleet"</a></div>
            </div>
        }
    });
    replace_body(response, (problem.status, page).into_response())
}

/// What axum itself refuses (a path, query or form that it cannot read) is plain text; it becomes a problem.
async fn with_problem(response: Response) -> Response {
    const LONGEST_BYTES: usize = 1000;
    let status = response.status();
    let plain = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !plain || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let detail = axum::body::to_bytes(body, LONGEST_BYTES).await.unwrap_or_default();
    let title = status.canonical_reason().unwrap_or("The request was refused");
    let detail = match status {
        StatusCode::PAYLOAD_TOO_LARGE => "More than 2 MiB are not read here. Send less at once.".into(),
        _ => String::from_utf8_lossy(&detail),
    };
    let told = Problem::new(status, title, detail).into_response();
    replace_body(Response::from_parts(parts, Body::empty()), told)
}

/// `body`, with all headers of `response` that are not about a body.
fn replace_body(response: Response, mut body: Response) -> Response {
    for (name, value) in response.headers().iter().filter(|(name, _)| !is_about_the_body(name)) {
        body.headers_mut().append(name, value.clone());
    }
    body
}

fn is_about_the_body(name: &header::HeaderName) -> bool {
    [header::CONTENT_TYPE, header::CONTENT_LENGTH].contains(name)
}

/// Answers for a handler that panicked. The panic itself has been logged by the hook.
pub(crate) fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    Problem::internal("a handler panicked").into_response()
}

/// Answers a path that no route has.
pub(crate) async fn no_such_page(uri: Uri) -> Problem {
    Problem::not_found(
        "There is no such page",
        format!("Nothing is at {}. Start from the fleet page.", uri.path()),
    )
}

/// Answers a method that a route does not take.
pub(crate) async fn no_such_method(method: Method, uri: Uri) -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "This cannot be done here",
        format!("{} does not take {method}.", uri.path()),
    )
}
