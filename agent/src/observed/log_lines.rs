//! Counts the lines that the agent's own subscriber logs, and which of those within requests tell which request.
//!
//! A line tells it when it is written within the span of the request. A line is within a request when it tells so, or when it is
//! written while the agent's layer works on one. What a task writes that a
//! request has started outside of its span belongs to no request that anybody could find; it counts as none of one.
//!
//! How a subscriber of the service writes its lines, the agent cannot know. Then it counts nothing, and says so.

use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use tracing::{Level, Metadata};

use crate::{
    http::REQUEST_TARGET,
    metrics::{Attributes, Registry},
};

const LEVELS: [&str; 5] = ["trace", "debug", "info", "warn", "error"];
const REQUESTS: [Option<&str>; 3] = [None, Some("told"), Some("not_told")];

thread_local! {
    static WITHIN_REQUEST: Cell<bool> = const { Cell::new(false) };
}

/// While this lives, what the thread does is work on a request.
pub(crate) struct WithinRequest {
    before: bool,
}

impl WithinRequest {
    pub(crate) fn enter() -> Self {
        Self { before: WITHIN_REQUEST.replace(true) }
    }
}

impl Drop for WithinRequest {
    fn drop(&mut self) {
        WITHIN_REQUEST.set(self.before);
    }
}

/// What a line has to do with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Request {
    /// Nothing.
    None,
    /// It tells of which it is.
    Told,
    /// It is of one, and does not tell of which.
    NotTold,
}

/// How many lines were logged. Only ever grows.
#[derive(Debug, Default)]
pub(crate) struct LogLines {
    written: [[AtomicU64; REQUESTS.len()]; LEVELS.len()],
    lost: AtomicU64,
}

impl LogLines {
    /// Lets every reading of the metrics have the lines in it, each series with the environment where there is one.
    pub(crate) fn export(self: &Arc<Self>, registry: &Registry, environment: &str) {
        let metric = registry.counter("seaworthy.log.lines", "{line}", "Lines that the service has logged.");
        let lost = registry.counter("seaworthy.log.lines_lost", "{line}", "Lines that could not be written.");
        let (lines, common) = (Arc::clone(self), common(environment));
        registry.before_reading(move || {
            let count = lines.lost.load(Relaxed);
            if count > 0 {
                lost.series(common.clone()).advance_to(count);
            }
            for (level, counts) in LEVELS.into_iter().zip(&lines.written) {
                for (request, count) in REQUESTS.into_iter().zip(counts) {
                    let count = count.load(Relaxed);
                    if count > 0 {
                        let attributes = common.clone().with("level", level);
                        let attributes = match request {
                            Some(request) => attributes.with("request", request),
                            None => attributes,
                        };
                        metric.series(attributes).advance_to(count);
                    }
                }
            }
        });
    }

    /// Counts a line that was written. The agent's own lines of requests are none of the service's.
    pub(crate) fn count(&self, metadata: &Metadata<'_>, tells_request: bool) {
        if metadata.target() == REQUEST_TARGET {
            return;
        }
        let request = match (tells_request, WITHIN_REQUEST.get()) {
            (true, _) => Request::Told,
            (false, true) => Request::NotTold,
            (false, false) => Request::None,
        };
        self.count_as(*metadata.level(), request);
    }

    /// Counts a line that could not be written.
    pub(crate) fn lose(&self) {
        self.lost.fetch_add(1, Relaxed);
    }

    fn count_as(&self, level: Level, request: Request) {
        let row = match level {
            Level::TRACE => 0,
            Level::DEBUG => 1,
            Level::INFO => 2,
            Level::WARN => 3,
            Level::ERROR => 4,
        };
        let column = match request {
            Request::None => 0,
            Request::Told => 1,
            Request::NotTold => 2,
        };
        self.written[row][column].fetch_add(1, Relaxed);
    }
}

