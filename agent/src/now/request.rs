//! A request that has begun and not ended.

use std::{net::SocketAddr, sync::Arc, time::Instant};

use tracing::Span;

use super::{Caller, live::Begun};
use crate::http::{LateRoute, RequestId};

/// A request that has begun and not ended.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) begun: Instant,
    pub(crate) method: &'static str,
    pub(crate) route: Option<Arc<str>>,
    pub(crate) late_route: LateRoute,
    pub(crate) id: RequestId,
    pub(crate) span: Span,
    /// By `ConnectInfo`, which servers other than the agent's own know as well.
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) caller: Caller,
}

impl Request {
    /// What is known of its route by now: a layer further in may find it later.
    pub(super) fn route(&self) -> Option<&str> {
        self.late_route.0.get().map(|route| &**route).or(self.route.as_deref())
    }
}

impl Begun for Request {
    fn begun(&self) -> Instant {
        self.begun
    }
}
