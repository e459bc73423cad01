//! Captures the call stack of whoever clones a waker.
//!
//! That happens under locks of libraries: nothing here waits, panics or allocates but by the unwinder.
#![allow(unsafe_code)]

use std::{cell::RefCell, ptr};

pub(super) const FILE: &str = file!();

/// Frames of a stack that are kept, the innermost ones.
const MOST_FRAMES: usize = 64;
/// Stacks of one poll that are kept. A task that waits for several things at once has as many.
const MOST_STACKS: usize = 8;

thread_local! {
    /// One for each poll on this thread that is watched, the outermost first.
    static WATCHED: RefCell<Vec<Watched>> = const { RefCell::new(Vec::new()) };
}

/// Where one poll left wakers behind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(in crate::tasks) struct Stacks {
    addresses: Vec<usize>,
    /// Where in `addresses` each stack ends.
    ends: Vec<usize>,
    /// How many more there were.
    pub(in crate::tasks) left_out: usize,
}

impl Stacks {
    fn with_room() -> Self {
        Self {
            addresses: Vec::with_capacity(MOST_STACKS * MOST_FRAMES),
            ends: Vec::with_capacity(MOST_STACKS),
            left_out: 0,
        }
    }

    /// Of the calls that a thread is in.
    pub(super) fn of_one(addresses: Vec<usize>) -> Self {
        Self { ends: vec![addresses.len()], addresses, left_out: 0 }
    }

    /// The addresses to which the calls of each stack return, the innermost first.
    pub(in crate::tasks) fn iter(&self) -> impl Iterator<Item = &[usize]> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        begins.zip(&self.ends).filter_map(|(begin, end)| self.addresses.get(begin..*end))
    }

    /// A task that waits for many things of one kind waits for all of them at the same place.
    fn add(&mut self, addresses: impl Iterator<Item = usize> + Clone) {
        if self.iter().any(|known| known.iter().copied().eq(addresses.clone())) {
            return;
        }
        if self.ends.len() == MOST_STACKS {
            self.left_out += 1;
            return;
        }
        self.addresses.extend(addresses);
        self.ends.push(self.addresses.len());
    }

    /// In an order that does not tell in which one the poll happened to go, and with no more memory than it takes.
    fn settled(self) -> Self {
        let mut stacks: Vec<_> = self.iter().collect();
        stacks.sort_unstable();
        let ends = stacks.iter().scan(0, |end, stack| {
            *end += stack.len();
            Some(*end)
        });
        Self { ends: ends.collect(), addresses: stacks.concat(), left_out: self.left_out }
    }
}

struct Watched {
    /// An address in the frame of [`collect`]: frames above it are not of the poll.
    root: usize,
    stacks: Stacks,
}

/// Polls, and tells from where [`note`] was called on this thread meanwhile.
#[inline(never)]
pub(in crate::tasks) fn collect<T>(poll: impl FnOnce() -> T) -> (T, Stacks) {
    let here = 0_u8;
    let watched = Watched { root: ptr::from_ref(&here).addr(), stacks: Stacks::with_room() };
    let is_watched = WATCHED
        .try_with(|all| all.try_borrow_mut().map(|mut all| all.push(watched)).is_ok())
        .unwrap_or(false);
    let watching = Watching { is_watched };
    let polled = poll();
    (polled, watching.end().settled())
}

/// Ends with the poll, also by a panic.
struct Watching {
    is_watched: bool,
}

impl Watching {
    fn end(mut self) -> Stacks {
        self.take().unwrap_or_default()
    }

    fn take(&mut self) -> Option<Stacks> {
        if !std::mem::take(&mut self.is_watched) {
            return None;
        }
        WATCHED.try_with(|all| all.try_borrow_mut().ok()?.pop()).ok().flatten().map(|watched| watched.stacks)
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.take();
    }
}

/// Notes the stack of the caller for every poll on this thread that is watched. Does nothing on other threads, to which a poll
/// may have lent its waker.
#[inline(never)]
pub(in crate::tasks) fn note() {
    let note = |all: &RefCell<Vec<Watched>>| {
        let Ok(mut all) = all.try_borrow_mut() else { return };
        let Some(outermost) = all.first().map(|watched| watched.root) else { return };
        let mut frames = [(0, 0); MOST_FRAMES];
        let count = unwind(&mut frames, outermost);
        for watched in all.iter_mut() {
            // The stack grows downwards. A poll that has moved to a stack of its own is told of as far as there is room.
            let of_poll = frames[..count].iter().take_while(|(_, top)| *top <= watched.root);
            watched.stacks.add(of_poll.map(|(address, _)| *address));
        }
    };
    let _ = WATCHED.try_with(note);
}

