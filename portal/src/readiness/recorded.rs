//! What people have recorded of services.

use std::collections::HashMap;

use seaworthy_catalog::{CatalogError, Record, RecordFilter, RecordKind};
use seaworthy_records::{Gameday, Incident, LoadTest, Rota, Run, Runbook};
use serde::de::DeserializeOwned;

use crate::state::App;

/// Records of a kind that are looked at, the latest.
const MOST: u64 = 10_000;

/// What people have recorded of a service, latest first each.
#[derive(Clone, Debug, Default)]
pub(super) struct Recorded {
    pub(super) runbooks: Vec<Entry<Runbook>>,
    pub(super) runs: Vec<Entry<Run>>,
    pub(super) gamedays: Vec<Entry<Gameday>>,
    pub(super) load_tests: Vec<Entry<LoadTest>>,
    pub(super) incidents: Vec<Entry<Incident>>,
    pub(super) rotas: Vec<Entry<Rota>>,
}

/// A record that could be read.
#[derive(Clone, Debug)]
pub(super) struct Entry<B> {
    pub(super) title: String,
    pub(super) open: bool,
    pub(super) updated_at: jiff::Timestamp,
    pub(super) body: B,
}

/// What was recorded, by service; under `""` what is of all services.
pub(super) type AllRecorded = HashMap<String, Recorded>;

/// Reads it, of all services or of one.
pub(super) async fn read(app: &App, only: Option<&str>) -> Result<AllRecorded, CatalogError> {
    let mut all = AllRecorded::new();
    for kind in RecordKind::ALL {
        let service = only.map(str::to_owned);
        let filter = RecordFilter { kind: Some(kind), service, limit: MOST, ..RecordFilter::default() };
        for record in app.catalog().records(&filter).await? {
            all.entry(record.definition.service.clone()).or_default().add(&record);
        }
    }
    Ok(all)
}

impl Recorded {
    fn add(&mut self, record: &Record) {
        match record.definition.kind {
            RecordKind::Runbook => self.runbooks.extend(entry(record)),
            RecordKind::RunbookRun => self.runs.extend(entry(record)),
            RecordKind::Gameday => self.gamedays.extend(entry(record)),
            RecordKind::LoadTest => self.load_tests.extend(entry(record)),
            RecordKind::Incident => self.incidents.extend(entry(record)),
            RecordKind::Rota => self.rotas.extend(entry(record)),
        }
    }

    /// With what is of all services.
    pub(super) fn and(mut self, of_all: Option<&Self>) -> Self {
        if let Some(of_all) = of_all {
            self.runbooks.extend_from_slice(&of_all.runbooks);
            self.runs.extend_from_slice(&of_all.runs);
            self.gamedays.extend_from_slice(&of_all.gamedays);
            self.load_tests.extend_from_slice(&of_all.load_tests);
            self.incidents.extend_from_slice(&of_all.incidents);
            self.rotas.extend_from_slice(&of_all.rotas);
        }
        self
    }
}

/// A record of this version of the portal or of one whose records it can read; any other is as if it were not.
fn entry<B: DeserializeOwned>(record: &Record) -> Option<Entry<B>> {
    let definition = &record.definition;
    let body = serde_json::from_str(&definition.body)
        .inspect_err(|error| {
            tracing::debug!(record = record.id, %error, "a record cannot be read and proves nothing");
        })
        .ok()?;
    Some(Entry {
        title: definition.title.clone(),
        open: definition.open,
        updated_at: record.updated_at,
        body,
    })
}
