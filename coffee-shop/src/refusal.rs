//! How the shop says no: one place for what a client is told, and with which status.

use axum::{
    Json,
    extract::rejection::JsonRejection,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::drinks;

/// Most cups in one order.
pub(crate) const MOST_CUPS: u32 = 8;

/// Why a request was not served. The text goes to the client: it tells what to do next, and nothing internal.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("{}", .0.body_text())]
    Body(#[from] JsonRejection),
    #[error("there is no drink named {0:?}; the menu has {menu}", menu = drinks::names())]
    NoSuchDrink(String),
    #[error("cups is {0}; one order has 1 to {MOST_CUPS}")]
    Cups(u32),
    #[error("{0}")]
    Faults(String),
    #[error("the order could not be written down; order again in a moment")]
    Database(#[from] sqlx::Error),
    #[error("no barista is there; order again in a moment")]
    NoBarista,
    #[error("the barista could not brew this one; order it again")]
    Barista,
    #[error("this failed on purpose: a fault is switched on")]
    OnPurpose,
}

impl Refusal {
    /// The name is told back only as far as a person would read it.
    pub(crate) fn no_such_drink(name: &str) -> Self {
        Self::NoSuchDrink(name.chars().take(40).collect())
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Body(rejection) => rejection.status(),
            Self::NoSuchDrink(_) | Self::Cups(_) | Self::Faults(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Database(_) | Self::NoBarista => StatusCode::SERVICE_UNAVAILABLE,
            Self::Barista => StatusCode::BAD_GATEWAY,
            Self::OnPurpose => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.status();
        // Within the request, so that the line tells which it was.
        match status.is_server_error() {
            true => tracing::error!(status = status.as_u16(), "not served: {self}"),
            false => tracing::info!(status = status.as_u16(), "refused: {self}"),
        }
        (status, Json(json!({ "error": self.to_string() }))).into_response()
    }
}
