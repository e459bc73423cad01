//! A small service with the agent in it, set up by the environment: `GET /orders/{drink}` makes a drink, or orders it at
//! the next kiosk where its URL is the argument.

#![allow(clippy::unwrap_used)]

use axum::{
    Router,
    extract::{Path, State},
    routing::get,
};
use seaworthy_agent::{Agent, Handle, http::SendTraced};
use tokio::net::TcpListener;

#[derive(Clone)]
struct Kiosk {
    agent: Handle,
    http: reqwest::Client,
    next: Option<String>,
}

#[tokio::main]
async fn main() {
    rustls::crypto::ring::default_provider().install_default().unwrap();
    let agent = Agent::from_environment().version("1.2.3").start().unwrap();
    let (http, next) = (reqwest::Client::new(), std::env::args().nth(1));
    let kiosk = Kiosk { agent: agent.handle(), http, next };
    let router = Router::new().route("/orders/{drink}", get(order)).with_state(kiosk);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("http://{} http://{}", listener.local_addr().unwrap(), agent.admin_address().unwrap());
    agent.serve(listener, router).await;
    agent.stop().await;
}

async fn order(State(kiosk): State<Kiosk>, Path(drink): Path<String>) -> String {
    match &kiosk.next {
        None => tracing::info_span!("brew", drink).in_scope(|| format!("one {drink}")),
        Some(next) => {
            let request = kiosk.http.get(format!("{next}/orders/{drink}"));
            request.send_traced(&kiosk.agent).await.unwrap().text().await.unwrap()
        }
    }
}
