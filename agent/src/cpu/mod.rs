//! Where the processor's time goes: a profile by samples of what runs. And what some threads are doing at this moment.
//!
//! A timer of the process's CPU time sends a signal to whichever thread runs. The handler copies the registers and the top of
//! the stack and is done; a thread of the agent's unwinds the copies. So nothing that a thread may be in the midst of can
//! matter: a panic that unwinds, the loader with its lock, an allocator with its own.
//!
//! On Linux on x86-64, and on aarch64, where it has not been tested.

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod linux;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(crate) use self::linux::{calls, profile, this_thread};

use std::io;

/// Whether there is a way on this system.
pub(crate) const IS_HERE: bool =
    cfg!(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")));

/// Why there is no profile.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The system is none on which it works.
    #[cfg_attr(target_os = "linux", allow(dead_code, reason = "of other systems"))]
    #[error("profiles of the CPU can be had on Linux on x86-64 and aarch64 only")]
    NotHere,
    /// SIGPROF or its timer is in use.
    #[error("something else in this process profiles it: it has SIGPROF or its timer; stop that first")]
    Taken,
    /// A sandbox forbids the call by which the handler reads the stack.
    #[error(
        "the system lets no process read its own stack by process_vm_readv ({0}); allow it in the sandbox, such as seccomp"
    )]
    NoReading(io::Error),
    /// The system gave no handler or no timer.
    #[error("the system gave no {what}: {source}")]
    System {
        /// What was asked for.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The signal is in use for a profile.
    #[error("a profile of the CPU is being taken")]
    Profiling,
    /// Whoever asked went away.
    #[error("nobody waits for the profile any more")]
    Unwanted,
    /// The profile could not be written.
    #[error("cannot write the profile: {0}")]
    Encode(io::Error),
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub(crate) duration: std::time::Duration,
    /// Samples in a second of CPU time.
    pub(crate) hertz: u32,
}

/// From where on the calls of a thread are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Root {
    /// As the system numbers threads.
    pub(crate) thread: i32,
    /// An address on its stack: calls that lie further out are not told.
    pub(crate) address: usize,
}

/// The number of the thread that asks: none here.
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub(crate) fn this_thread() -> i32 {
    0
}

/// What threads are doing.
///
/// # Errors
/// Always: there is no way on this system.
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub(crate) fn calls<T>(
    _: Vec<(T, Root)>,
    _: impl Fn(&T, Root) -> bool,
) -> Result<Vec<(T, Vec<usize>)>, Error> {
    Err(Error::NotHere)
}

/// A profile of what runs from now on. One at a time.
///
/// # Errors
/// Always: there is no way on this system.
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub(crate) fn profile(_: Wanted, _: &crate::aside::Waiting) -> Result<Vec<u8>, Error> {
    Err(Error::NotHere)
}
