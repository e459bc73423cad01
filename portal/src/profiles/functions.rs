//! How much each function takes, wherever it is called.

use std::cmp::Reverse;

use super::read::Profile;

/// How much a function takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FunctionTotal {
    /// Its index.
    pub(crate) function: u32,
    /// By itself.
    pub(crate) own: i64,
    /// With what it calls. What calls itself counts once.
    pub(crate) total: i64,
}

/// Every function of a profile by one of its types, the largest of its own first.
pub(crate) fn functions(profile: &Profile, of: usize) -> Vec<FunctionTotal> {
    let zero = |function| FunctionTotal { function, own: 0, total: 0 };
    let mut totals: Vec<_> = (0..profile.functions.len() as u32).map(zero).collect();
    let mut counted = vec![usize::MAX; totals.len()];
    for (number, sample) in profile.samples.iter().enumerate() {
        let value = sample.values.get(of).copied().unwrap_or_default();
        for (depth, frame) in sample.stack.iter().enumerate() {
            let index = frame.function as usize;
            let Some(total) = totals.get_mut(index) else { continue };
            if counted[index] != number {
                counted[index] = number;
                total.total = total.total.saturating_add(value);
            }
            if depth + 1 == sample.stack.len() {
                total.own = total.own.saturating_add(value);
            }
        }
    }
    totals.retain(|total| total.total != 0 || total.own != 0);
    totals.sort_by_key(|total| (Reverse(total.own), Reverse(total.total), total.function));
    totals
}
