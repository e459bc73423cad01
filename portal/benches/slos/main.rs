//! How long SLOs take: evaluating 1,000 of them every minute, and showing one with 30 days of minutes.
//!
//! `cargo bench -p seaworthy-portal --bench slos` runs a portal on stores of its own in a temporary folder, by a clock that
//! is driven minute by minute, and prints a table. The aims: a round of 1,000 SLOs within 2 s on 2 cores, a page of 30
//! days within 100 ms.
#![allow(clippy::unwrap_used, missing_docs, reason = "a bench ends where it fails, and is no library")]

mod fleet;
mod page;
#[path = "../portal/mod.rs"]
mod portal;

use std::time::{Duration, Instant};

use self::portal::Portal;

/// How long a round of evaluation takes.
async fn evaluate(portal: &Portal) -> Duration {
    let begun = Instant::now();
    portal.server.evaluate().await.unwrap();
    begun.elapsed()
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let portal = Portal::start().await;
    let cookie = page::measure(&portal).await;
    fleet::measure(&portal, &cookie).await;
    portal.server.stop().await;
}
