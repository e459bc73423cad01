//! Ids of traces and spans.

use std::{
    cell::RefCell,
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
    num::NonZero,
    time::SystemTime,
};

use rand::{Rng, SeedableRng, rngs::Xoshiro256PlusPlus};

/// Identifies a trace: 16 bytes, not all zero; written as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceId(NonZero<u128>);

/// Identifies a span within its trace: 8 bytes, not all zero; written as 16 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanId(NonZero<u64>);

/// Bits of a trace's id that are random for certain.
const RANDOMNESS: u64 = (1 << 56) - 1;

macro_rules! id {
    ($name:ident, $number:ty, $bytes:literal, $format:literal) => {
        impl $name {
            /// The id in these bytes, in network order, unless they are all zero.
            pub fn from_bytes(bytes: [u8; $bytes]) -> Option<Self> {
                NonZero::new(<$number>::from_be_bytes(bytes)).map(Self)
            }

            /// Its bytes, in network order.
            pub fn to_bytes(self) -> [u8; $bytes] {
                self.0.get().to_be_bytes()
            }

            /// The digits it is displayed as, without the cost of a format.
            pub(crate) fn digits(self) -> [u8; 2 * $bytes] {
                let mut digits = [b'0'; 2 * $bytes];
                // Fails only where there is no room for them.
                let _ = hex::encode_to_slice(self.to_bytes(), &mut digits);
                digits
            }

            pub(crate) fn from_number(number: $number) -> Option<Self> {
                NonZero::new(number).map(Self)
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, $format, self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}
id!(TraceId, u128, 16, "{:032x}");
id!(SpanId, u64, 8, "{:016x}");

impl TraceId {
    pub(crate) fn random() -> Self {
        // `| 1` would cost a bit of randomness that samplers downstream decide by.
        Self::random_where(|_| true).unwrap_or_else(Self::random)
    }

    /// A random one, if `take` takes its [randomness](Self::randomness).
    pub(crate) fn random_where(take: impl FnOnce(u64) -> bool) -> Option<Self> {
        let low = random();
        if take(low & RANDOMNESS) {
            Self::from_number(u128::from(random()) << 64 | u128::from(low))
        } else {
            None
        }
    }

    pub(crate) fn to_number(self) -> u128 {
        self.0.get()
    }

    /// The 56 bits that W3C Trace Context level 2 wants to be random, and that ratio samplers decide by.
    pub(crate) fn randomness(self) -> u64 {
        self.0.get() as u64 & RANDOMNESS
    }
}

impl SpanId {
    pub(crate) fn random() -> Self {
        Self::from_number(random()).unwrap_or_else(Self::random)
    }
}

thread_local! {
    static GENERATOR: RefCell<Xoshiro256PlusPlus> = RefCell::new(seeded());
}

/// A random number from a generator of this thread. Its 256 bits of state make it hopeless for two threads anywhere in
/// a fleet to run into the same sequence; a generator with 64 bits of state would get there within a few billion ids.
pub(crate) fn random() -> u64 {
    let number =
        GENERATOR.try_with(|generator| generator.try_borrow_mut().ok().map(|mut own| own.next_u64()));
    number.ok().flatten().unwrap_or_else(|| seeded().next_u64())
}

fn seeded() -> Xoshiro256PlusPlus {
    let mut seed = [0; 32];
    if getrandom::fill(&mut seed).is_err() {
        seed = seed_without_the_system();
    }
    Xoshiro256PlusPlus::from_seed(seed)
}

/// Where the system has no randomness to give, ids must still differ between threads, processes and starts.
fn seed_without_the_system() -> [u8; 32] {
    let mut seed = [0; 32];
    for (part, eight) in seed.chunks_exact_mut(8).enumerate() {
        let mut hasher = DefaultHasher::new();
        (part, SystemTime::now(), std::process::id(), std::thread::current().id()).hash(&mut hasher);
        eight.copy_from_slice(&hasher.finish().to_le_bytes());
    }
    seed
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_written_with_leading_zeros() {
        let trace = TraceId::from_number(0xabc).unwrap();
        assert_eq!(trace.to_string(), "00000000000000000000000000000abc");
        assert_eq!(SpanId::from_number(0xabc).unwrap().to_string(), "0000000000000abc");
        assert_eq!(TraceId::from_bytes(trace.to_bytes()), Some(trace));
        assert_eq!(SpanId::from_bytes([0; 8]), None);
    }

    #[test]
    fn digits_are_those_that_are_displayed() {
        let (trace, span) = (TraceId::random(), SpanId::random());
        assert_eq!(str::from_utf8(&trace.digits()).unwrap(), trace.to_string());
        assert_eq!(str::from_utf8(&span.digits()).unwrap(), span.to_string());
    }

    #[test]
    fn ids_differ_on_one_thread_and_between_threads() {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                std::thread::spawn(|| {
                    (0..1000).map(|_| (TraceId::random(), SpanId::random())).collect::<Vec<_>>()
                })
            })
            .collect();
        let ids: Vec<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        assert_eq!(ids.iter().map(|id| id.0).collect::<HashSet<_>>().len(), 4000);
        assert_eq!(ids.iter().map(|id| id.1).collect::<HashSet<_>>().len(), 4000);
    }

    #[test]
    fn seeds_made_without_the_system_differ() {
        assert_ne!(seed_without_the_system(), seed_without_the_system());
    }
}
