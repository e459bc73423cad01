//! Lists of pairs, in the form of W3C Baggage as OpenTelemetry uses it for attributes and headers.

use percent_encoding::percent_decode_str;

/// `key=value` pairs, separated by commas, both percent-encoded. None where one of them is malformed.
pub(super) fn parse(list: &str) -> Option<Vec<(String, String)>> {
    list.split(',').map(str::trim).filter(|pair| !pair.is_empty()).map(pair).collect()
}

fn pair(pair: &str) -> Option<(String, String)> {
    let (key, value) = pair.split_once('=')?;
    let (key, value) = (decoded(key)?, decoded(value)?);
    (!key.is_empty()).then_some((key, value))
}

fn decoded(text: &str) -> Option<String> {
    Some(percent_decode_str(text.trim()).decode_utf8().ok()?.into_owned())
}
