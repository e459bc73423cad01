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

/// Lets `take` have what was written of an attribute with this key and text, if it is remembered for this mask. Says whether it is.
pub(super) fn is_known(mask: u64, key: &'static str, text: &str, take: impl FnOnce(&[u8])) -> bool {
    let of = Of::new(mask, key);
    let is_known = |pair: &mut Pair| {
        let at = pair.iter().position(|known| known.of == of && known.text == text);
        if at == Some(1) {
            pair.swap(0, 1);
        }
        at.inspect(|_| take(&pair[0].bytes)).is_some()
    };
    with_pair(of, text, is_known).unwrap_or(false)
}

/// Remembers what `write` writes of an attribute with this key and text. For those that have no secret: they stay here.
pub(super) fn remember(mask: u64, key: &'static str, text: &str, write: impl FnOnce(&mut Vec<u8>)) {
    let of = Of::new(mask, key);
    with_pair(of, text, |pair| {
        pair.swap(0, 1);
        let first = &mut pair[0];
        first.text.clear();
        first.text.push_str(text);
        first.bytes.clear();
        write(&mut first.bytes);
        first.of = of;
    });
}

impl Of {
    fn new(mask: u64, key: &'static str) -> Self {
        Self { mask, key: (key.as_ptr().addr(), key.len()) }
    }
}

/// The pair that an attribute belongs to. None where its text is too long, or the thread is about to end.
fn with_pair<T>(of: Of, text: &str, look: impl FnOnce(&mut Pair) -> T) -> Option<T> {
    if text.len() > LONGEST {
        return None;
    }
    let with_all = |all: &RefCell<Vec<Pair>>| {
        let mut all = all.try_borrow_mut().ok()?;
        if all.is_empty() {
            all.resize_with(PAIRS, Default::default);
        }
        let hash = FixedState::default().hash_one((of.key.0, text));
        all.get_mut(hash as usize % PAIRS).map(look)
    };
    WRITTEN.try_with(with_all).ok().flatten()
}
