//! The profile of a time, from its samples.

mod registers;
mod samples;
mod sys;
mod tally;
mod threads;
mod unwind;

use std::{
    io,
    time::{Duration, Instant, SystemTime},
};

use self::{sys::Timer, tally::Tally, threads::Threads, unwind::Stacks};
use super::{Error, Wanted};
use crate::{aside::Waiting, pprof::Profile};

/// How long samples lie in the ring: at 999 in a second, 20 of its 64 places.
const DRAIN: Duration = Duration::from_millis(20);

/// A profile of what runs from now on. One at a time.
///
/// # Errors
/// When the system does not let us, something else profiles the process, or nobody waits any more.
pub(crate) fn profile(wanted: Wanted, waiting: &Waiting) -> Result<Vec<u8>, Error> {
    sys::probe_reading().map_err(Error::NoReading)?;
    // Before the timer begins: reading files would be in the profile.
    let mut stacks = Stacks::of_this_process();
    let (mut threads, mut tally) = (Threads::default(), Tally::default());
    let (began, begin) = (SystemTime::now(), Instant::now());
    samples::begin();
    let cpu_before = sys::cpu_time();
    let timer = Timer::start(wanted.hertz)?;
    let was_wanted = drain_until(begin + wanted.duration, waiting, || {
        samples::drain(|sample| tally.add(stacks.unwind(sample), threads.name(sample.thread)));
        stacks.refresh();
    });
    drop(timer);
    let cpu = sys::cpu_time().saturating_sub(cpu_before);
    // A signal may be on its way to a thread that has just begun to run.
    std::thread::sleep(DRAIN);
    samples::drain(|sample| tally.add(stacks.unwind(sample), threads.name(sample.thread)));
    tally.lost = samples::end();
    if !was_wanted {
        return Err(Error::Unwanted);
    }
    let mut profile = Profile::new(&tally::KINDS);
    profile.set_time(began, begin.elapsed());
    tally.write(&mut profile, wanted.hertz, cpu);
    profile.encode().map_err(|error: io::Error| Error::Encode(error))
}

/// Says whether somebody waited until the end.
fn drain_until(end: Instant, waiting: &Waiting, mut drain: impl FnMut()) -> bool {
    while Instant::now() < end {
        if !waiting.sleep(DRAIN) {
            return false;
        }
        drain();
    }
    true
}
