//! The request whose span is being made: the layer that sees the span cannot be handed anything but fields.

use std::{
    cell::{Cell, RefCell},
    time::Instant,
};

use crate::http::RequestId;

/// A request that begins.
#[derive(Clone, Debug)]
pub(crate) struct Beginning {
    pub(crate) id: RequestId,
    pub(crate) at: Instant,
}

thread_local! {
    static BEGINNING: RefCell<Option<Beginning>> = const { RefCell::new(None) };
    static IS_HEARD: Cell<bool> = const { Cell::new(false) };
}

/// Makes the span of a request, which then knows of it. Says as well whether anybody will listen to how the request ends.
pub(crate) fn begin_request<T>(beginning: Beginning, make: impl FnOnce() -> T) -> (T, bool) {
    put(Some(beginning));
    let _ = IS_HEARD.try_with(|heard| heard.set(true));
    let made = make();
    take();
    (made, IS_HEARD.try_with(Cell::get).unwrap_or(true))
}

/// The request whose span is being made, for the first who asks.
pub(super) fn take() -> Option<Beginning> {
    put(None)
}

/// The span that is being made is not recorded, and nobody else is told of spans.
pub(super) fn nobody_listens() {
    let _ = IS_HEARD.try_with(|heard| heard.set(false));
}

/// A thread may still work while its locals are dropped.
fn put(beginning: Option<Beginning>) -> Option<Beginning> {
    BEGINNING.try_with(|own| own.replace(beginning)).ok().flatten()
}
