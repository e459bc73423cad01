//! `/metrics`.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::header;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};

use crate::{Handle, export::resource, metrics::CONTENT_TYPE};

pub(super) async fn metrics(State(handle): State<Handle>) -> Response {
    let shared = &handle.shared;
    let resource = resource(&shared.identity, &shared.settings.resource).attributes;
    let attributes: Vec<_> = resource.into_iter().filter_map(as_text).collect();
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], shared.metrics.exposition(&attributes)).into_response()
}

fn as_text(attribute: KeyValue) -> Option<(String, String)> {
    match attribute.value?.value? {
        Value::StringValue(text) => Some((attribute.key, text)),
        Value::IntValue(number) => Some((attribute.key, number.to_string())),
        _ => None,
    }
}