/// Fills in address and stack pointer of frames up to the one that holds `root`; says how many.
#[cfg(unix)]
fn unwind(frames: &mut [(usize, usize)], root: usize) -> usize {
    let mut count = 0;
    let each = |frame: &backtrace::Frame| {
        let (address, top) = (frame.ip().addr(), frame.sp().addr());
        let Some(free) = frames.get_mut(count).filter(|_| top <= root) else { return false };
        *free = (address, top);
        count += 1;
        true
    };
    // SAFETY: what is not synchronised is the debug helper of Windows, which this is not compiled for.
    unsafe { backtrace::trace_unsynchronized(each) };
    count
}

#[cfg(not(unix))]
fn unwind(_frames: &mut [(usize, usize)], _root: usize) -> usize {
    0
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[inline(never)]
    fn leaf(times: usize) -> usize {
        (0..times).for_each(|_| note());
        std::hint::black_box(times)
    }

    /// Each level has a stack of its own.
    #[inline(never)]
    fn at_each_of(levels: usize) -> usize {
        note();
        if levels == 0 { 0 } else { std::hint::black_box(at_each_of(levels - 1) + 1) }
    }

    fn lengths(stacks: &Stacks) -> Vec<usize> {
        stacks.iter().map(<[usize]>::len).collect()
    }

    #[test]
    fn only_watched_polls_are_told_of_and_only_so_many_stacks() {
        note();
        let (levels, stacks) = collect(|| at_each_of(MOST_STACKS + 1));
        assert_eq!((levels, stacks.iter().count(), stacks.left_out), (MOST_STACKS + 1, MOST_STACKS, 2));
        let (_, same) = collect(|| leaf(MOST_STACKS + 2));
        assert_eq!((same.iter().count(), same.left_out), (1, 0));
        assert!(lengths(&stacks).iter().all(|frames| (3..40).contains(frames)), "{stacks:?}");
        let (_, none) = collect(|| std::thread::scope(|scope| scope.spawn(|| leaf(1)).join().unwrap()));
        assert_eq!(none, Stacks::default(), "other threads are not of the poll");
    }

    #[test]
    fn a_poll_within_a_poll_is_told_of_to_both_and_shorter() {
        let ((_, inner), outer) = collect(|| collect(|| leaf(1)));
        let (inner, outer) = (inner.iter().next().unwrap(), outer.iter().next().unwrap());
        assert!(inner.len() < outer.len(), "{inner:?} {outer:?}");
        assert_eq!(inner, &outer[..inner.len()]);
    }

    #[test]
    fn a_deep_stack_is_told_of_from_its_inner_end() {
        #[inline(never)]
        fn deep(levels: usize) -> usize {
            if levels == 0 { leaf(1) } else { std::hint::black_box(deep(levels - 1) + 1) }
        }
        let (_, stacks) = collect(|| deep(200));
        assert_eq!(lengths(&stacks), [MOST_FRAMES]);
    }

    #[test]
    fn after_a_panic_nothing_is_watched() {
        let panicked = std::panic::catch_unwind(|| collect(|| panic!("on purpose")));
        assert!(panicked.is_err());
        assert!(WATCHED.with(|all| all.borrow().is_empty()));
    }

    #[test]
    fn the_order_in_which_places_were_come_to_does_not_matter() {
        let (mut there, mut back) = (Stacks::with_room(), Stacks::with_room());
        let stacks: [&[usize]; 3] = [&[3, 4], &[1], &[2, 9, 9]];
        stacks.iter().for_each(|stack| there.add(stack.iter().copied()));
        stacks.iter().rev().for_each(|stack| back.add(stack.iter().copied()));
        assert_ne!(there, back);
        let (there, back) = (there.settled(), back.settled());
        assert_eq!(there, back);
        assert_eq!(there.iter().collect::<Vec<_>>(), [&[1_usize][..], &[2, 9, 9], &[3, 4]]);
    }
}
