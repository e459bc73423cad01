//! The portal's own log: lines on standard error.

use std::io::{IsTerminal, stderr};

use anyhow::Context;
use tracing_subscriber::EnvFilter;

/// What a portal tells unless `SEAWORTHY_LOG` says otherwise.
pub(crate) const OF_A_PORTAL: &str = "info,sqlx=warn,sea_orm_migration=warn";

/// Logs to standard error from now on. `SEAWORTHY_LOG` chooses what, as in `SEAWORTHY_LOG=debug,hyper=info`; without it
/// that is what `default` says.
pub(crate) fn start(default: &str) -> anyhow::Result<()> {
    let filter = match std::env::var("SEAWORTHY_LOG") {
        Ok(directives) => EnvFilter::try_new(&directives)
            .with_context(|| format!("SEAWORTHY_LOG holds {directives:?}; write it like info,hyper=warn"))?,
        Err(_) => EnvFilter::new(default),
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal())
        // It would tell standard error that standard error is gone, and panic over that.
        .log_internal_errors(false)
        .try_init()
        .map_err(|error| anyhow::anyhow!("could not start the log: {error}"))
}
