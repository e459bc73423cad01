//! Errors of services, in groups of what is alike.

pub(crate) mod one;

use std::collections::{BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};
use seaworthy_catalog::{ErrorBuild, ErrorFilter, ErrorGroup, ErrorHour, ErrorState, ResolvedIn};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{problem::Problem, state::App};

/// Groups that are looked through, and those that are shown.
const MOST: u64 = 2_000;
const SHOWN: usize = 200;
/// A group is new for so many hours.
const NEW_HOURS: i64 = 24;
/// Hours of the small picture.
const HOURS: usize = 24;

/// What is asked of errors, as written in an address or a form.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct ErrorSearch {
    /// `service.name`; empty for all.
    pub(crate) service: String,
    /// `resolved`, `muted` or `all`; empty for those that somebody has to see to.
    pub(crate) state: String,
}

/// Groups of errors.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ErrorsView {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// What was asked.
    pub(crate) search: ErrorSearch,
    /// Services that have errors.
    pub(crate) services: Vec<String>,
    /// How many of the service, or of all, somebody has to see to.
    pub(crate) to_see_to: usize,
    /// How many are resolved.
    pub(crate) resolved: usize,
    /// How many are muted.
    pub(crate) muted: usize,
    /// The groups: regressed ones, new ones, then the others, of each most in 24 h first.
    pub(crate) groups: Vec<ErrorRow>,
    /// Whether there are more than these.
    pub(crate) more: bool,
}

/// How a group stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    /// It was resolved, and came again.
    Regressed,
    /// It was first seen within 24 hours.
    New,
    /// Somebody has to see to it.
    Open,
    /// Nobody wants to hear of it for a time.
    Muted,
    /// It is mended.
    Resolved,
}

/// One group of errors.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ErrorRow {
    /// Its id.
    pub(crate) id: String,
    /// Its service.
    pub(crate) service: String,
    /// The type of the exception.
    pub(crate) kind: String,
    /// What the latest of them said.
    pub(crate) message: String,
    /// Where the latest of them came from.
    pub(crate) place: String,
    /// How it stands.
    pub(crate) standing: Standing,
    /// What people said of it, or what happened since: `resolved by ines in build 1.8.2`; empty for what nobody has looked at.
    pub(crate) said: String,
    /// When that was.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) said_at: Option<Timestamp>,
    /// How many there were.
    pub(crate) count: u64,
    /// How many of them in the last 24 hours.
    pub(crate) count_24h: u64,
    /// The same by the hour, earliest first; the running hour is the last.
    pub(crate) hours: Vec<u64>,
    /// When the first of them was.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) first_seen_at: Timestamp,
    /// When the latest of them was.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) last_seen_at: Timestamp,
    /// The builds in which they were seen, the latest first.
    pub(crate) builds: Vec<ErrorBuildRow>,
}

/// A build in which errors of a group were seen.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ErrorBuildRow {
    /// `service.version`, empty where unknown.
    pub(crate) build: String,
    /// How many.
    pub(crate) count: u64,
    /// When the first of them was.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) first_seen_at: Timestamp,
    /// When the latest of them was.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) last_seen_at: Timestamp,
}

/// The groups asked for.
pub(crate) async fn load(app: &App, search: ErrorSearch) -> Result<ErrorsView, Problem> {
    let now = app.clock().now();
    let filter = ErrorFilter { limit: MOST, ..ErrorFilter::default() };
    let all = app.catalog().error_groups(&filter, now).await?;
    let services: BTreeSet<String> = all.iter().map(|group| group.service.clone()).collect();
    let of_service = |group: &&ErrorGroup| search.service.is_empty() || group.service == search.service;
    let groups: Vec<&ErrorGroup> = all.iter().filter(of_service).collect();
    let count =
        |wanted: &[Standing]| groups.iter().filter(|group| wanted.contains(&standing(group, now))).count();
    let asked = |group: &&&ErrorGroup| match (search.state.as_str(), standing(group, now)) {
        ("all", _) | ("resolved", Standing::Resolved) | ("muted", Standing::Muted) => true,
        ("resolved" | "muted", _) => false,
        (_, standing) => standing <= Standing::Open,
    };
    let asked: Vec<ErrorGroup> = groups.iter().filter(asked).map(|group| (*group).clone()).collect();
    let mut rows = rows(app, asked, now).await?;
    let more = rows.len() > SHOWN;
    rows.truncate(SHOWN);
    Ok(ErrorsView {
        as_of: now,
        services: services.into_iter().collect(),
        to_see_to: count(&[Standing::Regressed, Standing::New, Standing::Open]),
        resolved: count(&[Standing::Resolved]),
        muted: count(&[Standing::Muted]),
        groups: rows,
        more,
        search,
    })
}

/// How many groups of a service somebody has to see to.
pub(crate) async fn to_see_to(app: &App, service: &str) -> Result<usize, Problem> {
    let now = app.clock().now();
    let filter = ErrorFilter { service: Some(service.to_owned()), limit: MOST, ..ErrorFilter::default() };
    let groups = app.catalog().error_groups(&filter, now).await?;
    Ok(groups.iter().filter(|group| group.state == ErrorState::Open).count())
}

