//! Serves a router and drains it.

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo, response::Response};
use futures_util::{StreamExt, stream::FuturesUnordered};
use http::Request;
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use seaworthy_protocol::DrainReport;
use tokio::{net::TcpListener, task::JoinSet, time::sleep};
use tower::ServiceExt;

use super::{Drain, Phase, held::Held};
use crate::{
    Handle,
    now::{Caller, Connection},
    shared::Shared,
    tasks::{Description, Tracked},
};

/// After an error of the listener itself, such as no free file descriptor: trying again at once would burn a core.
const PAUSE_AFTER_ERROR: Duration = Duration::from_millis(200);

impl Handle {
    /// Serves the router until SIGTERM or SIGINT, then drains: not ready at once, after the delay no new
    /// connections, then it finishes what runs, and breaks off at the deadline what still does. Returns how it went.
    ///
    /// The router is wrapped in [`Handle::layer`]; one that already has it is not measured twice. Handlers find the
    /// client as [`ConnectInfo<SocketAddr>`]. Works on every kind of tokio runtime that has I/O and time.
    /// For signals and the deadline see [`Handle::shutdown_signal`].
    ///
    /// ```no_run
    /// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
    /// let agent = seaworthy_agent::Agent::builder("reception").start()?;
    /// let router = axum::Router::new().route("/menu", axum::routing::get("espresso"));
    /// agent.serve(tokio::net::TcpListener::bind("127.0.0.1:8080").await?, router).await;
    /// # Ok(()) }
    /// ```
    pub async fn serve(&self, listener: TcpListener, router: Router) -> DrainReport {
        let closing = self.shutdown_signal();
        let drain = &self.shared.drain;
        let mut connections = JoinSet::new();
        // With its state, or the layers would be put around a handler again for every request.
        let router = router.layer(self.layer()).with_state(());
        accept(&listener, router, &self.shared, &mut connections, closing).await;
        drop(listener);
        let aborted = finish(&mut connections, drain).await;
        drain.finish(aborted)
    }
}

async fn accept(
    listener: &TcpListener,
    router: Router,
    shared: &Shared,
    connections: &mut JoinSet<()>,
    closing: impl Future<Output = ()>,
) {
    tokio::pin!(closing);
    loop {
        tokio::select! {
            () = &mut closing => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, client)) => {
                    let closing = shared.drain.reached(Phase::Closing);
                    let open = shared.now.connections.enter(Connection::new(client));
                    let stream = Held::new(stream, open);
                    let serve = serve_connection(stream, client, router.clone(), closing);
                    connections.spawn(tracked(serve));
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    tracing::error!(target: "seaworthy", %error, "cannot accept connections");
                    sleep(PAUSE_AFTER_ERROR).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

fn tracked<F: Future>(connection: F) -> Tracked<F> {
    Tracked::new(connection, Description::of::<F>(Some("HTTP connection".into()), None), true)
}

/// Waits for the connections to end by themselves; says how many requests had to be broken off at the deadline.
async fn finish(connections: &mut JoinSet<()>, drain: &Drain) -> u64 {
    let ended = async { while connections.join_next().await.is_some() {} };
    tokio::select! {
        () = ended => return 0,
        () = drain.reached(Phase::Expired) => {}
    }
    let before = drain.in_flight.count();
    connections.shutdown().await;
    before.saturating_sub(drain.in_flight.count())
}

/// Serves the requests of one connection until the client, or `closing`, ends it. Clients have as much time as they like, as with axum: a
/// load balancer that keeps a connection for later must find it open. So the head of a request that comes slowly, or never, holds up a drain
/// until its deadline.
async fn serve_connection(
    stream: Held,
    client: SocketAddr,
    router: Router,
    closing: impl Future<Output = ()>,
) {
    // Answers are written in one go; waiting for more to send would only delay them.
    let _ = stream.set_nodelay();
    let service = answers(router, client, Some(stream.connection()));
    let server = auto::Builder::new(TokioExecutor::new());
    let connection = server.serve_connection_with_upgrades(TokioIo::new(stream), service);
    tokio::pin!(connection);
    // Connections are polled far more often than the drain begins: this one polls what it holds when that wakes, and only then.
    let mut closing = FuturesUnordered::from_iter([closing]);
    // What goes wrong on a connection is the client's affair: the request, if there was one, is measured already.
    tokio::select! {
        // There is no need to cast lots each time.
        biased;
        _ = &mut connection => return,
        _ = closing.next() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// Has the router answer the requests of this client, on a connection that is listed or not.
pub(crate) fn answers(
    router: Router,
    client: SocketAddr,
    open: Option<Arc<Connection>>,
) -> impl hyper::service::Service<
    Request<Incoming>,
    Response = Response,
    Error = Infallible,
    Future = impl Future<Output = Result<Response, Infallible>> + Send + 'static,
> {
    hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(client));
        if let Some(open) = &open {
            open.carries_request();
            request.extensions_mut().insert(Caller::on(Arc::clone(open)));
        }
        router.clone().oneshot(request.map(Body::new))
    })
}

/// The client gave up before it was accepted.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
