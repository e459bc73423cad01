//! The `tracing` subscriber that the agent installs when the host has none.

use std::{borrow::Cow, io::IsTerminal};

use tracing::Subscriber;
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{Filtered, LevelFilter, Targets},
    fmt::{self, MakeWriter},
    layer::SubscriberExt,
    registry::LookupSpan,
    util::SubscriberInitExt,
};

use crate::{
    http::SERVER_TARGET,
    observed::log_lines::LineCounter,
    trace::{Filter, TracingLayer},
};

/// Installs a subscriber that records traces and logs to standard error, unless the host has installed its own. Says
/// whether it has.
pub(crate) fn install(
    recording: TracingLayer,
    counter: LineCounter,
    recorded: &Filter,
    logged: &str,
) -> bool {
    // An error says that the host has one. Whether it has cannot be asked before: a subscriber that some thread has for
    // itself would count as well.
    compose(recording, counter, recorded, logged, std::io::stderr).try_init().is_ok()
}

/// The layer that records filters by itself: a filter put around it would look up every span several times over.
pub(crate) fn compose<W>(
    recording: TracingLayer,
    counter: LineCounter,
    recorded: &Filter,
    logged: &str,
    to: W,
) -> impl Subscriber + Send + Sync
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let logged = EnvFilter::new(with_requests(logged));
    let finest_logged = logged.max_level_hint().unwrap_or(LevelFilter::TRACE);
    let finest = recorded.finest().max(finest_logged);
    let colours = std::io::stderr().is_terminal();
    // A layer that logs nothing would still be asked about every span.
    let lines = (finest_logged > LevelFilter::OFF)
        .then(|| fmt::layer().with_writer(to).with_ansi(colours).and_then(counter).with_filter(logged));
    // The recording layer comes last: outside of one with a filter of its own, it sees what that one does not want.
    tracing_subscriber::registry().with(lines).with(finest).with(recording)
}

/// These directives, and the span of each request shown with its lines, which is where their id is; unless the directives say
/// otherwise about that span, or nothing is logged at all.
fn with_requests(logged: &str) -> Cow<'_, str> {
    let mut directives = logged.split(',').map(str::trim);
    let is_about_it = |directive: &str| {
        let target = directive.split(['=', '[']).next().unwrap_or_default();
        !target.is_empty() && SERVER_TARGET.starts_with(target)
    };
    let is_off =
        |directive: &str| directive.parse().is_ok_and(|level: LevelFilter| level == LevelFilter::OFF);
    if directives.clone().all(is_off) || directives.any(is_about_it) {
        return logged.into();
    }
    format!("{logged},{SERVER_TARGET}=info").into()
}

/// The layer of an agent for a subscriber of which nothing is known.
pub(crate) fn filtered<S>(layer: TracingLayer, recorded: &Filter) -> Filtered<TracingLayer, Targets, S>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    layer.with_filter(recorded.targets())
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing::{debug_span, info, info_span, trace, warn};

    use super::*;
    use crate::trace::{Limits, Recorder, Sampler, Sink};

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Log {
        fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(line);
            Ok(line.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// Names of the recorded spans, and the logged lines.
    fn outcome(recorded: &str, logged: &str) -> (Vec<&'static str>, String) {
        let filter: Filter = recorded.parse().unwrap();
        let (sink, mut batches) = Sink::new(100, 100, Arc::default());
        let (sampler, limits) = (Sampler::default(), Limits::default());
        let recorder = Arc::new(Recorder { filter: filter.clone(), sampler, limits, sink });
        let log = Log::default();
        let to = log.clone();
        let subscriber = compose(
            TracingLayer::new(Some(recorder.clone())),
            LineCounter::default(),
            &filter,
            logged,
            move || to.clone(),
        );
        tracing::subscriber::with_default(subscriber, || {
            let _outer = info_span!("outer").entered();
            let _finer = debug_span!("finer").entered();
            info!("an info");
            warn!("a warning");
            trace!("a trace");
        });
        recorder.sink.sweep();
        let batch = batches.try_recv().unwrap_or_default();
        let names = batch.iter().map(|span| span.place.metadata.name()).collect();
        let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        (names, log)
    }

    #[test]
    fn what_is_recorded_and_what_is_logged_do_not_depend_on_each_other() {
        for recorded in ["off", "info", "debug", "seaworthy_agent=info"] {
            for logged in ["off", "warn", "info", "trace", "seaworthy_agent=warn"] {
                let (names, log) = outcome(recorded, logged);
                let want: &[&str] = match recorded {
                    "off" => &[],
                    "debug" => &["finer", "outer"],
                    _ => &["outer"],
                };
                assert_eq!(names, want, "recorded {recorded}, logged {logged}");
                let [warning, info, trace] =
                    ["a warning", "an info", "a trace"].map(|line| log.contains(line));
                assert_eq!(warning, logged != "off", "{recorded} {logged}: {log}");
                assert_eq!(info, ["info", "trace"].contains(&logged), "{recorded} {logged}: {log}");
                assert_eq!(trace, logged == "trace", "{recorded} {logged}: {log}");
            }
        }
    }
}