/// Groups with their builds and hours, as they are listed.
async fn rows(app: &App, groups: Vec<ErrorGroup>, now: Timestamp) -> Result<Vec<ErrorRow>, Problem> {
    let ids: Vec<String> = groups.iter().map(|group| group.id.clone()).collect();
    let mut builds: HashMap<String, Vec<ErrorBuild>> = HashMap::new();
    for build in app.catalog().error_builds(&ids).await? {
        builds.entry(build.group.clone()).or_default().push(build);
    }
    let first_hour = hour_of(now) - HOURS as i64 + 1;
    let mut hours: HashMap<String, Vec<ErrorHour>> = HashMap::new();
    for hour in app.catalog().error_hours(&ids, first_hour).await? {
        hours.entry(hour.group.clone()).or_default().push(hour);
    }
    let row = |group: ErrorGroup| {
        let hours = hours.remove(&group.id).unwrap_or_default();
        let builds = builds.remove(&group.id).unwrap_or_default();
        row(group, &hours, builds, now)
    };
    let mut rows: Vec<ErrorRow> = groups.into_iter().map(row).collect();
    rows.sort_by(|a, b| {
        let key =
            |row: &ErrorRow| (row.standing, std::cmp::Reverse((row.count_24h, row.count, row.last_seen_at)));
        key(a).cmp(&key(b))
    });
    Ok(rows)
}

fn row(group: ErrorGroup, hours: &[ErrorHour], builds: Vec<ErrorBuild>, now: Timestamp) -> ErrorRow {
    let hours = counts(hours, hour_of(now) - HOURS as i64 + 1, HOURS);
    let (said, said_at) = said(&group);
    ErrorRow {
        standing: standing(&group, now),
        said,
        said_at,
        count_24h: hours.iter().sum(),
        hours,
        id: group.id,
        service: group.service,
        kind: group.kind,
        message: group.message,
        place: group.place,
        count: group.count,
        first_seen_at: group.first_seen_at,
        last_seen_at: group.last_seen_at,
        builds: builds.into_iter().map(ErrorBuildRow::from).collect(),
    }
}

impl From<ErrorBuild> for ErrorBuildRow {
    fn from(build: ErrorBuild) -> Self {
        Self {
            build: build.build,
            count: build.count,
            first_seen_at: build.first_seen_at,
            last_seen_at: build.last_seen_at,
        }
    }
}

fn standing(group: &ErrorGroup, now: Timestamp) -> Standing {
    match &group.state {
        ErrorState::Resolved { .. } => Standing::Resolved,
        ErrorState::Muted { .. } => Standing::Muted,
        ErrorState::Open if group.regressed.is_some() => Standing::Regressed,
        ErrorState::Open => {
            let age = now.duration_since(group.first_seen_at);
            if age < SignedDuration::from_hours(NEW_HOURS) { Standing::New } else { Standing::Open }
        }
    }
}

fn said(group: &ErrorGroup) -> (String, Option<Timestamp>) {
    match (&group.state, &group.regressed) {
        (ErrorState::Resolved { at, by, in_build: ResolvedIn::Next }, _) => {
            (format!("resolved by {by} in the next build"), Some(*at))
        }
        (ErrorState::Resolved { at, by, in_build: ResolvedIn::Build(build) }, _) => {
            (format!("resolved by {by} in build {build}"), Some(*at))
        }
        (ErrorState::Muted { at, by, until }, _) => {
            (format!("muted by {by} until {}", until.strftime("%Y-%m-%d %H:%M UTC")), Some(*at))
        }
        (ErrorState::Open, Some(regression)) if regression.build.is_empty() => {
            ("came again".to_owned(), Some(regression.at))
        }
        (ErrorState::Open, Some(regression)) => {
            (format!("came again in build {}", regression.build), Some(regression.at))
        }
        (ErrorState::Open, None) => (String::new(), None),
    }
}

fn hour_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(3_600)
}

/// How many there were in each of so many hours.
fn counts(hours: &[ErrorHour], first: i64, count: usize) -> Vec<u64> {
    let mut counts = vec![0; count];
    for hour in hours {
        if let Some(counted) = usize::try_from(hour.hour - first).ok().and_then(|place| counts.get_mut(place))
        {
            *counted += hour.count;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use seaworthy_catalog::Regression;

    use super::*;

    #[test]
    fn groups_stand_as_people_and_builds_leave_them() {
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let (at, by) = (now, "ines".to_owned());
        let group = |state: ErrorState, regressed: bool, hours: i64| ErrorGroup {
            id: "a".into(),
            service: "shop".into(),
            kind: "NoMilk".into(),
            message: String::new(),
            place: String::new(),
            count: 1,
            first_seen_at: now - SignedDuration::from_hours(hours),
            last_seen_at: now,
            state,
            regressed: regressed.then(|| Regression { at, build: "2".into() }),
        };
        let resolved = ErrorState::Resolved { at, by: by.clone(), in_build: ResolvedIn::Build("2".into()) };
        let muted = ErrorState::Muted { at, by, until: now + SignedDuration::from_hours(2) };
        let cases = [
            (group(ErrorState::Open, false, 1), Standing::New, ""),
            (group(ErrorState::Open, false, 24), Standing::Open, ""),
            (group(ErrorState::Open, true, 1), Standing::Regressed, "came again in build 2"),
            (group(resolved, false, 1), Standing::Resolved, "resolved by ines in build 2"),
            (group(muted, false, 1), Standing::Muted, "muted by ines until 2026-11-20 14:00 UTC"),
        ];
        for (group, expected, words) in cases {
            assert_eq!(standing(&group, now), expected);
            assert_eq!(said(&group).0, words);
        }
    }

    #[test]
    fn hours_without_errors_count_none() {
        let hour = |hour, count| ErrorHour { group: "a".into(), hour, count };
        assert_eq!(counts(&[hour(9, 1), hour(10, 2), hour(12, 3), hour(13, 4)], 10, 3), [2, 0, 3]);
    }
}
