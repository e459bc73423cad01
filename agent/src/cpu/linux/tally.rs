//! How often each stack was seen.

use std::{collections::HashMap, rc::Rc, time::Duration};

use crate::pprof::{Frame, Kind, Label, LabelValue, Profile, Symbol};

pub(super) const KINDS: [Kind; 2] =
    [Kind { name: "samples", unit: "count" }, Kind { name: "cpu", unit: "nanoseconds" }];

/// Different stacks; more are counted together.
const MAX: usize = 16_384;

/// How often each stack of each thread was seen.
#[derive(Default)]
pub(super) struct Tally {
    counts: HashMap<(Vec<Frame>, Rc<str>), i64>,
    taken: u64,
    /// Samples that found no place.
    pub(super) lost: u64,
}

impl Tally {
    pub(super) fn add(&mut self, stack: Vec<Frame>, thread: Rc<str>) {
        self.taken += 1;
        let key = (stack, thread);
        if self.counts.len() >= MAX && !self.counts.contains_key(&key) {
            *self
                .counts
                .entry((vec![place("[other stacks: there are more than are kept]")], key.1))
                .or_default() += 1;
            return;
        }
        *self.counts.entry(key).or_default() += 1;
    }

    /// Writes the samples, each with its share of the CPU time that the process used: the kernel may send fewer signals than
    /// it was asked for.
    pub(super) fn write(self, profile: &mut Profile, hertz: u32, cpu: Duration) {
        profile.set_period(KINDS[1], 1_000_000_000 / i64::from(hertz));
        if self.lost > 0 {
            profile.comment(&format!("{} more samples found no place and are left out", self.lost));
        }
        let each = cpu.as_nanos() as f64 / (self.taken + self.lost).max(1) as f64;
        for ((stack, thread), count) in self.counts {
            let label = Label { key: "thread", value: LabelValue::Text(&thread) };
            let labels = if thread.is_empty() { &[] } else { std::slice::from_ref(&label) };
            profile.sample(&stack, &[count, (count as f64 * each) as i64], labels);
        }
    }
}

/// An entry of a stack that no code is.
pub(super) fn place(name: &str) -> Frame {
    Frame::Place(Symbol { function: name.to_owned(), ..Symbol::default() })
}
