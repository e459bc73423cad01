//! Writes lines to standard error, where the subscriber is the agent's own.

use std::{
    fmt,
    io::{self, Write},
    sync::Arc,
};

use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::{
    field::RecordFields,
    layer::Context,
    registry::{LookupSpan, SpanRef},
};

use super::{Format, LogFilter, Origin, kept::Kept};
use crate::{http::is_request_span, observed::log_lines::LogLines};

/// Writes the lines that its filter lets through, and counts them.
pub(crate) struct Writer {
    pub(crate) filter: Arc<LogFilter>,
    pub(crate) format: Format,
    pub(crate) lines: Arc<LogLines>,
    pub(crate) to: To,
}

/// Takes whole lines.
type To = Box<dyn Fn(&[u8]) -> io::Result<()> + Send + Sync>;

/// Takes lines to standard error.
pub(crate) fn stderr() -> To {
    Box::new(|line| io::stderr().lock().write_all(line))
}

impl Writer {
    /// Lets lines within a span show these fields of it, after those that it has.
    pub(crate) fn remember<'a, S: LookupSpan<'a>>(&self, span: &SpanRef<'a, S>, fields: impl RecordFields) {
        let mut kept = Kept::new();
        // That runs code of the host, so no lock is held meanwhile.
        fields.record(&mut kept);
        if kept.is_empty() {
            return;
        }
        let mut extensions = span.extensions_mut();
        match extensions.get_mut::<Kept>() {
            Some(before) => before.absorb(&kept),
            None => extensions.insert(kept),
        }
    }

    /// Whether lines show that they are within a span like this. That of a request tells nothing that they do not tell themselves.
    pub(crate) fn shows<S>(&self, span: &'static Metadata<'static>, context: &Context<'_, S>) -> bool
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        !is_request_span(span) && self.filter.enables(span, context)
    }

    /// Writes a line.
    pub(crate) fn write<S>(&self, event: &Event<'_>, origin: &Origin, context: &Context<'_, S>)
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let spans = context.event_scope(event).into_iter().flat_map(|spans| spans.from_root());
        let spans = spans.filter(|span| self.shows(span.metadata(), context)).map(|span| {
            let fields = span.extensions().get::<Kept>().map(|kept| self.format.fields(kept));
            (span.name(), fields.unwrap_or_default())
        });
        let line = self.format.line(event, spans, origin);
        match (self.to)(line.as_bytes()) {
            Ok(()) => self.lines.count(event.metadata(), origin.request.is_some()),
            Err(_) => self.lines.lose(),
        }
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("filter", &self.filter)
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    impl Writer {
        /// Writes by these directives into what is returned besides.
        pub(crate) fn into_memory(directives: &str, format: Format) -> (Self, Arc<Mutex<Vec<u8>>>) {
            let written = Arc::<Mutex<Vec<u8>>>::default();
            let to = written.clone();
            let writer = Self {
                filter: Arc::new(LogFilter::new(directives).unwrap()),
                format,
                lines: Arc::default(),
                to: Box::new(move |line| to.lock().unwrap().write_all(line)),
            };
            (writer, written)
        }
    }
}
