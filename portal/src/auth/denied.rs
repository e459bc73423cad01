//! How a request is refused for want of permission.
//!
//! A program is told 401 with `WWW-Authenticate`; a person who wants to see a page is sent to sign in and back; all
//! else is 403. What went wrong in the catalog is none of this, and told as such.

use axum::{
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use seaworthy_catalog::{CatalogError, Role, Scope};

use super::Next;
use crate::problem::{Problem, for_a_person};

/// Why a request was refused.
#[derive(Debug)]
pub enum Denied {
    /// A person must sign in first, and is taken back to `next`.
    SignIn {
        /// Where they wanted to go.
        next: Next,
    },
    /// As before, for a fragment of a page: the page itself must go to the sign-in.
    SignInAgain,
    /// A program must show a token. The text describes what was wrong, as RFC 6750 defines.
    Token {
        /// `WWW-Authenticate`.
        challenge: &'static str,
        /// What to tell.
        problem: Problem,
    },
    /// Everything else.
    Problem(Problem),
}

const CHALLENGE: &str = r#"Bearer realm="seaworthy""#;

impl Denied {
    pub(super) fn not_signed_in(parts: &Parts) -> Self {
        if parts.headers.contains_key("hx-request") {
            return Self::SignInAgain;
        }
        if !for_a_person(&parts.headers, parts.uri.path()) {
            return Self::Token {
                challenge: CHALLENGE,
                problem: Problem::new(
                    StatusCode::UNAUTHORIZED,
                    "Nobody is signed in",
                    "Sign in with a browser, or send a token as Authorization: Bearer sw_…",
                ),
            };
        }
        if matches!(parts.method, Method::GET | Method::HEAD) {
            return Self::SignIn { next: Next::from_uri(&parts.uri) };
        }
        Self::Problem(Problem::new(
            StatusCode::FORBIDDEN,
            "You are not signed in any more",
            "Nothing was changed. Sign in, and try again.",
        ))
    }

    pub(super) fn token_missing(needed: Scope) -> Self {
        let how = match needed {
            Scope::Ingest => "; OpenTelemetry SDKs take it from OTEL_EXPORTER_OTLP_HEADERS",
            Scope::Read | Scope::Write => "",
        };
        Self::Token {
            challenge: CHALLENGE,
            problem: Problem::new(
                StatusCode::UNAUTHORIZED,
                "A token is needed",
                format!(
                    "Send one with scope {} as Authorization: Bearer sw_…{how}. Tokens are made on the page Tokens of \
                     this portal.",
                    needed.as_str()
                ),
            ),
        }
    }

    pub(super) fn token_unknown() -> Self {
        Self::Token {
            challenge: r#"Bearer realm="seaworthy", error="invalid_token""#,
            problem: Problem::new(
                StatusCode::UNAUTHORIZED,
                "This token does not work",
                "It is mistyped or was revoked. Make another on the page Tokens of this portal.",
            ),
        }
    }

    pub(super) fn scope(needed: Scope) -> Self {
        let challenge = match needed {
            Scope::Ingest => r#"Bearer realm="seaworthy", error="insufficient_scope", scope="ingest""#,
            Scope::Read => r#"Bearer realm="seaworthy", error="insufficient_scope", scope="read""#,
            Scope::Write => r#"Bearer realm="seaworthy", error="insufficient_scope", scope="write""#,
        };
        Self::Token {
            challenge,
            problem: Problem::new(
                StatusCode::FORBIDDEN,
                "This token may not do this",
                format!("A token with scope {} is needed.", needed.as_str()),
            ),
        }
    }

    pub(super) fn role(has: Role, least: Role) -> Self {
        Self::Problem(Problem::new(
            StatusCode::FORBIDDEN,
            "You may not do this",
            format!(
                "You are signed in as {has}, and it takes at least an {least}. Ask an admin of this portal."
            ),
        ))
    }
}

impl From<CatalogError> for Denied {
    fn from(error: CatalogError) -> Self {
        Self::Problem(error.into())
    }
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        match self {
            Self::SignIn { next } => Redirect::to(&next.sign_in()).into_response(),
            Self::SignInAgain => {
                (StatusCode::UNAUTHORIZED, [("hx-redirect", "/sign-in")], "Sign in again").into_response()
            }
            Self::Token { challenge, problem } => {
                let mut response = problem.into_response();
                response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
                response
            }
            Self::Problem(problem) => problem.into_response(),
        }
    }
}
