//! What some threads are doing at this moment, whether they compute or wait.

use std::{
    sync::TryLockError,
    thread,
    time::{Duration, Instant},
};

use super::{
    super::{Error, Root},
    ALONE, samples, sys,
    unwind::Stacks,
};

/// Threads that are looked at at once, those that are asked for first: half of the ring.
const MOST_THREADS: usize = samples::SLOTS / 2;
/// How long threads may take to answer, where processors are busy. One that waits in the kernel without letting itself be disturbed does not.
const PATIENCE: Duration = Duration::from_millis(250);
/// Between looking whether all have answered.
const PAUSE: Duration = Duration::from_millis(1);

/// The addresses to which the calls return that threads are in, the innermost first. Of those alone that have answered, and
/// whose thread was `still` there when it had.
///
/// # Errors
/// When the system does not let us, or something profiles the process.
pub(crate) fn calls<T>(
    mut wanted: Vec<(T, Root)>,
    still: impl Fn(&T, Root) -> bool,
) -> Result<Vec<(T, Vec<usize>)>, Error> {
    let _alone = match ALONE.try_lock() {
        Ok(alone) => alone,
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        Err(TryLockError::WouldBlock) => return Err(Error::Profiling),
    };
    sys::probe_reading().map_err(Error::NoReading)?;
    sys::install_handler()?;
    samples::begin();
    let mut threads = Vec::new();
    for (_, Root { thread, .. }) in &wanted {
        if threads.len() < MOST_THREADS && !threads.contains(thread) && sys::signal(*thread) {
            threads.push(*thread);
        }
    }
    let until = Instant::now() + PATIENCE;
    while samples::waiting() < threads.len() && Instant::now() < until {
        thread::sleep(PAUSE);
    }
    samples::end();
    wanted.retain(|(of, root)| still(of, *root));
    let (mut stacks, mut found) = (None, Vec::new());
    samples::drain(|sample| {
        let stacks = stacks.get_or_insert_with(Stacks::of_this_process);
        for (of, root) in wanted.extract_if(.., |(_, root)| root.thread == sample.thread) {
            let calls = stacks.calls(sample, root.address);
            // None on a stack of its own, which does not lead to the root.
            if !calls.is_empty() {
                found.push((of, calls));
            }
        }
    });
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::{cpu::this_thread, pprof::Symbols};

    #[inline(never)]
    fn waits_for_beans(beans: &mpsc::Receiver<()>) {
        let _ = beans.recv();
        std::hint::black_box(());
    }

    #[test]
    fn a_thread_that_waits_tells_where_up_to_its_root_and_one_that_went_on_is_not_told() {
        let (root, roots) = mpsc::channel();
        let (_bean, beans) = mpsc::channel();
        thread::spawn(move || {
            let here = 0_u8;
            let address = std::ptr::from_ref(&here).addr();
            root.send(Root { thread: this_thread(), address }).unwrap();
            waits_for_beans(&beans);
        });
        let root = roots.recv().unwrap();
        thread::sleep(Duration::from_millis(50));
        let gone = Root { thread: i32::MAX, ..root };
        let look = || calls(vec![("here", root), ("left", root), ("gone", gone)], |name, _| *name != "left");
        // Another test may have the ring, and something else the processor.
        let found = (0..100).find_map(|_| look().ok().filter(|found| !found.is_empty())).unwrap();
        let [("here", calls)] = &found[..] else { panic!("{found:?}") };
        let mut symbols = Symbols::of_this_process();
        let names = calls.iter().flat_map(|address| symbols.at(*address as u64 - 1));
        let names: Vec<_> = names.map(|symbol| symbol.function).collect();
        assert!(names.iter().any(|name| name.contains("waits_for_beans")), "{names:?}");
        assert!(names.iter().any(|name| name.contains("a_thread_that_waits")), "{names:?}");
        assert!(!names.iter().any(|name| name.contains("thread_start")), "ends at the root: {names:?}");
    }
}
