//! Which lines are logged, by level and target; may change while the service runs.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use jiff::Timestamp;
use seaworthy_protocol::LogFilter as InForce;

use tracing::{Level, Metadata, level_filters::LevelFilter};
use tracing_subscriber::{EnvFilter, layer::Context};

use crate::{http::is_request_span, trace::Filter};

/// A filter is for a while: nobody remembers to change it back.
const LONGEST: Duration = Duration::from_secs(24 * 3600);
/// Bytes of directives.
const LONGEST_DIRECTIVES: usize = 4096;

/// Which lines are logged: those of the agent's own subscriber, and those that are sent.
#[derive(Debug)]
pub(crate) struct LogFilter {
    rules: RwLock<Arc<Rules>>,
    hints: Hints,
    state: Mutex<State>,
}

const NOTHING_ELSE: usize = 8;

/// What is known of the rules without looking at them, which would take a lock.
#[derive(Debug, Default)]
struct Hints {
    /// The finest level that they let through, as in [`rank`], and [`NOTHING_ELSE`] where that is all they say, as it is nearly always.
    finest: AtomicUsize,
    look_at_spans: AtomicBool,
}

#[derive(Debug)]
struct State {
    usual: Named,
    change: Option<Change>,
}

#[derive(Clone, Debug)]
struct Named {
    directives: String,
    rules: Arc<Rules>,
}

/// For a while.
#[derive(Debug)]
struct Change {
    directives: String,
    end: Instant,
    /// The same by the clock of the system.
    until: Timestamp,
}

/// Why the filter stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotChanged {
    #[error("{directives:?} is no log filter: {why}; write directives such as info,sqlx=debug")]
    NoFilter { directives: String, why: String },
    #[error("a log filter may have {LONGEST_DIRECTIVES} bytes, this one has {0}")]
    TooLong(usize),
    #[error("a log filter is changed for 1 s to 24 h, not for {0:?}")]
    NotSoLong(Duration),
}

/// Directives, understood.
enum Rules {
    /// By level and target.
    Plain(Filter),
    /// By what spans are open too, with what fields.
    OfSpans(Box<EnvFilter>),
}

impl LogFilter {
    /// A filter of these directives: `info,sqlx=warn`.
    pub(crate) fn new(directives: &str) -> Result<Self, String> {
        let rules = Arc::new(Rules::parse(directives)?);
        let usual = Named { directives: directives.to_owned(), rules: rules.clone() };
        let hints = Hints::default();
        hints.set(&rules);
        Ok(Self { rules: RwLock::new(rules), hints, state: Mutex::new(State { usual, change: None }) })
    }

    /// Logs by other directives for so long; then those from the start are back. Says when.
    pub(crate) fn change(&self, directives: &str, time: Duration) -> Result<Timestamp, NotChanged> {
        if !(Duration::from_secs(1)..=LONGEST).contains(&time) {
            return Err(NotChanged::NotSoLong(time));
        }
        if directives.len() > LONGEST_DIRECTIVES {
            return Err(NotChanged::TooLong(directives.len()));
        }
        let no_filter = |why| NotChanged::NoFilter { directives: directives.to_owned(), why };
        if directives.trim().is_empty() {
            return Err(no_filter("it is empty".to_owned()));
        }
        let rules = Rules::parse(directives).map_err(no_filter)?;
        let until = Timestamp::now().saturating_add(time).unwrap_or(Timestamp::MAX);
        let mut state = self.state();
        state.change = Some(Change { directives: directives.to_owned(), end: Instant::now() + time, until });
        self.put_in_force(state, Arc::new(rules));
        tracing::info!(target: "seaworthy", filter = directives, %until, "the log filter is changed for a while");
        Ok(until)
    }

    /// Puts the directives from the start in force again.
    pub(crate) fn change_back(&self) {
        let mut state = self.state();
        if state.change.take().is_some() {
            let usual = state.usual.clone();
            self.put_in_force(state, usual.rules);
            tracing::info!(target: "seaworthy", filter = usual.directives, "the log filter is as it was before");
        }
    }

