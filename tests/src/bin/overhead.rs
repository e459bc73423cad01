//! What the agent costs the coffee shop; `seaworthy_tests::overhead` says how it is measured.

use clap::Parser;
use seaworthy_tests::overhead::{Options, run};

fn main() -> anyhow::Result<()> {
    run(Options::parse())
}
