//! Writes lines to standard error, where the subscriber is the agent's own.

use std::{
    fmt,
    io::{self, Write},
    sync::Arc,
};

use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::{layer::Context, registry::LookupSpan};

use super::{Format, LogFilter, Origin};
use crate::{http::is_request_span, observed::log_lines::LogLines, trace::look_at_fields};

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
            let fields = look_at_fields(&span, |fields| self.format.fields(fields));
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
