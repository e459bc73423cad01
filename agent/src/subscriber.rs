//! The `tracing` subscriber that the agent installs when the host has none.

use tracing::Subscriber;
use tracing_subscriber::{layer::SubscriberExt, util::SubscriberInitExt};

use crate::{logs::Writer, trace::TracingLayer};

/// Installs a subscriber that records traces and writes log lines, unless the host has installed its own. Says whether it has.
pub(crate) fn install(recording: TracingLayer, writer: Writer) -> bool {
    // An error says that the host has one. Whether it has cannot be asked before: a subscriber that some thread has for
    // itself would count as well.
    compose(recording, writer).try_init().is_ok()
}

/// One layer does it all: each further one, and each filter around one, would cost every span, whether it wants it or not.
pub(crate) fn compose(recording: TracingLayer, writer: Writer) -> impl Subscriber + Send + Sync {
    tracing_subscriber::registry().with(recording.writing(writer))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tracing::{debug_span, info, info_span, trace, warn};

    use super::*;
    use crate::{
        logs::Format,
        trace::{Filter, Limits, Recorder, Sampler, Sink},
    };

    /// Names of the recorded spans, and the logged lines.
    fn outcome(recorded: &str, logged: &str) -> (Vec<&'static str>, String) {
        let filter: Filter = recorded.parse().unwrap();
        let (sink, mut batches) = Sink::new(100, 100, Arc::default());
        let (sampler, limits) = (Sampler::default(), Limits::default());
        let recorder = Arc::new(Recorder::new(filter, sampler, limits, sink));
        let (writer, log) = Writer::into_memory(logged, Format::default());
        let subscriber = compose(TracingLayer::new(Some(recorder.clone()), None), writer);
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
        let log = String::from_utf8(log.lock().unwrap().clone()).unwrap();
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
