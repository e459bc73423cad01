//! How every SLO did in a month of the calendar.

use std::ops::Range;

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use seaworthy_catalog::{AlertFilter, Severity, StoredSlo};
use seaworthy_slo::{Budget, Minute};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::slo;
use crate::{
    objectives::{exclusions, ledger},
    problem::Problem,
    state::App,
};

/// Alerts of one SLO that are looked at.
const ALERTS: u64 = 1_000;

/// Which month to tell of, and of whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct ReportQuery {
    /// `2026-11`; this month where nothing is said.
    pub(crate) month: String,
    /// SLOs of this team only.
    pub(crate) team: String,
}

/// A month of SLOs.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ReportView {
    /// `2026-11`.
    pub(crate) month: String,
    /// The month before.
    pub(crate) before: String,
    /// The month after; none while it is in the future.
    pub(crate) after: Option<String>,
    /// Its begin, in the zone that was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) from: Timestamp,
    /// Its end.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) to: Timestamp,
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// The SLOs, by service and name.
    pub(crate) slos: Vec<ReportLine>,
}

/// How an SLO did.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ReportLine {
    /// Its name.
    pub(crate) name: String,
    /// Its service.
    pub(crate) service: String,
    /// Its team.
    pub(crate) team: Option<String>,
    /// What it asks, in percent.
    pub(crate) objective: String,
    /// The same as a number.
    pub(crate) objective_percent: f64,
    /// The share that was good over the month; none without events.
    pub(crate) sli: Option<f64>,
    /// Whether that is the objective or better; none without events.
    pub(crate) met: Option<bool>,
    /// What the budget is counted in.
    pub(crate) unit: String,
    /// Of so many.
    pub(crate) total: u64,
    /// So many failed.
    pub(crate) failed: u64,
    /// The share of the month's budget that was left.
    pub(crate) budget_left: Option<f64>,
    /// The share of the minutes that were told of.
    pub(crate) coverage: f64,
    /// Pages that fired.
    pub(crate) pages: usize,
    /// Tickets that fired.
    pub(crate) tickets: usize,
    /// The day on which most failed, and how many did.
    #[schema(value_type = Option<(String, u64)>)]
    pub(crate) worst_day: Option<(Date, u64)>,
}

/// Loads a month, from midnight to midnight in this zone.
pub(crate) async fn load(app: &App, query: &ReportQuery, zone: &TimeZone) -> Result<ReportView, Problem> {
    let now = app.clock().now();
    let today = now.to_zoned(zone.clone()).date();
    let first = match query.month.trim() {
        "" => today.first_of_month(),
        month => format!("{month}-01").parse::<Date>().map_err(|_| {
            let title = format!("{month:?} is not a month");
            Problem::new(axum::http::StatusCode::UNPROCESSABLE_ENTITY, title, "Write for example 2026-11.")
        })?,
    };
    let (before, after) = (shifted(first, -1)?, shifted(first, 1)?);
    let begin = |date: Date| date.to_zoned(zone.clone()).map(|at| at.timestamp()).map_err(Problem::internal);
    let (from, to) = (begin(first)?, begin(after)?);
    let month = Month { from, to: to.min(now.max(from)), zone };
    let mut slos = Vec::new();
    for stored in app.catalog().slos().await? {
        if query.team.is_empty() || stored.definition.team.as_deref() == Some(query.team.as_str()) {
            slos.push(month.line(app, &stored).await?);
        }
    }
    slos.sort_by(|a, b| (&a.service, &a.name).cmp(&(&b.service, &b.name)));
    let told = |date: Date| date.strftime("%Y-%m").to_string();
    Ok(ReportView {
        month: told(first),
        before: told(before),
        after: (after <= today).then(|| told(after)),
        from,
        to,
        as_of: now,
        slos,
    })
}

fn shifted(first: Date, months: i32) -> Result<Date, Problem> {
    first.checked_add(months.months()).map_err(|_| {
        let detail = "The calendar of this portal ends before.";
        Problem::new(axum::http::StatusCode::UNPROCESSABLE_ENTITY, "There is no such month", detail)
    })
}

/// A month, as far as it is over.
struct Month<'z> {
    from: Timestamp,
    to: Timestamp,
    zone: &'z TimeZone,
}

impl Month<'_> {
    async fn line(&self, app: &App, stored: &StoredSlo) -> Result<ReportLine, Problem> {
        let (spec, slo) = slo::checked(stored)?;
        let range = Minute::of(self.from)..Minute::of(self.to);
        let ledger = ledger(app, stored, slo.budgeting, range.start).await?;
        let service = &stored.definition.service;
        let exclusions = exclusions::minutes(&exclusions::of_service(app, service, range.clone()).await?);
        let budget = Budget::of(&ledger, range.clone(), slo.objective, &exclusions);
        let failed_on = |day: &Range<Minute>| ledger.tally(day.clone(), &exclusions).counts.bad();
        let days = self.days()?;
        let worst = days.iter().map(|(date, day)| (*date, failed_on(day))).filter(|(_, failed)| *failed > 0);
        let filter = AlertFilter { slo: Some(stored.name.clone()), ..AlertFilter::default() };
        let alerts = app.catalog().alerts(&filter, None, ALERTS).await?;
        let fired = |severity| {
            let fired = alerts.iter().filter(|alert| alert.status.severity == severity);
            fired
                .filter_map(|alert| alert.status.fired_at)
                .filter(|at| (self.from..self.to).contains(at))
                .count()
        };
        Ok(ReportLine {
            name: stored.name.clone(),
            service: service.clone(),
            team: stored.definition.team.clone(),
            objective: slo.objective.to_string(),
            objective_percent: spec.objective_percent,
            sli: budget.counts().sli(),
            met: budget.left().map(|left| left >= 0.0),
            unit: slo::unit(&slo),
            total: budget.counts().total(),
            failed: budget.spent,
            budget_left: budget.left(),
            coverage: budget.coverage(),
            pages: fired(Severity::Page),
            tickets: fired(Severity::Ticket),
            worst_day: worst.max_by_key(|(date, failed)| (*failed, std::cmp::Reverse(*date))),
        })
    }

    /// Its days so far, some of them an hour shorter or longer.
    fn days(&self) -> Result<Vec<(Date, Range<Minute>)>, Problem> {
        let mut days = Vec::new();
        let mut day = self.from.to_zoned(self.zone.clone()).start_of_day().map_err(Problem::internal)?;
        while day.timestamp() < self.to {
            let next = day.tomorrow().and_then(|next| next.start_of_day()).map_err(Problem::internal)?;
            let end = next.timestamp().min(self.to);
            days.push((day.date(), Minute::of(day.timestamp())..Minute::of(end)));
            day = next;
        }
        Ok(days)
    }
}
