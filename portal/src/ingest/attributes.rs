//! Resources, scopes and attributes of OTLP as the store knows them.

use std::sync::Arc;

use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value},
    resource::v1 as otlp,
};
use seaworthy_telemetry::model::{Attributes, Resource, Scope, Value, text_attribute};

/// The name of a service that does not say it, as OpenTelemetry asks.
const UNKNOWN_SERVICE: &str = "unknown_service";
/// A service name is shown everywhere and kept in the catalog.
const LONGEST_SERVICE: usize = 255;

pub(super) fn attributes(given: Vec<KeyValue>) -> Attributes {
    given.into_iter().map(|pair| (pair.key, value(pair.value))).collect()
}

pub(super) fn value(given: Option<AnyValue>) -> Value {
    match given.and_then(|given| given.value) {
        None | Some(any_value::Value::StringValueStrindex(_)) => Value::Empty,
        Some(any_value::Value::StringValue(text)) => Value::String(text),
        Some(any_value::Value::BoolValue(value)) => Value::Bool(value),
        Some(any_value::Value::IntValue(value)) => Value::Int(value),
        Some(any_value::Value::DoubleValue(value)) => Value::Double(value),
        Some(any_value::Value::BytesValue(bytes)) => Value::Bytes(bytes),
        Some(any_value::Value::ArrayValue(array)) => {
            Value::Array(array.values.into_iter().map(|item| value(Some(item))).collect())
        }
        Some(any_value::Value::KvlistValue(list)) => Value::Map(attributes(list.values)),
    }
}

pub(super) fn resource(given: Option<otlp::Resource>) -> Arc<Resource> {
    let attributes = given.map(|resource| attributes(resource.attributes)).unwrap_or_default();
    let text = |name| text_attribute(&attributes, name).unwrap_or_default().trim();
    let service = match text("service.name") {
        "" => UNKNOWN_SERVICE.to_owned(),
        name => shortened(&printable(name), LONGEST_SERVICE),
    };
    Arc::new(Resource { service, instance: text("service.instance.id").to_owned(), attributes })
}

pub(super) fn scope(given: Option<InstrumentationScope>) -> Arc<Scope> {
    let scope = given.unwrap_or_default();
    Arc::new(Scope { name: scope.name, version: scope.version, attributes: attributes(scope.attributes) })
}

/// A name that the catalog takes: control characters have no place in it.
fn printable(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// At most `bytes` of a text, cut between characters.
fn shortened(text: &str, bytes: usize) -> String {
    text[..text.floor_char_boundary(bytes)].to_owned()
}
