//! The server span, by OpenTelemetry's semantic conventions for HTTP.

use std::time::Instant;

use http::{Request, Version};
use tracing::{Metadata, Span, field::Empty, info_span};

use super::{
    headers::Headers,
    routes::{Outcome, Route},
};
use crate::{
    http::{host::host_and_port, method, request_id::RequestId},
    mask::Mask,
    trace,
};

/// Target of the spans of requests.
const TARGET: &str = "seaworthy::http";
const NAME: &str = "HTTP request";

/// Whether spans of this kind are those of requests, whose fields tell the request's id.
pub(crate) fn is_request_span(metadata: &Metadata<'_>) -> bool {
    metadata.target() == TARGET && metadata.name() == NAME
}

/// The span of a request; it continues the client's trace.
pub(crate) fn begin<B>(
    request: &Request<B>,
    headers: &Headers<'_>,
    id: &RequestId,
    route: &Route,
    scheme: &'static str,
    client: Option<&str>,
    mask: &Mask,
) -> Span {
    let method = method::known(request.method());
    let authority = request.uri().authority().map(http::uri::Authority::as_str);
    let server = authority.or(headers.host).map(host_and_port);
    let make = || {
        info_span!(
            target: TARGET,
            NAME,
            otel.name = route.name_of(method),
            otel.kind = "server",
            otel.status_code = Empty,
            http.request.method = method,
            http.request.method_original = method::original(request.method()),
            http.request.id = id.as_str(),
            http.route = route.name.as_deref(),
            http.response.status_code = Empty,
            error.type = Empty,
            url.scheme = scheme,
            url.path = request.uri().path(),
            url.query = request.uri().query().map(|query| mask.query(query)).as_deref(),
            server.address = server.map(|(host, _)| host),
            server.port = server.and_then(|(_, port)| port),
            client.address = client,
            network.protocol.version = version(request.version()),
            user_agent.original = headers.user_agent,
            user_agent.synthetic.type = Empty,
        )
    };
    let parent = if headers.has_parent { trace::propagation::extract(request.headers()) } else { None };
    match parent {
        Some(parent) => trace::with_remote_parent(parent, make),
        None => make(),
    }
}

/// The route was only known later.
pub(crate) fn name(span: &Span, method: &'static str, route: &Route) {
    span.record("http.route", route.name.as_deref());
    span.record("otel.name", route.name_of(method));
}

/// Says how the request ended, and ends the span.
pub(crate) fn end(span: &Span, outcome: &Outcome, ended: Instant) {
    let error = outcome.error_type();
    // Tasks that the handler has left behind may hold the span, but the request is over.
    trace::end_with(span, ended, |last| {
        if let Some(status) = outcome.status {
            last.number("http.response.status_code", status.into());
        }
        if let Some(error) = &error {
            last.text("error.type", error);
            if is_fault_of_server(outcome) {
                last.failed();
            }
        }
    });
}

/// A client that went away is worth seeing, but no failure of the server.
pub(super) fn is_fault_of_server(outcome: &Outcome) -> bool {
    outcome.failure != Some(super::exchange::CANCELLED) || outcome.status.is_some_and(|status| status >= 500)
}

fn version(version: Version) -> Option<&'static str> {
    match version {
        Version::HTTP_09 => Some("0.9"),
        Version::HTTP_10 => Some("1.0"),
        Version::HTTP_11 => Some("1.1"),
        Version::HTTP_2 => Some("2"),
        Version::HTTP_3 => Some("3"),
        _ => None,
    }
}
