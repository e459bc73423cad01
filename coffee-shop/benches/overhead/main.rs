//! What the agent costs the coffee shop: `wrk` asks its reception with and without the agent, and with the OpenTelemetry SDK in its
//! place, by turns.
//!
//! Six receptions, each in a process of its own, have the first core; only one of them is asked at a time. `wrk`, the barista and
//! whoever takes the telemetry, and throws it away, share the second. Each round has a turn of every kind, in another order, and
//! is compared with itself: disks and neighbours are quick now and slow then.

mod otel;
#[path = "../../../agent/benches/common/peer.rs"]
mod peer;
mod report;
mod shop;
mod wrk;

use std::process::Command;

use anyhow::{Context, ensure};
use clap::{Parser, Subcommand};

use self::{
    report::Report,
    shop::{Kind, Shop, Surroundings},
    wrk::{Asked, Order},
};

/// Where a process happens to have its memory makes it quicker or slower for as long as it lives.
const ROUNDS_OF_A_PROCESS: usize = 3;

/// How to measure.
#[derive(Debug, Parser)]
struct Options {
    /// Rounds.
    #[arg(long, default_value_t = 30)]
    rounds: usize,
    /// Seconds of a turn.
    #[arg(long, default_value_t = 2)]
    seconds: u32,
    /// Connections that ask for the menu; four times as many order.
    #[arg(long, default_value_t = 32)]
    connections: u32,
    /// Everybody has all cores, as where nobody takes care; what the reception leaves idle then counts for nothing.
    #[arg(long)]
    shared: bool,
    /// What to ask; both unless told.
    #[arg(long)]
    only: Option<Order>,
    /// Cargo says so.
    #[arg(long, hide = true)]
    bench: bool,
    #[command(subcommand)]
    turn: Option<Turn>,
}

#[derive(Debug, Subcommand)]
enum Turn {
    /// Serves until it is killed; for the bench itself.
    #[command(hide = true)]
    Serve(shop::Settings),
}

/// Measures, and prints a table.
fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    if let Some(Turn::Serve(settings)) = options.turn {
        return shop::serve(settings);
    }
    if !options.shared {
        pin(std::process::id())?;
    }
    let surroundings = Surroundings::start()?;
    for order in Order::ALL.into_iter().filter(|order| options.only.is_none_or(|only| only == *order)) {
        print!("{}", measure(order, &options, &surroundings)?);
    }
    Ok(())
}

fn measure(order: Order, options: &Options, surroundings: &Surroundings) -> anyhow::Result<Report> {
    let turn = |shop: &Shop| order.ask(shop, options.connections, options.seconds);
    let (mut report, mut shops) = (Report::new(order), Vec::new());
    for round in 0..options.rounds {
        if round % ROUNDS_OF_A_PROCESS == 0 {
            shops.clear();
            for kind in Kind::ALL {
                shops.push(Shop::open(kind, surroundings, options.shared)?);
            }
            // To warm up.
            shops.iter().try_for_each(|shop| turn(shop).map(drop))?;
        }
        for kind in Kind::order_of(round) {
            let shop = shops.iter().find(|shop| shop.kind == kind).context("each kind has a shop")?;
            report.add(kind, turn(shop)?);
        }
    }
    Ok(report)
}

/// On the second core, with every thread that is started from now on.
fn pin(process: u32) -> anyhow::Result<()> {
    let status = Command::new("taskset").args(["-pc", "1", &process.to_string()]).output();
    let status = status.context("could not run taskset, which is part of util-linux")?.status;
    ensure!(status.success(), "this takes a machine with two cores");
    Ok(())
}
