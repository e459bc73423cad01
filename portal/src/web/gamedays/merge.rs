//! Several people write one gameday at once: each form says what it was opened with, and only a field that two have changed
//! differently is a conflict.

use crate::records::{Entry, NotTaken};

/// What a field says after two have written it; none where they wrote different things.
pub(super) fn merged<T: Clone + PartialEq>(was: &T, theirs: &T, typed: &T) -> Option<T> {
    if typed == was || typed == theirs {
        return Some(theirs.clone());
    }
    (theirs == was).then(|| typed.clone())
}

/// That somebody else was first.
pub(super) fn changed<B>(entry: &Entry<B>, what: &str) -> NotTaken {
    NotTaken::Changed(format!(
        "{} changed {what} at {}, after you had opened it; see what it says now, and save your changes again",
        entry.updated_by, entry.updated_at
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_two_have_changed_differently_is_a_conflict() {
        for (was, theirs, typed, expected) in [
            ("a", "a", "a", Some("a")),
            ("a", "a", "b", Some("b")),
            ("a", "b", "a", Some("b")),
            ("a", "b", "b", Some("b")),
            ("a", "b", "c", None),
        ] {
            assert_eq!(merged(&was, &theirs, &typed), expected, "{was} {theirs} {typed}");
        }
    }
}
