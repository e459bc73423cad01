//! Records that are used again, so that a span allocates next to nothing.

use std::cell::RefCell;

use super::record::Record;

/// Records kept per thread.
const KEPT: usize = 64;
/// A record whose texts grew beyond this is given back to the allocator.
const LARGE: usize = 8 << 10;

thread_local! {
    // Each record is in a box because it lives in one while its span is open.
    #[expect(clippy::vec_box)]
    static POOL: RefCell<Vec<Box<Record>>> = const { RefCell::new(Vec::new()) };
}

/// An empty record.
pub(crate) fn take() -> Box<Record> {
    let pooled = POOL.try_with(|pool| pool.try_borrow_mut().ok()?.pop());
    pooled.ok().flatten().unwrap_or_default()
}

/// Keeps a record for later.
pub(crate) fn give_back(mut record: Box<Record>) {
    if record.texts.capacity() > LARGE || record.event_attributes.capacity() > KEPT {
        return;
    }
    record.clear();
    let _ = POOL.try_with(|pool| {
        if let Ok(mut pool) = pool.try_borrow_mut()
            && pool.len() < KEPT
        {
            pool.push(record);
        }
    });
}
