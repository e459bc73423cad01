//! What is known of a service, in the words of rules: one module for each source. Pure.
//!
//! A fact that nobody can observe yet is left out, and so is one that cannot be known of this service: rules call it
//! unknown.

mod alert;
mod check_in;
mod deploy;
mod errors;
mod log_lines;
mod observations;
mod profiles;
mod record;
mod slo;
mod telemetry;
#[cfg(test)]
mod tests;
mod uptime;

use seaworthy_checklist::{Fact, Facts, MAX_ENTRIES, MAX_TEXT_BYTES, Value};

use super::known::Known;

/// All that is known of a service, but for how its dependencies stand.
pub(super) fn gather(known: &Known) -> Facts {
    let mut found = Found::default();
    check_in::add(known, &mut found);
    deploy::add(known, &mut found);
    observations::add(known, &mut found);
    telemetry::add(known, &mut found);
    log_lines::add(known, &mut found);
    profiles::add(known, &mut found);
    errors::add(known, &mut found);
    uptime::add(known, &mut found);
    slo::add(known, &mut found);
    alert::add(known, &mut found);
    record::add(known, &mut found);
    found.0
}

/// Facts as they are found.
#[derive(Default)]
struct Found(Facts);

impl Found {
    fn add(&mut self, name: &str, fact: Fact) {
        if let Err(error) = self.0.insert(name, fact) {
            tracing::warn!(%error, "a fact was left out");
        }
    }
}

/// A list of what somebody has named, as long as rules can afford.
pub(super) fn names<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> Value {
    Value::list(names.into_iter().take(MAX_ENTRIES).map(|name| text(name.as_ref())))
}

/// A text as long as rules can afford.
fn text(text: &str) -> String {
    text[..text.floor_char_boundary(MAX_TEXT_BYTES)].to_owned()
}

fn count(count: usize) -> Value {
    Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

fn count_u64(count: u64) -> Value {
    Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
}
