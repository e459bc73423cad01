//! An hour of a ledger: its minutes, or once it is folded only what they come to.

use crate::{Budgeting, Counts, Known, PackedHour, Tally};

#[derive(Clone, Debug, Default)]
pub(crate) struct Hour {
    /// None of one that is folded.
    pub(crate) packed: Option<PackedHour>,
    pub(crate) sum: Tally,
    pub(crate) why: Why,
}

/// How many minutes of an hour are known to be what. At most 60 each.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Why {
    pub(crate) busy: u8,
    pub(crate) quiet: u8,
    pub(crate) agent_lost: u8,
    pub(crate) down: u8,
}

impl Hour {
    pub(crate) fn of(budgeting: Budgeting, packed: PackedHour, minutes: &[Known; 60]) -> Self {
        Self { packed: Some(packed), sum: tally(budgeting, minutes), why: Why::of(minutes) }
    }

    /// Its minutes; nothing of one that is folded.
    pub(crate) fn minutes(&self) -> [Known; 60] {
        self.packed.as_ref().map_or([Known::Nothing; 60], PackedHour::unpack_known)
    }
}

impl Why {
    pub(crate) fn of(minutes: &[Known]) -> Self {
        let mut why = Self::default();
        for known in minutes {
            match known {
                Known::Events(counts) if counts.total() > 0 => why.busy += 1,
                Known::Events(_) => why.quiet += 1,
                Known::AgentLost => why.agent_lost += 1,
                Known::Down => why.down += 1,
                Known::Nothing => {}
            }
        }
        why
    }
}

pub(crate) fn tally(budgeting: Budgeting, minutes: &[Known; 60]) -> Tally {
    let events = sum(minutes);
    let counts = match budgeting {
        Budgeting::Occurrences => events,
        Budgeting::Slices(slices) => slices.counts(minutes),
    };
    Tally {
        counts,
        events,
        covered_minutes: minutes.iter().filter_map(|known| known.events()).count() as u64,
    }
}

pub(crate) fn sum(minutes: &[Known]) -> Counts {
    minutes.iter().filter_map(|known| known.events()).fold(Counts::default(), |sum, counts| sum + counts)
}
