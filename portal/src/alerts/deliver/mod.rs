//! Brings what waits in the outbox to where it is told: at least once, and of each alert in order.
//!
//! The catalog hands out of each alert in each channel only the oldest message that is not told yet, and to one portal at
//! a time. [`backoff`] says what comes after an attempt that failed, [`courier`] makes the attempt; [`webhook`],
//! [`slack`] and [`email`] are the forms that a [`Letter`] takes.

mod backoff;
mod courier;
mod deliverer;
mod email;
mod letter;
mod slack;
mod test_letter;
mod webhook;

use std::{sync::Arc, time::Duration};

use tokio::{sync::Mutex, time::sleep};
use tokio_util::sync::CancellationToken;

pub(crate) use courier::send;
pub(crate) use deliverer::Deliverer;
pub(crate) use letter::Letter;
pub(crate) use test_letter::test_letter;

/// How soon a new message is seen.
const EVERY: Duration = Duration::from_secs(2);

/// Delivers until it is asked to stop, and then returns when nothing is under way any more.
pub(crate) async fn keep_delivering(deliverer: Arc<Mutex<Deliverer>>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = deliverer.lock().await.round().await {
            tracing::warn!(error = format!("{error:#}"), "messages were not delivered");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = sleep(EVERY) => {}
        }
    }
}
