//! Where the admin endpoints listen.

use std::{io, net::SocketAddr, net::TcpListener, time::Duration};

use axum::{Router, middleware::from_fn_with_state};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{task::JoinSet, time::sleep};

use super::{Token, guard::guard};
use crate::{Handle, StartError, drain::answers};

/// More at once have to wait: whoever opens many must not make the process grow.
const MAX_CONNECTIONS: usize = 64;

/// Whoever does not send the head of a request, or of a further one, within this time makes room for others.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

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
    // HTTP/1 alone: with it, time is taken from the first byte on.
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < MAX_CONNECTIONS => match accepted {
                Ok((stream, client)) => {
                    let _ = stream.set_nodelay(true);
                    let service = answers(router.clone(), client, None);
                    connections.spawn(server.serve_connection(TokioIo::new(stream), service));
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

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
    };

    use super::*;
    use crate::Agent;

    #[tokio::test(start_paused = true)]
    async fn whoever_says_nothing_makes_room_for_others() {
        let agent = Agent::builder("shop").admin_address(None).without_subscriber();
        let agent = agent.shutdown_timeout(Duration::ZERO).start().unwrap();
        let listener = bind("127.0.0.1:0".parse().unwrap(), None).unwrap();
        let address = listener.local_addr().unwrap();
        let served = tokio::spawn(serve(agent.handle(), listener, None));
        for said in ["", "PRI", "GET /livez HT", "GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n"] {
            let mut client = TcpStream::connect(address).await.unwrap();
            client.write_all(said.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            let _ = client.read_to_end(&mut answer).await;
            assert_eq!(answer.starts_with(b"HTTP/1.1 200"), said.ends_with("\r\n\r\n"), "{said:?}");
        }
        served.abort();
    }
}
