//! A shop of its own for each test: a reception with a real database and two baristas, on free ports.

use std::{net::SocketAddr, time::Duration};

use axum::Router;
use reqwest::{Client, Method, StatusCode, Url};
use seaworthy_agent::Agent;
use seaworthy_coffee_shop::{
    barista,
    faults::{self, FaultSwitch},
    reception::{self, Baristas, Ledger},
};
use serde_json::Value;
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};

pub(crate) struct Shop {
    pub(crate) reception: Served,
    pub(crate) baristas: [Served; 2],
    http: Client,
    folder: TempDir,
    _agent: Agent,
}

/// A service, and where its faults are switched.
pub(crate) struct Served {
    pub(crate) url: Url,
    pub(crate) faults: Url,
    task: JoinHandle<()>,
}

/// Status and JSON of an answer.
pub(crate) type Answer = (StatusCode, Value);

async fn serve(router: Router) -> (Url, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (format!("http://{address}/").parse().unwrap(), task)
}

impl Served {
    async fn open(router: Router, switch: FaultSwitch) -> Self {
        let (url, task) = serve(router).await;
        let faults = serve(faults::router(switch)).await.0.join("/faults").unwrap();
        Self { url, faults, task }
    }

    /// Takes no more connections.
    pub(crate) async fn leave(&mut self) {
        self.task.abort();
        assert!((&mut self.task).await.unwrap_err().is_cancelled());
    }
}

impl Shop {
    pub(crate) async fn open() -> Self {
        let folder = TempDir::new().unwrap();
        let agent = Agent::builder("reception").disabled(true).without_subscriber().start().unwrap();
        let baristas = [barista().await, barista().await];
        let urls = baristas.iter().map(|barista| barista.url.clone()).collect();
        let switch = FaultSwitch::default();
        let ledger = Ledger::open(&folder.path().join("orders.db"), switch.clone()).await.unwrap();
        let router = reception::router(
            ledger,
            Baristas::new(urls, agent.handle()).unwrap(),
            switch.clone(),
            Duration::ZERO,
        );
        let reception = Served::open(router, switch).await;
        Self { reception, baristas, http: Client::new(), folder, _agent: agent }
    }

    pub(crate) async fn send(&self, method: Method, url: Url, body: &str) -> reqwest::Result<Answer> {
        let request = self.http.request(method, url).header("content-type", "application/json");
        let answer = request.body(body.to_owned()).send().await?;
        Ok((answer.status(), serde_json::from_str(&answer.text().await?).unwrap()))
    }

    /// Orders; an error says that the connection broke.
    pub(crate) async fn try_order(&self, body: &str) -> reqwest::Result<Answer> {
        self.send(Method::POST, self.reception.url.join("/orders").unwrap(), body).await
    }

    pub(crate) async fn order(&self, body: &str) -> Answer {
        self.try_order(body).await.unwrap()
    }

    pub(crate) async fn set_faults(&self, of: &Served, faults: &str) {
        assert_eq!(self.send(Method::PUT, of.faults.clone(), faults).await.unwrap().0, 200, "{faults}");
    }

    /// Drink, cups, price and state of every order, oldest first.
    pub(crate) async fn rows(&self) -> Vec<(String, i64, i64, String)> {
        let url = format!("sqlite://{}", self.folder.path().join("orders.db").display());
        let mut database = SqliteConnection::connect(&url).await.unwrap();
        let query = "SELECT drink, cups, price_cents, state FROM orders ORDER BY number";
        sqlx::query_as(query).fetch_all(&mut database).await.unwrap()
    }

    /// The states alone.
    pub(crate) async fn states(&self) -> Vec<String> {
        self.rows().await.into_iter().map(|row| row.3).collect()
    }
}

async fn barista() -> Served {
    let switch = FaultSwitch::default();
    Served::open(barista::router(switch.clone()), switch).await
}
