//! What is wrong with a form, field by field.

use axum::http::{HeaderName, StatusCode, header};
use seaworthy_catalog::CatalogError;

use crate::problem::Problem;

/// Messages by field, and a status to answer with. Empty when all is well.
#[derive(Clone, Debug, Default)]
pub(super) struct Errors {
    status: StatusCode,
    messages: Vec<(&'static str, String)>,
    retry_after: Option<i64>,
}

/// The field of a message that is about the form as a whole.
pub(super) const WHOLE: &str = "";

impl Errors {
    /// One message, with the status of a form that was understood and refused.
    pub(super) fn one(field: &'static str, message: impl Into<String>) -> Self {
        Self::with_status(StatusCode::UNPROCESSABLE_ENTITY, field, message)
    }

    pub(super) fn with_status(status: StatusCode, field: &'static str, message: impl Into<String>) -> Self {
        Self { status, messages: vec![(field, message.into())], retry_after: None }
    }

    /// Too many tries: come again after so many seconds.
    pub(super) fn wait(seconds: i64, message: String) -> Self {
        let refused = Self::with_status(StatusCode::TOO_MANY_REQUESTS, WHOLE, message);
        Self { retry_after: Some(seconds), ..refused }
    }

    /// Adds a message unless the field is as it should be.
    pub(super) fn expect(&mut self, as_it_should_be: bool, field: &'static str, message: &str) {
        if !as_it_should_be {
            self.status = StatusCode::UNPROCESSABLE_ENTITY;
            self.messages.push((field, message.to_owned()));
        }
    }

    /// What the catalog refused, beside the field that it names. What it could not do at all is a problem.
    pub(super) fn from_catalog(error: CatalogError) -> Result<Self, Problem> {
        match &error {
            CatalogError::Refused { field, rule } => {
                let field = match *field {
                    "sign-in name" => "login",
                    other => other,
                };
                Ok(Self::one(field, format!("This {rule}.")))
            }
            CatalogError::LoginTaken(_) => Ok(Self::with_status(
                StatusCode::CONFLICT,
                "login",
                "Somebody signs in by this name already. Choose another.",
            )),
            _ => Err(error.into()),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// What to answer with.
    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    /// What to answer with besides.
    pub(super) fn headers(&self) -> Option<[(HeaderName, String); 1]> {
        self.retry_after.map(|seconds| [(header::RETRY_AFTER, seconds.to_string())])
    }

    /// The message for a field.
    pub(super) fn of(&self, field: &str) -> Option<String> {
        self.messages.iter().find(|(named, _)| *named == field).map(|(_, message)| message.clone())
    }
}
