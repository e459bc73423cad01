//! What changed from one profile to another.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    ProfileLine,
    flame::shortened,
    one::{CauseView, LEAST_CAUSE, Look, MOST_CAUSES, WHOLE, chosen, read},
};
use crate::{
    problem::Problem,
    profiles::{self, CauseChange, Change, Diff, Shape},
    state::App,
};

/// Frames narrower than this are left out.
const NARROWEST: f64 = 0.0008;
const MOST_FRAMES: usize = 4_000;
const MOST_CHANGES: usize = 25;

/// What changed from one profile to another: by shares of each, for one may have taken longer, or by shares of the larger one where both are of
/// a moment.
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
    /// Whether stacks have calls before those of the service; none for tasks, which begin with what they are.
    pub(crate) is_led_to_service: bool,
    /// Whether those are left out.
    pub(crate) from_service: bool,
    /// Whether both are of a moment, so that their values can be compared themselves.
    pub(crate) is_of_moments: bool,
    /// What values count: `bytes`.
    pub(crate) unit: String,
    /// Functions of the service, the largest change of what they cause first.
    pub(crate) causes: Vec<CauseChangeView>,
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

/// How what a function of the service causes has changed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct CauseChangeView {
    /// What it is, as in the later profile, or as in the earlier where it is in that alone.
    #[serde(flatten)]
    pub(crate) cause: CauseView,
    /// What it caused before, and what after.
    pub(crate) value_before: i64,
    pub(crate) value_after: i64,
    /// As shares of the whole, from 0 to 1.
    pub(crate) share_before: f64,
    pub(crate) share_after: f64,
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
        let both = [&before.1, &after.1];
        let is_led_to_service = after.0.kind != "tasks" && both.into_iter().any(profiles::is_led_to_service);
        let from_service = is_led_to_service && look.stacks != WHOLE;
        let shape = |of| Shape { of, inverted, from_service };
        let diff = profiles::diff((&before.1, shape(chosen(&before.1, &name))), (&after.1, shape(of)));
        let at = if (look.at as usize) < diff.nodes.len() { look.at } else { 0 };
        let frames = draw(&diff, at);
        DiffView {
            before: before.0,
            after: after.0,
            types: after.1.types.iter().map(|of| of.name.clone()).collect(),
            shown: name,
            inverted,
            is_led_to_service,
            from_service,
            is_of_moments: diff.is_of_moments,
            unit: after.1.types.get(of).map(|of| of.unit.clone()).unwrap_or_default(),
            causes: causes(diff.causes),
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

fn causes(changes: Vec<CauseChange>) -> Vec<CauseChangeView> {
    let large = changes.into_iter().filter(|change| change.change().abs() >= LEAST_CAUSE);
    let told = |change: CauseChange| {
        let CauseChange { cause, value_before, value_after, share_before, share_after } = change;
        CauseChangeView { cause: cause.into(), value_before, value_after, share_before, share_after }
    };
    large.take(MOST_CAUSES).map(told).collect()
}

/// Less than a thousandth is nothing to speak of.
fn is_change(change: &Change) -> bool {
    change.own().abs() >= 0.001 || change.total().abs() >= 0.001
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
    path.reverse();
    let (path, _) = shortened(path);
    let above = path.iter().enumerate();
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
