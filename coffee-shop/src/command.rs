//! Starts one of the services.

use crate::{
    barista,
    doors::{DoorArgs, Doors},
    reception,
};

/// A service of the coffee shop.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Service {
    /// Takes orders.
    Reception {
        /// Where it listens.
        #[command(flatten)]
        doors: DoorArgs,
        /// What it works with.
        #[command(flatten)]
        settings: reception::Settings,
    },
    /// Brews.
    Barista {
        /// Where it listens.
        #[command(flatten)]
        doors: DoorArgs,
    },
}

impl Service {
    /// Serves until the process is asked to end, drains and returns. Works on any tokio runtime with I/O and time.
    pub async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Reception { doors, settings } => reception::run(Doors::take(&doors).await?, settings).await,
            Self::Barista { doors } => barista::run(Doors::take(&doors).await?).await,
        }
    }
}
