//! Plans against the catalog, and what comes of them.

use axum::http::StatusCode;
use seaworthy_catalog::{Actor, SloChange};
use seaworthy_openslo::Definition;

use super::{
    definition,
    plan::{Files, Plan, plan},
};
use crate::{problem::Problem, state::App};

/// Every SLO, by name.
pub(crate) async fn all(app: &App) -> Result<Vec<Definition>, Problem> {
    let stored = app.catalog().slos().await?;
    stored.iter().map(|slo| definition::of(&slo.name, &slo.definition)).collect()
}

/// The SLO of this name.
pub(crate) async fn one(app: &App, name: &str) -> Result<Definition, Problem> {
    let (stored, _) = crate::view::slo::definition(app, name).await?;
    definition::of(name, &stored.definition)
}

/// What files would change.
pub(crate) async fn look(app: &App, files: Files) -> Result<Plan, Problem> {
    Ok(planned(app, files).await?.0)
}

/// Makes SLOs what files say: all of it, or nothing if there are mistakes or somebody has changed an SLO meanwhile.
pub(crate) async fn apply(app: &App, files: Files, actor: &Actor) -> Result<Plan, Problem> {
    let seen = files.seen.clone();
    let (plan, changes) = planned(app, files).await?;
    if seen.is_some_and(|seen| plan.mistakes.is_empty() && seen != plan.seen) {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "SLOs have changed since this was planned",
            "Nothing was changed. Look at what the files would change now, and apply them again.",
        ));
    }
    if plan.mistakes.is_empty() {
        app.catalog().apply_slos(&changes, actor, app.clock().now()).await?;
    }
    Ok(plan)
}

async fn planned(app: &App, files: Files) -> Result<(Plan, Vec<SloChange>), Problem> {
    let stored = app.catalog().slos().await?;
    // Reading large files takes a moment, in which this thread has others to serve.
    tokio::task::spawn_blocking(move || plan(&files, &stored)).await.map_err(Problem::internal)?
}
