//! What functions of the service cause.

use std::{cmp::Reverse, collections::HashMap};

use super::{
    code::{Code, without_closures},
    read::{Frame, Profile},
};

/// What a function of the service causes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cause {
    pub(crate) name: String,
    /// Where in it the most is caused, `src/orders.rs:52`; empty where unknown.
    pub(crate) place: String,
    /// The function of the service by which most of it is called for, and where in that; none where that is nothing of the service.
    pub(crate) caller: Option<(String, String)>,
    pub(crate) value: i64,
}

#[derive(Default)]
struct Sums<'p> {
    value: i64,
    places: HashMap<Frame, i64>,
    /// By the function, none where nothing of the service has called.
    callers: HashMap<Option<&'p str>, Caller>,
}

#[derive(Default)]
struct Caller {
    value: i64,
    places: HashMap<Frame, i64>,
}

/// What functions of the service cause, the largest first: a stack counts for the innermost function that is the service's own, with all
/// that it calls of others. A closure counts as the function that it is in.
pub(crate) fn causes(profile: &Profile, of: usize) -> Vec<Cause> {
    let name = |frame: &Frame| without_closures(&profile.function(frame.function).name);
    let mut causes: HashMap<&str, Sums<'_>> = HashMap::new();
    for sample in &profile.samples {
        let value = sample.values.get(of).copied().unwrap_or_default();
        let mut own = sample.stack.iter().rev().filter(|frame| profile.code(frame.function) == Code::Own);
        let Some(innermost) = own.next() else { continue };
        let cause = name(innermost);
        let sums = causes.entry(cause).or_default();
        let add = |sum: &mut i64| *sum = sum.saturating_add(value);
        add(&mut sums.value);
        add(sums.places.entry(*innermost).or_default());
        let caller = own.find(|frame| name(frame) != cause);
        let of_caller = sums.callers.entry(caller.map(name)).or_default();
        add(&mut of_caller.value);
        if let Some(place) = caller {
            add(of_caller.places.entry(*place).or_default());
        }
    }
    let mut causes: Vec<_> = causes.into_iter().map(|(name, sums)| told(profile, name, &sums)).collect();
    causes.retain(|cause| cause.value > 0);
    causes.sort_by(|a, b| b.value.cmp(&a.value).then_with(|| a.name.cmp(&b.name)));
    causes
}

fn told(profile: &Profile, name: &str, sums: &Sums<'_>) -> Cause {
    let place = |places: &HashMap<Frame, i64>| {
        let most = places.iter().max_by_key(|(frame, value)| (**value, Reverse(**frame)));
        most.map(|(frame, _)| profile.place(frame)).unwrap_or_default()
    };
    let caller = sums.callers.iter().max_by_key(|(name, caller)| (caller.value, Reverse(**name)));
    Cause {
        name: name.to_owned(),
        place: place(&sums.places),
        caller: caller.and_then(|(name, caller)| Some(((*name)?.to_owned(), place(&caller.places)))),
        value: sums.value,
    }
}
