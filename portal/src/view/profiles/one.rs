//! One profile: its frames as they are drawn, its functions, and its tasks.

use seaworthy_telemetry::{
    model::Window,
    profile::{ProfileId, ProfileQuery},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::ProfileLine;
use crate::{
    problem::Problem,
    profiles::{self, Code, Profile, Tree},
    state::App,
};

/// Frames narrower than this are left out: nobody could see or hit them. Zooming in shows them.
const NARROWEST: f64 = 0.0008;
/// Frames that are drawn.
const MOST_FRAMES: usize = 4_000;
/// Functions in the table.
const MOST_FUNCTIONS: usize = 80;
/// Profiles that one can be compared with.
const MOST_OTHERS: usize = 20;

/// How to look at a profile.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct Look {
    /// Which values: `inuse_space`.
    #[serde(rename = "type")]
    #[param(rename = "type")]
    pub(crate) of: String,
    /// `flame`, or `inverted`: from the functions that do the work to who calls them.
    pub(crate) view: String,
    /// The frame that is zoomed in on.
    pub(crate) at: u32,
    /// Part of the name of functions to look for.
    pub(crate) find: String,
    /// `own` or `total`, by which functions are sorted.
    pub(crate) sort: String,
}

/// A profile.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ProfileView {
    /// What it is.
    pub(crate) profile: ProfileLine,
    /// What its values mean.
    pub(crate) types: Vec<TypeView>,
    /// Which of them is shown.
    pub(crate) shown: usize,
    /// Whether it goes from the functions that do the work to who calls them.
    pub(crate) inverted: bool,
    /// From the root down to the frame that is zoomed in on, both included.
    pub(crate) path: Vec<FrameView>,
    /// The frames, each after the one that calls it.
    pub(crate) frames: Vec<FrameView>,
    /// How deep they go.
    pub(crate) depth: usize,
    /// Frames that are too narrow to be drawn.
    pub(crate) left_out: usize,
    /// Part of the name of functions that are looked for.
    pub(crate) find: String,
    /// How much of the whole is in functions that were found, from 0 to 1.
    pub(crate) found: f64,
    /// Whether functions are sorted by what they take with what they call.
    pub(crate) by_total: bool,
    /// The functions that take the most, and those that were found.
    pub(crate) functions: Vec<FunctionView>,
    /// Functions in it.
    pub(crate) functions_in_all: usize,
    /// What who took it has to say.
    pub(crate) comments: Vec<String>,
    /// What tasks did, where it is of them.
    pub(crate) tasks: Option<TasksView>,
    /// Others of the same kind, latest first, to compare it with.
    pub(crate) others: Vec<ProfileLine>,
}

/// What values mean.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TypeView {
    /// `inuse_space`.
    pub(crate) name: String,
    /// `bytes`.
    pub(crate) unit: String,
    /// The sum over all samples.
    pub(crate) total: i64,
}

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

/// How much a function takes, wherever it is called.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FunctionView {
    /// Its name.
    pub(crate) name: String,
    /// Its file, empty where unknown.
    pub(crate) file: String,
    /// Whose code it is.
    pub(crate) code: Code,
    /// By itself.
    pub(crate) own: i64,
    /// With what it calls.
    pub(crate) total: i64,
}

/// What all tasks of the instance did.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TasksView {
    /// How many of the tasks that are alive are seen, in words.
    pub(crate) coverage: String,
    /// Those that run first, then the longest waiting.
    pub(crate) groups: Vec<TaskGroupView>,
    /// Polls of 100 ms or longer since the process began, by where their tasks come from.
    pub(crate) slow_polls: Vec<SlowPollsView>,
}

