//! The sampled objects that are in use.

use std::sync::atomic::{
    AtomicU8, AtomicU64, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};

use super::chance::Estimate;

/// An object is in one of so many places from its own on.
const WINDOW: usize = 16;
/// In the place of an object that is being written.
const RESERVED: usize = 1;

/// A sampled object: where it was allocated, and for how many it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sampled {
    /// Number in the table of stacks.
    pub(super) stack: usize,
    pub(super) estimate: Estimate,
}

/// A table of `N` places, a power of two, without a lock: only who allocates an object puts it in, and only who frees it,
/// later, takes it out.
pub(super) struct Live<const N: usize> {
    places: [Place; N],
    /// How many objects have this as their own place, so that freeing one that was not sampled is a look at one byte.
    /// Stays at its maximum once that is reached.
    counts: [AtomicU8; N],
}

struct Place {
    pointer: AtomicUsize,
    stack: AtomicUsize,
    objects: AtomicU64,
    bytes: AtomicU64,
}

impl<const N: usize> Live<N> {
    pub(super) const fn new() -> Self {
        Self {
            places: [const {
                Place {
                    pointer: AtomicUsize::new(0),
                    stack: AtomicUsize::new(0),
                    objects: AtomicU64::new(0),
                    bytes: AtomicU64::new(0),
                }
            }; N],
            counts: [const { AtomicU8::new(0) }; N],
        }
    }

    /// Whether this may be a sampled object. Quick; rarely wrong, and then it says yes.
    #[inline]
    pub(super) fn may_have(&self, pointer: usize) -> bool {
        self.counts[own_place::<N>(pointer)].load(Relaxed) != 0
    }

    /// Takes an object in. Says no when there is no place.
    pub(super) fn insert(&self, pointer: usize, sampled: Sampled) -> bool {
        let Some(place) = self
            .window(pointer)
            .find(|place| place.pointer.compare_exchange(0, RESERVED, Acquire, Relaxed).is_ok())
        else {
            return false;
        };
        place.stack.store(sampled.stack, Relaxed);
        place.objects.store(sampled.estimate.objects, Relaxed);
        place.bytes.store(sampled.estimate.bytes, Relaxed);
        place.pointer.store(pointer, Release);
        self.count(pointer, |count| count.checked_add(1));
        true
    }

    /// Takes an object out, if it is there.
    pub(super) fn remove(&self, pointer: usize) -> Option<Sampled> {
        let place = self.window(pointer).find(|place| place.pointer.load(Acquire) == pointer)?;
        let estimate = Estimate { objects: place.objects.load(Relaxed), bytes: place.bytes.load(Relaxed) };
        let sampled = Sampled { stack: place.stack.load(Relaxed), estimate };
        place.pointer.store(0, Release);
        self.count(pointer, |count| count.checked_sub(1).filter(|_| count != u8::MAX));
        Some(sampled)
    }

    fn window(&self, pointer: usize) -> impl Iterator<Item = &Place> {
        let own = own_place::<N>(pointer);
        (own..own + WINDOW).map(|number| &self.places[number % N])
    }

    fn count(&self, pointer: usize, change: impl Fn(u8) -> Option<u8>) {
        // No change: the count stays at its maximum.
        let _ = self.counts[own_place::<N>(pointer)].fetch_update(Relaxed, Relaxed, change);
    }
}

/// Fibonacci hashing. Objects are aligned: their lowest bits say nothing.
#[inline]
fn own_place<const N: usize>(pointer: usize) -> usize {
    let hash = (pointer as u64 >> 4).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (hash >> (64 - N.ilog2())) as usize
}
