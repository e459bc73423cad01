//! What is known of one service.

use std::collections::BTreeMap;

use super::{Fact, Type};
use crate::known::KnownFact;

/// All that is known of one service, by name. A fact that is not here is unknown to every rule.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    facts: BTreeMap<&'static str, Fact>,
}

/// A fact that rules could not read as they were checked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefusedFact {
    /// No rule can refer to it.
    #[error("{name} is not a known fact; the known ones are in seaworthy_checklist::KnownFact::all()")]
    Unknown {
        /// Its name.
        name: String,
    },
    /// The rules that refer to it expect something else.
    #[error("{name} is not {expected}, which it has to be")]
    Type {
        /// Its name.
        name: &'static str,
        /// The type that it should have.
        expected: Type,
    },
    /// It is larger than the costs of rules allow, or no number.
    #[error("{name} {what}")]
    Excess {
        /// Its name.
        name: &'static str,
        /// What is too much.
        what: String,
    },
}

impl Facts {
    /// Adds a fact, in place of one of the same name.
    ///
    /// # Errors
    /// [`RefusedFact`]: its name is not in [`KnownFact::all`], its type is not the one given there, it has more than
    /// [`MAX_ENTRIES`](crate::MAX_ENTRIES) entries or longer texts than [`MAX_TEXT_BYTES`](crate::MAX_TEXT_BYTES),
    /// or it is not finite.
    pub fn insert(&mut self, name: &str, fact: Fact) -> Result<(), RefusedFact> {
        let known = KnownFact::named(name).ok_or_else(|| RefusedFact::Unknown { name: name.to_owned() })?;
        if let Some(what) = fact.value.excess() {
            return Err(RefusedFact::Excess { name: known.name, what });
        }
        if !fact.value.is(known.kind) {
            return Err(RefusedFact::Type { name: known.name, expected: known.kind });
        }
        self.facts.insert(known.name, fact);
        Ok(())
    }

    /// The fact of this name; none where nobody has observed it.
    pub fn get(&self, name: &str) -> Option<&Fact> {
        self.facts.get(name)
    }

    /// Forgets a fact, and returns it.
    pub fn remove(&mut self, name: &str) -> Option<Fact> {
        self.facts.remove(name)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Fact)> {
        self.facts.iter().map(|(name, fact)| (*name, fact))
    }
}
