//! The load tool; `seaworthy_tests::load` says what it does.

use clap::Parser;
use seaworthy_tests::load::{Options, run};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    run(Options::parse()).await
}
