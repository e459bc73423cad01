//! What there is to say about a file, in words for its author.

use std::fmt;

/// Something about a file that its author should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// The column, from 1.
    pub column: u64,
    /// The field: `spec.objectives[0].target`. Empty where it is about the file as a whole.
    pub field: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, field, message } = self;
        match field.as_str() {
            "" => write!(f, "{file}:{line}:{column}: {message}"),
            field => write!(f, "{file}:{line}:{column}: {field}: {message}"),
        }
    }
}
