//! Takes profiles: one way for whoever asks, the admin endpoints or the portal. One of a kind at a time.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use seaworthy_protocol::ProfileKind;

use crate::{aside::aside, cpu, heap, tasks};

/// Samples in a second of CPU time, unless told otherwise.
pub(crate) const USUAL_HERTZ: u32 = 100;
/// A signal takes microseconds; more of them would be felt.
const MAX_HERTZ: u32 = 999;

/// Why a profile was not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotTaken {
    /// What was asked for is out of bounds.
    #[error("{0}")]
    Asked(String),
    /// The service does not take part.
    #[error("{0}")]
    NotSetUp(&'static str),
    /// One is being taken.
    #[error("a profile of this kind ({0}) is being taken; try again when it is done")]
    Busy(&'static str),
    /// The profile of the CPU.
    #[error(transparent)]
    Cpu(#[from] cpu::Error),
    /// The system gave no thread, or the profile could not be written.
    #[error("the profile could not be made: the system gave no thread")]
    NoThread,
}

/// Only one of a kind is taken at a time.
struct Turn(&'static AtomicBool);

impl Turn {
    fn take(taken: &'static AtomicBool) -> Option<Self> {
        (!taken.swap(true, Ordering::Acquire)).then_some(Self(taken))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// The kinds that can be taken of this process.
pub(crate) fn kinds() -> Vec<ProfileKind> {
    let can_be_taken = |kind: &ProfileKind| match kind {
        ProfileKind::Cpu => cpu::IS_HERE,
        ProfileKind::Heap => heap::is_installed(),
        ProfileKind::Tasks => true,
    };
    ProfileKind::ALL.into_iter().filter(can_be_taken).collect()
}

fn check_seconds(kind: ProfileKind, seconds: u64) -> Result<(), NotTaken> {
    let within = kind.seconds();
    match u32::try_from(seconds).is_ok_and(|seconds| within.contains(&seconds)) {
        true => Ok(()),
        false => {
            let (from, to) = within.into_inner();
            Err(NotTaken::Asked(format!("seconds is {seconds}, but must be from {from} to {to}")))
        }
    }
}

/// Where the CPU time goes from now on, by so many samples in a second of it.
pub(crate) async fn cpu(seconds: u64, hertz: u32) -> Result<Vec<u8>, NotTaken> {
    static TAKEN: AtomicBool = AtomicBool::new(false);
    check_seconds(ProfileKind::Cpu, seconds)?;
    if !(1..=MAX_HERTZ).contains(&hertz) {
        return Err(NotTaken::Asked(format!("hz is {hertz}, but must be from 1 to {MAX_HERTZ}")));
    }
    let turn = Turn::take(&TAKEN).ok_or(NotTaken::Busy("CPU"))?;
    let wanted = cpu::Wanted { duration: Duration::from_secs(seconds), hertz };
    let profile = aside("seaworthy-cpu", move |waiting| {
        let _turn = turn;
        cpu::profile(wanted, waiting)
    });
    Ok(profile.await.ok_or(NotTaken::NoThread)??)
}

/// What is in use and was allocated since the process began; with `seconds`, how that changes over so long from now.
pub(crate) async fn heap(seconds: u64) -> Result<Vec<u8>, NotTaken> {
    static TAKEN: AtomicBool = AtomicBool::new(false);
    check_seconds(ProfileKind::Heap, seconds)?;
    if !heap::is_installed() {
        return Err(NotTaken::NotSetUp(
            "the service does not sample its heap: make seaworthy_agent::heap::Sampling its global allocator",
        ));
    }
    let turn = Turn::take(&TAKEN).ok_or(NotTaken::Busy("heap"))?;
    let profile = aside("seaworthy-heap", move |waiting| {
        let _turn = turn;
        let begin = (seconds > 0).then(heap::Snapshot::now);
        if !waiting.sleep(Duration::from_secs(seconds)) {
            return None;
        }
        heap::profile(begin.as_ref(), &heap::Snapshot::now()).ok()
    });
    profile.await.flatten().ok_or(NotTaken::NoThread)
}

/// What all tasks do now, in this form.
pub(crate) async fn tasks(form: tasks::Form, stacks: bool) -> Result<tasks::Dump, NotTaken> {
    let dump = aside("seaworthy-tasks", move |waiting| tasks::dump(form, stacks, Some(waiting)));
    dump.await.ok_or(NotTaken::NoThread)?.ok_or(NotTaken::Busy("tasks"))
}