/// Tasks of the same origin, state and stack.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TaskGroupView {
    /// How many.
    pub(crate) tasks: u64,
    /// `running`, `woken`, `idle`.
    pub(crate) state: String,
    /// For how long the longest of them has been so.
    pub(crate) longest_nanos: u64,
    /// How often they were polled.
    pub(crate) polls: u64,
    /// How long polls took, together.
    pub(crate) busy_nanos: u64,
    /// Name or type.
    pub(crate) name: String,
    /// `src/orders.rs:52`, empty where unknown.
    pub(crate) spawned_at: String,
    /// Of the longest waiting, empty where it has none.
    pub(crate) trace_id: String,
    /// Where they wait, the innermost call first.
    pub(crate) stack: Vec<CallView>,
}

/// A call that has not returned.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct CallView {
    /// The function.
    pub(crate) name: String,
    /// `src/orders.rs:52`, empty where unknown.
    pub(crate) place: String,
    /// Whose code it is.
    pub(crate) code: Code,
}

/// Slow polls of the tasks of one place.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SlowPollsView {
    /// How many.
    pub(crate) polls: u64,
    /// How long the longest took.
    pub(crate) longest_nanos: u64,
    /// Name or type of the tasks, and where they are spawned.
    pub(crate) place: String,
}

/// A profile as it came, and what is known of it.
pub(crate) async fn body(app: &App, id: &str) -> Result<(ProfileLine, Vec<u8>), Problem> {
    let found = match id.parse::<ProfileId>() {
        Ok(id) => app.telemetry().profile(id).await.map_err(Problem::internal)?,
        Err(_) => None,
    };
    let (stored, body) = found.ok_or_else(|| {
        Problem::not_found(
            "There is no such profile",
            "Profiles are kept as long as other telemetry. A service's page lists those that there are.",
        )
    })?;
    Ok((stored.into(), body))
}

/// A profile, read.
pub(super) async fn read(app: &App, id: &str) -> Result<(ProfileLine, Profile), Problem> {
    let (line, body) = body(app, id).await?;
    let read = tokio::task::spawn_blocking(move || {
        let inflated = profiles::inflated(&body).map_err(Problem::internal)?;
        profiles::read(&inflated).map_err(Problem::internal)
    });
    Ok((line, read.await.map_err(Problem::internal)??))
}

/// A profile, as it is looked at.
pub(crate) async fn load(app: &App, id: &str, look: Look) -> Result<ProfileView, Problem> {
    let (line, profile) = read(app, id).await?;
    let others = others(app, &line).await?;
    let view = move || view(line, others, &profile, look);
    tokio::task::spawn_blocking(view).await.map_err(Problem::internal)
}

async fn others(app: &App, line: &ProfileLine) -> Result<Vec<ProfileLine>, Problem> {
    let query = ProfileQuery {
        service: line.service.clone(),
        kind: Some(line.kind.clone()),
        instance: None,
        version: None,
        window: Window { from: 0, to: i64::MAX as u64 },
        limit: MOST_OTHERS + 1,
    };
    let found = app.telemetry().profiles(query).await.map_err(Problem::internal)?;
    Ok(found
        .into_iter()
        .map(ProfileLine::from)
        .filter(|other| other.id != line.id)
        .take(MOST_OTHERS)
        .collect())
}

fn view(line: ProfileLine, others: Vec<ProfileLine>, profile: &Profile, look: Look) -> ProfileView {
    let shown = chosen(profile, &look.of);
    let inverted = look.view == "inverted";
    let tree = profiles::tree(profile, shown, inverted);
    let at = if (look.at as usize) < tree.nodes.len() { look.at } else { 0 };
    let find = look.find.trim().to_owned();
    let mut drawing = Drawing::new(profile, &tree, &find);
    drawing.draw(at);
    let by_total = look.sort == "total";
    let (functions, functions_in_all) = functions(profile, shown, &find, by_total);
    let types = profile.types.iter().enumerate();
    let types = types
        .map(|(of, known)| TypeView {
            name: known.name.clone(),
            unit: known.unit.clone(),
            total: profile.total(of),
        })
        .collect();
    ProfileView {
        types,
        shown,
        inverted,
        path: tree.path(at).into_iter().map(|node| drawing.frame(node, 0, (0.0, 1.0))).collect(),
        found: found(&tree, &drawing),
        depth: drawing.frames.iter().map(|frame| frame.depth + 1).max().unwrap_or_default(),
        left_out: drawing.left_out,
        frames: drawing.frames,
        find,
        by_total,
        functions,
        functions_in_all,
        tasks: (line.kind == "tasks").then(|| tasks(profile)),
        comments: profile.comments.clone(),
        others,
        profile: line,
    }
}

