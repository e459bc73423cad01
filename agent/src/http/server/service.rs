//! The tower layer.

use std::{
    sync::{Arc, OnceLock},
    task::{Context, Poll},
};

use axum::{body::HttpBody, extract::MatchedPath};
use http::{Request, Response};
use tower::{Layer, Service};

use super::{exchange::Exchange, future::ResponseFuture, measure::Server, routes::Route};
use crate::{Handle, now::Caller, tasks::Tracked};

/// Measuring servers.
impl Handle {
    /// Measures the requests to an axum router, or to any tower service of `http` requests: a span and metrics by
    /// OpenTelemetry's semantic conventions, a request id, and the count that a drain waits for.
    ///
    /// Put it on the router after its routes; [`Handle::serve`] does so by itself:
    ///
    /// ```no_run
    /// # let agent = seaworthy_agent::Agent::builder("reception").start().unwrap();
    /// let router: axum::Router =
    ///     axum::Router::new().route("/orders/{id}", axum::routing::get(|| async {})).layer(agent.layer());
    /// ```
    ///
    /// The name of a span is `METHOD route`, where the route is axum's `MatchedPath`, never the path. `Router::layer`
    /// sees it. A layer around the whole router, or around one with `nest_service`, does not: put another
    /// `agent.layer()` on the inner router, which then only tells the outer one the route. What no route matches has
    /// no route, and its span is named by the method.
    ///
    /// A request lasts until the body of its answer has ended or was dropped. A handler that panics counts as a 500
    /// with `error.type` `panic`, a client that went away as `cancelled`.
    pub fn layer(&self) -> ServerLayer {
        self.shared.observed.runtime();
        ServerLayer { server: Arc::clone(&self.shared.server) }
    }
}

/// Measures a server; see [`Handle::layer`].
#[derive(Clone, Debug)]
pub struct ServerLayer {
    server: Arc<Server>,
}

impl<S> Layer<S> for ServerLayer {
    type Service = ServerService<S>;

    fn layer(&self, inner: S) -> ServerService<S> {
        ServerService { inner, server: Arc::clone(&self.server), latest: Arc::default() }
    }
}

/// A service whose requests are measured; see [`Handle::layer`].
#[derive(Clone, Debug)]
pub struct ServerService<S> {
    inner: S,
    server: Arc<Server>,
    /// The first route that came along here; with axum, which wraps each route by itself, the only one.
    latest: Arc<OnceLock<Arc<Route>>>,
}

impl<S, A, B> Service<Request<A>> for ServerService<S>
where
    S: Service<Request<A>, Response = Response<B>>,
    B: HttpBody,
{
    type Response = Response<super::ResponseBody<B>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<A>) -> Self::Future {
        let matched = request.extensions().get::<MatchedPath>();
        if let Some(outer) = request.extensions().get::<Caller>().and_then(Caller::request) {
            matched.inspect(|matched| drop(outer.late_route.set(matched.as_str().into())));
            return ResponseFuture::new(Tracked::not_tracked(self.inner.call(request)), None);
        }
        let route =
            matched.map_or_else(|| self.server.routes.unmatched(), |matched| self.route(matched.as_str()));
        let mut exchange = Exchange::begin(&self.server, route, &mut request);
        let answer = exchange.work(|| self.inner.call(request));
        let task = exchange.task::<S::Future>();
        ResponseFuture::new(Tracked::new(answer, task, false), Some(exchange))
    }
}

impl<S> ServerService<S> {
    fn route(&self, name: &str) -> Arc<Route> {
        let latest = self.latest.get_or_init(|| self.server.routes.get(name));
        match latest.name.as_deref() == Some(name) {
            true => Arc::clone(latest),
            false => self.server.routes.get(name),
        }
    }
}
