//! What the load tool can be told.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum, value_parser};

/// Sends made-up traces to a portal of its own, and measures how fast they are stored and found.
#[derive(Clone, Debug, Parser)]
#[command(name = "load")]
pub struct Options {
    /// Spans to send.
    #[arg(long, default_value_t = 1_000_000, value_parser = value_parser!(u64).range(1_000..=200_000_000))]
    pub(super) spans: u64,
    /// Connections that send at the same time.
    #[arg(long, default_value_t = 8, value_parser = value_parser!(u16).range(1..=256))]
    pub(super) connections: u16,
    /// Spans of one request. 512 is what OpenTelemetry's batch processor sends.
    #[arg(long, default_value_t = 512, value_parser = value_parser!(u32).range(1..=20_000))]
    pub(super) batch: u32,
    /// How bodies are sent.
    #[arg(long, value_enum, default_value_t = Compression::Gzip)]
    pub(super) compression: Compression,
    /// Hours, up to now, over which the traces are spread.
    #[arg(long, default_value_t = 20, value_parser = value_parser!(u32).range(1..=160))]
    pub(super) hours: u32,
    /// Same seed, same traces.
    #[arg(long, default_value_t = 1)]
    pub(super) seed: u64,
    /// Questions asked of each kind.
    #[arg(long, default_value_t = 300, value_parser = value_parser!(u32).range(1..=100_000))]
    pub(super) queries: u32,
    /// Minutes after which no more is sent, however much is left.
    #[arg(long, default_value_t = 15, value_parser = value_parser!(u32).range(1..=600))]
    pub(super) minutes: u32,
    /// Empty or missing folder for the portal's data, which is kept; a temporary one otherwise.
    #[arg(long)]
    pub(super) data: Option<PathBuf>,
    /// Also put the same spans into plain SQLite, one row each, and compare.
    #[arg(long)]
    pub(super) compare: bool,
    /// Print the report as JSON.
    #[arg(long)]
    pub(super) json: bool,
    #[command(subcommand)]
    pub(super) role: Option<Role>,
}

/// `Content-Encoding` of the requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Compression {
    Gzip,
    None,
}

/// The tool starts itself once more as the portal, so that CPU time and memory of either can be told apart.
#[derive(Clone, Debug, Subcommand)]
pub(super) enum Role {
    /// Run a portal until the standard input ends. The tool does this by itself.
    #[command(hide = true)]
    Portal {
        /// Its data folder.
        folder: PathBuf,
    },
}
