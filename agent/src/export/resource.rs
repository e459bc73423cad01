//! The OTLP resource: who sends.

use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value},
    resource::v1::Resource,
};

use crate::identity::Identity;

/// The resource of this instance. `extra` gives way to what the agent knows itself.
pub(crate) fn resource(identity: &Identity, extra: &[(String, String)]) -> Resource {
    let own = own_attributes(identity);
    let given = extra.iter().filter(|(key, _)| own.iter().all(|own| own.key != *key));
    let given: Vec<KeyValue> = given.map(|(key, value)| text(key, value)).collect();
    Resource { attributes: own.into_iter().chain(given).collect(), ..Resource::default() }
}

/// The library that made metrics.
pub(super) fn scope(name: &str) -> InstrumentationScope {
    InstrumentationScope { name: name.to_owned(), ..InstrumentationScope::default() }
}

fn text(key: &str, value: &str) -> KeyValue {
    key_value(key, any_value::Value::StringValue(value.to_owned()))
}

fn key_value(key: &str, value: any_value::Value) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

fn own_attributes(identity: &Identity) -> Vec<KeyValue> {
    let texts = [
        ("service.name", identity.service.as_str()),
        ("service.instance.id", &identity.instance),
        ("service.version", &identity.build.version),
        ("deployment.environment.name", &identity.environment),
        ("vcs.ref.head.revision", &identity.build.commit),
        ("host.name", &identity.process.host),
        ("telemetry.sdk.name", "seaworthy"),
        ("telemetry.sdk.language", "rust"),
        ("telemetry.sdk.version", env!("CARGO_PKG_VERSION")),
    ];
    let known = texts.into_iter().filter(|(_, value)| !value.is_empty()).map(|(key, value)| text(key, value));
    let pid = key_value("process.pid", any_value::Value::IntValue(identity.process.pid.into()));
    known.chain([pid]).collect()
}
