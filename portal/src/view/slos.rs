//! Every SLO, the one with the least budget first.

use std::collections::BTreeSet;

use jiff::Timestamp;
use seaworthy_catalog::StoredSlo;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    alerts::{self, AlertLine},
    slo::{self, SloSummary},
};
use crate::{problem::Problem, state::App};

/// Which SLOs to show. Everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct SloFilter {
    /// Those of a service.
    pub(crate) service: String,
    /// Those of a team.
    pub(crate) team: String,
    /// Those with this text in name, title, service or team, in any case.
    pub(crate) text: String,
}

/// SLOs.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SlosView {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// The SLOs, worst first.
    pub(crate) slos: Vec<SloSummary>,
    /// Alerts of SLOs that are not over, worst first.
    pub(crate) alerts: Vec<AlertLine>,
    /// The teams of all SLOs, shown or not.
    pub(crate) teams: Vec<String>,
    /// How many there are, shown or not.
    pub(crate) all: usize,
}

/// Loads the SLOs.
pub(crate) async fn load(app: &App, filter: SloFilter) -> Result<SlosView, Problem> {
    let stored = app.catalog().slos().await?;
    let teams: BTreeSet<String> = stored.iter().filter_map(|slo| slo.definition.team.clone()).collect();
    let mut slos = Vec::new();
    for stored in stored.iter().filter(|stored| filter.admits(stored)) {
        slos.push(slo::summary_of(app, stored).await?);
    }
    slos.sort_by(|a, b| {
        let left = |slo: &SloSummary| slo.budget_left.unwrap_or(f64::INFINITY);
        a.state.cmp(&b.state).then(left(a).total_cmp(&left(b))).then_with(|| a.name.cmp(&b.name))
    });
    let alerts = alerts::open_of(app, |alert| alert.slo.is_some()).await?;
    Ok(SlosView {
        as_of: app.clock().now(),
        slos,
        alerts,
        teams: teams.into_iter().collect(),
        all: stored.len(),
    })
}

impl SloFilter {
    /// Those of a service.
    pub(crate) fn of_service(service: &str) -> Self {
        Self { service: service.to_owned(), ..Self::default() }
    }

    fn admits(&self, slo: &StoredSlo) -> bool {
        let definition = &slo.definition;
        let team = definition.team.as_deref().unwrap_or_default();
        let text = self.text.trim().to_lowercase();
        let anywhere = [slo.name.as_str(), &definition.title, &definition.service, team];
        (self.service.is_empty() || definition.service == self.service)
            && (self.team.is_empty() || team == self.team)
            && anywhere.iter().any(|place| place.to_lowercase().contains(&text))
    }
}
