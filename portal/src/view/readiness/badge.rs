//! What the badge of a service tells.

use seaworthy_catalog::AssessmentSummary;
use seaworthy_checklist::Level;

use super::{JUDGED_WITHIN, level};
use crate::{
    badge::{
        Standing,
        signed::{self, KEY},
    },
    problem::Problem,
    state::App,
    web::link,
};

/// The badge of a service that there is.
pub(crate) async fn load(app: &App, service: &str) -> Result<Standing, Problem> {
    match app.catalog().service(service).await? {
        Some(_) => standing(app, service).await,
        None => Err(Problem::not_found(
            format!("There is no service {service:?}"),
            "The fleet lists every one that was heard of.",
        )),
    }
}

/// The badge of a service for whoever has its signed link. One that is gone is not judged: a README shows that better than a
/// broken picture.
pub(crate) async fn public(app: &App, tag: &str, service: &str) -> Result<Standing, Problem> {
    let key = app.catalog().key(KEY, app.clock().now()).await?;
    if !signed::is_genuine(tag, service, &key) {
        return Err(Problem::not_found(
            "This badge is not one of this portal",
            "The page Export of a service's readiness has the link to its badge.",
        ));
    }
    standing(app, service).await
}

/// The path of the badge that needs nobody to sign in.
pub(crate) async fn public_path(app: &App, service: &str) -> Result<String, Problem> {
    let key = app.catalog().key(KEY, app.clock().now()).await?;
    Ok(link::public_badge(service, &signed::tag(service, &key)))
}

/// The lowest level by all templates that judge it.
async fn standing(app: &App, service: &str) -> Result<Standing, Problem> {
    let oldest = app.clock().now() - JUDGED_WITHIN;
    let summaries = app.catalog().assessment_summaries(Some(service)).await?;
    let judged = |summary: &AssessmentSummary| summary.assessed_at >= oldest;
    if summaries.is_empty() || !summaries.iter().all(judged) {
        return Ok(Standing::NotJudged);
    }
    let lowest: Option<Level> = summaries.iter().map(|summary| level(&summary.level)).min().flatten();
    Ok(lowest.map_or(Standing::BelowBronze, Standing::Reached))
}
