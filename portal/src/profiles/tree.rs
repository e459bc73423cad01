//! Samples as a tree: what was called by what.

use std::{cmp::Reverse, collections::HashMap};

use super::{
    code::{Code, without_closures},
    read::{Frame, Profile, Sample},
};

/// Samples as a tree. The first node is the root, and a parent comes before its children.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tree {
    pub(crate) nodes: Vec<Node>,
}

/// A function that was called by another, or calls it where the tree is inverted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Node {
    /// Its index; none for the root.
    pub(crate) function: Option<u32>,
    pub(crate) parent: u32,
    /// With what is below.
    pub(crate) total: i64,
    /// Without it.
    pub(crate) own: i64,
    /// The largest first.
    pub(crate) children: Vec<u32>,
}

/// How samples become a tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    /// The type whose values are shown, by its index.
    pub(crate) of: usize,
    /// Begins with the functions that do the work, and goes on with who calls them.
    pub(crate) inverted: bool,
    /// Without the calls by which a runtime comes to the code of the service, or else of its dependencies. What has none of those keeps all of
    /// them.
    pub(crate) from_service: bool,
}

/// The samples of a profile as a tree. What became less, in the difference of two heaps, is left out.
pub(crate) fn tree(profile: &Profile, shape: Shape) -> Tree {
    let Shape { of, inverted, from_service } = shape;
    let mut tree = Tree { nodes: vec![Node::default()] };
    let mut known: HashMap<(u32, u32), u32> = HashMap::new();
    for sample in &profile.samples {
        let value = sample.values.get(of).copied().unwrap_or_default();
        if value <= 0 {
            continue;
        }
        let begin = if from_service { begin_of_service(profile, sample) } else { 0 };
        let outermost_first = sample.stack.iter().skip(begin).map(|frame| frame.function);
        let path: Vec<u32> =
            if inverted { outermost_first.rev().collect() } else { outermost_first.collect() };
        let mut at = 0;
        tree.add(at, value);
        for function in path {
            at = *known.entry((at, function)).or_insert_with(|| tree.push(at, function));
            tree.add(at, value);
        }
        if let Some(node) = tree.nodes.get_mut(at as usize) {
            node.own = node.own.saturating_add(value);
        }
    }
    tree.sort(profile);
    tree
}

/// Whether calls come before those of the service, which can be left out.
pub(crate) fn is_led_to_service(profile: &Profile) -> bool {
    profile.samples.iter().any(|sample| begin_of_service(profile, sample) > 0)
}

/// Where the code of the service begins in a stack: with what `main` runs by a runtime, rather than with `main`, where there is something of
/// the service below it.
fn begin_of_service(profile: &Profile, sample: &Sample) -> usize {
    let of = |code: Code| {
        let frames = sample.stack.iter().enumerate();
        frames.filter(move |(_, frame)| profile.code(frame.function) == code)
    };
    let is_main =
        |frame: &Frame| without_closures(&profile.function(frame.function).name).ends_with("::main");
    let begin = of(Code::Own).find(|(_, frame)| !is_main(frame));
    begin
        .or_else(|| of(Code::Own).next())
        .or_else(|| of(Code::Dependency).next())
        .map_or(0, |(depth, _)| depth)
}

impl Tree {
    /// A node by its index.
    pub(crate) fn node(&self, index: u32) -> &Node {
        &self.nodes[index as usize]
    }

    /// From the root down to a node, both included.
    pub(crate) fn path(&self, node: u32) -> Vec<u32> {
        let mut path = vec![node];
        let mut at = node;
        while at != 0 {
            at = self.node(at).parent;
            path.push(at);
        }
        path.reverse();
        path
    }

    fn push(&mut self, parent: u32, function: u32) -> u32 {
        let index = self.nodes.len() as u32;
        self.nodes.push(Node { function: Some(function), parent, ..Node::default() });
        if let Some(parent) = self.nodes.get_mut(parent as usize) {
            parent.children.push(index);
        }
        index
    }

    fn add(&mut self, node: u32, value: i64) {
        if let Some(node) = self.nodes.get_mut(node as usize) {
            node.total = node.total.saturating_add(value);
        }
    }

    fn sort(&mut self, profile: &Profile) {
        let order: Vec<_> = self
            .nodes
            .iter()
            .map(|node| {
                let name = node.function.map(|function| profile.function(function).name.as_str());
                (Reverse(node.total), name)
            })
            .collect();
        for node in &mut self.nodes {
            node.children.sort_by_key(|child| order[*child as usize]);
        }
    }
}
