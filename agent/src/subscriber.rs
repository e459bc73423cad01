//! The `tracing` subscriber that the agent installs when the host has none.

use std::io::IsTerminal;

use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::{Filtered, Targets},
    fmt,
    layer::SubscriberExt,
    registry::LookupSpan,
    util::SubscriberInitExt,
};

use crate::trace::TracingLayer;

/// Installs a subscriber that records traces and logs to standard error, unless the host has installed its own.
pub(crate) fn install(traces: Filtered<TracingLayer, Targets, Registry>, logged: &str) {
    let colours = std::io::stderr().is_terminal();
    let lines =
        fmt::layer().with_writer(std::io::stderr).with_ansi(colours).with_filter(EnvFilter::new(logged));
    // An error says that the host has one. Whether it has cannot be asked before: a subscriber that some thread has for
    // itself would count as well.
    let _ = tracing_subscriber::registry().with(traces).with(lines).try_init();
}

/// The layer of an agent, which looks at these targets only.
pub(crate) fn filtered<S>(layer: TracingLayer, targets: &Targets) -> Filtered<TracingLayer, Targets, S>
where
    S: tracing::Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    layer.with_filter(targets.clone())
}
