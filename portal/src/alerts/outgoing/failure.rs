//! Why a message was not delivered.

use std::{error::Error, time::Duration};

/// Why a message was not delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// How it is to be taken.
    pub(crate) kind: FailureKind,
    /// What happened, in words, and what to do about it.
    pub(crate) words: String,
}

/// How a failure is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// It may pass. The receiver may have said how long to wait.
    Passing(Option<Duration>),
    /// The receiver refuses, and will until somebody changes something.
    Refused,
    /// There is nothing that could be sent.
    Hopeless,
}

impl Failure {
    pub(crate) fn passing(words: impl Into<String>) -> Self {
        Self { kind: FailureKind::Passing(None), words: words.into() }
    }

    pub(crate) fn refused(words: impl Into<String>) -> Self {
        Self { kind: FailureKind::Refused, words: words.into() }
    }

    pub(crate) fn hopeless(words: impl Into<String>) -> Self {
        Self { kind: FailureKind::Hopeless, words: words.into() }
    }
}

/// An error and what caused it, from the outside in.
pub(crate) fn causes<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| (*error).source())
}

/// The innermost cause in words: what libraries put around it is of no help to people.
pub(crate) fn root_cause(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}
