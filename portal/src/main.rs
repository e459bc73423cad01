//! The `seaworthy` command.

use std::{alloc::System, process::ExitCode};

use clap::Parser;
use seaworthy_agent::heap::Sampling;
use seaworthy_portal::cli::Command;

/// The services of the coffee shop are this program too, and show what their heap is made of.
#[global_allocator]
static ALLOCATOR: Sampling<System> = Sampling::new(System);

fn main() -> ExitCode {
    match Command::parse().run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("seaworthy: {error:#}");
            ExitCode::FAILURE
        }
    }
}
