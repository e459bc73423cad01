//! One profile: its frames as they are drawn, its functions, and its tasks.

use seaworthy_telemetry::{
    model::Window,
    profile::{ProfileId, ProfileQuery},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    ProfileLine,
    flame::{Drawing, FrameView, shortened},
    tasks::{TasksView, tasks},
};
use crate::{
    problem::Problem,
    profiles::{self, Cause, Code, Profile, Shape},
    state::App,
};

/// Functions of the service that are told first.
pub(super) const MOST_CAUSES: usize = 5;
/// And cause so much of the whole: less is no place to look first.
pub(super) const LEAST_CAUSE: f64 = 0.01;
/// What asks for stacks from their beginning.
pub(crate) const WHOLE: &str = "whole";
/// Functions in the table.
const MOST_FUNCTIONS: usize = 25;
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
    /// `whole` for stacks from their beginning, not from the code of the service on.
    pub(crate) stacks: String,
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
    /// Whether stacks have calls before those of the service; none for tasks, which begin with what they are.
    pub(crate) is_led_to_service: bool,
    /// Whether those are left out.
    pub(crate) from_service: bool,
    /// From the root down to the frame that is zoomed in on, both included: of a long way its beginning and its end.
    pub(crate) path: Vec<FrameView>,
    /// Frames between the beginning of that way and its end.
    pub(crate) path_left_out: usize,
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
    /// The functions of the service that cause the most: where to look first.
    pub(crate) causes: Vec<CauseView>,
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

/// What a function of the service causes, with all that it calls of others.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct CauseView {
    /// Its name.
    pub(crate) name: String,
    /// Where in it the most is caused, `src/orders.rs:52`; empty where unknown.
    pub(crate) place: String,
    /// The function of the service that mostly calls it, empty where there is none.
    pub(crate) caller: String,
    /// Where that is, empty where unknown.
    pub(crate) caller_place: String,
    /// The sum over the stacks of which it is the innermost function that is the service's own.
    pub(crate) value: i64,
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
    let is_led_to_service = line.kind != "tasks" && profiles::is_led_to_service(profile);
    let from_service = is_led_to_service && look.stacks != WHOLE;
    let tree = profiles::tree(profile, Shape { of: shown, inverted, from_service });
    let at = if (look.at as usize) < tree.nodes.len() { look.at } else { 0 };
    let find = look.find.trim().to_owned();
    let (path, path_left_out) = shortened(tree.path(at));
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
        is_led_to_service,
        from_service,
        path_left_out,
        path: path.into_iter().map(|node| drawing.frame(node, 0, (0.0, 1.0))).collect(),
        found: drawing.share_found(),
        depth: drawing.frames.iter().map(|frame| frame.depth + 1).max().unwrap_or_default(),
        left_out: drawing.left_out,
        frames: drawing.frames,
        find,
        causes: causes(profile, shown),
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

fn causes(profile: &Profile, of: usize) -> Vec<CauseView> {
    let least = LEAST_CAUSE * profile.total(of) as f64;
    let causes = profiles::causes(profile, of).into_iter().filter(|cause| cause.value as f64 >= least);
    causes.take(MOST_CAUSES).map(CauseView::from).collect()
}

impl From<Cause> for CauseView {
    fn from(cause: Cause) -> Self {
        let Cause { name, place, caller, value } = cause;
        let (caller, caller_place) = caller.unwrap_or_default();
        Self { name, place, caller, caller_place, value }
    }
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