/// The type of this name, or the one that is shown first.
pub(super) fn chosen(profile: &Profile, name: &str) -> usize {
    profile.types.iter().position(|of| of.name == name).unwrap_or(profile.shown_first)
}

struct Drawing<'a> {
    profile: &'a Profile,
    tree: &'a Tree,
    find: String,
    frames: Vec<FrameView>,
    left_out: usize,
}

impl<'a> Drawing<'a> {
    fn new(profile: &'a Profile, tree: &'a Tree, find: &str) -> Self {
        Self { profile, tree, find: find.to_lowercase(), frames: Vec::new(), left_out: 0 }
    }

    /// What is below a node, over the whole width, after the nodes above it.
    fn draw(&mut self, at: u32) {
        let path = self.tree.path(at);
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

    fn frame(&self, node: u32, depth: usize, (left, width): (f64, f64)) -> FrameView {
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
}

/// How much of the whole is in functions that are looked for, each part counted once.
fn found(tree: &Tree, drawing: &Drawing<'_>) -> f64 {
    let is_found = |node: u32| {
        let function = tree.node(node).function.map(|function| drawing.profile.function(function));
        function.is_some_and(|function| drawing.is_found(&function.name))
    };
    let (mut sum, mut waiting) = (0_i64, vec![0]);
    while let Some(node) = waiting.pop() {
        match is_found(node) {
            true => sum = sum.saturating_add(tree.node(node).total),
            false => waiting.extend(&tree.node(node).children),
        }
    }
    sum as f64 / tree.node(0).total.max(1) as f64
}

fn functions(profile: &Profile, of: usize, find: &str, by_total: bool) -> (Vec<FunctionView>, usize) {
    let mut all = profiles::functions(profile, of);
    let in_all = all.len();
    if by_total {
        all.sort_by_key(|taken| std::cmp::Reverse((taken.total, taken.own)));
    }
    let find = find.to_lowercase();
    let shown = all.into_iter().filter_map(|taken| {
        let function = profile.function(taken.function);
        function.name.to_lowercase().contains(&find).then(|| FunctionView {
            name: function.name.clone(),
            file: function.file.clone(),
            code: profile.code(taken.function),
            own: taken.own,
            total: taken.total,
        })
    });
    (shown.take(MOST_FUNCTIONS).collect(), in_all)
}

fn tasks(profile: &Profile) -> TasksView {
    let told = profiles::tasks(profile);
    let call = |(name, place): (String, String)| CallView { code: Code::of(&name, &place), name, place };
    let group = |group: profiles::TaskGroup| TaskGroupView {
        tasks: group.tasks,
        state: group.state,
        longest_nanos: group.longest_nanos,
        polls: group.polls,
        busy_nanos: group.busy_nanos,
        name: group.name,
        spawned_at: group.spawned_at,
        trace_id: group.trace,
        stack: group.stack.into_iter().map(call).collect(),
    };
    let slow = |slow: profiles::SlowPolls| SlowPollsView {
        polls: slow.polls,
        longest_nanos: slow.longest_nanos,
        place: slow.place,
    };
    TasksView {
        coverage: told.coverage,
        groups: told.groups.into_iter().map(group).collect(),
        slow_polls: told.slow_polls.into_iter().map(slow).collect(),
    }
}
