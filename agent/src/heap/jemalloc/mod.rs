//! The heap as jemalloc itself samples it, where it is the service's allocator and was told to.
//!
//! jemalloc writes its profile into a file as text; [`dump`] reads that.

mod control;
mod dump;

use std::{
    io,
    time::{Duration, SystemTime},
};

use self::dump::Dump;
use super::profile::KINDS;
use crate::pprof::{Frame, Kind, Profile};

pub(crate) use self::control::is_sampling;

/// The heap at one time.
#[derive(Debug)]
pub(crate) struct Snapshot {
    taken: SystemTime,
    dump: Dump,
}

impl Snapshot {
    /// Asks jemalloc. Writes and reads a file that only this user may read.
    ///
    /// # Errors
    /// When there is no room for the file, or jemalloc refuses.
    pub(crate) fn now() -> io::Result<Self> {
        let text = control::dump()?;
        let dump = text.parse().map_err(|error: dump::Unreadable| io::Error::other(error))?;
        Ok(Self { taken: SystemTime::now(), dump })
    }
}

/// What is in use, and was allocated where jemalloc counts that (`prof_accum`); or how that changed since `begin`.
///
/// # Errors
/// None but those of compressing into memory.
pub(crate) fn profile(begin: Option<&Snapshot>, end: &Snapshot) -> io::Result<Vec<u8>> {
    let mut profile = Profile::new(&KINDS);
    profile.leave_out(is_of_jemalloc);
    profile.set_period(Kind { name: "space", unit: "bytes" }, end.dump.interval as i64);
    let duration = begin.and_then(|begin| end.taken.duration_since(begin.taken).ok());
    profile.set_time(begin.map_or(end.taken, |begin| begin.taken), duration.unwrap_or(Duration::ZERO));
    for (stack, values) in end.dump.since(begin.map(|begin| &begin.dump)) {
        let frames: Vec<_> = stack.iter().map(|address| Frame::Return(*address)).collect();
        profile.sample(&frames, &values, &[]);
    }
    profile.encode()
}

/// What stands on top of every stack, and would hide who allocates.
fn is_of_jemalloc(function: &str) -> bool {
    let function = function.trim_start_matches('<');
    let starts = ["_rjem_", "je_", "prof_", "__rust_alloc", "__rust_realloc", "__rustc::", "alloc::alloc::"];
    let others = ["alloc::boxed::box_new_uninit", "alloc::raw_vec::", "tikv_jemallocator::"];
    starts.iter().chain(&others).any(|start| function.starts_with(start))
}
