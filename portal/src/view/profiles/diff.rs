//! What changed from one profile to another.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    ProfileLine,
    one::{Look, chosen, read},
};
use crate::{
    problem::Problem,
    profiles::{self, Change, Diff},
    state::App,
};

/// Frames narrower than this are left out.
const NARROWEST: f64 = 0.0008;
const MOST_FRAMES: usize = 4_000;
const MOST_CHANGES: usize = 100;

/// What changed from one profile to another, by shares of each: one may have taken longer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct DiffView {
    /// The earlier.
    pub(crate) before: ProfileLine,
    /// The later.
    pub(crate) after: ProfileLine,
    /// Names of what can be compared.
    pub(crate) types: Vec<String>,
    /// What is compared.
    pub(crate) shown: String,
    /// From the functions that do the work to who calls them.
    pub(crate) inverted: bool,
    /// Frames as wide as the larger of their shares, each after the one that calls it.
    pub(crate) frames: Vec<DiffFrame>,
    /// The frame that is zoomed in on.
    pub(crate) at: u32,
    /// How deep they go.
    pub(crate) depth: usize,
    /// Functions by how much of their own share changed, the largest first.
    pub(crate) changes: Vec<ChangeView>,
}

/// A frame of both.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct DiffFrame {
    /// By which it is zoomed in on.
    pub(crate) at: u32,
    /// The function.
    pub(crate) name: String,
    /// Frames above it.
    pub(crate) depth: usize,
    /// Where it begins and how wide it is, from 0 to 1.
    pub(crate) left: f64,
    pub(crate) width: f64,
    /// Its shares of the whole, from 0 to 1.
    pub(crate) before: f64,
    pub(crate) after: f64,
}

/// How the share of a function changed, wherever it is called.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ChangeView {
    /// The function.
    pub(crate) name: String,
    /// Without what it calls, from 0 to 1.
    pub(crate) own_before: f64,
    pub(crate) own_after: f64,
    /// With it.
    pub(crate) total_before: f64,
    pub(crate) total_after: f64,
}

/// What changed from the earlier of two profiles to the later.
pub(crate) async fn load(app: &App, one: &str, other: &str, look: Look) -> Result<DiffView, Problem> {
    let (mut before, mut after) = (read(app, one).await?, read(app, other).await?);
    if before.0.kind != after.0.kind {
        return Err(Problem::new(
            http::StatusCode::BAD_REQUEST,
            "These profiles cannot be compared",
            "They are of different kinds. A profile's page lists those that it can be compared with.",
        ));
    }
    if before.0.taken_at > after.0.taken_at {
        std::mem::swap(&mut before, &mut after);
    }
    let compared = move || {
        let of = chosen(&after.1, &look.of);
        let name = after.1.types.get(of).map(|of| of.name.clone()).unwrap_or_default();
        let inverted = look.view == "inverted";
        let diff = profiles::diff((&before.1, chosen(&before.1, &name)), (&after.1, of), inverted);
        let at = if (look.at as usize) < diff.nodes.len() { look.at } else { 0 };
        let frames = draw(&diff, at);
        DiffView {
            before: before.0,
            after: after.0,
            types: after.1.types.iter().map(|of| of.name.clone()).collect(),
            shown: name,
            inverted,
            at,
            depth: frames.iter().map(|frame| frame.depth + 1).max().unwrap_or_default(),
            frames,
            changes: diff
                .changes
                .into_iter()
                .take(MOST_CHANGES)
                .filter(is_change)
                .map(ChangeView::from)
                .collect(),
        }
    };
    tokio::task::spawn_blocking(compared).await.map_err(Problem::internal)
}

/// Less than a thousandth is nothing to speak of.
fn is_change(change: &Change) -> bool {
    change.own().abs() >= 0.001 || (change.total_after - change.total_before).abs() >= 0.001
}

fn draw(diff: &Diff, at: u32) -> Vec<DiffFrame> {
    let node = |index: u32| &diff.nodes[index as usize];
    let size = |index: u32| node(index).before.max(node(index).after);
    let frame = |at: u32, depth, left, width| DiffFrame {
        at,
        name: if at == 0 { "all".to_owned() } else { node(at).name.clone() },
        depth,
        left,
        width,
        before: node(at).before,
        after: node(at).after,
    };
    let mut path = vec![at];
    while let Some(last) = path.last().filter(|last| **last != 0) {
        path.push(node(*last).parent);
    }
    let above = path.iter().rev().enumerate();
    let mut frames: Vec<_> = above.map(|(depth, at)| frame(*at, depth, 0.0, 1.0)).collect();
    let mut waiting = vec![(at, path.len() - 1, 0.0, 1.0)];
    while let Some((parent, depth, left, width)) = waiting.pop() {
        let children = &node(parent).children;
        // What became less here and more there can be wider than what calls it.
        let whole = size(parent).max(children.iter().map(|child| size(*child)).sum());
        let mut left: f64 = left;
        for child in children {
            let part = if whole > 0.0 { size(*child) / whole * width } else { 0.0 };
            if part >= NARROWEST && frames.len() < MOST_FRAMES {
                frames.push(frame(*child, depth + 1, left, part));
                waiting.push((*child, depth + 1, left, part));
            }
            left += part;
        }
    }
    frames
}

impl From<Change> for ChangeView {
    fn from(change: Change) -> Self {
        let Change { name, own_before, own_after, total_before, total_after } = change;
        Self { name, own_before, own_after, total_before, total_after }
    }
}