fn common(environment: &str) -> Attributes {
    match environment {
        "" => Attributes::default(),
        environment => Attributes::default().with("deployment.environment.name", environment.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use axum::{Router, body::Body, routing::get};
    use http::Request as HttpRequest;
    use tower::ServiceExt;
    use tracing::{Instrument, Span, debug, info, warn};

    use super::*;
    use crate::{
        Agent,
        logs::{Format, Writer},
        subscriber::compose,
        trace::TracingLayer,
    };

    /// Logs a line in every way there is.
    async fn handler() {
        info!("in the handler");
        warn!("in the handler as well");
        warn!(parent: None, "in the handler, but of nothing");
        debug!("finer");
        let with_span = tokio::spawn(async { info!("in a task") }.instrument(Span::current()));
        let without_span = tokio::spawn(async { info!("in a task that nobody can ascribe") });
        with_span.await.unwrap();
        without_span.await.unwrap();
    }

    #[test]
    fn lines_that_cannot_be_written_are_counted() {
        let (writer, _) = Writer::into_memory("info", Format::default());
        let lines = writer.lines.clone();
        let writer = Writer { to: Box::new(|_| Err(std::io::ErrorKind::BrokenPipe.into())), ..writer };
        let subscriber = compose(TracingLayer::new(None, None), writer);
        tracing::subscriber::with_default(subscriber, || info!("nobody reads this"));
        let registry = Registry::new(SystemTime::now(), 100, Arc::default());
        lines.export(&registry, "");
        let page = registry.exposition(&[]);
        assert!(page.contains("seaworthy_log_lines_lost_total 1\n"), "{page}");
        assert!(!page.contains("seaworthy_log_lines_total"), "{page}");
    }

    /// What is counted of one request and one line before it, as `level request: count`.
    fn counted(logged: &str) -> Vec<String> {
        let agent = Agent::builder("shop").without_subscriber().admin_address(None);
        let agent = agent.shutdown_timeout(Duration::ZERO).start().unwrap();
        let (writer, _) = Writer::into_memory(logged, Format::default());
        let lines = writer.lines.clone();
        let subscriber = compose(TracingLayer::new(None, None), writer);
        tracing::subscriber::with_default(subscriber, || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                info!("before");
                let router = Router::new().route("/", get(handler)).layer(agent.layer());
                router.oneshot(HttpRequest::new(Body::empty())).await.unwrap();
            });
        });
        let each = LEVELS.into_iter().zip(&lines.written).flat_map(|(level, counts)| {
            REQUESTS
                .into_iter()
                .zip(counts)
                .map(move |(request, count)| (level, request, count.load(Relaxed)))
        });
        each.filter(|(_, _, count)| *count > 0)
            .map(|(level, request, count)| format!("{level} {}: {count}", request.unwrap_or("-")))
            .collect()
    }

    #[test]
    fn a_line_counts_by_level_and_by_what_it_tells_of_its_request() {
        let warnings = ["warn told: 1", "warn not_told: 1"];
        let lines = [&["info -: 2", "info told: 2"][..], &warnings].concat();
        assert_eq!(counted("info"), lines);
        assert_eq!(counted("seaworthy_agent=debug"), [&["debug told: 1"], &lines[..]].concat());
        assert_eq!(counted("off"), [""; 0]);
        assert_eq!(counted("warn"), warnings, "the id is told even where the span alone would not be logged");
    }

    #[test]
    fn a_filter_that_hides_the_span_of_the_request_takes_nothing_from_its_lines() {
        for hidden in ["info,seaworthy::http=off", "info,seaworthy::http=warn"] {
            assert_eq!(counted(hidden), counted("info"), "{hidden}");
        }
    }

    #[test]
    fn lines_are_a_metric_with_their_environment() {
        let registry = Registry::new(SystemTime::now(), 100, Arc::default());
        let lines = Arc::<LogLines>::default();
        lines.export(&registry, "production");
        assert_eq!(registry.exposition(&[]), "");
        lines.count_as(Level::DEBUG, Request::None);
        lines.count_as(Level::ERROR, Request::Told);
        let page = registry.exposition(&[]);
        for labels in ["level=\"debug\"} 1", "level=\"error\",request=\"told\"} 1"] {
            let line =
                format!("seaworthy_log_lines_total{{deployment_environment_name=\"production\",{labels}\n");
            assert!(page.contains(&line), "{page}");
        }
    }
}
