//! The name of one request, for people who look for it.

use std::{
    convert::Infallible,
    fmt,
    hash::{Hash, Hasher},
};

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    response::{IntoResponse, Response},
};
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, request::Parts};

use crate::{now::Caller, trace::TraceId};

pub(crate) const HEADER: &str = "x-request-id";
static HEADER_NAME: HeaderName = HeaderName::from_static(HEADER);

/// Longer ones are not taken over.
const MAX_LENGTH: usize = 128;

/// The id of a request: the client's `x-request-id` where it is sane, else a new one.
///
/// Handlers find it as an extractor; the response and the span have it too.
///
/// ```
/// use seaworthy_agent::http::RequestId;
///
/// async fn order(id: RequestId) -> String {
///     format!("if anything is wrong with your order, tell us {id}")
/// }
/// # let router: axum::Router = axum::Router::new().route("/order", axum::routing::post(order));
/// ```
///
/// The extractor answers with 500 where [`Handle::layer`](crate::Handle::layer) does not measure the request; `Option<RequestId>` is
/// none there. A middleware finds it [in the extensions](Self::in_extensions) of the request.
#[derive(Clone)]
pub struct RequestId(Id);

#[derive(Clone)]
enum Id {
    /// Hexadecimal digits.
    New([u8; 32]),
    Sent(HeaderValue),
}

impl RequestId {
    /// As text: 1 to 128 visible ASCII characters.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Id::New(digits) => str::from_utf8(digits).unwrap_or_default(),
            Id::Sent(value) => value.to_str().unwrap_or_default(),
        }
    }

    /// The id of the request that has these extensions; none of one that is not measured.
    pub fn in_extensions(extensions: &Extensions) -> Option<Self> {
        extensions.get::<Caller>()?.request().map(|request| request.id.clone())
    }

    /// The client's, where it sent one that is 1 to 128 visible ASCII characters; else a new one.
    pub(crate) fn of(sent: Option<&HeaderValue>) -> Self {
        let sane = |value: &&HeaderValue| {
            (1..=MAX_LENGTH).contains(&value.len()) && value.as_bytes().iter().all(u8::is_ascii_graphic)
        };
        sent.filter(sane).map_or_else(Self::random, |value| Self(Id::Sent(value.clone())))
    }

    pub(crate) fn insert_into(&self, headers: &mut HeaderMap) {
        let value = match &self.0 {
            Id::New(digits) => HeaderValue::from_bytes(digits).ok(),
            Id::Sent(value) => Some(value.clone()),
        };
        value.and_then(|value| headers.insert(&HEADER_NAME, value));
    }

    /// Random bytes of the same size as a trace's id, written the same way.
    fn random() -> Self {
        Self(Id::New(TraceId::random().digits()))
    }
}

impl PartialEq for RequestId {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for RequestId {}

impl Hash for RequestId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl<S: Sync> FromRequestParts<S> for RequestId {
    type Rejection = NotMeasured;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, NotMeasured> {
        Self::in_extensions(&parts.extensions).ok_or(NotMeasured)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for RequestId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(Self::in_extensions(&parts.extensions))
    }
}

/// A handler wants to know the id of a request that no [`Handle::layer`](crate::Handle::layer) measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request has no id: put `agent.layer()` on the router after its routes")]
pub struct NotMeasured;

impl IntoResponse for NotMeasured {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.to_string()).into_response()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sent: &[u8]) -> RequestId {
        RequestId::of(Some(&HeaderValue::from_bytes(sent).unwrap()))
    }

    #[test]
    fn a_sane_id_is_kept_and_any_other_replaced() {
        for sane in ["a", "7f3c-order/42!", &"x".repeat(128)] {
            assert_eq!(of(sane.as_bytes()).as_str(), sane);
        }
        for insane in [&b""[..], b"two words", b"tab\tbed", b"caf\xc3\xa9", &[b'x'; 129]] {
            let id = of(insane);
            assert!(
                id.as_str().len() == 32 && id.as_str().bytes().all(|byte| byte.is_ascii_hexdigit()),
                "{id}"
            );
        }
        assert_ne!(RequestId::of(None), RequestId::of(None));
    }
}
