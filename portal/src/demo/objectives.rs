//! What the shop promises its customers.

use std::collections::BTreeMap;

use seaworthy_catalog::SloDefinition;
use seaworthy_slo::{AlertSpec, BudgetingSpec, Scope, Sli, SloSpec, WindowSpec};

use super::account::actor;
use crate::state::App;

/// Makes the shop's SLOs, unless there are any.
pub(super) async fn make(app: &App) -> anyhow::Result<()> {
    if !app.catalog().slos().await?.is_empty() {
        return Ok(());
    }
    for (name, definition) in promised()? {
        app.catalog().create_slo(name, &definition, &actor(), app.clock().now()).await?;
    }
    Ok(())
}

fn promised() -> anyhow::Result<BTreeMap<&'static str, SloDefinition>> {
    let orders = || Scope { routes: vec!["/orders".to_owned()], methods: vec!["POST".to_owned()] };
    let answered = Sli::Availability { scope: orders(), bad_statuses: Vec::new() };
    let fast = Sli::Latency { scope: orders(), threshold_ms: 400.0 };
    let brewed = Sli::Availability { scope: Scope::default(), bad_statuses: Vec::new() };
    Ok(BTreeMap::from([
        (
            "orders-availability",
            definition(
                "reception",
                "Orders are taken",
                "Who wants a coffee gets an answer.",
                answered,
                99.5,
            )?,
        ),
        (
            "orders-latency",
            definition("reception", "Orders are taken quickly", "Nobody likes to queue.", fast, 95.0)?,
        ),
        (
            "brew-availability",
            definition(
                "barista",
                "Drinks are brewed",
                "A barista that fails costs a customer.",
                brewed,
                99.0,
            )?,
        ),
    ]))
}

fn definition(
    service: &str,
    title: &str,
    description: &str,
    sli: Sli,
    objective_percent: f64,
) -> anyhow::Result<SloDefinition> {
    let spec = SloSpec {
        sli,
        objective_percent,
        window: WindowSpec::Rolling { minutes: 7 * 24 * 60 },
        budgeting: BudgetingSpec::Occurrences,
        alerts: AlertSpec::recommended(),
        least_failures: 5,
        runbook: None,
    };
    Ok(SloDefinition {
        service: service.to_owned(),
        title: title.to_owned(),
        description: description.to_owned(),
        team: None,
        spec: serde_json::to_string(&spec)?,
        openslo: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_promised_can_be_evaluated() {
        for (name, definition) in promised().unwrap() {
            let spec: SloSpec = serde_json::from_str(&definition.spec).unwrap();
            assert!(spec.check().is_ok(), "{name}: {:?}", spec.check());
        }
    }
}
