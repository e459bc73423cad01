//! Planned maintenance and load tests: time that does not count against budgets.

use jiff::{SignedDuration, Timestamp};
use seaworthy_catalog::Exclusion;
use seaworthy_slo::Minute;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{objectives::exclusions, problem::Problem, state::App};

/// So far ahead the next time of a repetition is looked for: two weeks hold it, whatever clocks do.
const AHEAD: SignedDuration = SignedDuration::from_hours(15 * 24);

/// All of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct MaintenanceView {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// Time that does not count, what is next first, then what is over.
    pub(crate) exclusions: Vec<ExclusionView>,
}

/// Time that does not count.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ExclusionView {
    /// Its id.
    pub(crate) id: i64,
    /// `maintenance` or `load test`.
    pub(crate) kind: String,
    /// The service for which it does not count; none for all.
    pub(crate) service: Option<String>,
    /// Why.
    pub(crate) reason: String,
    /// The IANA name of the time zone in which it comes again every week; none where it comes once.
    pub(crate) weekly_zone: Option<String>,
    /// No repetition begins at this time or later.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) repeats_until: Option<Timestamp>,
    /// When it is next, or is now; none when it is over for good.
    pub(crate) next: Option<Times>,
    /// When it was the first time.
    pub(crate) first: Times,
    /// Whether it is now.
    pub(crate) is_now: bool,
    /// How who made it signs in.
    pub(crate) created_by: String,
}

/// From and to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Times {
    /// When it begins.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) from: Timestamp,
    /// The first moment that counts again.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) to: Timestamp,
}

/// Loads all of it.
pub(crate) async fn load(app: &App) -> Result<MaintenanceView, Problem> {
    let now = app.clock().now();
    let planned = app.catalog().exclusions().await?;
    let mut exclusions: Vec<ExclusionView> = planned.iter().map(|exclusion| view(exclusion, now)).collect();
    // Those that are over are sorted already, latest first.
    exclusions.sort_by_key(|view| view.next.as_ref().map_or(Timestamp::MAX, |next| next.from));
    Ok(MaintenanceView { as_of: now, exclusions })
}

fn view(exclusion: &Exclusion, now: Timestamp) -> ExclusionView {
    let definition = &exclusion.definition;
    let ahead = definition.starts_at.max(now) + AHEAD;
    let next = exclusions::occurrences(definition, &(Minute::of(now)..Minute::of(ahead)))
        .into_iter()
        .find(|(_, to)| *to > now)
        .map(|(from, to)| Times { from, to });
    ExclusionView {
        id: exclusion.id,
        kind: definition.kind.to_string(),
        service: definition.service.clone(),
        reason: definition.reason.clone(),
        weekly_zone: definition.weekly.as_ref().map(|weekly| weekly.zone.clone()),
        repeats_until: definition.weekly.as_ref().and_then(|weekly| weekly.until),
        is_now: next.as_ref().is_some_and(|next| next.from <= now),
        next,
        first: Times { from: definition.starts_at, to: definition.ends_at },
        created_by: exclusion.created_by.clone(),
    }
}
