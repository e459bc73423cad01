//! Texts that were found to hold no secret: most come again and again, and to know one again takes a fraction of the time that looking
//! through it takes.

use std::{cell::RefCell, hash::BuildHasher};

use foldhash::fast::FixedState;

/// Texts that a thread remembers. Each takes the place of another.
const REMEMBERED: usize = 256;
/// Longer ones, in bytes, are not remembered.
const LONGEST: usize = 256;

thread_local! {
    static CLEAN: RefCell<Vec<Clean>> = const { RefCell::new(Vec::new()) };
}

#[derive(Clone, Default)]
struct Clean {
    /// By whose names it was looked through.
    by: u64,
    text: String,
}

/// Whether this text was found to hold none of the secrets that go by the names of this list.
pub(super) fn is_known(by: u64, text: &str) -> bool {
    with_place(text, |place| place.by == by && place.text == text).unwrap_or(false)
}

/// Remembers that it holds none.
pub(super) fn remember(by: u64, text: &str) {
    with_place(text, |place| {
        place.by = by;
        place.text.clear();
        place.text.push_str(text);
    });
}

/// The place of a text. None where it has none, or the thread is about to end.
fn with_place<T>(text: &str, look: impl FnOnce(&mut Clean) -> T) -> Option<T> {
    if text.len() > LONGEST {
        return None;
    }
    let with_all = |all: &RefCell<Vec<Clean>>| {
        let mut all = all.try_borrow_mut().ok()?;
        if all.is_empty() {
            all.resize_with(REMEMBERED, Clean::default);
        }
        all.get_mut(FixedState::default().hash_one(text) as usize % REMEMBERED).map(look)
    };
    CLEAN.try_with(with_all).ok().flatten()
}

#[cfg(test)]
mod tests {
    use crate::mask::Mask;

    #[test]
    fn what_is_clean_for_one_list_may_be_a_secret_for_another() {
        let (usual, other) = (Mask::default(), Mask::new(["shoe_size"]));
        for _ in 0..2 {
            assert_eq!(usual.text("shoe_size=42"), "shoe_size=42");
            assert_eq!(other.text("shoe_size=42"), "shoe_size=REDACTED");
        }
    }

    #[test]
    fn however_many_texts_there_are_each_is_told_by_itself() {
        let mask = Mask::default();
        for round in 0..3 {
            for number in 0..2_000 {
                let long = "x".repeat(number);
                for clean in [format!("drink={number}"), long] {
                    assert_eq!(mask.text(&clean), clean, "{round}");
                }
                let secret = mask.text(&format!("token={number}")).into_owned();
                assert_eq!(secret, "token=REDACTED", "{round}");
            }
        }
    }
}
