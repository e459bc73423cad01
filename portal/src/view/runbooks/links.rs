//! What leads to a runbook.

use seaworthy_records::Runbook;
use seaworthy_slo::SloSpec;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{alerts::Details, problem::Problem, records::Kept, state::App, web::link};

/// What leads somewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct LinkedFrom {
    /// `SLO` or `alert`.
    pub(crate) kind: String,
    /// What it is called.
    pub(crate) title: String,
    /// Its page.
    pub(crate) href: String,
}

/// Everything that leads to a runbook: SLOs, and alerts that are not over.
#[derive(Clone, Debug)]
pub(crate) struct Links {
    portal: String,
    found: Vec<(String, LinkedFrom)>,
}

impl Links {
    /// Loads it.
    pub(crate) async fn load(app: &App) -> Result<Self, Problem> {
        let mut found = Vec::new();
        for slo in app.catalog().slos().await? {
            let spec = serde_json::from_str::<SloSpec>(&slo.definition.spec).ok();
            if let Some(runbook) = spec.and_then(|spec| spec.runbook) {
                let href = link::slo(&slo.name);
                found.push((runbook, LinkedFrom { kind: "SLO".to_owned(), title: slo.name, href }));
            }
        }
        for alert in app.catalog().open_alerts().await? {
            let details = Details::of(&alert);
            if let Some(runbook) = details.runbook {
                let href = link::alert(alert.id);
                found.push((runbook, LinkedFrom { kind: "alert".to_owned(), title: details.title, href }));
            }
        }
        Ok(Self { portal: app.settings().portal_url(), found })
    }

    /// What leads to a runbook.
    pub(crate) fn to(&self, id: i64) -> Vec<LinkedFrom> {
        let found = self.found.iter().filter(|(address, _)| self.leads_to(address) == Some(id));
        found.map(|(_, from)| from.clone()).collect()
    }

    fn leads_to(&self, address: &str) -> Option<i64> {
        runbook(address.strip_prefix(&self.portal).unwrap_or(address))
    }
}

/// The runbook here that an address leads to; none where it leads elsewhere, or the runbook was deleted.
pub(crate) async fn here(app: &App, address: &str) -> Result<Option<i64>, Problem> {
    let portal = app.settings().portal_url();
    let Some(id) = runbook(address.strip_prefix(&portal).unwrap_or(address)) else { return Ok(None) };
    let record = app.catalog().record(id).await?;
    Ok(record.filter(|record| record.definition.kind == Runbook::RECORD).map(|record| record.id))
}

/// The runbook here that a path leads to; none where it leads elsewhere.
fn runbook(path: &str) -> Option<i64> {
    let rest = path.strip_prefix(Runbook::PATH)?.strip_prefix('/')?;
    rest.split(['?', '#']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_a_runbook_or_elsewhere() {
        for (path, leads_to) in [
            ("/runbooks/7", Some(7)),
            ("/runbooks/7?alert=3#text-roll-back", Some(7)),
            ("/runbooks/", None),
            ("/runbooks/7/edit", None),
            ("/runbooksy/7", None),
            ("https://wiki.example/runbooks/7", None),
        ] {
            assert_eq!(runbook(path), leads_to, "{path}");
        }
        let links = Links { portal: "https://sea.example".into(), found: vec![] };
        assert_eq!(links.leads_to("https://sea.example/runbooks/7"), Some(7));
    }
}
