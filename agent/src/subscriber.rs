//! The `tracing` subscriber that the agent installs when the host has none.

use std::{io::IsTerminal, sync::Arc};

use tracing::{Metadata, Subscriber, level_filters::LevelFilter, subscriber::Interest};
use tracing_subscriber::{
    Layer,
    fmt::{self, MakeWriter},
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
    util::SubscriberInitExt,
};

use crate::{
    logs::{Format, LayerFilter, LogFilter, LogFormat},
    observed::log_lines::LineCounter,
    trace::{Filter, TracingLayer},
};

/// Installs a subscriber that records traces and logs to standard error, unless the host has installed its own. Says
/// whether it has.
pub(crate) fn install(
    recording: TracingLayer,
    counter: LineCounter,
    recorded: &Filter,
    logged: &Arc<LogFilter>,
    format: Format,
) -> bool {
    // An error says that the host has one. Whether it has cannot be asked before: a subscriber that some thread has for
    // itself would count as well.
    compose(recording, counter, recorded, logged, format, std::io::stderr).try_init().is_ok()
}

/// The layer that records filters by itself: a filter put around it would look up every span several times over.
pub(crate) fn compose<W>(
    recording: TracingLayer,
    counter: LineCounter,
    recorded: &Filter,
    logged: &Arc<LogFilter>,
    format: Format,
    to: W,
) -> impl Subscriber + Send + Sync
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let colours = format.format == LogFormat::Pretty && std::io::stderr().is_terminal();
    let lines = fmt::layer().with_writer(to).with_ansi(colours);
    let lines = lines.fmt_fields(format.clone()).event_format(format);
    let lines = lines.and_then(counter).with_filter(LayerFilter::writing(logged.clone()));
    let recording = recording.telling(logged.clone());
    let wanted = Wanted { recorded: recorded.clone(), logged: logged.clone() };
    // The recording layer comes last: outside of one with a filter of its own, it sees what that one does not want.
    tracing_subscriber::registry().with(lines).with(wanted).with(recording)
}

/// Lets through what is recorded or logged, so that anything else costs nothing.
struct Wanted {
    recorded: Filter,
    logged: Arc<LogFilter>,
}

impl Wanted {
    fn wants(&self, metadata: &Metadata<'_>) -> bool {
        self.recorded.enables(metadata) || self.logged.may_enable(metadata)
    }
}

impl<S> Layer<S> for Wanted
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.wants(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.wants(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        let logged = self.logged.finest();
        // For the span of requests.
        let least = if logged > LevelFilter::OFF { LevelFilter::INFO } else { LevelFilter::OFF };
        Some(self.recorded.finest().max(logged).max(least))
    }
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
        let logged = Arc::new(LogFilter::new(logged).unwrap());
        let log = Log::default();
        let to = log.clone();
        let subscriber = compose(
            TracingLayer::new(Some(recorder.clone()), None),
            LineCounter::default(),
            &filter,
            &logged,
            Format { format: LogFormat::Pretty, mask: Arc::default() },
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
