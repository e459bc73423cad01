//! Where the admin endpoints listen.

use std::{io, net::SocketAddr, net::TcpListener, time::Duration};

use axum::{Router, middleware::from_fn_with_state};
use hyper_util::rt::TokioTimer;
use tokio::{task::JoinSet, time::sleep};

use super::{Token, guard::guard};
use crate::{
    Handle, StartError,
    drain::{Held, serve_connection, server},
};

/// More at once have to wait: whoever opens many must not make the process grow.
const MAX_CONNECTIONS: usize = 64;

/// Whoever sends nothing for so long makes room for others.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// After an error of the listener, such as no free file descriptor.
const PAUSE_AFTER_ERROR: Duration = Duration::from_millis(200);

/// Listens on this address.
///
/// # Errors
/// When it is not a loopback address and there is no token, or when it is taken.
pub(crate) fn bind(address: SocketAddr, token: Option<&Token>) -> Result<TcpListener, StartError> {
    if !address.ip().is_loopback() && token.is_none() {
        return Err(StartError::Setting {
            setting: "SEAWORTHY_ADMIN_ADDRESS",
            value: address.to_string(),
            expected: "a loopback address such as 127.0.0.1:9090, unless SEAWORTHY_ADMIN_TOKEN is set"
                .to_owned(),
        });
    }
    let listener = TcpListener::bind(address).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    listener.map_err(|source| StartError::AdminAddress { address, source })
}

/// Serves the admin endpoints for as long as it is polled.
///
/// # Errors
/// When the runtime does not take the listener.
pub(crate) async fn serve(handle: Handle, listener: TcpListener, token: Option<Token>) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let router = guarded(&handle, token);
    let mut server = server();
    server.http1().timer(TokioTimer::new()).header_read_timeout(IDLE_TIMEOUT);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < MAX_CONNECTIONS => match accepted {
                Ok((stream, client)) => {
                    let stream = Held::new(stream, None);
                    let (server, router) = (server.clone(), router.clone());
                    connections.spawn(serve_connection(server, stream, client, router, std::future::pending()));
                }
                Err(_) => sleep(PAUSE_AFTER_ERROR).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

fn guarded(handle: &Handle, token: Option<Token>) -> Router {
    handle.own_admin_router().layer(from_fn_with_state(token, guard))
}
