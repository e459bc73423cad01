//! What is wrong with a template, in words for its author.

use std::fmt;

use seaworthy_yaml::printable;

/// A template that cannot be used, with everything that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct InvalidTemplate {
    /// The file that it stands in; none for one that was read from elsewhere.
    pub file: Option<String>,
    /// What is wrong, in order of the lines. Never empty.
    pub problems: Vec<Problem>,
}

impl InvalidTemplate {
    /// The same, to be told with the name of the file.
    ///
    /// ```
    /// use seaworthy_checklist::{TWELVE_POINT, Template};
    ///
    /// let error = Template::from_yaml(&TWELVE_POINT.replace("bronze", "tin")).unwrap_err().in_file("own.yaml");
    /// let expected = format!("own.yaml:{}: points[0].items[0].level is \"tin\"", error.problems[0].line);
    /// assert!(error.to_string().starts_with(&expected));
    /// ```
    #[must_use]
    pub fn in_file(self, file: impl Into<String>) -> Self {
        Self { file: Some(file.into()), ..self }
    }
}

impl fmt::Display for InvalidTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            match &self.file {
                Some(file) => write!(f, "{}:{}: {}", printable(file), problem.line, problem.what())?,
                None => write!(f, "{problem}")?,
            }
        }
        Ok(())
    }
}

impl From<Problem> for InvalidTemplate {
    fn from(problem: Problem) -> Self {
        Self { file: None, problems: vec![problem] }
    }
}

/// One thing that is wrong with a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line where it is, from 1.
    pub line: u64,
    /// The field: `points[0].items[2].level`. Empty where the problem is with the text as a whole.
    pub field: String,
    /// What is wrong with it and what is accepted: `is missing`.
    pub message: String,
}

impl Problem {
    /// The field and what is wrong with it.
    fn what(&self) -> String {
        let Self { field, message, .. } = self;
        if field.is_empty() { message.clone() } else { format!("{field} {message}") }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what())
    }
}
