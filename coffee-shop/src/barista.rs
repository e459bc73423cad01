//! The barista: brews what reception asks for. The smallest service under watch.

use std::{io, time::Duration};

use axum::{
    Json, Router,
    extract::rejection::JsonRejection,
    http::StatusCode,
    middleware::from_fn_with_state,
    routing::{get, post},
};
use seaworthy_agent::health::HealthCheck;
use serde::{Deserialize, Serialize};
use tokio::time::sleep;
use tracing::{Instrument, info_span};

use crate::{
    doors::Doors,
    drinks::{Drink, MENU},
    faults::{FaultSwitch, misbehave},
    refusal::{MOST_CUPS, Refusal},
    watched::watched,
};

/// What to brew: the body of `POST /drinks`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// A name on the menu.
    pub drink: String,
    /// How many.
    pub cups: u32,
}

/// Serves until the process is asked to end.
pub async fn run(doors: Doors) -> anyhow::Result<()> {
    let faults = FaultSwitch::default();
    let agent = watched("barista").health_check(boiler(faults.clone())).start()?;
    let listener = doors.open(&agent, &faults)?;
    agent.serve(listener, router(faults)).await;
    agent.stop().await;
    Ok(())
}

/// `POST /drinks` brews, `GET /drinks` says what can be brewed.
pub fn router(faults: FaultSwitch) -> Router {
    Router::new()
        .route("/drinks", post(brew))
        .route_layer(from_fn_with_state(faults, misbehave))
        .route("/drinks", get(async || Json(&MENU)))
}

/// Fails while every other cup or more does: the portal then shows what causes the errors. Critical, because an instance that
/// cannot brew should get no requests.
fn boiler(faults: FaultSwitch) -> HealthCheck {
    let check = move || {
        let works = faults.get().failing_share < 0.5;
        async move { if works { Ok(()) } else { Err(io::Error::other("the pressure is 3 bar; 9 are needed")) } }
    };
    HealthCheck::new("boiler", check).critical().every(Duration::from_secs(5))
}

async fn brew(ask: Result<Json<Ask>, JsonRejection>) -> Result<(StatusCode, Json<Ask>), Refusal> {
    let Json(ask) = ask?;
    let drink = Drink::named(&ask.drink).ok_or_else(|| Refusal::no_such_drink(&ask.drink))?;
    if ask.cups == 0 || ask.cups > MOST_CUPS {
        return Err(Refusal::Cups(ask.cups));
    }
    let whole = drink.brewing * ask.cups;
    // The agent has begun a span for the request; these two show inside it.
    sleep(about(whole / 5)).instrument(info_span!("grind", cups = ask.cups)).await;
    sleep(about(whole * 4 / 5)).instrument(info_span!("brew", drink = drink.name, cups = ask.cups)).await;
    Ok((StatusCode::CREATED, Json(ask)))
}

/// No two cups take the same time.
fn about(time: Duration) -> Duration {
    time.mul_f64(0.8 + 0.4 * fastrand::f64())
}
