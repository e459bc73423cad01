//! The heap as a profile.

use std::{
    sync::atomic::Ordering::Relaxed,
    time::{Duration, SystemTime},
};

use super::{
    chance::Estimate,
    recorder::{INTERVAL, STACKS, UNTRACKED},
    stacks::Totals,
};
use crate::pprof::{Frame, Kind, Profile, Symbol};

pub(super) const KINDS: [Kind; 4] = [
    Kind { name: "alloc_objects", unit: "count" },
    Kind { name: "alloc_space", unit: "bytes" },
    Kind { name: "inuse_objects", unit: "count" },
    Kind { name: "inuse_space", unit: "bytes" },
];

/// The totals at one time.
#[derive(Debug)]
pub(crate) struct Snapshot {
    taken: SystemTime,
    totals: Vec<Totals>,
    untracked: u64,
}

impl Snapshot {
    pub(crate) fn now() -> Self {
        Self { taken: SystemTime::now(), totals: STACKS.totals(), untracked: UNTRACKED.load(Relaxed) }
    }
}

/// Whether the service has [`Sampling`](super::Sampling) as its allocator.
pub(crate) fn is_installed() -> bool {
    INTERVAL.load(Relaxed) > 0
}

/// What was allocated since the process began, and is in use, at `end`; or how that changed since `begin`, in which case
/// what is in use may have become less than nothing. Reads files to find symbols.
///
/// # Errors
/// None but those of compressing into memory.
pub(crate) fn profile(begin: Option<&Snapshot>, end: &Snapshot) -> std::io::Result<Vec<u8>> {
    let mut profile = Profile::new(&KINDS);
    profile.leave_out(is_of_allocating);
    profile.set_period(Kind { name: "space", unit: "bytes" }, INTERVAL.load(Relaxed) as i64);
    let duration = begin.and_then(|begin| end.taken.duration_since(begin.taken).ok());
    profile.set_time(begin.map_or(end.taken, |begin| begin.taken), duration.unwrap_or(Duration::ZERO));
    let untracked = end.untracked - begin.map_or(0, |begin| begin.untracked);
    if untracked > 0 {
        profile.comment(&format!(
            "{untracked} sampled objects are not in what is in use: more were in use than are tracked"
        ));
    }
    for (number, totals) in end.totals.iter().enumerate() {
        let before = begin.and_then(|begin| begin.totals.get(number)).copied().unwrap_or_default();
        let values = values(*totals, before);
        if values != [0; 4] {
            profile.sample(&frames(number), &values, &[]);
        }
    }
    profile.encode()
}

fn values(now: Totals, before: Totals) -> [i64; 4] {
    let change = |of: fn(Estimate) -> i64| {
        let allocated = of(now.allocated) - of(before.allocated);
        (allocated, allocated - (of(now.freed) - of(before.freed)))
    };
    let (allocated_objects, objects) = change(|estimate| estimate.objects as i64);
    let (allocated_bytes, bytes) = change(|estimate| estimate.bytes as i64);
    [whole(allocated_objects), allocated_bytes, whole(objects), bytes]
}

/// From thousandths, rounded.
fn whole(thousandths: i64) -> i64 {
    (thousandths + 500 * thousandths.signum()) / 1_000
}

fn frames(number: usize) -> Vec<Frame> {
    let frames: Vec<_> =
        STACKS.frames(number).into_iter().map(|address| Frame::Return(address as u64)).collect();
    if frames.is_empty() {
        let function = "[stack not kept: there are more than the table holds]".to_owned();
        return vec![Frame::Place(Symbol { function, ..Symbol::default() })];
    }
    frames
}

/// What stands on top of every stack, and would hide who allocates.
fn is_of_allocating(function: &str) -> bool {
    let function = function.trim_start_matches('<');
    [
        "__rust_alloc",
        "__rust_realloc",
        "__rustc::",
        "alloc::alloc::",
        "alloc::boxed::box_new_uninit",
        "alloc::raw_vec::",
        "seaworthy_agent::heap::allocator::",
        "seaworthy_agent::heap::recorder::",
    ]
    .iter()
    .any(|start| function.starts_with(start))
}
