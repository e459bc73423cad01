//! The reception: takes orders, writes them down, and has them brewed. The trace of one order crosses reception, barista and
//! database.

mod baristas;
mod ledger;

use std::{path::PathBuf, time::Duration};

use anyhow::Context;
use axum::{
    Json, Router,
    extract::{State, rejection::JsonRejection},
    http::StatusCode,
    middleware::from_fn_with_state,
    routing::{get, post},
};
use reqwest::Url;
use serde::{Deserialize, Serialize};
use tokio::time::sleep;
use tracing::{Instrument, info_span};

use crate::{
    barista::Ask,
    doors::Doors,
    drinks::{Drink, MENU},
    faults::{FaultSwitch, misbehave},
    refusal::{MOST_CUPS, Refusal},
    watched::watched,
};

pub use baristas::Baristas;
pub use ledger::Ledger;

/// What a reception works with.
#[derive(Clone, Debug, clap::Args)]
pub struct Settings {
    /// SQLite file for the orders; made if need be.
    #[arg(long)]
    database: PathBuf,
    /// A barista, like http://127.0.0.1:4691; given once for each, they take turns.
    #[arg(long = "barista", required = true, value_name = "URL")]
    baristas: Vec<Url>,
    /// The version that it says it is; that of its build where nothing is said.
    #[arg(long, default_value = env!("CARGO_PKG_VERSION"))]
    release: String,
    /// Milliseconds that every order takes longer, as a release can that nobody has measured.
    #[arg(long, default_value_t = 0)]
    slower_ms: u64,
}

/// Serves until the process is asked to end.
pub async fn run(doors: Doors, settings: Settings) -> anyhow::Result<()> {
    let faults = FaultSwitch::default();
    let ledger = Ledger::open(&settings.database, faults.clone()).await.with_context(|| {
        format!("could not open {}; choose another file with --database", settings.database.display())
    })?;
    let agent = watched("reception")
        .version(&settings.release)
        .health_check(ledger.health_check())
        .health_check(baristas::health_check(settings.baristas.clone())?)
        .start()?;
    let listener = doors.open(&agent, &faults)?;
    let baristas = Baristas::new(settings.baristas, agent.handle())?;
    agent
        .serve(listener, router(ledger.clone(), baristas, faults, Duration::from_millis(settings.slower_ms)))
        .await;
    ledger.close().await;
    agent.stop().await;
    Ok(())
}

/// An order: the body of `POST /orders`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    drink: String,
    #[serde(default = "one")]
    cups: u32,
}

fn one() -> u32 {
    1
}

/// An order that was served.
#[derive(Debug, Serialize)]
struct Served {
    number: i64,
    drink: &'static str,
    cups: u32,
    price_cents: u32,
}

#[derive(Clone)]
struct Reception {
    ledger: Ledger,
    baristas: Baristas,
    slower: Duration,
}

/// `POST /orders`, each of which takes so much longer, and `GET /menu`.
pub fn router(ledger: Ledger, baristas: Baristas, faults: FaultSwitch, slower: Duration) -> Router {
    Router::new()
        .route("/orders", post(order))
        .with_state(Reception { ledger, baristas, slower })
        .route("/menu", get(async || Json(&MENU)))
        .route_layer(from_fn_with_state(faults, misbehave))
}

async fn order(
    State(reception): State<Reception>,
    order: Result<Json<Order>, JsonRejection>,
) -> Result<(StatusCode, Json<Served>), Refusal> {
    let Json(Order { drink, cups }) = order?;
    let drink = Drink::named(&drink).ok_or_else(|| Refusal::no_such_drink(&drink))?;
    if cups == 0 || cups > MOST_CUPS {
        return Err(Refusal::Cups(cups));
    }
    let number = reception.ledger.place(drink, cups).await?;
    if !reception.slower.is_zero() {
        sleep(reception.slower).instrument(info_span!("look up the recipe")).await;
    }
    let brewed = reception.baristas.brew(&Ask { drink: drink.name.to_owned(), cups }).await;
    reception.ledger.settle(number, brewed.is_ok()).await?;
    brewed?;
    let price_cents = drink.price_cents * cups;
    Ok((StatusCode::CREATED, Json(Served { number, drink: drink.name, cups, price_cents })))
}