    /// Changes back what was changed for a while that is over. To be called every now and then.
    pub(crate) fn settle(&self) {
        let is_over = self.state().change.as_ref().is_some_and(|change| change.end <= Instant::now());
        if is_over {
            self.change_back();
        }
    }

    /// The directives in force.
    pub(crate) fn in_force(&self) -> InForce {
        self.settle();
        let state = self.state();
        let usual = state.usual.directives.clone();
        match &state.change {
            None => InForce { filter: usual, until: None, usual: None },
            Some(change) => {
                InForce { filter: change.directives.clone(), until: Some(change.until), usual: Some(usual) }
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One after the other, so that the rules in force are those that the state tells.
    fn put_in_force(&self, state: MutexGuard<'_, State>, rules: Arc<Rules>) {
        self.hints.set(&rules);
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = rules;
        drop(state);
        tracing::callsite::rebuild_interest_cache();
    }

    /// Whether a line like this is logged.
    pub(crate) fn enables<S>(&self, metadata: &Metadata<'_>, context: &Context<'_, S>) -> bool {
        let finest = self.hints.finest.load(Relaxed);
        if rank((*metadata.level()).into()) > finest % NOTHING_ELSE {
            return false;
        }
        if finest >= NOTHING_ELSE {
            return true;
        }
        match &**self.read() {
            Rules::Plain(filter) => filter.enables(metadata),
            Rules::OfSpans(filter) => filter.enabled(metadata, context.clone()),
        }
    }

    /// Whether it lets nothing through.
    pub(crate) fn is_off(&self) -> bool {
        self.hints.finest.load(Relaxed).is_multiple_of(NOTHING_ELSE)
    }

    /// Nothing finer than this is of any use to lines, as [`may_enable`](Self::may_enable) says.
    pub(crate) fn finest_of_use(&self) -> LevelFilter {
        let finest = self.read().finest();
        // For the span of requests.
        if finest > LevelFilter::OFF { finest.max(LevelFilter::INFO) } else { LevelFilter::OFF }
    }

    /// Whether a span or event of this callsite is of any use to lines: they tell their request, whatever their level.
    pub(crate) fn may_enable(&self, metadata: &Metadata<'_>) -> bool {
        match &**self.read() {
            Rules::Plain(filter) if is_request_span(metadata) => filter.finest() > LevelFilter::OFF,
            Rules::Plain(filter) => filter.enables(metadata),
            Rules::OfSpans(filter) => {
                filter.max_level_hint().is_none_or(|finest| *metadata.level() <= finest)
            }
        }
    }

    /// Whether a span or event of this callsite is logged, or tells lines their request, as far as that is known without looking at spans.
    pub(super) fn verdict(&self, metadata: &Metadata<'_>) -> Option<bool> {
        match &**self.read() {
            Rules::OfSpans(_) => None,
            Rules::Plain(filter) => Some(is_request_span(metadata) || filter.enables(metadata)),
        }
    }

    /// Held only while nothing is asked that may run code of the host.
    fn read(&self) -> RwLockReadGuard<'_, Arc<Rules>> {
        self.rules.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// A filter that looks at spans is to be told of each. Most filters do not, which costs next to nothing to find out.
    #[inline]
    pub(crate) fn with_spans<T>(&self, tell: impl FnOnce(&EnvFilter) -> T) -> Option<T> {
        if self.hints.look_at_spans.load(Relaxed) { self.looking_at_spans(tell) } else { None }
    }

    #[cold]
    fn looking_at_spans<T>(&self, tell: impl FnOnce(&EnvFilter) -> T) -> Option<T> {
        // Not held meanwhile: the fields of spans are code of the host.
        let rules = self.read().clone();
        match &*rules {
            Rules::OfSpans(filter) => Some(tell(filter)),
            Rules::Plain(_) => None,
        }
    }
}

impl Hints {
    fn set(&self, rules: &Rules) {
        let is_level = matches!(rules, Rules::Plain(Filter::Level(_)));
        self.finest.store(rank(rules.finest()) + if is_level { NOTHING_ELSE } else { 0 }, Relaxed);
        self.look_at_spans.store(matches!(rules, Rules::OfSpans(_)), Relaxed);
    }
}

/// The finer, the higher.
fn rank(level: LevelFilter) -> usize {
    level.into_level().map_or(0, |level| match level {
        Level::ERROR => 1,
        Level::WARN => 2,
        Level::INFO => 3,
        Level::DEBUG => 4,
        Level::TRACE => 5,
    })
}

impl Rules {
    fn finest(&self) -> LevelFilter {
        match self {
            Self::Plain(filter) => filter.finest(),
            Self::OfSpans(filter) => filter.max_level_hint().unwrap_or(LevelFilter::TRACE),
        }
    }

    fn parse(directives: &str) -> Result<Self, String> {
        // Whoever reads these directives as plain ones takes names of fields for those of events.
        let is_of_spans = directives.contains('[');
        match directives.parse() {
            Ok(plain) if !is_of_spans => Ok(Self::Plain(plain)),
            // Directives of spans, or none at all.
            _ => match EnvFilter::try_new(directives) {
                Ok(filter) => Ok(Self::OfSpans(Box::new(filter))),
                Err(error) => Err(error.to_string()),
            },
        }
    }
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(filter) => filter.fmt(f),
            Self::OfSpans(filter) => write!(f, "{filter}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use tracing::{debug, info, trace};
    use tracing_subscriber::prelude::*;

    use super::*;
    use crate::{
        logs::{Format, Writer},
        trace::TracingLayer,
    };

    #[test]
    fn what_is_no_filter_is_refused_with_what_is_wrong() {
        let filter = LogFilter::new("info").unwrap();
        let minute = Duration::from_secs(60);
        let refused = |directives: &str, time| filter.change(directives, time).unwrap_err().to_string();
        let wrong = [
            refused("hyper=loud", minute),
            refused(" ", minute),
            refused("debug", Duration::ZERO),
            refused("debug", LONGEST + minute),
            refused(&"a,".repeat(LONGEST_DIRECTIVES), minute),
        ];
        insta::assert_snapshot!(wrong.join("\n"), @r#"
        "hyper=loud" is no log filter: error parsing level filter: expected one of "off", "error", "warn", "info", "debug", "trace", or a number 0-5; write directives such as info,sqlx=debug
        " " is no log filter: it is empty; write directives such as info,sqlx=debug
        a log filter is changed for 1 s to 24 h, not for 0ns
        a log filter is changed for 1 s to 24 h, not for 86460s
        a log filter may have 4096 bytes, this one has 8192
        "#);
        assert_eq!(filter.in_force(), InForce { filter: "info".into(), ..InForce::default() });
    }

    #[test]
    fn lines_follow_the_filter_and_its_end() {
        let (writer, written) = Writer::into_memory("warn", Format::default());
        let filter = writer.filter.clone();
        let layer = TracingLayer::new(None, None).writing(writer);
        let lines = || {
            debug!("a debug");
            info!("an info");
            trace!("a trace");
            let bytes = std::mem::take(&mut *written.lock().unwrap());
            let text = String::from_utf8(bytes).unwrap();
            ["a debug", "an info", "a trace"].map(|line| text.contains(line))
        };
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            assert_eq!(lines(), [false, false, false]);
            filter.change("debug", Duration::from_secs(60)).unwrap();
            assert_eq!(lines(), [true, true, false]);
            filter.change("seaworthy_agent[{cup}]=trace,info", Duration::from_secs(60)).unwrap();
            assert_eq!(lines(), [false, true, false]);
            let of_span = tracing::info_span!("brew", cup = 1).in_scope(lines);
            assert_eq!(of_span, [true, true, true]);
            let in_force = filter.in_force();
            assert_eq!(in_force.usual.as_deref(), Some("warn"));
            assert!(in_force.until.unwrap() > Timestamp::now());
            filter.state().change.as_mut().unwrap().end = Instant::now();
            filter.settle();
            assert_eq!(lines(), [false, false, false]);
            assert_eq!(filter.in_force(), InForce { filter: "warn".into(), ..InForce::default() });
        });
    }
}
