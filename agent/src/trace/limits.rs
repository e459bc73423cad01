//! How much one span may hold.

/// How much one span may hold. What goes beyond is dropped, and counted in the span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Attributes of a span.
    pub(crate) attributes: usize,
    /// Attributes of an event.
    pub(crate) event_attributes: usize,
    /// Events of a span.
    pub(crate) events: usize,
    /// Links of a span.
    pub(crate) links: usize,
    /// Characters of one text.
    pub(crate) text_chars: usize,
}

impl Limits {
    /// Bytes of all texts of one span, however many attributes and events it has.
    pub(crate) const TEXT_BYTES: usize = 64 << 10;
}

impl Default for Limits {
    fn default() -> Self {
        Self { attributes: 128, event_attributes: 128, events: 128, links: 128, text_chars: 4096 }
    }
}
