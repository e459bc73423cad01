//! What the headers of a request tell the layer.

use http::{HeaderMap, HeaderName, HeaderValue};

/// What the headers of a request tell the layer. Found in one pass: to look for a header costs as much as to pass by several.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Told<'a> {
    pub(super) host: Option<&'a str>,
    pub(super) user_agent: Option<&'a str>,
    pub(super) request_id: Option<&'a HeaderValue>,
    /// Whether there is a trace that the request may be a part of.
    pub(super) has_parent: bool,
    pub(super) is_load_test: bool,
}

impl<'a> Told<'a> {
    /// Where a header comes several times, the first counts.
    pub(super) fn by(headers: &'a HeaderMap, load_test_header: Option<&HeaderName>) -> Self {
        let mut told = Self::default();
        for (name, value) in headers {
            match name.as_str() {
                "host" => told.host = told.host.or(value.to_str().ok()),
                "user-agent" => told.user_agent = told.user_agent.or(value.to_str().ok()),
                "x-request-id" => told.request_id = told.request_id.or(Some(value)),
                "traceparent" | "uber-trace-id" => told.has_parent = true,
                _ => {}
            }
            told.is_load_test |= load_test_header.is_some_and(|wanted| wanted == name);
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_each_counts() {
        let header =
            |name: &'static str, value| (HeaderName::from_static(name), HeaderValue::from_static(value));
        let headers = HeaderMap::from_iter([
            header("accept", "*/*"),
            header("user-agent", "curl"),
            header("host", "shop"),
            header("host", "other"),
            header("x-request-id", "7"),
        ]);
        let told = Told::by(&headers, None);
        assert_eq!((told.host, told.user_agent), (Some("shop"), Some("curl")));
        assert_eq!(told.request_id.unwrap(), "7");
        assert!(!told.has_parent && !told.is_load_test);
        let headers = HeaderMap::from_iter([header("uber-trace-id", "1:2:0:1"), header("x-load-test", "1")]);
        let told = Told::by(&headers, Some(&HeaderName::from_static("x-load-test")));
        assert!(told.has_parent && told.is_load_test && told.host.is_none());
    }
}
