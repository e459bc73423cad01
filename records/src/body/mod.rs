//! What people record, one kind a module.

mod gameday;
mod incident;
mod load_test;
mod rota;
mod run;
mod runbook;

use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

pub use gameday::{Gameday, Scenario, Ticket, Verdict};
pub use incident::{ActionItem, DetectedBy, Entry, Incident, Severity};
pub use load_test::{LoadTest, Stage, Within};
pub use rota::{Rota, Training};
pub use run::{Context, HandOver, Run, RunStep, State};
pub use runbook::Runbook;

use crate::Mistake;

/// How long a record may be as JSON, in bytes.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// A kind of record.
pub trait Body: Serialize + DeserializeOwned {
    /// Its name, as it is kept: `load_test`.
    const KIND: &'static str;

    /// Whether it makes sense.
    ///
    /// # Errors
    /// Every mistake with its field.
    fn check(&self) -> Result<(), Vec<Mistake>>;

    /// When what it tells of happened or will; none for what has no day of its own.
    fn at(&self) -> Option<Timestamp>;

    /// Whether something is still to be done about it: a run that is under way, an incident that is not resolved.
    fn is_open(&self) -> bool;

    /// Reads what [`to_json`](Self::to_json) wrote, or what a program sent.
    ///
    /// # Errors
    /// When it is too long, no JSON of this kind, or makes no sense: every mistake with its field.
    fn from_json(json: &str) -> Result<Self, Vec<Mistake>> {
        fits(json)?;
        let mut deserializer = serde_json::Deserializer::from_str(json);
        let body: Self = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
            let path = error.path().to_string();
            let field = if path == "." { String::new() } else { path };
            vec![Mistake { field, message: error.inner().to_string() }]
        })?;
        deserializer.end().map_err(|error| mistake(error.to_string()))?;
        body.check()?;
        Ok(body)
    }

    /// As it is kept.
    ///
    /// # Errors
    /// When it makes no sense or is too long: every mistake with its field.
    fn to_json(&self) -> Result<String, Vec<Mistake>> {
        self.check()?;
        let json = serde_json::to_string(self).map_err(|error| mistake(error.to_string()))?;
        fits(&json)?;
        Ok(json)
    }
}

fn fits(json: &str) -> Result<(), Vec<Mistake>> {
    if json.len() <= MAX_BODY_BYTES {
        return Ok(());
    }
    Err(mistake(format!(
        "it has {} bytes as JSON; at most {MAX_BODY_BYTES} are kept, so write it shorter or link what is long",
        json.len()
    )))
}

fn mistake(message: String) -> Vec<Mistake> {
    vec![Mistake { field: String::new(), message }]
}

#[cfg(test)]
mod tests;
