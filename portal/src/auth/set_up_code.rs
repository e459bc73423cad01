//! The one-time code that proves that whoever sets up the portal can read its terminal.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use subtle::ConstantTimeEq;

/// Without letters and digits that look alike. 32 of them, so each stands for five random bits.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const GROUP: usize = 4;
const GROUPS: usize = 3;

/// A secret of 60 random bits that people can read and type: `K7QF-2M9X-W4TD`.
pub(crate) fn readable_secret() -> Result<String, getrandom::Error> {
    let mut bytes = [0; GROUP * GROUPS];
    getrandom::fill(&mut bytes)?;
    let mut secret: String = bytes
        .iter()
        .filter_map(|byte| ALPHABET.get(usize::from(byte % 32)))
        .map(|b| char::from(*b))
        .collect();
    for group in (1..GROUPS).rev() {
        secret.insert(group * GROUP, '-');
    }
    Ok(secret)
}

/// A one-time code, kept in memory only.
#[derive(Default)]
pub struct SetUpCode(Mutex<Option<String>>);

impl SetUpCode {
    /// Makes a code, forgets the one before, and returns it as people read it: `K7QF-2M9X-W4TD`.
    pub(crate) fn renew(&self) -> Result<String, getrandom::Error> {
        let groups = readable_secret()?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(groups.replace('-', ""));
        Ok(groups)
    }

    /// Whether this is the code, however its groups are set apart.
    pub(crate) fn matches(&self, typed: &str) -> bool {
        let typed: String =
            typed.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
        let code = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        code.as_ref().is_some_and(|code| code.as_bytes().ct_eq(typed.as_bytes()).into())
    }

    /// Forgets the code: it has been used.
    pub(crate) fn use_up(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl fmt::Debug for SetUpCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SetUpCode")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_latest_code_matches_until_it_is_used_up() {
        let codes = SetUpCode::default();
        assert!(!codes.matches(""), "no code is no key");
        let first = codes.renew().unwrap();
        assert_eq!(first.len(), 14);
        assert!(codes.matches(&first) && codes.matches(&first.replace('-', " ").to_lowercase()));
        assert!(!codes.matches("") && !codes.matches(&first[..13]) && !codes.matches(&format!("{first}A")));
        let second = codes.renew().unwrap();
        assert!(!codes.matches(&first) && codes.matches(&second));
        codes.use_up();
        assert!(!codes.matches(&second) && !codes.matches(""));
    }
}
