//! What the environment says.

use std::{fmt, str::FromStr, time::Duration};

use super::list;
use crate::StartError;

/// The variables of the environment. As OpenTelemetry has it, one that is empty is not set.
pub(crate) struct Environment<'a>(Box<Lookup<'a>>);

type Lookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

impl Environment<'_> {
    /// That of this process.
    pub(crate) fn of_process() -> Self {
        Self(Box::new(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())))
    }

    /// The same, but of these variables only.
    pub(crate) fn only<'a>(&'a self, names: &'a [&str]) -> Environment<'a> {
        Environment(Box::new(move |name| (self.0)(name).filter(|_| names.contains(&name))))
    }

    /// These variables and no others.
    #[cfg(test)]
    pub(crate) fn of(variables: &[(&str, &str)]) -> Self {
        let variables: std::collections::HashMap<String, String> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self(Box::new(move |name| variables.get(name).cloned()))
    }

    /// The text of a variable.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let value = (self.0)(name)?;
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// A value of any kind; `expected` says what is accepted.
    pub(crate) fn parsed<T: FromStr>(
        &self,
        name: &'static str,
        expected: &str,
    ) -> Result<Option<T>, StartError> {
        self.checked(name, expected, |value| value.parse().ok())
    }

    /// A value that `parse` accepts.
    pub(crate) fn checked<T>(
        &self,
        name: &'static str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, StartError> {
        let Some(value) = self.text(name) else { return Ok(None) };
        match parse(&value) {
            Some(parsed) => Ok(Some(parsed)),
            None => Err(StartError::Setting { setting: name, value, expected: expected.to_owned() }),
        }
    }

    /// Yes or no, as OpenTelemetry writes it.
    pub(crate) fn flag(&self, name: &'static str) -> Result<Option<bool>, StartError> {
        self.checked(name, "true or false", |value| value.to_ascii_lowercase().parse().ok())
    }

    /// A time in milliseconds, as OpenTelemetry writes it.
    pub(crate) fn duration(&self, name: &'static str) -> Result<Option<Duration>, StartError> {
        self.checked(name, "a number of milliseconds", |value| value.parse().ok().map(Duration::from_millis))
    }

    /// A time in milliseconds that is not zero.
    pub(crate) fn interval(&self, name: &'static str) -> Result<Option<Duration>, StartError> {
        let interval = |value: &str| value.parse().ok().filter(|&ms| ms > 0).map(Duration::from_millis);
        self.checked(name, "a number of milliseconds, at least 1", interval)
    }

    /// A number that is not zero.
    pub(crate) fn size(&self, name: &'static str) -> Result<Option<usize>, StartError> {
        self.checked(name, "a whole number, at least 1", |value| value.parse().ok().filter(|&size| size > 0))
    }

    /// `key=value` pairs, separated by commas, values percent-encoded.
    pub(crate) fn list(&self, name: &'static str) -> Result<Option<Vec<(String, String)>>, StartError> {
        self.checked(
            name,
            "key=value pairs separated by commas, special characters percent-encoded",
            list::parse,
        )
    }
}

impl fmt::Debug for Environment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment")
    }
}
