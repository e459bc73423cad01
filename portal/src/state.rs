//! What every handler can reach.

use std::sync::Arc;

use crate::clock::Clock;

/// The running portal, shared by all handlers.
#[derive(Clone, Debug)]
pub struct App(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    clock: Clock,
}

impl App {
    /// A portal that tells the time by `clock`.
    pub fn new(clock: Clock) -> Self {
        Self(Arc::new(Shared { clock }))
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }
}
