//! Tasks: what every future that is tracked does now, what Go calls the goroutine dump.
//!
//! [`spawn`] in the place of `tokio::spawn`, [`JoinSet`] in the place of tokio's, and [`instrument`] around any other
//! future. Connections and requests are tracked by [`Handle::serve`](crate::Handle::serve) and
//! [`Handle::layer`](crate::Handle::layer). The admin endpoints show them:
//!
//! | path | answer |
//! |---|---|
//! | `/debug/pprof/tasks` | a profile for `go tool pprof`: how many tasks wait where, and how long |
//! | `/debug/pprof/tasks?debug=1` | tasks of the same origin and stack together, the longest waiting first |
//! | `/debug/pprof/tasks?debug=2` | a block for each task |
//!
//! With the stack at which each is suspended: for that, a dump has every task that waits polled once more, by whoever polls it
//! anyway. Futures must expect that at any time; with `stacks=false` it is not done. Of one that is in a poll for 100 ms or longer, the
//! stack of its thread; where a poll was so slow within the last minute, a dump waits up to 5 s for the next.
//!
//! A task is `running` while it is polled, `woken` until it is, and `idle` while it waits. The registry is one for the process:
//! it needs no agent and no runtime. It holds 200,000 tasks; what is beyond is counted. Tracking costs two readings of the
//! clock and a few atomics per poll, and no lock.

mod clock;
mod coverage;
mod dump;
mod export;
mod registry;
mod slow_polls;
mod spawn;
mod stack;
mod task;
#[cfg(test)]
mod tests;
mod tracked;
mod waker;

pub use spawn::{JoinSet, spawn, spawn_named};
pub use tracked::{Tracked, instrument};

pub(crate) use dump::{Dump, Form, dump};
pub(crate) use export::export;
pub(crate) use task::Description;
