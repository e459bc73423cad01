//! Lines that tell when a request begins and ends. Finer than what is logged usually: they cost a line each.

use std::time::Duration;

use tracing::Span;

use super::routes::{Outcome, Route};

/// Target of these lines: `seaworthy_agent::request=debug` shows them.
pub(crate) const TARGET: &str = "seaworthy_agent::request";

pub(super) fn begin(span: &Span, method: &'static str, path: &str) {
    tracing::debug!(
        target: TARGET,
        parent: span,
        { http.request.method = method, url.path = path },
        "request begins"
    );
}

/// What is the server's fault is told unasked.
pub(super) fn end(span: &Span, route: &Route, outcome: &Outcome, took: Duration) {
    let (method, route, status) = (outcome.method, route.name.as_deref(), outcome.status);
    let (error, seconds) = (outcome.error_type(), took.as_secs_f64());
    let error = error.as_deref();
    if super::span::is_fault_of_server(outcome) && error.is_some() {
        tracing::warn!(
            target: TARGET,
            parent: span,
            {
                http.request.method = method,
                http.route = route,
                http.response.status_code = status,
                error.type = error,
                seconds,
            },
            "request fails"
        );
    } else {
        tracing::debug!(
            target: TARGET,
            parent: span,
            {
                http.request.method = method,
                http.route = route,
                http.response.status_code = status,
                error.type = error,
                seconds,
            },
            "request ends"
        );
    }
}
