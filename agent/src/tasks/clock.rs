//! Time as tasks keep it: one number that fits into an atomic.

use std::{sync::OnceLock, time::Duration, time::Instant};

/// Nanoseconds since the process first asked. Never zero, so that zero can stand for never.
pub(super) fn now() -> u64 {
    at(Instant::now())
}

/// The same of a moment since then.
pub(super) fn at(moment: Instant) -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    let nanoseconds = moment.saturating_duration_since(*START.get_or_init(|| moment)).as_nanos();
    u64::try_from(nanoseconds).unwrap_or(u64::MAX).saturating_add(1)
}

/// From `earlier` to `later`; nothing where another thread has moved on in between.
pub(super) fn between(earlier: u64, later: u64) -> Duration {
    Duration::from_nanos(later.saturating_sub(earlier))
}
