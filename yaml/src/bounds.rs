//! Reading, within bounds.

use serde::{Deserialize, de::DeserializeOwned};
use serde_path_to_error::Track;
use serde_saphyr::Options;

use crate::fault::{Fault, told};

/// How much a text may hold. What has more is refused before it costs anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// What a text is, as messages call it: `file`, `template`.
    pub what: &'static str,
    /// How long it may be.
    pub bytes: usize,
    /// How many levels may be within each other.
    pub depth: usize,
    /// How many values it may have.
    pub values: usize,
    /// How many documents; 1 for what is [read](Self::read) as one.
    pub documents: usize,
}

impl Bounds {
    /// Reads a text of one document.
    ///
    /// # Errors
    /// The first thing that is wrong with it, with the field as its author would say it: `points[0].level`.
    pub fn read<T: DeserializeOwned>(&self, text: &str) -> Result<T, Fault> {
        self.check_length(text)?;
        let mut track = Track::new();
        let read =
            serde_saphyr::with_deserializer_from_str_with_options(text, self.options(), |deserializer| {
                T::deserialize(serde_path_to_error::Deserializer::new(deserializer, &mut track))
            });
        read.map_err(|error| told(&error, Some(&track.path()), self))
    }

    /// Reads every document of a text.
    ///
    /// # Errors
    /// The first thing that is wrong; in which field is not told.
    pub fn read_all<T: for<'de> Deserialize<'de>>(&self, text: &str) -> Result<Vec<T>, Fault> {
        self.check_length(text)?;
        let read = serde_saphyr::from_multiple_with_options(text, self.options());
        read.map_err(|error| told(&error, None, self))
    }

    fn check_length(&self, text: &str) -> Result<(), Fault> {
        let Self { what, bytes, .. } = self;
        if text.len() <= *bytes {
            return Ok(());
        }
        let message = format!("the {what} has {} bytes; at most {bytes} are accepted", text.len());
        Err(Fault { line: 1, column: 1, field: String::new(), message })
    }

    fn options(&self) -> Options {
        serde_saphyr::options! {
            budget: serde_saphyr::budget! {
                max_depth: self.depth,
                max_nodes: self.values,
                max_events: 2 * self.values,
                max_documents: self.documents,
                max_aliases: 0,
                max_anchors: 0,
                max_merge_keys: 0,
            },
            strict_booleans: true,
            with_snippet: false,
        }
    }
}
