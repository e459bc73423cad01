//! Random texts that open a door, and the form in which the catalog remembers them.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::CatalogError;

/// 192 random bits: nobody guesses them, so an unsalted, fast hash is enough to store.
const BYTES: usize = 24;

/// A random text that is shown or sent once and stored only as a hash.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new one, in hexadecimal digits behind a prefix that tells what it is.
    pub fn random(prefix: &str) -> Result<Self, CatalogError> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(Self(format!("{prefix}{}", hex::encode(bytes))))
    }

    /// The text itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// How the catalog remembers a secret.
pub(crate) fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}
