//! What is asked of the system: the signal, its timer, and memory that may not be there.
#![allow(unsafe_code)]

use std::{
    io, mem, ptr,
    sync::atomic::{AtomicI32, Ordering::Relaxed},
    time::Duration,
};

use super::{super::Error, samples};

const PAGE: usize = 4096;
/// Pages of which a copied stack can have parts.
const PAGES: usize = samples::STACK / PAGE + 1;

/// This process, for the handler. Set before there is one, and again after a fork.
static PROCESS: AtomicI32 = AtomicI32::new(0);

/// The timer, until it is dropped.
pub(super) struct Timer(());

impl Timer {
    /// Lets the system send SIGPROF after each part of a second of CPU time that the process uses.
    ///
    /// # Errors
    /// When somebody else has the signal or the timer, or the system refuses.
    pub(super) fn start(hertz: u32) -> Result<Self, Error> {
        install_handler()?;
        if is_timer_set() {
            return Err(Error::Taken);
        }
        set_timer(1_000_000 / i64::from(hertz.clamp(1, 999)))
            .map_err(|source| Error::System { what: "timer", source })?;
        Ok(Self(()))
    }
}

impl Drop for Timer {
    /// The handler stays: a signal that is on its way would end the process without one.
    fn drop(&mut self) {
        // It was set with the same call: it can be set to nothing.
        let _ = set_timer(0);
    }
}

/// Lets signals be answered from now on.
///
/// # Errors
/// When somebody else has the signal, or the system refuses.
pub(super) fn install_handler() -> Result<(), Error> {
    PROCESS.store(std::process::id() as i32, Relaxed);
    // SAFETY: a `sigaction` of zeros is a valid one.
    let (mut before, mut ours): (libc::sigaction, libc::sigaction) =
        unsafe { (mem::zeroed(), mem::zeroed()) };
    // SAFETY: asks for the handler, and changes none.
    unsafe { libc::sigaction(libc::SIGPROF, ptr::null(), &mut before) };
    let handler: extern "C" fn(_, _, _) = on_signal;
    ours.sa_sigaction = handler as *const () as usize;
    // On the alternate stack where the thread has one: the handler must not be what overflows a small stack.
    ours.sa_flags = libc::SA_SIGINFO | libc::SA_RESTART | libc::SA_ONSTACK;
    match before.sa_sigaction {
        // Who sets it aside and back by `signal` leaves the flags out, without which there may be no context.
        installed if installed == ours.sa_sigaction && before.sa_flags & ours.sa_flags == ours.sa_flags => {
            return Ok(());
        }
        installed if installed == ours.sa_sigaction => {}
        libc::SIG_DFL | libc::SIG_IGN => {}
        _ => return Err(Error::Taken),
    }
    // SAFETY: the handler does only what a handler may, see `samples::take`.
    let result = unsafe { libc::sigaction(libc::SIGPROF, &ours, ptr::null_mut()) };
    match result {
        0 => Ok(()),
        _ => Err(Error::System { what: "signal handler", source: io::Error::last_os_error() }),
    }
}

extern "C" fn on_signal(_: libc::c_int, _: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: the C library gives every thread its error number; the kernel gives a handler with SA_SIGINFO the context.
    unsafe {
        let error = libc::__errno_location();
        let before = *error;
        if let Some(context) = context.cast::<libc::ucontext_t>().as_ref() {
            samples::take(context);
        }
        *error = before;
    }
}

fn is_timer_set() -> bool {
    // SAFETY: an `itimerval` of zeros is a valid one, and the call fills it.
    let timer = unsafe {
        let mut timer: libc::itimerval = mem::zeroed();
        libc::getitimer(libc::ITIMER_PROF, &mut timer);
        timer
    };
    timer.it_value.tv_sec != 0 || timer.it_value.tv_usec != 0
}

fn set_timer(microseconds: i64) -> io::Result<()> {
    let time = libc::timeval {
        tv_sec: (microseconds / 1_000_000) as libc::time_t,
        tv_usec: (microseconds % 1_000_000) as libc::suseconds_t,
    };
    let timer = libc::itimerval { it_interval: time, it_value: time };
    // SAFETY: the call reads the timer, and writes nothing.
    let result = unsafe { libc::setitimer(libc::ITIMER_PROF, &timer, ptr::null_mut()) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// The CPU time that this process has used.
pub(super) fn cpu_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call fills the time.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Asks a thread of this process what it is doing. Says whether there is such a thread. The handler must be there.
pub(super) fn signal(thread: i32) -> bool {
    // SAFETY: the signal goes to threads of this process alone, which has a handler for it.
    unsafe { libc::syscall(libc::SYS_tgkill, PROCESS.load(Relaxed), thread, libc::SIGPROF) == 0 }
}

/// The thread that asks. For use in a handler.
pub(super) fn thread_id() -> i32 {
    // SAFETY: the call has no arguments and cannot fail.
    unsafe { libc::syscall(libc::SYS_gettid) as i32 }
}

/// Whether [`read_memory`] works here.
///
/// # Errors
/// What the system says when it does not, as under a strict seccomp.
pub(super) fn probe_reading() -> io::Result<()> {
    PROCESS.store(std::process::id() as i32, Relaxed);
    let (here, mut copy) = ([17_u8; 64], [0; 64]);
    match read_memory(here.as_ptr().addr(), &mut copy) {
        64 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Copies what lies from `address` on, and tells how much of it could be read: memory that is not there is no fault. For use
/// in a handler. At most 64 KiB.
pub(super) fn read_memory(address: usize, into: &mut [u8]) -> usize {
    let mut pages = [libc::iovec { iov_base: ptr::null_mut(), iov_len: 0 }; PAGES];
    let (mut from, end, mut count) = (address, address.saturating_add(into.len()), 0);
    // One part for each page: the call stops at the first that cannot be read.
    for page in &mut pages {
        if from >= end {
            break;
        }
        let next = ((from & !(PAGE - 1)).saturating_add(PAGE)).min(end);
        *page = libc::iovec { iov_base: ptr::without_provenance_mut(from), iov_len: next - from };
        (from, count) = (next, count + 1);
    }
    let local = libc::iovec { iov_base: into.as_mut_ptr().cast(), iov_len: into.len() };
    // SAFETY: the kernel writes into `into` at most as much as it holds, and checks what it reads.
    let read = unsafe {
        libc::syscall(
            libc::SYS_process_vm_readv,
            PROCESS.load(Relaxed),
            &local,
            1_usize,
            pages.as_ptr(),
            count as usize,
            0_usize,
        )
    };
    usize::try_from(read).unwrap_or(0)
}
