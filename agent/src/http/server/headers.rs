//! The headers of a request that the layer reads.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{http::request_id, trace::propagation};

/// The headers of a request that the layer reads. Found in one pass: to look for one costs as much as to pass by several.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Headers<'a> {
    pub(super) host: Option<&'a str>,
    pub(super) user_agent: Option<&'a str>,
    pub(super) request_id: Option<&'a HeaderValue>,
    /// Whether there is a trace that the request may be a part of.
    pub(super) has_parent: bool,
    pub(super) is_load_test: bool,
}

impl<'a> Headers<'a> {
    /// Where a header comes several times, the first counts.
    pub(super) fn read(headers: &'a HeaderMap, load_test_header: Option<&HeaderName>) -> Self {
        let mut read = Self::default();
        for (name, value) in headers {
            match name.as_str() {
                "host" => read.host = read.host.or(value.to_str().ok()),
                "user-agent" => read.user_agent = read.user_agent.or(value.to_str().ok()),
                request_id::HEADER => read.request_id = read.request_id.or(Some(value)),
                name => read.has_parent |= propagation::is_parent(name),
            }
            read.is_load_test |= load_test_header.is_some_and(|wanted| wanted == name);
        }
        read
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
        let read = Headers::read(&headers, None);
        assert_eq!((read.host, read.user_agent), (Some("shop"), Some("curl")));
        assert_eq!(read.request_id.unwrap(), "7");
        assert!(!read.has_parent && !read.is_load_test);
        let headers = HeaderMap::from_iter([header("uber-trace-id", "1:2:0:1"), header("x-load-test", "1")]);
        let read = Headers::read(&headers, Some(&HeaderName::from_static("x-load-test")));
        assert!(read.has_parent && read.is_load_test && read.host.is_none());
    }
}
