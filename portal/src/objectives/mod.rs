//! SLOs at work: what telemetry tells of them, minute by minute.
//!
//! [`told`] is what a service sent; [`sli`] turns it into good and total events and is pure; [`spent`] tells whose they were; [`evaluator`] keeps the minutes of all SLOs up to date;
//! [`standing`] is what lists show of them; [`gaps`] tells why minutes are missing, and [`exclusions`] which ones people have taken out.

mod evaluator;
pub(crate) mod exclusions;
mod gaps;
mod kept;
mod sli;
pub(crate) mod spent;
pub(crate) mod standing;
mod told;

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::Mutex,
    time::{MissedTickBehavior, interval},
};

pub(crate) use evaluator::Evaluator;
pub(crate) use kept::ledger;
pub(crate) use sli::events;
pub(crate) use standing::Standing;
pub(crate) use told::Told;

const EVERY: Duration = Duration::from_secs(60);

/// Evaluates until it is dropped. A round that fails is logged, and the next one catches up.
pub(crate) async fn keep_evaluating(evaluator: Arc<Mutex<Evaluator>>) {
    let mut rounds = interval(EVERY);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        if let Err(error) = evaluator.lock().await.round().await {
            tracing::warn!(error = format!("{error:#}"), "SLOs were not evaluated");
        }
    }
}
