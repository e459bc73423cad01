//! JSON of others, within bounds.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use crate::Mistake;

/// How long an output may be, in bytes.
pub const MAX_IMPORT_BYTES: usize = 8 * 1024 * 1024;

/// No test runs longer, sends more or takes longer for a request: what is beyond is no measurement.
const MOST: f64 = 1e12;

pub(super) fn mistake(field: &str, message: impl Into<String>) -> Mistake {
    Mistake { field: field.to_owned(), message: message.into() }
}

pub(super) fn fits(output: &str) -> Result<(), Mistake> {
    if output.len() <= MAX_IMPORT_BYTES {
        return Ok(());
    }
    let message = format!(
        "it has {} bytes; at most {MAX_IMPORT_BYTES} are read, so give the summary and not every request",
        output.len()
    );
    Err(mistake("", message))
}

/// What is asked for, of an object that may hold anything else.
pub(super) fn json<T: DeserializeOwned>(output: &str) -> Result<T, Mistake> {
    let mut deserializer = serde_json::Deserializer::from_str(output);
    let read = serde_path_to_error::deserialize(&mut deserializer);
    let read = read.map_err(|error| {
        let path = error.path().to_string();
        let path = if path == "." { "" } else { &path };
        let shape =
            if error.inner().is_data() { "it has another shape than expected" } else { "it is no JSON" };
        mistake(path, format!("{shape}: {}; give the output as the tool wrote it", error.inner()))
    })?;
    deserializer.end().map_err(|error| {
        mistake("", format!("there is more than one object: {error}; give the output of one test"))
    })?;
    Ok(read)
}

/// A number that a tool measured: there, finite and not negative.
pub(super) fn number(field: &str, number: Option<f64>, remedy: &str) -> Result<f64, Mistake> {
    match number {
        None => Err(mistake(field, format!("it is missing; {remedy}"))),
        Some(number) if (0.0..=MOST).contains(&number) => Ok(number),
        Some(number) => Err(mistake(field, format!("{number} is no measurement; {remedy}"))),
    }
}

/// The same for what may be left out.
pub(super) fn some_number(field: &str, value: Option<f64>, remedy: &str) -> Result<Option<f64>, Mistake> {
    value.map(|value| number(field, Some(value), remedy)).transpose()
}

/// A number above zero.
pub(super) fn positive(field: &str, value: Option<f64>, remedy: &str) -> Result<f64, Mistake> {
    let number = number(field, value, remedy)?;
    if number > 0.0 {
        Ok(number)
    } else {
        Err(mistake(field, format!("it is 0, so nothing was measured; {remedy}")))
    }
}

/// A share of 0 to 1.
pub(super) fn share(field: &str, value: Option<f64>, remedy: &str) -> Result<f64, Mistake> {
    let number = number(field, value, remedy)?;
    if number <= 1.0 {
        Ok(number)
    } else {
        Err(mistake(field, format!("{number} is no share of 0 to 1; {remedy}")))
    }
}

/// A time with its offset, or without one in UTC, as Python's `utcnow` writes it.
pub(super) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    let naive = || text.parse::<DateTime>()?.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp());
    text.parse().or_else(|_| naive()).map(Some).map_err(serde::de::Error::custom)
}
