//! The fields of spans, for the lines within them. Most spans have no line: so the fields are kept as they come, and masked and
//! formatted when there is one.

use tracing_subscriber::{
    field::RecordFields,
    registry::{LookupSpan, SpanRef},
};

use super::{fields::Fields, limits::Limits, pool, record::Record, recorder::Tracked};

/// The fields of a span that is not recorded. They share the bounds, and the buffers, of those that are.
struct Shown(Option<Box<Record>>);

impl Drop for Shown {
    fn drop(&mut self) {
        self.0.take().into_iter().for_each(pool::give_back);
    }
}

/// Keeps these fields of a span, recorded or not, after those that it has.
pub(super) fn remember<'a, S: LookupSpan<'a>>(
    span: &SpanRef<'a, S>,
    fields: impl RecordFields,
    limits: &Limits,
) {
    let mut later = pool::take();
    // That runs code of the host, so no lock is held meanwhile.
    fields.record(&mut Fields::of_span(&mut later, limits));
    let mut extensions = span.extensions_mut();
    let is_recorded = extensions.get_mut::<Tracked>().is_some_and(|own| own.is_recorded());
    let known = match is_recorded {
        true => extensions.get_mut::<Tracked>().and_then(Tracked::record_mut),
        false => extensions.get_mut::<Shown>().and_then(|shown| shown.0.as_deref_mut()),
    };
    let is_known = known.map(|record| record.absorb_fields(&later, limits)).is_some();
    drop(extensions);
    if is_known || later.attributes.is_empty() {
        pool::give_back(later);
    } else {
        keep(span, later);
    }
}

/// Keeps the fields of a span that is recorded no more, though there may be lines within it.
pub(super) fn keep<'a, S: LookupSpan<'a>>(span: &SpanRef<'a, S>, mut record: Box<Record>) {
    // It may stay for long, and lists no span meanwhile.
    record.card = None;
    let before = span.extensions_mut().replace(Shown(Some(record)));
    drop(before);
}

/// What `look` sees in the fields of a span, whether it is recorded or not; none where it has none.
pub(crate) fn look_at_fields<'a, S: LookupSpan<'a>, T>(
    span: &SpanRef<'a, S>,
    look: impl FnOnce(&Record) -> T,
) -> Option<T> {
    let extensions = span.extensions();
    let recorded = extensions.get::<Tracked>().and_then(Tracked::record);
    recorded.or_else(|| extensions.get::<Shown>()?.0.as_deref()).map(look)
}
