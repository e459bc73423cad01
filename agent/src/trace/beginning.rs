//! The request whose span is being made: the layer that sees the span cannot be handed anything but fields.

use std::{cell::RefCell, time::Instant};

use crate::http::RequestId;

/// A request that begins.
#[derive(Clone, Debug)]
pub(crate) struct Beginning {
    pub(crate) id: RequestId,
    pub(crate) at: Instant,
}

thread_local! {
    static BEGINNING: RefCell<Option<Beginning>> = const { RefCell::new(None) };
}

/// Makes the span of a request, which then knows of it.
pub(crate) fn begin_request<T>(beginning: Beginning, make: impl FnOnce() -> T) -> T {
    put(Some(beginning));
    let made = make();
    take();
    made
}

/// The request whose span is being made, for the first who asks.
pub(super) fn take() -> Option<Beginning> {
    put(None)
}

/// A thread may still work while its locals are dropped.
fn put(beginning: Option<Beginning>) -> Option<Beginning> {
    BEGINNING.try_with(|own| own.replace(beginning)).ok().flatten()
}
