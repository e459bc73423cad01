//! Where to begin with an item that does not pass.

use seaworthy_checklist::{Basis, Item, Template, Verdict};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Judged;
use crate::web::link;

/// The first step towards a pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Action {
    /// What it is: `Write a runbook`.
    pub(crate) label: String,
    /// The page to do it on.
    pub(crate) href: String,
}

impl Action {
    /// By what the item's rule reads: items of any template that read the same begin in the same place.
    pub(super) fn of(template: &Template, item: &Item, judged: &Judged, service: &str) -> Self {
        let page = link::readiness_item(service, &template.id, &item.id);
        let own = |label: &str| Self { label: label.to_owned(), href: page.clone() };
        let Basis::Evidence(rule) = &item.basis else {
            let label = if judged.verdict == Verdict::Stale { "Answer again" } else { "Answer" };
            return own(label);
        };
        let first = rule.facts().find_map(|fact| place(fact.name, service));
        first.map_or_else(|| own("What to do"), |(label, href)| Self { label: label.to_owned(), href })
    }
}

/// Where what a fact tells of is made or seen, of a service.
fn place(fact: &str, service: &str) -> Option<(&'static str, String)> {
    if fact == "uptime_probe_ran" {
        return Some(("Give its URL", link::service_settings(service)));
    }
    let (label, path) = list(fact)?;
    Some((label, link::with_query(path, &[("service", service)])))
}

/// The page for all services that shows one of them when it is asked to.
fn list(fact: &str) -> Option<(&'static str, &'static str)> {
    Some(match fact {
        "availability_slos"
        | "availability_burn_rate_alerts"
        | "latency_slos"
        | "latency_burn_rate_alerts" => ("Set an SLO", "/slos/new"),
        "slos_without_budget_left" | "slo_budget_left" => ("See the SLOs", "/slos"),
        "oldest_slo_review_days" => ("Review the SLOs", "/slos"),
        "alerts_without_runbook" => ("Link a runbook", "/slos"),
        "availability_alerts" | "firing_alerts" => ("See the alerts", "/alerts"),
        "test_alert_acknowledged" => ("Send a test alert", "/settings/channels"),
        "runbooks" => ("Write a runbook", "/runbooks/new"),
        "oldest_runbook_review_days" => ("Review the runbooks", "/runbooks"),
        "runbook_runs" => ("Run a runbook", "/runbooks"),
        "gameday_scenarios"
        | "gameday_scenarios_without_result"
        | "critical_dependencies_never_taken_away"
        | "on_call_without_drill_180d" => ("Plan a gameday", "/gamedays/new"),
        "oldest_open_gameday_ticket_days" => ("See the tickets", "/gamedays"),
        "capacity_requests_per_second" | "peak_requests_per_second_7d" => {
            ("Enter a load test", "/load-tests/new")
        }
        "incidents_90d" | "open_incidents" | "incidents_detected_by_alert_share_90d" => {
            ("See the incidents", "/incidents")
        }
        "deploys_90d"
        | "latest_deploy_at"
        | "latest_deploy_minutes"
        | "rollbacks_180d"
        | "latest_rollback_at"
        | "latest_rollback_minutes"
        | "clean_drains_in_a_row" => ("See the deploys", "/deploys"),
        "resources_running_out_30d" | "capacity_alerts" => ("See the capacity", "/capacity"),
        _ => return None,
    })
}
