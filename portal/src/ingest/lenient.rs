//! JSON that OTLP allows and `opentelemetry-proto` does not read. One such value would cost a sender its whole request.

use serde_json::{Map, Value};

/// What an `AnyValue` may hold.
const ANY_VALUE: [&str; 7] =
    ["stringValue", "boolValue", "intValue", "doubleValue", "arrayValue", "kvlistValue", "bytesValue"];

/// A body in the form that `opentelemetry-proto` reads: without fields that are null or no finite number, or unknown
/// where it cannot skip them, and with empty lists and keys where the encoding leaves them out.
///
/// It takes many times the memory of the body, so there is no second chance for a large one.
pub(super) fn mended(body: &[u8]) -> serde_json::Result<Value> {
    const LARGEST: usize = 8 << 20;
    if body.len() > LARGEST {
        return Err(serde::de::Error::custom("too large to be read twice"));
    }
    let mut value = serde_json::from_slice(body)?;
    mend(&mut value);
    Ok(value)
}

fn mend(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(mend),
        Value::Object(fields) => {
            fields.retain(|key, field| !field.is_null() && !is_no_number(key, field));
            fields.iter_mut().for_each(|(key, field)| mend_field(key, field));
        }
        _ => {}
    }
}

fn mend_field(name: &str, field: &mut Value) {
    match (name, &mut *field) {
        ("attributes", Value::Array(pairs)) => pairs.iter_mut().for_each(name_pair),
        ("arrayValue" | "kvlistValue", Value::Object(fields)) => {
            let values = default(fields, "values", Value::Array(Vec::new()));
            if let (Value::Array(pairs), "kvlistValue") = (values, name) {
                pairs.iter_mut().for_each(name_pair);
            }
        }
        ("value", Value::Object(fields)) => fields.retain(|key, _| ANY_VALUE.contains(&key.as_str())),
        _ => {}
    }
    mend(field);
}

fn name_pair(pair: &mut Value) {
    if let Value::Object(fields) = pair {
        default(fields, "key", Value::String(String::new()));
    }
}

fn default<'a>(fields: &'a mut Map<String, Value>, name: &str, value: Value) -> &'a mut Value {
    let field = fields.entry(name).or_insert(Value::Null);
    if field.is_null() {
        *field = value;
    }
    field
}

fn is_no_number(name: &str, field: &Value) -> bool {
    ["asDouble", "doubleValue", "sum", "min", "max"].contains(&name)
        && matches!(field.as_str(), Some("NaN" | "Infinity" | "-Infinity"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_encoding_leaves_out_is_put_in_and_what_nobody_reads_is_left_out() {
        let cases = [
            (json!({"a": [{"b": null}, null]}), json!({"a": [{}, null]})),
            (json!({"arrayValue": {}}), json!({"arrayValue": {"values": []}})),
            (json!({"arrayValue": {"values": null}}), json!({"arrayValue": {"values": []}})),
            (
                json!({"kvlistValue": {"values": [{"value": {"new": 1}}]}}),
                json!({"kvlistValue": {"values": [{"key": "", "value": {}}]}}),
            ),
            (
                json!({"attributes": [{"value": {"boolValue": true}}]}),
                json!({"attributes": [{"key": "", "value": {"boolValue": true}}]}),
            ),
            (json!({"asDouble": "NaN", "sum": "Infinity", "name": "NaN"}), json!({"name": "NaN"})),
        ];
        for (given, expected) in cases {
            assert_eq!(mended(given.to_string().as_bytes()).unwrap(), expected, "{given}");
        }
    }
}
