//! Two profiles, side by side in one tree.
//!
//! Those of a moment, of what a heap holds or of tasks, are compared by what they count: what grows shows, and what stays as it is does not. Those
//! that took a time are compared by their shares: one may have taken longer than the other.

use std::collections::HashMap;

use super::{
    causes::{Cause, causes},
    functions::functions,
    read::Profile,
    tree::{Shape, tree},
};

/// Two profiles in one tree.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Diff {
    /// The first is the root; a parent comes before its children.
    pub(crate) nodes: Vec<DiffNode>,
    /// Functions, the largest change of what they take themselves first.
    pub(crate) changes: Vec<Change>,
    /// Functions of the service, the largest change of what they cause first.
    pub(crate) causes: Vec<CauseChange>,
    /// Whether both are of a moment, so that their values can be compared themselves.
    pub(crate) is_of_moments: bool,
}

/// How what a function of the service causes has changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct CauseChange {
    /// As it is in the later profile, or in the earlier where it is in that alone.
    pub(crate) cause: Cause,
    pub(crate) value_before: i64,
    pub(crate) value_after: i64,
    /// Shares as those of [`DiffNode`].
    pub(crate) share_before: f64,
    pub(crate) share_after: f64,
}

impl CauseChange {
    /// Of its share.
    pub(crate) fn change(&self) -> f64 {
        self.share_after - self.share_before
    }
}

/// A function called by another, in both profiles.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct DiffNode {
    /// Empty for the root.
    pub(crate) name: String,
    pub(crate) parent: u32,
    /// Share of the whole, from 0 to 1: of its own profile, or of the larger one where both are of a moment.
    pub(crate) before: f64,
    pub(crate) after: f64,
    /// The largest, of before and after, first.
    pub(crate) children: Vec<u32>,
}

/// How the share of a function changed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Change {
    pub(crate) name: String,
    /// Without what it calls, from 0 to 1.
    pub(crate) own_before: f64,
    pub(crate) own_after: f64,
    /// With it.
    pub(crate) total_before: f64,
    pub(crate) total_after: f64,
}

impl Change {
    /// Of what it takes itself.
    pub(crate) fn own(&self) -> f64 {
        self.own_after - self.own_before
    }

    /// With what it calls.
    pub(crate) fn total(&self) -> f64 {
        self.total_after - self.total_before
    }
}

/// From one profile to another, each by its own shape.
pub(crate) fn diff(before: (&Profile, Shape), after: (&Profile, Shape)) -> Diff {
    let mut diff = Diff { nodes: vec![DiffNode::default()], ..Diff::default() };
    let mut known = HashMap::new();
    let mut changes: HashMap<String, Change> = HashMap::new();
    let mut caused: HashMap<String, CauseChange> = HashMap::new();
    let total = |(profile, shape): (&Profile, Shape)| profile.total(shape.of).max(1);
    // What was allocated is a sum since the process began.
    let is_of_moment = |(profile, shape): (&Profile, Shape)| {
        let is_sum = profile.types.get(shape.of).is_some_and(|of| of.name.starts_with("alloc_"));
        profile.duration_nanos == 0 && !is_sum
    };
    diff.is_of_moments = is_of_moment(before) && is_of_moment(after);
    let larger = diff.is_of_moments.then(|| total(before).max(total(after)));
    for ((profile, shape), is_after) in [(before, false), (after, true)] {
        let whole = larger.unwrap_or_else(|| total((profile, shape))) as f64;
        diff.add(&mut known, (profile, shape), larger, is_after);
        for cause in causes(profile, shape.of) {
            let (value, share) = (cause.value, cause.value as f64 / whole);
            let change = caused.entry(cause.name.clone()).or_default();
            if is_after {
                (change.value_after, change.share_after) = (value, share);
            } else {
                (change.value_before, change.share_before) = (value, share);
            }
            change.cause = cause;
        }
        for taken in functions(profile, shape.of) {
            let name = profile.function(taken.function).name.clone();
            let change = changes.entry(name.clone()).or_insert_with(|| Change::none(name));
            let (own, total) = (taken.own as f64 / whole, taken.total as f64 / whole);
            if is_after {
                change.own_after += own;
                change.total_after += total;
            } else {
                change.own_before += own;
                change.total_before += total;
            }
        }
    }
    diff.causes = caused.into_values().collect();
    diff.causes.sort_by(|one, other| {
        let by_size = other.change().abs().total_cmp(&one.change().abs());
        by_size.then_with(|| one.cause.name.cmp(&other.cause.name))
    });
    diff.changes = changes.into_values().collect();
    diff.changes.sort_by(|one, other| {
        let size = |change: &Change| (change.own().abs(), change.total().abs());
        let (one_size, other_size) = (size(one), size(other));
        other_size
            .0
            .total_cmp(&one_size.0)
            .then(other_size.1.total_cmp(&one_size.1))
            .then(one.name.cmp(&other.name))
    });
    diff
}

impl Change {
    fn none(name: String) -> Self {
        Self { name, own_before: 0.0, own_after: 0.0, total_before: 0.0, total_after: 0.0 }
    }
}

impl Diff {
    fn add(
        &mut self,
        known: &mut HashMap<(u32, String), u32>,
        (profile, shape): (&Profile, Shape),
        larger: Option<i64>,
        is_after: bool,
    ) {
        let tree = tree(profile, shape);
        let whole = larger.unwrap_or(tree.node(0).total).max(1) as f64;
        // Where each node of the tree is in this one. Parents come first.
        let mut places: Vec<u32> = vec![0; tree.nodes.len()];
        for (index, node) in tree.nodes.iter().enumerate() {
            let at = match node.function {
                None => 0,
                Some(function) => {
                    let parent = places[node.parent as usize];
                    let name = &profile.function(function).name;
                    *known.entry((parent, name.clone())).or_insert_with(|| self.push(parent, name.clone()))
                }
            };
            places[index] = at;
            let share = node.total as f64 / whole;
            if let Some(node) = self.nodes.get_mut(at as usize) {
                *(if is_after { &mut node.after } else { &mut node.before }) += share;
            }
        }
        let size: Vec<f64> = self.nodes.iter().map(|node| node.before.max(node.after)).collect();
        for node in &mut self.nodes {
            node.children.sort_by(|one, other| size[*other as usize].total_cmp(&size[*one as usize]));
        }
    }

    fn push(&mut self, parent: u32, name: String) -> u32 {
        let index = self.nodes.len() as u32;
        self.nodes.push(DiffNode { name, parent, ..DiffNode::default() });
        if let Some(parent) = self.nodes.get_mut(parent as usize) {
            parent.children.push(index);
        }
        index
    }
}
