//! The `tracing` subscriber that the agent installs when the host has none.

use std::io::IsTerminal;

use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{Filtered, LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
    registry::LookupSpan,
    util::SubscriberInitExt,
};

use crate::trace::{Filter, TracingLayer};

/// Installs a subscriber that records traces and logs to standard error, unless the host has installed its own.
///
/// The layer that records filters by itself: a filter put around it would look up every span several times over.
pub(crate) fn install(recording: TracingLayer, recorded: &Filter, logged: &str) {
    let logged = EnvFilter::new(logged);
    let finest_logged = logged.max_level_hint().unwrap_or(LevelFilter::TRACE);
    let finest = recorded.finest().max(finest_logged);
    let colours = std::io::stderr().is_terminal();
    // A layer that logs nothing would still be asked about every span.
    let lines = (finest_logged > LevelFilter::OFF)
        .then(|| fmt::layer().with_writer(std::io::stderr).with_ansi(colours).with_filter(logged));
    // The recording layer comes last: outside of one with a filter of its own, it sees what that one does not want.
    let subscriber = tracing_subscriber::registry().with(lines).with(finest).with(recording);
    // An error says that the host has one. Whether it has cannot be asked before: a subscriber that some thread has for
    // itself would count as well.
    let _ = subscriber.try_init();
}

/// The layer of an agent for a subscriber of which nothing is known.
pub(crate) fn filtered<S>(layer: TracingLayer, recorded: &Filter) -> Filtered<TracingLayer, Targets, S>
where
    S: tracing::Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    layer.with_filter(recorded.targets())
}
