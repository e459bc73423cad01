//! Methods of HTTP as the semantic conventions name them.

use http::Method;

/// What stands for every method that is not known; its span is named `HTTP`.
const OTHER: &str = "_OTHER";

/// `http.request.method`: the method, or `_OTHER`, because anybody can make up methods.
pub(crate) fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        Method::CONNECT => "CONNECT",
        Method::TRACE => "TRACE",
        _ if method.as_str() == "QUERY" => "QUERY",
        _ => OTHER,
    }
}

/// `http.request.method_original`, where the method is not known.
pub(crate) fn original(method: &Method) -> Option<&str> {
    (known(method) == OTHER).then_some(method.as_str())
}

/// The method as the first word of a span's name.
pub(crate) fn span_name(known: &'static str) -> &'static str {
    if known == OTHER { "HTTP" } else { known }
}
