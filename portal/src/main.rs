//! The `seaworthy` command.

use std::process::ExitCode;

use clap::Parser;
use seaworthy_portal::cli::Command;

fn main() -> ExitCode {
    match Command::parse().run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("seaworthy: {error:#}");
            ExitCode::FAILURE
        }
    }
}
