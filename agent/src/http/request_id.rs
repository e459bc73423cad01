//! The name of one request, for people who look for it.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::trace::TraceId;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Longer ones are not taken over.
const MAX_LENGTH: usize = 128;

/// The id of a request: the client's `x-request-id` where it is sane, else a new one.
///
/// Handlers find it as an extension of the request; the response and the span have it too.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// As text: 1 to 128 visible ASCII characters.
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// The client's, where it sent one that is 1 to 128 visible ASCII characters; else a new one.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let sane = |value: &&HeaderValue| {
            (1..=MAX_LENGTH).contains(&value.len()) && value.as_bytes().iter().all(u8::is_ascii_graphic)
        };
        headers.get(HEADER).filter(sane).map_or_else(Self::random, |value| Self(value.clone()))
    }

    pub(crate) fn insert_into(&self, headers: &mut HeaderMap) {
        headers.insert(HEADER, self.0.clone());
    }

    fn random() -> Self {
        // Random bytes of the same size as a trace's id, written the same way.
        let text = TraceId::random().to_string();
        Self(HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("unknown")))
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
        RequestId::of(&HeaderMap::from_iter([(HEADER, HeaderValue::from_bytes(sent).unwrap())]))
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
        assert_ne!(RequestId::of(&HeaderMap::new()), RequestId::of(&HeaderMap::new()));
    }
}
