//! The filter around the agent's layer in a subscriber of the host.

use std::sync::Arc;

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

use super::LogFilter;
use crate::trace::Filter;

/// Lets through what it sends as lines, if it does, and what it records, if it does.
#[derive(Clone, Debug)]
pub(crate) struct LayerFilter {
    pub(crate) lines: Option<Arc<LogFilter>>,
    pub(crate) recorded: Option<Filter>,
}

impl LayerFilter {
    /// What is known without looking at spans.
    fn verdict(&self, metadata: &Metadata<'_>) -> Option<bool> {
        let is_recorded = self.recorded.as_ref().is_some_and(|recorded| recorded.enables(metadata));
        let Some(lines) = self.lines.as_ref().filter(|_| !is_recorded) else { return Some(is_recorded) };
        lines.verdict(metadata)
    }

    /// Filters that look at spans are told of them.
    fn with_spans<T>(&self, tell: impl FnOnce(&EnvFilter) -> T) -> Option<T> {
        self.lines.as_ref()?.with_spans(tell)
    }
}

impl<S> LayerFilterOf<S> for LayerFilter
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    fn enabled(&self, metadata: &Metadata<'_>, context: &Context<'_, S>) -> bool {
        let verdict = self.verdict(metadata);
        let looked = || self.with_spans(|filter| filter.enabled(metadata, context.clone()));
        verdict.or_else(looked).unwrap_or(false)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        // Filters that look at spans must hear of all of them.
        let looked = self.with_spans(|filter| LayerFilterOf::<S>::callsite_enabled(filter, metadata));
        match self.verdict(metadata) {
            Some(true) => Interest::always(),
            Some(false) => Interest::never(),
            None => looked.unwrap_or_else(Interest::sometimes),
        }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        let recorded = self.recorded.as_ref().map_or(LevelFilter::OFF, Filter::finest);
        let logged = self.lines.as_ref().map_or(LevelFilter::OFF, |lines| lines.finest_of_use());
        Some(logged.max(recorded))
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
