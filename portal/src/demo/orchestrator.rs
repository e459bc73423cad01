//! Asks every service of the shop whether it lives and wants requests, as an orchestrator would.

use std::{net::SocketAddr, time::Duration};

use reqwest::Client;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::shop::url;

/// Kubernetes asks every 10 s unless told otherwise.
const BETWEEN: Duration = Duration::from_secs(5);
/// Nor does it wait longer.
const PATIENCE: Duration = Duration::from_secs(1);

/// Asks at these admin addresses until the shop closes. Nothing follows from the answers: a process that ends is started
/// again in any case, and customers of the shop find their way themselves.
pub(super) async fn probe(http: Client, services: Vec<SocketAddr>, closing: CancellationToken) {
    let probe = async {
        let mut ticks = interval(BETWEEN);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            for address in &services {
                ask(&http, *address, "livez").await;
                ask(&http, *address, "readyz").await;
            }
        }
    };
    closing.run_until_cancelled(probe).await;
}

async fn ask(http: &Client, address: SocketAddr, path: &str) {
    let answer = http.get(format!("{}/{path}", url(address))).timeout(PATIENCE).send().await;
    if let Err(error) = answer.and_then(reqwest::Response::error_for_status) {
        tracing::debug!(%error, "a service of the shop is not well");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use axum::{Router, extract::Request};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn everybody_is_asked_for_both_even_if_somebody_is_not_there() {
        let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (notes, closing) = (asked.clone(), CancellationToken::new());
        let closes = closing.clone();
        let note = move |request: Request| async move {
            notes.lock().unwrap().push(request.uri().to_string());
            if request.uri() == "/readyz" {
                closes.cancel();
            }
        };
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(note)).await });
        probe(crate::demo::client().unwrap(), vec![nobody, address], closing).await;
        assert_eq!(*asked.lock().unwrap(), ["/livez", "/readyz"]);
    }
}
