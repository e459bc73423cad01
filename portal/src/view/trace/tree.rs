//! Who is whose child.

use std::collections::HashMap;

use seaworthy_telemetry::model::{Span, SpanId};

/// The spans of a trace by their place in the order of start. Spans whose parent is missing, or that are their own
/// ancestors, stand as roots.
pub(super) struct Tree {
    roots: Vec<usize>,
    pub(super) children: Vec<Vec<usize>>,
    /// Spans whose parent is not there.
    pub(super) orphans: usize,
    /// Spans that were cut from a circle.
    pub(super) circles: usize,
}

impl Tree {
    /// `spans` are in order of start, so children are too.
    pub(super) fn of(spans: &[Span]) -> Self {
        let by_id: HashMap<SpanId, usize> =
            spans.iter().enumerate().map(|(index, span)| (span.span_id, index)).collect();
        let mut tree = Self { roots: vec![], children: vec![vec![]; spans.len()], orphans: 0, circles: 0 };
        let parents: Vec<Option<usize>> =
            spans.iter().map(|span| span.parent.and_then(|parent| by_id.get(&parent).copied())).collect();
        let mut reached = vec![false; spans.len()];
        for (index, span) in spans.iter().enumerate() {
            match parents[index] {
                Some(parent) => tree.children[parent].push(index),
                None => {
                    tree.orphans += usize::from(span.parent.is_some());
                    tree.roots.push(index);
                    reached[index] = true;
                }
            }
        }
        tree.mark_reached(&tree.roots, &mut reached);
        for index in 0..spans.len() {
            if !reached[index] {
                // Only a circle is out of reach of every root; cutting it anywhere opens it.
                if let Some(parent) = parents[index] {
                    tree.children[parent].retain(|child| *child != index);
                }
                tree.roots.push(index);
                tree.circles += 1;
                reached[index] = true;
                tree.mark_reached(&[index], &mut reached);
            }
        }
        tree
    }

    fn mark_reached(&self, from: &[usize], reached: &mut [bool]) {
        let mut open: Vec<usize> = from.to_vec();
        while let Some(index) = open.pop() {
            for child in &self.children[index] {
                if !reached[*child] {
                    reached[*child] = true;
                    open.push(*child);
                }
            }
        }
    }

    /// What the trace is about: the first span that has no parent, or else the first whose parent is missing.
    pub(super) fn main_root(&self, spans: &[Span]) -> Option<usize> {
        let without_parent = self.roots.iter().find(|root| spans[**root].parent.is_none());
        without_parent.or(self.roots.first()).copied()
    }

    /// Every span with its depth, parents before children.
    pub(super) fn in_order(&self) -> Vec<(usize, usize)> {
        let mut order = Vec::with_capacity(self.children.len());
        let mut open: Vec<(usize, usize)> = self.roots.iter().rev().map(|root| (*root, 0)).collect();
        while let Some((index, depth)) = open.pop() {
            order.push((index, depth));
            open.extend(self.children[index].iter().rev().map(|child| (*child, depth + 1)));
        }
        order
    }

    /// How many spans are below each.
    pub(super) fn descendants(&self, order: &[(usize, usize)]) -> Vec<usize> {
        let mut counts = vec![0; self.children.len()];
        for (index, _) in order.iter().rev() {
            counts[*index] = self.children[*index].iter().map(|child| counts[*child] + 1).sum();
        }
        counts
    }
}
