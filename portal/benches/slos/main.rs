//! How long SLOs take: evaluating 1,000 of them every minute, and showing one with 30 days of minutes.
//!
//! `cargo bench -p seaworthy-portal --bench slos` runs a portal on stores of its own in a temporary folder, by a clock that
//! is driven minute by minute, and prints a table. The aims: a round of 1,000 SLOs within 2 s on 2 cores, a page of 30
//! days within 100 ms.
#![allow(clippy::unwrap_used, missing_docs, reason = "a bench ends where it fails, and is no library")]

mod fleet;
mod page;

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use jiff::Timestamp;
use seaworthy_portal::{Clock, ServeSettings, Server};
use tempfile::TempDir;

/// A portal by a clock that the bench drives, at first at noon.
struct Portal {
    server: Server,
    seconds: Arc<AtomicI64>,
    _folder: TempDir,
}

impl Portal {
    async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let noon: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let seconds = Arc::new(AtomicI64::new(noon.as_second()));
        let settings = ServeSettings {
            listen: "127.0.0.1:0".parse().unwrap(),
            data: folder.path().join("data"),
            database_url: None,
            public_url: None,
            trust_proxy: false,
            outgoing: seaworthy_portal::alerts::OutgoingSettings::default(),
            retention_days: 31,
        };
        let driven = seconds.clone();
        let clock = move || Timestamp::from_second(driven.load(Ordering::SeqCst)).unwrap();
        let server = Server::start_by(settings, Clock::driven(clock)).await.unwrap();
        Self { server, seconds, _folder: folder }
    }

    /// The present minute since the epoch.
    fn minute(&self) -> i64 {
        self.seconds.load(Ordering::SeqCst) / 60
    }

    fn pass_a_minute(&self) {
        self.seconds.fetch_add(60, Ordering::SeqCst);
    }

    /// How long a round of evaluation takes.
    async fn evaluate(&self) -> Duration {
        let begun = Instant::now();
        self.server.evaluate().await.unwrap();
        begun.elapsed()
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    println!("{} cores", std::thread::available_parallelism().unwrap());
    let portal = Portal::start().await;
    let cookie = page::measure(&portal).await;
    fleet::measure(&portal, &cookie).await;
    portal.server.stop().await;
}

/// One line of the table: a figure that is to stay within `aim`, where there is one.
fn report(what: &str, mut measured: Vec<Duration>, aim: Option<Duration>) {
    measured.sort_unstable();
    let ms = |duration: Duration| duration.as_secs_f64() * 1e3;
    let (p50, max) = (measured[measured.len() / 2], measured[measured.len() - 1]);
    let verdict =
        aim.map(|aim| format!("aim {:.0} ms: {}", ms(aim), if max <= aim { "met" } else { "missed" }));
    println!("{what:<58} p50 {:>9.1} ms  max {:>9.1} ms  {}", ms(p50), ms(max), verdict.unwrap_or_default());
}
