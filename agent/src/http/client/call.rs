//! One outgoing request, from its sending to the head of the answer.

use std::{sync::Arc, time::Instant};

use http::{HeaderMap, Method, StatusCode, Uri};
use tracing::{
    Span,
    field::{Empty, display},
    info_span,
};

use super::measure::{Outcome, Outgoing, Target};
use crate::{
    http::{host::host_and_port, method, redact::Redacted},
    mask::Mask,
    trace::{self, propagation},
};

/// `error.type` of a call that nobody waits for any more.
const CANCELLED: &str = "cancelled";

/// A call that waits for its answer. Dropping it ends it, however it came to that.
#[derive(Debug)]
pub(crate) struct Call {
    outgoing: Arc<Outgoing>,
    target: Arc<Target>,
    span: Span,
    begun: Instant,
    method: &'static str,
    status: Option<u16>,
    failure: Option<&'static str>,
}

impl Call {
    /// Begins a call, and gives it the context of its span to carry.
    pub(crate) fn begin(
        outgoing: &Arc<Outgoing>,
        method: &Method,
        url: &Uri,
        headers: &mut HeaderMap,
    ) -> Self {
        let authority = url.authority().map_or("", http::uri::Authority::as_str);
        let (host, port) = host_and_port(authority);
        let target = outgoing.target(authority, host, port.or_else(|| port_of(url.scheme_str()?)));
        let span = span(method, url, &target, &outgoing.mask);
        // Where this span is not recorded, the trace still goes on.
        if let Some(context) = trace::context_of(&span).or_else(trace::current) {
            propagation::inject(&context, headers);
        }
        let (begun, method) = (Instant::now(), method::known(method));
        Self {
            outgoing: Arc::clone(outgoing),
            target,
            span,
            begun,
            method,
            status: None,
            failure: Some(CANCELLED),
        }
    }

    pub(crate) fn span(&self) -> &Span {
        &self.span
    }

    /// The head of the answer is there.
    pub(crate) fn answered(mut self, status: StatusCode) {
        self.status = Some(status.as_u16());
        self.failure = None;
    }

    /// There is no answer.
    pub(crate) fn failed(mut self, error_type: &'static str, message: &dyn std::fmt::Display) {
        self.span.record("otel.status_message", display(message));
        self.failure = Some(error_type);
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let outcome = Outcome { method: self.method, status: self.status, failure: self.failure };
        let ended = Instant::now();
        let took = ended.saturating_duration_since(self.begun);
        self.outgoing.record(&self.target, outcome, took.as_secs_f64());
        let error = outcome.error_type();
        // Connections that were opened for it may hold the span, but the call is over.
        trace::end_with(&self.span, ended, |last| {
            if let Some(status) = self.status {
                last.number("http.response.status_code", status.into());
            }
            if let Some(error) = &error {
                last.text("error.type", error);
                last.failed();
            }
        });
    }
}

fn span(method: &Method, url: &Uri, target: &Target, mask: &Mask) -> Span {
    let known = method::known(method);
    info_span!(
        target: "seaworthy::http",
        "HTTP call",
        otel.name = method::span_name(known),
        otel.kind = "client",
        otel.status_code = Empty,
        otel.status_message = Empty,
        http.request.method = known,
        http.request.method_original = method::original(method),
        http.response.status_code = Empty,
        error.type = Empty,
        server.address = &*target.host,
        server.port = target.port,
        url.full = display(Redacted { url, mask }),
    )
}

fn port_of(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}
