//! Two profiles, side by side in one tree. They are compared by shares: one may have taken longer than the other.

use std::collections::HashMap;

use super::{functions::functions, read::Profile, tree::tree};

/// Two profiles in one tree.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Diff {
    /// The first is the root; a parent comes before its children.
    pub(crate) nodes: Vec<DiffNode>,
    /// Functions, the largest change of what they take themselves first.
    pub(crate) changes: Vec<Change>,
}

/// A function called by another, in both profiles.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct DiffNode {
    /// Empty for the root.
    pub(crate) name: String,
    pub(crate) parent: u32,
    /// Share of the whole, from 0 to 1.
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

    fn total(&self) -> f64 {
        self.total_after - self.total_before
    }
}

/// From one profile to another, by the types of these indices.
pub(crate) fn diff(before: (&Profile, usize), after: (&Profile, usize), inverted: bool) -> Diff {
    let mut diff = Diff { nodes: vec![DiffNode::default()], changes: Vec::new() };
    let mut known = HashMap::new();
    let mut changes: HashMap<String, Change> = HashMap::new();
    for ((profile, of), is_after) in [(before, false), (after, true)] {
        diff.add(&mut known, profile, of, inverted, is_after);
        let whole = profile.total(of).max(1) as f64;
        for taken in functions(profile, of) {
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
        profile: &Profile,
        of: usize,
        inverted: bool,
        is_after: bool,
    ) {
        let tree = tree(profile, of, inverted);
        let whole = tree.node(0).total.max(1) as f64;
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
