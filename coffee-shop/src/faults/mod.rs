//! Misbehaving on purpose. A service looks at its [`FaultSwitch`] at every request; `PUT /faults` sets it while it runs, and so
//! do the buttons of a page.

mod fiscal_printer;
mod forecast;
pub mod page;
mod receipts;
mod stock;
#[cfg(test)]
mod tests;

use std::{io, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{Request, State, rejection::JsonRejection},
    middleware::Next,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use tokio::{sync::watch, time::sleep};
use tracing::{Instrument, info_span};

use self::{
    fiscal_printer::FiscalPrinter,
    forecast::Forecast,
    receipts::Receipts,
    stock::{Stock, Stocktaking},
};
use crate::refusal::Refusal;

/// Nobody waits longer for a coffee.
const SLOWEST_MS: u64 = 60_000;
/// So many orders need a bag of beans from the shelf.
const OUT_OF_BEANS: f64 = 0.1;

/// What goes wrong. Nothing by default, and whatever is not mentioned does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Every request takes so many milliseconds longer.
    pub slow_ms: u64,
    /// This share of requests, from 0 to 1, fails.
    pub failing_share: f64,
    /// This share of requests, from 0 to 1, panics.
    pub panicking_share: f64,
    /// The database cannot be reached; only of a service that has one.
    pub database_gone: bool,
    /// Two tasks wait for each other's lock for good, and one request in ten waits behind them.
    pub deadlock: bool,
    /// Every request leaves 256 KiB in a cache that forgets nothing, up to 256 MiB.
    pub leak: bool,
    /// A thread computes for as long as this is on.
    pub busy: bool,
    /// Every two seconds a task blocks its thread for 400 ms.
    pub blocking: bool,
}

impl Faults {
    /// Nothing goes wrong.
    pub const NONE: Self = Self {
        slow_ms: 0,
        failing_share: 0.0,
        panicking_share: 0.0,
        database_gone: false,
        deadlock: false,
        leak: false,
        busy: false,
        blocking: false,
    };

    fn check(&self) -> Result<(), Refusal> {
        if self.slow_ms > SLOWEST_MS {
            let asked = self.slow_ms;
            return Err(Refusal::Faults(format!("slow_ms is {asked}; at most {SLOWEST_MS} are possible")));
        }
        let shares = [("failing_share", self.failing_share), ("panicking_share", self.panicking_share)];
        match shares.into_iter().find(|(_, share)| !(0.0..=1.0).contains(share)) {
            Some((name, share)) => Err(Refusal::Faults(format!("{name} is {share}; a share is from 0 to 1"))),
            None => Ok(()),
        }
    }
}

/// Holds what goes wrong right now. Clones are the same switch.
#[derive(Clone, Debug, Default)]
pub struct FaultSwitch {
    faults: Arc<watch::Sender<Faults>>,
    stock: Arc<Stock>,
    receipts: Arc<Receipts>,
}

impl FaultSwitch {
    /// What goes wrong right now.
    pub fn get(&self) -> Faults {
        *self.faults.borrow()
    }

    /// Lets this go wrong from now on, and nothing else.
    pub fn set(&self, faults: Faults) {
        self.faults.send_replace(faults);
        if !faults.leak {
            self.receipts.forget();
        }
    }

    /// Lets go wrong what does so besides requests, for as long as it is polled. Within a tokio runtime.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub async fn misbehave_besides(self) -> io::Result<()> {
        let mut changes = self.faults.subscribe();
        let (mut stocktaking, mut forecast, mut printer) = (None, None, None);
        loop {
            let Faults { deadlock, busy, blocking, .. } = *changes.borrow_and_update();
            keep(&mut stocktaking, deadlock, || Ok(Stocktaking::begin(&self.stock)))?;
            keep(&mut forecast, busy, Forecast::begin)?;
            keep(&mut printer, blocking, || Ok(FiscalPrinter::begin()))?;
            if changes.changed().await.is_err() {
                return Ok(());
            }
        }
    }
}

/// Begins what should be there and is not, and drops what should not.
fn keep<T>(slot: &mut Option<T>, wanted: bool, begin: impl FnOnce() -> io::Result<T>) -> io::Result<()> {
    match (wanted, &slot) {
        (true, None) => *slot = Some(begin()?),
        (false, Some(_)) => *slot = None,
        _ => {}
    }
    Ok(())
}

/// `GET /faults` shows, and `PUT /faults` sets what goes wrong; `GET /` is a page with a button for each. It asks nobody for a password: keep it on a loopback address.
pub fn router(switch: FaultSwitch) -> Router {
    Router::new()
        .route("/faults", get(show).put(set))
        .route("/", get(page::show))
        .route("/press", post(page::press))
        .with_state(switch)
}

async fn show(State(switch): State<FaultSwitch>) -> Json<Faults> {
    Json(switch.get())
}

async fn set(
    State(switch): State<FaultSwitch>,
    faults: Result<Json<Faults>, JsonRejection>,
) -> Result<Json<Faults>, Refusal> {
    let Json(faults) = faults?;
    faults.check()?;
    switch.set(faults);
    tracing::info!(?faults, "faults are switched");
    Ok(Json(faults))
}

/// Middleware that lets requests go wrong before their handler runs.
pub(crate) async fn misbehave(State(switch): State<FaultSwitch>, request: Request, next: Next) -> Response {
    let faults = switch.get();
    if faults.leak {
        switch.receipts.remember();
    }
    if faults.deadlock && fastrand::f64() < OUT_OF_BEANS {
        switch.stock.take_a_bag().instrument(info_span!("fetch beans")).await;
    }
    if faults.slow_ms > 0 {
        sleep(Duration::from_millis(faults.slow_ms)).instrument(info_span!("dawdle")).await;
    }
    assert!(fastrand::f64() >= faults.panicking_share, "this panics on purpose: a fault is switched on");
    if fastrand::f64() < faults.failing_share {
        return Refusal::OnPurpose.into_response();
    }
    next.run(request).await
}
