//! Who allocates: the stack of the caller.
#![allow(unsafe_code)]

/// More calls than these are cut off at the outer end of a sample.
pub(super) const MAX_FRAMES: usize = 64;

/// The addresses to which the calls on this stack return, the innermost first, without those between here and the caller's array.
/// Further calls than the array holds are cut off at the outer end.
///
/// Unwinds by the tables of the binary. That takes no lock but, before glibc 2.35, the loader's own, which is recursive and
/// under which the loader runs no code of a service's except what a library does as it is loaded.
#[inline(never)]
pub(crate) fn stack<const N: usize>(frames: &mut [usize; N]) -> usize {
    let here = frames.as_ptr().addr();
    let (mut length, mut is_outside) = (0, false);
    // SAFETY: the unwinders of systems other than Windows may be used from several threads at once, and the closure does not
    // panic.
    #[cfg(not(windows))]
    unsafe {
        backtrace::trace_unsynchronized(|frame| {
            // The stack grows down: what lies below the caller's array is of this profiler. Further out may be another stack.
            is_outside |= frame.sp().addr() > here;
            let address = frame.ip().addr();
            // Some threads have a null at their outer end.
            if is_outside
                && address != 0
                && let Some(slot) = frames.get_mut(length)
            {
                *slot = address;
                length += 1;
            }
            length < N
        });
    }
    length
}
