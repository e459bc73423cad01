//! One request from its arrival to the last byte of its answer.

use std::{
    borrow::Cow,
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{Arc, OnceLock},
    time::Instant,
};

use axum::extract::ConnectInfo;
use http::{Method, Request, StatusCode};

use super::{
    headers::Headers,
    lines,
    measure::Server,
    routes::{Outcome, Route},
    span,
};
use crate::{
    errors,
    http::{method, request_id::RequestId},
    now::{self, Caller, Entry},
    observed::{log_lines::WithinRequest, panics},
    tasks::Description,
    trace::{self, Beginning},
};

/// `error.type` of a request whose client went away, or that was broken off at the end of a drain.
pub(crate) const CANCELLED: &str = "cancelled";
const PANIC: &str = "panic";
const BODY: &str = "body";
const SERVICE: &str = "service";

/// A request that is being answered. Dropping it ends the request, however it came to that.
#[derive(Debug)]
pub(crate) struct Exchange {
    server: Arc<Server>,
    /// Where the route was not known when it began.
    late_route: Option<Arc<Route>>,
    /// What others may see of it while it lasts.
    open: Entry<now::Request>,
    scheme: &'static str,
    is_load_test: bool,
    has_no_body: bool,
    /// Whether anybody listens to what its span says.
    is_heard: bool,
    status: Option<u16>,
    /// What went wrong. A request that is dropped before its end was cancelled; so that is what it starts with.
    failure: Option<&'static str>,
}

impl Exchange {
    /// Begins the request, and lets the handler and an inner layer find what they look for.
    pub(crate) fn begin<B>(server: &Arc<Server>, route: Arc<Route>, request: &mut Request<B>) -> Self {
        let begun = Instant::now();
        let headers = Headers::read(request.headers(), server.load_test_header.as_ref());
        let (id, is_load_test) = (RequestId::of(headers.request_id), headers.is_load_test);
        let method = method::known(request.method());
        let scheme = if request.uri().scheme_str() == Some("https") { "https" } else { "http" };
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|client| client.0);
        let connection = request.extensions().get::<Caller>().and_then(Caller::connection).cloned();
        let client = peer.map(|peer| match &connection {
            // Their address is written down already.
            Some(connection) if connection.peer == peer => Cow::Borrowed(&*connection.client),
            _ => Cow::Owned(peer.ip().to_string()),
        });
        let beginning = Beginning { id: id.clone(), at: begun };
        let (span, is_heard) = trace::begin_request(beginning, || {
            span::begin(request, &headers, &id, &route, scheme, client.as_deref(), &server.mask)
        });
        if is_load_test {
            span.record("user_agent.synthetic.type", "test");
        }
        lines::begin(&span, method, request.uri().path());
        let open = server.now.requests.enter(now::Request {
            begun,
            method,
            route,
            late_route: OnceLock::new(),
            id,
            span,
            peer,
            connection,
            user: Default::default(),
        });
        *request.extensions_mut().get_or_insert_default() = Caller::of(open.share());
        server.add_active(&open.route, method, scheme, 1);
        server.in_flight.begin();
        Self {
            server: Arc::clone(server),
            open,
            late_route: None,
            scheme,
            is_load_test,
            has_no_body: request.method() == Method::HEAD,
            is_heard,
            status: None,
            failure: Some(CANCELLED),
        }
    }

    /// The task that makes the answer.
    pub(crate) fn task<F>(&self) -> Description {
        Description::of_request::<F>(self.open.share())
    }

    /// Does a part of the work inside the span. A panic passes on, but is told of first. It leaves no answer: the client sees
    /// the connection break, and the request counts as what it would have been.
    pub(crate) fn work<T>(&mut self, part: impl FnOnce() -> T) -> T {
        let _entered = self.open.span.enter();
        let _within = WithinRequest::enter();
        panics::forget_latest();
        // Nothing that the panic may have left half done is looked at here.
        let done = catch_unwind(AssertUnwindSafe(part));
        errors::happened_within(&self.open.span);
        done.unwrap_or_else(|panic| {
            self.failure = Some(PANIC);
            self.status = Some(500);
            panics::tell(&*panic);
            resume_unwind(panic)
        })
    }

    pub(crate) fn id(&self) -> &RequestId {
        &self.open.id
    }

    /// The head of the answer is there.
    pub(crate) fn answered(&mut self, status: StatusCode) {
        self.status = Some(status.as_u16());
        self.has_no_body |= matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        if let Some(route) = self.open.late_route.get() {
            let late = self.server.routes.get(route);
            // It was counted where it seemed to belong.
            self.server.add_active(&self.open.route, self.open.method, self.scheme, -1);
            self.server.add_active(&late, self.open.method, self.scheme, 1);
            span::name(&self.open.span, self.open.method, &late);
            self.late_route = Some(late);
        }
    }

    /// Whether the answer ends with its head.
    pub(crate) fn has_no_body(&self) -> bool {
        self.has_no_body
    }

    /// The answer is complete.
    pub(crate) fn complete(mut self) {
        self.failure = None;
    }

    /// The body of the answer could not be made.
    pub(crate) fn body_failed(mut self) {
        self.failure = Some(BODY);
    }

    /// There is no answer: the service itself failed.
    pub(crate) fn service_failed(mut self) {
        self.failure = Some(SERVICE);
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let Self { scheme, status, is_load_test, failure, .. } = *self;
        let route = self.late_route.as_ref().unwrap_or(&self.open.route);
        let method = self.open.method;
        let outcome = Outcome { method, scheme, status, is_load_test, failure };
        let ended = Instant::now();
        let took = ended.saturating_duration_since(self.open.begun);
        self.server.record_duration(route, outcome, took);
        self.server.add_active(route, method, scheme, -1);
        self.server.in_flight.end(failure.is_none());
        lines::end(&self.open.span, route, &outcome, took);
        if self.is_heard {
            span::end(&self.open.span, &outcome, ended);
        }
    }
}
