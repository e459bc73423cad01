//! How errors are told.
//!
//! A handler that cannot do what was asked returns a [`Problem`]: what happened, which input, and what to do next.
//! Programs get it as `application/problem+json` (RFC 9457), people as a page. What went wrong inside is logged, and
//! a stranger is told nothing of it.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// Why a request was not fulfilled.
#[derive(Clone, Debug, Serialize)]
pub struct Problem {
    #[serde(serialize_with = "status_code")]
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
