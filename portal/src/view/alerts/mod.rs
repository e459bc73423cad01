//! Alerts: what fires now, by service, and what did.

mod burn_rates;
pub(crate) mod one;
pub(crate) mod silences;

use std::collections::BTreeMap;

use jiff::Timestamp;
use seaworthy_catalog::{Alert, AlertFilter, AlertState, Severity};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{alerts::Details, problem::Problem, state::App};

/// Past alerts on a page.
const PAGE: u64 = 50;

/// Where an alert is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// People are told.
    Firing,
    /// Somebody sees to it.
    Acknowledged,
    /// It fires, and nobody is told.
    Silenced,
    /// It has not lasted long enough to be told.
    Pending,
    /// It is over.
    Resolved,
}

/// One alert in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct AlertLine {
    /// Its id.
    pub(crate) id: i64,
    /// The kind of alert: `SloBurnRate`.
    pub(crate) name: String,
    /// What is wrong, in a few words.
    pub(crate) title: String,
    /// The same in a sentence with the numbers, as they were when it fired.
    pub(crate) summary: String,
    /// The service.
    pub(crate) service: String,
    /// The name of the SLO, where it is about one.
    pub(crate) slo: Option<String>,
    /// `page` or `ticket`.
    #[schema(value_type = String)]
    pub(crate) severity: seaworthy_slo::Severity,
    /// Where it is.
    pub(crate) state: State,
    /// When what it is about began.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) started_at: Timestamp,
    /// When it fired.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) fired_at: Option<Timestamp>,
    /// How who sees to it signs in.
    pub(crate) acknowledged_by: Option<String>,
    /// Since when they do.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) acknowledged_at: Option<Timestamp>,
    /// When it was over.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) resolved_at: Option<Timestamp>,
}

/// The alerts of a service that are not over.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ServiceAlerts {
    /// The service.
    pub(crate) service: String,
    /// Its alerts, worst first.
    pub(crate) alerts: Vec<AlertLine>,
}

/// All alerts.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct AlertsView {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// What is not over, by service, the worst first.
    pub(crate) open: Vec<ServiceAlerts>,
    /// What fired and is over, latest first.
    pub(crate) past: Vec<AlertLine>,
    /// Ask with this as `before` for earlier ones; none where there are none.
    pub(crate) earlier: Option<i64>,
    /// Silences that are in force.
    pub(crate) silences: usize,
}

/// Which past alerts to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Before {
    /// Those with a lower id only.
    pub(crate) before: Option<i64>,
}

/// Loads what fires and what did.
pub(crate) async fn load(app: &App, asked: &Before) -> Result<AlertsView, Problem> {
    let (catalog, now) = (app.catalog(), app.clock().now());
    let open: Vec<AlertLine> = catalog.open_alerts().await?.iter().map(AlertLine::of).collect();
    let filter = AlertFilter { past: true, ..AlertFilter::default() };
    let mut past = catalog.alerts(&filter, asked.before, PAGE + 1).await?;
    let more = past.len() as u64 > PAGE;
    past.truncate(PAGE as usize);
    let silences = catalog.silences(now).await?;
    Ok(AlertsView {
        as_of: now,
        open: by_service(open),
        earlier: past.last().filter(|_| more).map(|alert| alert.id),
        past: past.iter().map(AlertLine::of).collect(),
        silences: silences.iter().filter(|silence| silence.definition.starts_at <= now).count(),
    })
}

/// What is open of a service or of an SLO, worst first.
pub(crate) async fn open_of(
    app: &App,
    concerns: impl Fn(&AlertLine) -> bool,
) -> Result<Vec<AlertLine>, Problem> {
    let open = app.catalog().open_alerts().await?;
    let mut lines: Vec<AlertLine> = open.iter().map(AlertLine::of).filter(concerns).collect();
    lines.sort_by_key(AlertLine::rank);
    Ok(lines)
}

fn by_service(lines: Vec<AlertLine>) -> Vec<ServiceAlerts> {
    let mut grouped: BTreeMap<String, Vec<AlertLine>> = BTreeMap::new();
    for line in lines {
        grouped.entry(line.service.clone()).or_default().push(line);
    }
    let mut services: Vec<ServiceAlerts> = grouped
        .into_iter()
        .map(|(service, mut alerts)| {
            alerts.sort_by_key(AlertLine::rank);
            ServiceAlerts { service, alerts }
        })
        .collect();
    services.sort_by_key(|service| service.alerts.first().map(AlertLine::rank));
    services
}

impl AlertLine {
    /// An alert of the catalog.
    pub(super) fn of(alert: &Alert) -> Self {
        let details = Details::of(alert);
        let acknowledged = alert.status.acknowledged.as_ref();
        Self {
            id: alert.id,
            name: details.name,
            title: details.title,
            summary: details.summary,
            service: alert.origin.service.clone(),
            slo: alert.origin.slo.clone(),
            severity: match alert.status.severity {
                Severity::Page => seaworthy_slo::Severity::Page,
                Severity::Ticket => seaworthy_slo::Severity::Ticket,
            },
            state: match alert.status.state {
                AlertState::Pending => State::Pending,
                AlertState::Firing => State::Firing,
                AlertState::Acknowledged => State::Acknowledged,
                AlertState::Silenced => State::Silenced,
                AlertState::Resolved => State::Resolved,
            },
            started_at: alert.origin.started_at,
            fired_at: alert.status.fired_at,
            acknowledged_by: acknowledged.map(|acknowledged| acknowledged.by.clone()),
            acknowledged_at: acknowledged.map(|acknowledged| acknowledged.at),
            resolved_at: alert.status.resolved_at,
        }
    }

    /// What is worst is least: what nobody sees to, pages before tickets, what began first.
    fn rank(&self) -> (State, std::cmp::Reverse<seaworthy_slo::Severity>, Timestamp) {
        (self.state, std::cmp::Reverse(self.severity), self.started_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(service: &str, state: State, severity: seaworthy_slo::Severity, minute: i64) -> AlertLine {
        AlertLine {
            id: minute,
            name: String::new(),
            title: String::new(),
            summary: String::new(),
            service: service.to_owned(),
            slo: None,
            severity,
            state,
            started_at: Timestamp::from_second(minute * 60).unwrap(),
            fired_at: None,
            acknowledged_by: None,
            acknowledged_at: None,
            resolved_at: None,
        }
    }

    #[test]
    fn what_nobody_sees_to_comes_first_and_pages_before_tickets() {
        use State::{Acknowledged, Firing, Pending, Silenced};
        use seaworthy_slo::Severity::{Page, Ticket};
        let grouped = by_service(vec![
            line("bar", Acknowledged, Page, 1),
            line("bar", Pending, Page, 2),
            line("till", Firing, Ticket, 3),
            line("till", Silenced, Page, 4),
            line("till", Firing, Ticket, 0),
            line("oven", Firing, Page, 9),
        ]);
        let told: Vec<String> = grouped
            .iter()
            .map(|service| {
                let ids: Vec<String> = service.alerts.iter().map(|alert| alert.id.to_string()).collect();
                format!("{} {}", service.service, ids.join(" "))
            })
            .collect();
        assert_eq!(told, ["oven 9", "till 0 3 4", "bar 1 2"]);
    }
}
