//! The admin endpoints: what a running instance tells whoever asks it.
//!
//! | path | answer |
//! |---|---|
//! | `/status` | health in health-go's form: 200, or 503 when a critical check fails |
//! | `/livez` | 200: the process is there |
//! | `/readyz` | 200, or 503 while the instance wants no requests, with the reasons |
//! | `/version`, `/info` | what is running, and since when |
//! | `/metrics` | Prometheus' text format |
//! | `/connections` | open connections, unfinished requests and spans, the oldest first; `?debug=1` for people |
//! | `/debug/pprof/tasks` | where every tracked task waits: for `go tool pprof`, `?debug=1` grouped, `?debug=2` one by one |
//! | `/debug/pprof/heap?seconds=` | the heap, or how it changes over so long; see [`heap`](crate::heap) |
//! | `/debug/pprof/profile?seconds=30&hz=100` | where the CPU time goes for so long, from 1 to 60 s |
//! | `/debug/log-filter` | which lines are logged; `PUT ?filter=debug&for=10m` changes it for a while, `DELETE` changes it back |
//!
//! They listen on a loopback address of their own. With a token (`SEAWORTHY_ADMIN_TOKEN`) they may listen elsewhere; all
//! but `/livez` and `/readyz`, which probes without secrets must reach, then ask for it as `Authorization: Bearer …`.
//! Heap and CPU are never profiled without the token anywhere but at that loopback address, and who is connected, which
//! is personal data, is not told either.

mod connections;
mod guard;
mod info;
mod listener;
mod log_filter;
mod metrics;
mod profiles;
mod ready;
mod status;
#[cfg(test)]
mod tests;

use std::{net::SocketAddr, sync::atomic::Ordering::Relaxed};

use axum::{
    Router,
    middleware::{from_fn_with_state, map_response},
    response::Response,
    routing::get,
};
use http::{HeaderValue, header};
use seaworthy_protocol::AdminAccess;

pub(crate) use self::{
    guard::Token,
    listener::{bind, serve},
};
use crate::{Handle, shared::Shared};

/// The admin endpoints.
impl Handle {
    /// The admin endpoints as a router, to mount in a server of the service's own. It guards nothing but
    /// `/connections` and the profiles of heap and CPU, which ask for the token: whoever reaches the router may read the rest.
    ///
    /// ```no_run
    /// # let agent = seaworthy_agent::Agent::builder("reception").start().unwrap();
    /// let router: axum::Router = axum::Router::new().nest("/admin", agent.admin_router());
    /// ```
    pub fn admin_router<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        self.shared.observed.mounts_admin.store(true, Relaxed);
        self.own_admin_router()
    }

    fn own_admin_router<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let token = self.shared.settings.admin_token.clone();
        let private = Router::new()
            .route("/connections", get(connections::connections))
            .route("/debug/log-filter", get(log_filter::get).put(log_filter::put).delete(log_filter::delete))
            .route("/debug/pprof/heap", get(profiles::heap))
            .route("/debug/pprof/profile", get(profiles::cpu))
            .layer(from_fn_with_state(token, guard::guard_private));
        Router::new()
            .merge(private)
            .route("/livez", get(ready::livez))
            .route("/readyz", get(ready::readyz))
            .route("/status", get(status::status))
            .route("/version", get(info::version))
            .route("/info", get(info::info))
            .route("/metrics", get(metrics::metrics))
            .route("/debug/pprof/tasks", get(profiles::tasks))
            .layer(map_response(with_headers))
            .with_state(self.clone())
    }

    /// Where the admin endpoints listen; none when they are off.
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.shared.identity.process.admin_address.parse().ok()
    }

    /// Says whether the service wants requests. It does once the agent has started, unless it says otherwise: one that
    /// has to warm up first says no right after the start, and yes when it is done.
    pub fn set_ready(&self, ready: bool) {
        self.shared.drain.set_ready(ready);
    }
}

/// Who reaches the admin endpoints of an agent.
pub(crate) fn access(shared: &Shared) -> AdminAccess {
    let address = shared.identity.process.admin_address.parse::<SocketAddr>().ok();
    match address {
        _ if shared.observed.mounts_admin.load(Relaxed) => AdminAccess::Mounted,
        None => AdminAccess::Off,
        Some(_) if shared.settings.admin_token.is_some() => AdminAccess::Token,
        // Without a token the agent listens nowhere else.
        Some(_) => AdminAccess::Loopback,
    }
}

/// Every answer is of this moment.
async fn with_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
