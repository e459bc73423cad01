//! The profile of a time, from its samples.

mod calls;
mod registers;
mod samples;
mod sys;
mod tally;
mod threads;
mod unwind;

use std::{
    io,
    num::NonZero,
    ops::RangeInclusive,
    sync::{Mutex, PoisonError},
    thread::available_parallelism,
    time::{Duration, Instant, SystemTime},
};

pub(crate) use self::{calls::calls, threads::this_thread};
use self::{sys::Timer, tally::Tally, threads::Threads, unwind::Stacks};
use super::{Error, Wanted};
use crate::{aside::Waiting, pprof::Profile};

/// How long samples lie in the ring at most, and at least.
const DRAIN: RangeInclusive<Duration> = Duration::from_millis(10)..=Duration::from_millis(100);

/// The ring of samples is for one at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// A profile of what runs from now on. One at a time.
///
/// # Errors
/// When the system does not let us, something else profiles the process, or nobody waits any more.
pub(crate) fn profile(wanted: Wanted, waiting: &Waiting) -> Result<Vec<u8>, Error> {
    // Who looks at a few threads is done soon.
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    sys::probe_reading().map_err(Error::NoReading)?;
    // Before the timer begins: reading files would be in the profile.
    let mut stacks = Stacks::of_this_process();
    let (mut threads, mut tally) = (Threads::default(), Tally::default());
    let (began, begin) = (SystemTime::now(), Instant::now());
    samples::begin();
    let cpu_before = sys::cpu_time();
    let timer = Timer::start(wanted.hertz).inspect_err(|_| _ = samples::end())?;
    let pause = pause(wanted.hertz);
    let was_wanted = drain_until(begin + wanted.duration, pause, waiting, || {
        samples::drain(|sample| tally.add(stacks.unwind(sample), threads.name(sample.thread)));
        stacks.refresh();
    });
    drop(timer);
    let cpu = sys::cpu_time().saturating_sub(cpu_before);
    // A signal may be on its way to a thread that has just begun to run.
    std::thread::sleep(*DRAIN.start());
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
fn drain_until(end: Instant, pause: Duration, waiting: &Waiting, mut drain: impl FnMut()) -> bool {
    while Instant::now() < end {
        if !waiting.sleep(pause) {
            return false;
        }
        drain();
    }
    true
}

/// In which every core together fills a quarter of the ring. No less: an idle process would be seen to do little else.
fn pause(hertz: u32) -> Duration {
    let cores = available_parallelism().map_or(1, NonZero::get) as f64;
    let seconds = samples::SLOTS as f64 / 4.0 / (f64::from(hertz) * cores);
    Duration::from_secs_f64(seconds).clamp(*DRAIN.start(), *DRAIN.end())
}
