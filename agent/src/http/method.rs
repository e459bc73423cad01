//! Methods of HTTP as the semantic conventions name them.

use http::Method;

/// What stands for every method that is not known; its span is named `HTTP`.
const OTHER: &str = "_OTHER";

/// `http.request.method`: the method, or `_OTHER`, because anybody can make up methods.
pub(crate) fn known(method: &Method) -> &'static str {
    const KNOWN: [&str; 10] =
        ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "CONNECT", "TRACE", "QUERY"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or(OTHER)
}

/// `http.request.method_original`, where the method is not known.
pub(crate) fn original(method: &Method) -> Option<&str> {
    (known(method) == OTHER).then_some(method.as_str())
}

/// The method as the first word of a span's name.
pub(crate) fn span_name(known: &'static str) -> &'static str {
    if known == OTHER { "HTTP" } else { known }
}
