//! Attributes as they were written before. Most come again and again: methods, routes, statements, hosts. To know one again takes a
//! fraction of the time that masking and writing it takes.

use std::{cell::RefCell, hash::BuildHasher};

use foldhash::fast::FixedState;

/// Pairs of attributes that a thread remembers. Each takes the place of the one of its pair that was not met for longer.
const PAIRS: usize = 256;
/// Those with a longer text, in bytes, are not remembered.
const LONGEST: usize = 256;

thread_local! {
    static WRITTEN: RefCell<Vec<Pair>> = const { RefCell::new(Vec::new()) };
}

type Pair = [Written; 2];

#[derive(Default)]
struct Written {
    of: Of,
    text: String,
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Of {
    mask: u64,
    /// Where the key lies, and how long it is: keys are constants.
    key: (usize, usize),
}

/// Lets `take` have what `write` writes of an attribute with this key and text, by this mask. Says whether it has: it has not where the
/// text is too long, or the thread is about to end.
pub(super) fn with(
    mask: u64,
    key: &'static str,
    text: &str,
    write: impl FnOnce(&mut Vec<u8>),
    take: impl FnOnce(&[u8]),
) -> bool {
    let of = Of { mask, key: (key.as_ptr().addr(), key.len()) };
    let with_all = |all: &RefCell<Vec<Pair>>| {
        let mut all = all.try_borrow_mut().ok()?;
        if all.is_empty() {
            all.resize_with(PAIRS, Default::default);
        }
        let hash = FixedState::default().hash_one((of.key.0, text));
        let pair = all.get_mut(hash as usize % PAIRS)?;
        let is_known = |known: &Written| known.of == of && known.text == text;
        if !is_known(&pair[0]) {
            pair.swap(0, 1);
        }
        let first = &mut pair[0];
        if !is_known(first) {
            first.of = of;
            first.text.clear();
            first.text.push_str(text);
            first.bytes.clear();
            write(&mut first.bytes);
        }
        take(&first.bytes);
        Some(())
    };
    text.len() <= LONGEST && WRITTEN.try_with(with_all).ok().flatten().is_some()
}
