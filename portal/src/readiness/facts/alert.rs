//! The service's alerts: those that watch it, and those that fire.

use seaworthy_catalog::{Alert, AlertState};
use seaworthy_checklist::{Fact, Source, Value};

use super::{Found, count, names, slo};
use crate::{
    alerts::{Details, capacity, is_of_readiness},
    readiness::known::{Known, Tested},
    web::link,
};

pub(super) fn add(known: &Known, found: &mut Found) {
    let fact = |value: Value, href: &str| Fact::new(value, known.now, Source::Alert).link(href);
    let slos = slo::read(&known.slos);
    // Whoever has an agent is missed when none checks in; whoever has SLOs when nothing tells of them; and whoever is looked at
    // from outside when it does not answer.
    let watching = [!known.instances.is_empty(), !slos.is_empty(), known.uptime.is_some()];
    let watched = watching.into_iter().filter(|watches| *watches).count();
    found.add("availability_alerts", fact(count(watched), "/alerts"));
    let has_runbook = slos.iter().any(|(_, slo)| slo.runbook.is_some());
    let burn_rate = slos.iter().filter(|(_, slo)| slo.runbook.is_none() && slo::severities(slo) > 0);
    let burn_rate = burn_rate.map(|(stored, _)| stored.name.clone());
    // What watches the service as a whole borrows the runbook of one of its SLOs.
    let presence = (watched > 0 && !has_runbook).then(|| format!("{} is silent", known.service));
    let watches_capacity = capacity::watches(known.speaking());
    let capacity_page = link::capacity(&known.service);
    found.add("capacity_alerts", fact(count(usize::from(watches_capacity)), &capacity_page));
    let capacity = (watches_capacity && !has_runbook).then(|| format!("capacity of {}", known.service));
    let lacking = names(burn_rate.chain(presence).chain(capacity));
    let slos_page = link::with_query("/slos", &[("service", &known.service)]);
    found.add("alerts_without_runbook", fact(lacking, &slos_page));
    // Of the channels where the service's pages are told, the one that was tested last.
    let told = |test: &&Tested| test.covers(&known.service);
    if let Some(test) = known.tested.iter().filter(told).max_by_key(|test| test.test.sent_at) {
        let acknowledged = test.test.acknowledged.as_ref().map(|acknowledged| acknowledged.at);
        let arrived = test.test.delivered_at.is_some() && acknowledged.is_some();
        let at = acknowledged.unwrap_or(test.test.sent_at);
        let fact = Fact::new(Value::Bool(arrived), at, Source::Alert).link("/settings/channels");
        found.add("test_alert_acknowledged", fact);
    }
    found.add("firing_alerts", fact(names(known.alerts.iter().filter(fires).map(title)), "/alerts"));
}

/// That its level fell is what follows from facts, and no fact: or it would never rise again.
fn fires(alert: &&Alert) -> bool {
    let fires = !matches!(alert.status.state, AlertState::Pending | AlertState::Resolved);
    fires && !is_of_readiness(&alert.origin.key)
}

fn title(alert: &Alert) -> String {
    Details::of(alert).title
}
