//! Keeps secrets out of what is told to others: values by the names they have, and texts that look like secrets whatever
//! they are called.
//!
//! Masking is done where telemetry is encoded, on the agent's own thread. Lines on standard error and URLs of requests are
//! masked where they are written, for the service's own layers may write them too.

mod cards;
mod names;
mod scan;
mod tokens;

use std::borrow::Cow;

use self::names::Names;

/// What stands for a secret, as OpenTelemetry has it.
pub(crate) const REDACTED: &str = "REDACTED";

/// What is a secret.
#[derive(Clone, Debug)]
pub(crate) struct Mask {
    names: Names,
}

impl Mask {
    /// The usual secrets, and those that the service names: `email` masks what has that in its name, `-cookie` takes a usual
    /// name out.
    pub(crate) fn new<'a>(named: impl IntoIterator<Item = &'a str>) -> Self {
        Self { names: Names::new(named) }
    }

    /// Tells this mask from others; never 0.
    pub(crate) fn id(&self) -> u64 {
        self.names.id()
    }

    /// Whether a value of this name is a secret, whatever it is.
    pub(crate) fn is_secret(&self, name: &'static str) -> bool {
        self.names.is_secret_field(name)
    }

    /// A value of this name as it may be told.
    pub(crate) fn value<'a>(&self, name: &'static str, value: &'a str) -> Cow<'a, str> {
        const QUERY: &str = "url.query";
        if name == QUERY {
            self.query(value)
        } else if self.is_secret(name) && !value.is_empty() {
            Cow::Borrowed(REDACTED)
        } else {
            self.text(value)
        }
    }

    /// A text as it may be told.
    pub(crate) fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        scan::masked(text, &self.names, false)
    }

    /// The query of a URL as it may be told.
    pub(crate) fn query<'a>(&self, query: &'a str) -> Cow<'a, str> {
        scan::masked(query, &self.names, true)
    }
}

impl Default for Mask {
    fn default() -> Self {
        Self::new([])
    }
}
