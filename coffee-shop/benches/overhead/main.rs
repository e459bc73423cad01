//! What the agent costs the coffee shop: `wrk` asks its reception with and without the agent, by turns.
//!
//! The reception has the first core to itself, in a process of its own for each turn. `wrk`, the barista and whoever takes the
//! telemetry, and throws it away, share the second. Each round has a turn of every kind, in another order, and is compared with
//! itself.

mod report;
mod shop;
mod wrk;

use std::process::Command;

use anyhow::{Context, ensure};
use clap::{Parser, Subcommand};

pub(crate) use self::{
    report::Report,
    shop::{Kind, Shop, Surroundings},
    wrk::{Asked, Order},
};

/// How to measure.
#[derive(Debug, Parser)]
pub struct Options {
    /// Rounds.
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Seconds of a turn, after one second to warm up.
    #[arg(long, default_value_t = 5)]
    seconds: u32,
    /// Connections that ask for the menu; four times as many order.
    #[arg(long, default_value_t = 32)]
    connections: u32,
    #[command(subcommand)]
    turn: Option<Turn>,
}

#[derive(Debug, Subcommand)]
enum Turn {
    /// Serves for one turn; for the tool itself.
    #[command(hide = true)]
    Serve(shop::Settings),
}

/// Measures, and prints a table.
///
/// # Errors
/// When `wrk` or `taskset` is missing, or the shop does not serve.
pub fn run(options: Options) -> anyhow::Result<()> {
    if let Some(Turn::Serve(settings)) = options.turn {
        return shop::serve(settings);
    }
    pin(std::process::id())?;
    let surroundings = Surroundings::start()?;
    let mut report = Report::default();
    for round in 0..options.rounds {
        for order in Order::ALL {
            let mut kinds = Kind::ALL;
            kinds.rotate_left(round % Kind::ALL.len());
            for kind in kinds {
                let shop = Shop::open(kind, &surroundings)?;
                order.ask(&shop, options.connections, 1)?;
                let asked = order.ask(&shop, options.connections, options.seconds)?;
                report.add(order, kind, asked);
            }
        }
        eprintln!("round {} of {}", round + 1, options.rounds);
    }
    print!("{report}");
    Ok(())
}

/// On the second core, with every thread that is started from now on.
fn pin(process: u32) -> anyhow::Result<()> {
    let status = Command::new("taskset").args(["-pc", "1", &process.to_string()]).output();
    let status = status.context("could not run taskset, which is part of util-linux")?.status;
    ensure!(status.success(), "this takes a machine with two cores");
    Ok(())
}
