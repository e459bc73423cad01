//! `tracing` events inside a span.

use tracing::{Level, Metadata};

use super::{
    limits::Limits,
    record::{Event, EventName, Record},
    text::Text,
};

const MESSAGE: &str = "message";
/// Fields that hold an error, by the names people give them.
const ERRORS: [&str; 3] = ["error", "err", "exception"];
const EXCEPTION_MESSAGE: &str = "exception.message";

/// Adds an event to its span. `fields` holds what the event recorded.
///
/// An event of level `ERROR` marks its span as failed, unless the span says itself how it ended, and becomes an
/// `exception` as OpenTelemetry's semantic conventions define it. Any other event is named by its message.
pub(crate) fn add(
    span: &mut Record,
    metadata: &'static Metadata<'static>,
    at: u64,
    fields: &mut Record,
    limits: &Limits,
) {
    let name = if *metadata.level() == Level::ERROR {
        let message = name_exception(fields);
        span.fail(message.map(|message| message.of(&fields.texts)), limits);
        EventName::Exception
    } else {
        take_message(fields).map_or(EventName::Callsite, EventName::Message)
    };
    span.absorb_event(Event { at, name, metadata, attributes: 0, dropped_attributes: 0 }, fields, limits);
}

/// Gives the field that says what went wrong the name that OpenTelemetry has for it.
fn name_exception(fields: &mut Record) -> Option<Text> {
    let error = fields.attributes.iter().position(|attribute| ERRORS.contains(&attribute.key));
    let position = error.or_else(|| fields.attributes.iter().position(|attribute| attribute.key == MESSAGE));
    let attribute = fields.attributes.get_mut(position?)?;
    attribute.key = EXCEPTION_MESSAGE;
    attribute.value.text()
}

fn take_message(fields: &mut Record) -> Option<Text> {
    let position = fields.attributes.iter().position(|attribute| attribute.key == MESSAGE)?;
    fields.attributes.remove(position).value.text()
}
