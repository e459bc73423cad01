//! The whole system: the real `seaworthy` command, real agents, real HTTP.

// The helpers of a test are a test too, though clippy cannot know.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod agent;
mod alerting;
mod architecture;
mod burn_rate;
mod durability;
mod exposition;
mod faults;
mod ingest;
mod pages;
mod propagation;
mod python;
mod refusals;

use std::{io::Write, path::Path};

use flate2::{Compression, write::GzEncoder};
use seaworthy_tests::{Kiosk, Portal};

const SEAWORTHY: &str = env!("CARGO_BIN_EXE_seaworthy-under-test");

/// A running portal that has been set up.
async fn portal() -> Portal {
    Portal::start(SEAWORTHY, &[]).await
}

/// A running service, watched by this portal, which passes orders on to `next`, if any.
fn kiosk(name: &str, portal: &Portal, next: Option<&Kiosk>) -> Kiosk {
    Kiosk::start(Path::new(env!("CARGO_BIN_EXE_kiosk")), name, portal, next)
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}
