//! jemalloc's profile of the heap, as it writes it. Pure.
//!
//! Source: jemalloc's `prof_data.c`, and for what stands for what was not sampled, `jeprof`:
//!
//! ```text
//! heap_v2/524288                    bytes between samples
//!   t*: 2: 1048 [0: 0]              all, of every thread
//! @ 0x55d0a1 0x55d09f               a stack, the innermost call first
//!   t*: 1: 1024 [7: 7168]           objects and bytes in use, and [allocated]
//!   t0: 1: 1024 [7: 7168]           the same of one thread
//! MAPPED_LIBRARIES:
//! ```

use std::{collections::HashMap, str::FromStr};

const HEAD: &str = "heap_v2/";

/// What is known of a heap.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Dump {
    /// Bytes that are allocated from one sample to the next, on average.
    pub(super) interval: u64,
    /// By stack, the innermost call first: estimates of objects and bytes allocated, and of those in use.
    stacks: HashMap<Vec<u64>, [i64; 4]>,
}

/// jemalloc writes something else than it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("jemalloc's profile is not of the form heap_v2")]
pub(super) struct Unreadable;

impl Dump {
    /// Every stack with what has changed since an earlier dump; or all of it. Stacks of which nothing has are left out.
    pub(super) fn since<'d>(&'d self, begin: Option<&'d Self>) -> Vec<(&'d [u64], [i64; 4])> {
        let before =
            |stack: &Vec<u64>| begin.and_then(|begin| begin.stacks.get(stack)).copied().unwrap_or_default();
        let changes = self.stacks.iter().map(|(stack, now)| {
            let before = before(stack);
            (&**stack, std::array::from_fn(|kind| now[kind] - before[kind]))
        });
        // jemalloc forgets stacks of which nothing is left.
        let gone = begin.into_iter().flat_map(|begin| &begin.stacks);
        let gone = gone.filter(|(stack, _)| !self.stacks.contains_key(*stack));
        let gone = gone.map(|(stack, before)| (&**stack, [0, 0, -before[2], -before[3]]));
        changes.chain(gone).filter(|(_, values)| *values != [0; 4]).collect()
    }
}

impl FromStr for Dump {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let mut lines = text.lines();
        let interval =
            lines.next().and_then(|head| head.strip_prefix(HEAD)?.trim().parse().ok()).ok_or(Unreadable)?;
        let mut dump = Self { interval, stacks: HashMap::new() };
        let mut stack = None;
        for line in lines.take_while(|line| !line.starts_with("MAPPED_LIBRARIES")) {
            if let Some(addresses) = line.strip_prefix('@') {
                stack = Some(
                    addresses
                        .split_whitespace()
                        .map(address)
                        .collect::<Option<Vec<_>>>()
                        .ok_or(Unreadable)?,
                );
            } else if let Some(counts) = line.trim_start().strip_prefix("t*:") {
                let counts = numbers(counts).ok_or(Unreadable)?;
                // The first is of all stacks together.
                let Some(stack) = stack.take() else { continue };
                dump.stacks.insert(stack, estimates(counts, interval));
            }
        }
        Ok(dump)
    }
}

fn address(text: &str) -> Option<u64> {
    u64::from_str_radix(text.strip_prefix("0x")?, 16).ok()
}

/// `objects: bytes [objects: bytes]`, in use and allocated.
fn numbers(text: &str) -> Option<[u64; 4]> {
    let mut numbers = text.split([' ', ':', '[', ']']).filter(|part| !part.is_empty()).map(str::parse);
    let mut next = || numbers.next()?.ok();
    Some([next()?, next()?, next()?, next()?])
}

/// What the samples stand for. An object of so many bytes is sampled with a chance of 1 - e^(-bytes/interval).
fn estimates([objects, bytes, all_objects, all_bytes]: [u64; 4], interval: u64) -> [i64; 4] {
    let whole = |objects: u64, bytes: u64| {
        if objects == 0 || interval < 2 {
            return [objects as i64, bytes as i64];
        }
        let each = bytes as f64 / objects as f64;
        let scale = 1.0 / -(-each / interval as f64).exp_m1();
        [objects, bytes].map(|count| (count as f64 * scale).round() as i64)
    };
    let ([objects, bytes], [all_objects, all_bytes]) = (whole(objects, bytes), whole(all_objects, all_bytes));
    [all_objects, all_bytes, objects, bytes]
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "heap_v2/1024
  t*: 3: 4096 [0: 0]
  t0: 3: 4096 [0: 0]
@ 0x10 0x2f
  t*: 1: 1048576 [2: 2097152]
  t0: 1: 1048576 [2: 2097152]
@ 0xff
  t*: 2: 2048 [0: 0]
  t1: 2: 2048 [0: 0]

MAPPED_LIBRARIES:
55-56 r-xp @ t*: not a line of it
";

    #[test]
    fn each_stack_stands_for_what_was_not_sampled() {
        let dump: Dump = TEXT.parse().unwrap();
        let mut all = dump.since(None);
        all.sort_unstable();
        // Large objects are always sampled; of those as large as the interval, 63 %.
        let scaled = [0, 0, 3, 3240];
        assert_eq!(all, [(&[0x10, 0x2f][..], [2, 2_097_152, 1, 1_048_576]), (&[0xff], scaled)]);
        assert_eq!(dump.interval, 1024);
    }

    #[test]
    fn of_two_dumps_the_change_is_told_of_stacks_that_are_gone_too() {
        let begin: Dump = TEXT.parse().unwrap();
        let end: Dump =
            "heap_v2/1024\n t*: 0: 0 [0: 0]\n@ 0x10 0x2f\n t*: 3: 3145728 [4: 4194304]\n".parse().unwrap();
        let mut changes = end.since(Some(&begin));
        changes.sort_unstable();
        assert_eq!(
            changes,
            [(&[0x10, 0x2f][..], [2, 2_097_152, 2, 2_097_152]), (&[0xff], [0, 0, -3, -3240])]
        );
        assert_eq!(begin.since(Some(&begin)), []);
    }

    #[test]
    fn what_is_of_another_form_is_refused() {
        for text in [
            "",
            "heap profile: 1: 2",
            "heap_v2/x",
            "heap_v2/1\n@ 55\n",
            "heap_v2/1\n@ 0x1\n t*: 1: 2 [3: ]\n",
        ] {
            assert_eq!(text.parse::<Dump>(), Err(Unreadable), "{text}");
        }
    }
}
