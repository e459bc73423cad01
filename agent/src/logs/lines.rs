//! Takes the lines that are sent.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use tracing::Metadata;
use tracing_subscriber::layer::Context;

use super::{LogFilter, Origin, Sink, batch::Place};
use crate::trace::{Limits, quiet, record::Record};

/// Target of the agent's own lines.
const OWN_TARGET: &str = "seaworthy";

/// Which lines are sent, and whereto.
#[derive(Debug)]
pub(crate) struct Lines {
    pub(crate) filter: Arc<LogFilter>,
    pub(crate) limits: Limits,
    pub(crate) sink: Sink,
}

impl Lines {
    /// Whether a line like this is sent. Of what the agent's own threads do, only what the agent itself says: how its lines
    /// are sent would be told in lines.
    pub(crate) fn wants<S>(&self, metadata: &Metadata<'_>, context: &Context<'_, S>) -> bool {
        self.filter.enables(metadata, context)
            && self.sink.is_open()
            && (!quiet::is_quiet() || metadata.target() == OWN_TARGET)
    }

    /// Takes a line.
    pub(crate) fn push(&self, metadata: &'static Metadata<'static>, fields: &Record, origin: Origin) {
        self.sink.push(Place { at: now(), metadata, origin }, fields);
    }
}

/// Nanoseconds since the Unix epoch.
pub(crate) fn now() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_nanos()).unwrap_or(u64::MAX)
}
