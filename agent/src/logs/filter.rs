//! Which lines are logged, by level and target; may change while the service runs.

use std::{
    borrow::Cow,
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use tracing::{
    Metadata, Subscriber,
    level_filters::LevelFilter,
    span::{Attributes, Id, Record},
    subscriber::Interest,
};
use tracing_subscriber::{
    EnvFilter,
    layer::{Context, Filter as LayerFilterOf},
    registry::LookupSpan,
};

use crate::{http::SERVER_TARGET, trace::Filter};

/// Which lines are logged: those of the agent's own subscriber, and those that are sent.
#[derive(Debug)]
pub(crate) struct LogFilter {
    rules: RwLock<Arc<Rules>>,
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
        Ok(Self { rules: RwLock::new(Arc::new(Rules::parse(&with_requests(directives))?)) })
    }

    /// Whether a line like this is logged.
    pub(crate) fn enables<S>(&self, metadata: &Metadata<'_>, context: &Context<'_, S>) -> bool {
        match &*self.rules() {
            Rules::Plain(filter) => filter.enables(metadata),
            Rules::OfSpans(filter) => filter.enabled(metadata, context.clone()),
        }
    }

    /// Nothing finer than this is logged.
    pub(crate) fn finest(&self) -> LevelFilter {
        match &*self.rules() {
            Rules::Plain(filter) => filter.finest(),
            Rules::OfSpans(filter) => filter.max_level_hint().unwrap_or(LevelFilter::TRACE),
        }
    }

    /// Whether a span or event of this callsite may ever be let through.
    pub(crate) fn may_enable(&self, metadata: &Metadata<'_>) -> bool {
        match &*self.rules() {
            Rules::Plain(filter) => filter.enables(metadata),
            Rules::OfSpans(filter) => {
                filter.max_level_hint().is_none_or(|finest| *metadata.level() <= finest)
            }
        }
    }

    fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.rules.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Rules {
    fn parse(directives: &str) -> Result<Self, String> {
        match directives.parse() {
            Ok(plain) => Ok(Self::Plain(plain)),
            // Directives of spans, or none at all.
            Err(_) => match EnvFilter::try_new(directives) {
                Ok(filter) => Ok(Self::OfSpans(Box::new(filter))),
                Err(error) => Err(error.to_string()),
            },
        }
    }
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

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(filter) => filter.fmt(f),
            Self::OfSpans(filter) => write!(f, "{filter}"),
        }
    }
}

/// A [`LogFilter`] for one layer of a subscriber, and beside it what else that layer wants.
#[derive(Clone, Debug)]
pub(crate) struct LayerFilter {
    pub(crate) lines: Option<Arc<LogFilter>>,
    /// Lets through what this does as well.
    pub(crate) or: Option<Filter>,
}

impl LayerFilter {
    fn wants_otherwise(&self, metadata: &Metadata<'_>) -> bool {
        self.or.as_ref().is_some_and(|or| or.enables(metadata))
    }

    /// Filters that look at spans are told of them.
    fn with_spans(&self, tell: impl FnOnce(&EnvFilter)) {
        if let Some(lines) = &self.lines
            && let Rules::OfSpans(filter) = &*lines.rules()
        {
            tell(filter);
        }
    }
}

impl<S> LayerFilterOf<S> for LayerFilter
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    fn enabled(&self, metadata: &Metadata<'_>, context: &Context<'_, S>) -> bool {
        self.wants_otherwise(metadata)
            || self.lines.as_ref().is_some_and(|lines| lines.enables(metadata, context))
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.wants_otherwise(metadata) {
            // Filters that look at spans must hear of those all the same.
            self.with_spans(|filter| {
                LayerFilterOf::<S>::callsite_enabled(filter, metadata);
            });
            return Interest::always();
        }
        let Some(lines) = &self.lines else { return Interest::never() };
        match &*lines.rules() {
            Rules::Plain(filter) if filter.enables(metadata) => Interest::always(),
            Rules::Plain(_) => Interest::never(),
            Rules::OfSpans(filter) => LayerFilterOf::<S>::callsite_enabled(&**filter, metadata),
        }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        let or = self.or.as_ref().map_or(LevelFilter::OFF, Filter::finest);
        Some(self.lines.as_ref().map_or(LevelFilter::OFF, |lines| lines.finest()).max(or))
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        self.with_spans(|filter| filter.on_new_span(attributes, id, context));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        self.with_spans(|filter| filter.on_record(id, values, context));
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        self.with_spans(|filter| filter.on_enter(id, context));
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        self.with_spans(|filter| filter.on_exit(id, context));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        self.with_spans(|filter| filter.on_close(id, context));
    }
}
