//! Every SLO, the one with the least budget first.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::slo::{self, SloSummary};
use crate::{problem::Problem, state::App};

/// Every SLO.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SlosView {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// The SLOs, worst first.
    pub(crate) slos: Vec<SloSummary>,
}

/// Loads the SLOs, or only those of a service.
pub(crate) async fn load(app: &App, service: Option<&str>) -> Result<SlosView, Problem> {
    let mut slos = Vec::new();
    for stored in app.catalog().slos().await? {
        if service.is_none_or(|service| stored.definition.service == service) {
            slos.push(slo::summary_of(app, &stored).await?);
        }
    }
    slos.sort_by(|a, b| {
        let left = |slo: &SloSummary| slo.budget_left.unwrap_or(f64::INFINITY);
        a.state.cmp(&b.state).then(left(a).total_cmp(&left(b))).then_with(|| a.name.cmp(&b.name))
    });
    Ok(SlosView { as_of: app.clock().now(), slos })
}
