//! How much each function takes, wherever it is called.

use std::{cmp::Reverse, collections::HashMap};

use super::{code::Code, read::Profile};

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

/// What functions of the service cause, by name, the largest first: a stack counts for the innermost function that is the service's
/// own, with all that it calls of others. A closure counts as the function that it is in.
pub(crate) fn caused_by_service(profile: &Profile, of: usize) -> Vec<(String, i64)> {
    let mut caused: HashMap<&str, i64> = HashMap::new();
    let is_own: Vec<_> =
        (0..profile.functions.len() as u32).map(|function| profile.code(function) == Code::Own).collect();
    for sample in &profile.samples {
        let mut functions = sample.stack.iter().rev().map(|frame| frame.function);
        let own = functions.find(|function| is_own[*function as usize]);
        if let (Some(own), Some(value)) = (own, sample.values.get(of)) {
            let sum = caused.entry(without_closures(&profile.function(own).name)).or_default();
            *sum = sum.saturating_add(*value);
        }
    }
    let mut caused: Vec<_> = caused.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    caused.retain(|(_, value)| *value > 0);
    caused.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    caused
}

fn without_closures(name: &str) -> &str {
    let mut name = name;
    while let Some(outer) = name.strip_suffix("::{{closure}}") {
        name = outer;
    }
    name
}
