//! A request that has begun and not ended.

use std::{
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::Instant,
};

use tracing::Span;

use super::{
    connection::{Connection, User},
    live::Begun,
};
use crate::http::{RequestId, Route};

/// A request that has begun and not ended. Whoever deals with it shares this.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) begun: Instant,
    pub(crate) method: &'static str,
    /// What matched it, as far as that was known when it began.
    pub(crate) route: Arc<Route>,
    /// Told by the layer that sits inside the router to the one that sits outside: the route that matched.
    pub(crate) late_route: OnceLock<Box<str>>,
    pub(crate) id: RequestId,
    pub(crate) span: Span,
    /// By `ConnectInfo`, which servers other than the agent's own know as well.
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) connection: Option<Arc<Connection>>,
    pub(crate) user: User,
}

impl Request {
    /// What is known of its route by now: a layer further in may find it later.
    pub(super) fn route(&self) -> Option<&str> {
        self.late_route.get().map(|route| &**route).or(self.route.name.as_deref())
    }

    /// What it was called when it began: `GET /orders/{id}`.
    pub(crate) fn name(&self) -> &str {
        self.route.name_of(self.method)
    }

    pub(super) fn peer(&self) -> Option<SocketAddr> {
        self.peer.or_else(|| Some(self.connection.as_ref()?.peer))
    }
}

impl Begun for Request {
    fn begun(&self) -> Instant {
        self.begun
    }
}
