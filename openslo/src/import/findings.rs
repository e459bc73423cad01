//! What is found while files are read.

use super::document::Document;
use crate::yaml::Problem;

/// A field of an object.
#[derive(Clone, Debug)]
pub(crate) struct At<'d> {
    document: Option<&'d Document>,
    path: String,
}

impl<'d> At<'d> {
    /// The object as a whole.
    pub(crate) fn top(document: &'d Document) -> Self {
        Self { document: Some(document), path: String::new() }
    }

    /// A field of an object that stands in no file.
    pub(crate) fn nowhere() -> Self {
        Self { document: None, path: String::new() }
    }

    /// A field of it.
    pub(crate) fn field(&self, name: &str) -> Self {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Self { document: self.document, path }
    }

    /// An element of it.
    pub(crate) fn item(&self, index: usize) -> Self {
        Self { document: self.document, path: format!("{}[{index}]", self.path) }
    }

    fn problem(&self, message: impl Into<String>) -> Option<Problem> {
        self.document.map(|document| document.problem(&self.path, message))
    }
}

/// What is found, in the order of finding.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// What must be mended.
    pub(crate) errors: Vec<Problem>,
    /// What is kept, but not evaluated as it stands.
    pub(crate) warnings: Vec<Problem>,
}

impl Findings {
    /// Something is wrong, and nothing comes of it.
    pub(crate) fn error<T>(&mut self, at: &At<'_>, message: impl Into<String>) -> Option<T> {
        self.errors.extend(at.problem(message));
        None
    }

    /// Something is kept, but not evaluated as it stands.
    pub(crate) fn warn(&mut self, at: &At<'_>, message: impl Into<String>) {
        self.warnings.extend(at.problem(message));
    }

    /// What was checked, or an error.
    pub(crate) fn checked<T, E: std::fmt::Display>(
        &mut self,
        at: &At<'_>,
        checked: Result<T, E>,
    ) -> Option<T> {
        checked.map_or_else(|error| self.error(at, error.to_string()), Some)
    }
}
