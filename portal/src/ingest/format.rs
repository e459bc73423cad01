//! The two forms of OTLP over HTTP, and errors told in them.
//!
//! Source: OTLP specification, "OTLP/HTTP".

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use prost::Message;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    lenient,
    weight::{self, Weighed},
};

/// How a request is written, and so its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Protobuf,
    Json,
}

/// `google.rpc.Status`, in which OTLP tells errors.
#[derive(Clone, PartialEq, Message, Serialize)]
struct Status {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
}

/// Why a request was refused as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) message: String,
    /// Seconds after which to send again; only with 429 and 503.
    pub(super) retry_after: Option<u64>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), retry_after: None }
    }

    pub(super) fn later(status: StatusCode, message: impl Into<String>, seconds: u64) -> Self {
        Self { status, message: message.into(), retry_after: Some(seconds.max(1)) }
    }

    /// The codes of `google.rpc.Code`.
    fn code(&self) -> i32 {
        match self.status {
            StatusCode::TOO_MANY_REQUESTS => 8,
            StatusCode::SERVICE_UNAVAILABLE => 14,
            status if status.is_server_error() => 13,
            _ => 3,
        }
    }

    pub(super) fn told(self, format: Format) -> Response {
        let mut response = format.answer(self.status, &Status { code: self.code(), message: self.message });
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl Format {
    /// By the content type. A request without one is refused, as it may be anything.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Refusal> {
        let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::to_str);
        let essence = |kind: &str| kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match kind {
            Some(Ok(kind)) if essence(kind) == "application/x-protobuf" => Ok(Self::Protobuf),
            Some(Ok(kind)) if essence(kind) == "application/json" => Ok(Self::Json),
            other => Err(Refusal::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                format!(
                    "the content type {} is not known; send application/x-protobuf or application/json",
                    other.and_then(Result::ok).map_or("is missing or".into(), |kind| format!("{kind:?}"))
                ),
            )),
        }
    }

    /// Bytes that the body takes in memory once it is decoded.
    pub(super) fn weight<M: Weighed>(self, body: &[u8]) -> usize {
        match self {
            Self::Protobuf => weight::of_protobuf::<M>(body),
            Self::Json => weight::of_json(body),
        }
    }

    pub(super) fn decode<M: Message + Default + DeserializeOwned>(self, body: &[u8]) -> Result<M, Refusal> {
        let refused = |error: String| Refusal::new(StatusCode::BAD_REQUEST, error);
        match self {
            Self::Protobuf => M::decode(body).map_err(|error| {
                refused(format!("the body is not the OTLP message that belongs here: {error}"))
            }),
            // serde would take a list for a message.
            Self::Json if body.trim_ascii_start().first() != Some(&b'{') => Err(refused(
                "the body is not the OTLP message that belongs here: it is no JSON object".into(),
            )),
            Self::Json => serde_json::from_slice(body).or_else(|error| {
                lenient::mended(body).and_then(serde_json::from_value).map_err(|_| {
                    refused(format!("the body is not the OTLP message that belongs here: {error}"))
                })
            }),
        }
    }

    pub(super) fn answer<M: Message + Serialize>(self, status: StatusCode, message: &M) -> Response {
        const CONTENT_TYPE: HeaderName = header::CONTENT_TYPE;
        match self {
            Self::Protobuf => {
                (status, [(CONTENT_TYPE, "application/x-protobuf")], message.encode_to_vec()).into_response()
            }
            Self::Json => {
                let body = serde_json::to_vec(message).unwrap_or_default();
                (status, [(CONTENT_TYPE, "application/json")], body).into_response()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_type_decides() {
        let cases = [
            (Some("application/x-protobuf"), Ok(Format::Protobuf)),
            (Some("Application/JSON; charset=utf-8"), Ok(Format::Json)),
            (Some("text/plain"), Err(())),
            (Some("application/jsonp"), Err(())),
            (None, Err(())),
        ];
        for (kind, expected) in cases {
            let mut headers = HeaderMap::new();
            if let Some(kind) = kind {
                headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
            }
            assert_eq!(Format::of(&headers).map_err(|_| ()), expected, "{kind:?}");
        }
    }
}
