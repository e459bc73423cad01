//! A service under watch, and a client that knows no more than TCP.

use std::{net::SocketAddr, time::Duration};

use axum::Router;
use seaworthy_protocol::DrainReport;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use crate::{Agent, Handle};

pub(crate) struct Shop {
    pub(crate) agent: Agent,
    pub(crate) address: SocketAddr,
    pub(crate) served: JoinHandle<DrainReport>,
}

impl Shop {
    /// Serves what `router` makes.
    pub(crate) async fn open(router: impl FnOnce(&Handle) -> Router) -> Self {
        Self::open_with_deadline(Duration::from_secs(10), router).await
    }

    /// Serves what `router` makes; a drain may take so long.
    pub(crate) async fn open_with_deadline(
        deadline: Duration,
        router: impl FnOnce(&Handle) -> Router,
    ) -> Self {
        let agent = Agent::builder("shop")
            .drain_delay(Duration::ZERO)
            .drain_deadline(deadline)
            .shutdown_timeout(Duration::from_millis(200))
            .without_subscriber()
            .start()
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, handle, router) = (listener.local_addr().unwrap(), agent.handle(), router(&agent));
        let served = tokio::spawn(async move { handle.serve(listener, router).await });
        Self { agent, address, served }
    }

    /// The whole answer to a request with these header lines.
    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &[&str]) -> String {
        let mut connection = self.send(method, path, headers).await;
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).await.unwrap();
        String::from_utf8(answer).unwrap()
    }

    /// Sends a request, and does not wait for the answer.
    pub(crate) async fn send(&self, method: &str, path: &str, headers: &[&str]) -> TcpStream {
        let mut connection = TcpStream::connect(self.address).await.unwrap();
        let headers: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: shop.example:80\r\nconnection: close\r\n{headers}\r\n"
        );
        connection.write_all(request.as_bytes()).await.unwrap();
        connection
    }

    /// Lines of `/metrics` that begin so; without the labels that are the same everywhere.
    pub(crate) fn metrics(&self, begin: &str) -> Vec<String> {
        let page = self.agent.shared.metrics.exposition(&[]);
        let lines = page.lines().filter(|line| line.starts_with(begin));
        lines.map(|line| line[begin.len()..].replace(",url_scheme=\"http\"", "")).collect()
    }

    /// How many requests ended how.
    pub(crate) fn ended(&self) -> Vec<String> {
        self.metrics("http_server_request_duration_seconds_count")
    }

    /// Waits until so many requests are in flight, for 5 s at most.
    pub(crate) async fn wait_for_in_flight(&self, count: u64) {
        for _ in 0..1_000 {
            if self.agent.requests_in_flight() == count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{} requests are in flight, not {count}", self.agent.requests_in_flight());
    }
}
