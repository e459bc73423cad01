//! The portal's own log: lines on standard error.

use std::io::{IsTerminal, stderr};

use anyhow::Context;
use tracing_subscriber::EnvFilter;

/// What is told unless `SEAWORTHY_LOG` says otherwise.
const DEFAULT: &str = "info,sqlx=warn,sea_orm_migration=warn";

/// Logs to standard error from now on. `SEAWORTHY_LOG` chooses what, as in `SEAWORTHY_LOG=debug,hyper=info`.
pub(crate) fn start() -> anyhow::Result<()> {
    let filter = match std::env::var("SEAWORTHY_LOG") {
        Ok(directives) => EnvFilter::try_new(&directives)
            .with_context(|| format!("SEAWORTHY_LOG holds {directives:?}; write it like info,hyper=warn"))?,
        Err(_) => EnvFilter::new(DEFAULT),
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal())
        .try_init()
        .map_err(|error| anyhow::anyhow!("could not start the log: {error}"))
}
