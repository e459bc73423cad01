//! The frames of a profile as they are drawn.

use serde::Serialize;
use utoipa::ToSchema;

use crate::profiles::{Code, Profile, Tree};

/// Frames narrower than this are left out: nobody could see or hit them. Zooming in shows them.
const NARROWEST: f64 = 0.0008;
/// Frames that are drawn.
const MOST_FRAMES: usize = 4_000;

/// A frame as it is drawn.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FrameView {
    /// By which it is zoomed in on.
    pub(crate) at: u32,
    /// The function.
    pub(crate) name: String,
    /// Its file, empty where unknown.
    pub(crate) file: String,
    /// Whose code it is.
    pub(crate) code: Code,
    /// Frames above it.
    pub(crate) depth: usize,
    /// Where it begins and how wide it is, from 0 to 1.
    pub(crate) left: f64,
    pub(crate) width: f64,
    /// With what it calls.
    pub(crate) total: i64,
    /// Without it.
    pub(crate) own: i64,
    /// Whether it is one that is looked for.
    pub(crate) found: bool,
}

/// Of the frames above the one that is zoomed in on, those that are shown beside the outermost.
const ABOVE: usize = 5;

/// The way to a frame, and how much of it is left out after its beginning. A long one would fill a screen.
pub(super) fn shortened(mut path: Vec<u32>) -> (Vec<u32>, usize) {
    let left_out = path.len().saturating_sub(ABOVE + 2);
    path.drain(1..=left_out);
    (path, left_out)
}

/// Frames, as they are placed.
pub(super) struct Drawing<'a> {
    profile: &'a Profile,
    tree: &'a Tree,
    find: String,
    /// Each after the one that calls it.
    pub(super) frames: Vec<FrameView>,
    /// Those that are too narrow.
    pub(super) left_out: usize,
}

impl<'a> Drawing<'a> {
    pub(super) fn new(profile: &'a Profile, tree: &'a Tree, find: &str) -> Self {
        Self { profile, tree, find: find.to_lowercase(), frames: Vec::new(), left_out: 0 }
    }

    /// What is below a node, over the whole width, after the nodes above it.
    pub(super) fn draw(&mut self, at: u32) {
        let (path, _) = shortened(self.tree.path(at));
        let mut waiting = Vec::new();
        for (depth, node) in path.iter().enumerate() {
            let frame = self.frame(*node, depth, (0.0, 1.0));
            self.frames.push(frame);
        }
        waiting.push((at, path.len() - 1, 0.0, 1.0));
        while let Some((node, depth, left, width)) = waiting.pop() {
            let whole = self.tree.node(node).total.max(1) as f64;
            let mut left = left;
            let mut below = Vec::new();
            for child in &self.tree.node(node).children {
                let part = self.tree.node(*child).total as f64 / whole * width;
                if part < NARROWEST || self.frames.len() >= MOST_FRAMES {
                    self.left_out += 1;
                } else {
                    let frame = self.frame(*child, depth + 1, (left, part));
                    self.frames.push(frame);
                    below.push((*child, depth + 1, left, part));
                }
                left += part;
            }
            // The widest first.
            waiting.extend(below.into_iter().rev());
        }
    }

    pub(super) fn frame(&self, node: u32, depth: usize, (left, width): (f64, f64)) -> FrameView {
        let (at, node) = (node, self.tree.node(node));
        let function = node.function.map(|function| self.profile.function(function));
        let (name, file) = function.map_or(("all", ""), |known| (known.name.as_str(), known.file.as_str()));
        FrameView {
            at,
            code: node.function.map_or(Code::Runtime, |function| self.profile.code(function)),
            found: function.is_some() && self.is_found(name),
            name: name.to_owned(),
            file: file.to_owned(),
            depth,
            left,
            width,
            total: node.total,
            own: node.own,
        }
    }

    fn is_found(&self, name: &str) -> bool {
        !self.find.is_empty() && name.to_lowercase().contains(&self.find)
    }

    /// How much of the whole is in functions that are looked for, each part counted once.
    pub(super) fn share_found(&self) -> f64 {
        let is_found = |node: u32| {
            let function = self.tree.node(node).function.map(|function| self.profile.function(function));
            function.is_some_and(|function| self.is_found(&function.name))
        };
        let (mut sum, mut waiting) = (0_i64, vec![0]);
        while let Some(node) = waiting.pop() {
            match is_found(node) {
                true => sum = sum.saturating_add(self.tree.node(node).total),
                false => waiting.extend(&self.tree.node(node).children),
            }
        }
        sum as f64 / self.tree.node(0).total.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_way_its_beginning_and_its_end_are_shown() {
        for (length, shown, left_out) in [
            (1, vec![0], 0),
            (7, vec![0, 1, 2, 3, 4, 5, 6], 0),
            (8, vec![0, 2, 3, 4, 5, 6, 7], 1),
            (40, vec![0, 34, 35, 36, 37, 38, 39], 33),
        ] {
            assert_eq!(shortened((0..length).collect()), (shown, left_out), "{length}");
        }
    }
}
