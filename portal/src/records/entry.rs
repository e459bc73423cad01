//! A record with its body.

use jiff::Timestamp;
use seaworthy_catalog::{Record, RecordDefinition, RecordVersion};
use seaworthy_records::Mistake;

use super::Kept;

/// A record with its body.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry<B> {
    /// Its id.
    pub(crate) id: i64,
    /// Which version of it this is.
    pub(crate) version: i64,
    /// The service that it is of; empty for all.
    pub(crate) service: String,
    /// What it is called.
    pub(crate) title: String,
    /// When it happened, will happen, or counts from.
    pub(crate) at: Timestamp,
    /// When it was made.
    pub(crate) created_at: Timestamp,
    /// How who made it signs in.
    pub(crate) created_by: String,
    /// When this version was written.
    pub(crate) updated_at: Timestamp,
    /// How who wrote this version signs in.
    pub(crate) updated_by: String,
    /// What it says.
    pub(crate) body: B,
}

impl<B: Kept> Entry<B> {
    /// A record of the catalog. The body is not checked again: what once was right stays readable.
    pub(super) fn of(record: &Record) -> Result<Self, serde_json::Error> {
        let definition = &record.definition;
        Ok(Self {
            id: record.id,
            version: record.version,
            service: definition.service.clone(),
            title: definition.title.clone(),
            at: definition.at,
            created_at: record.created_at,
            created_by: record.created_by.clone(),
            updated_at: record.updated_at,
            updated_by: record.updated_by.clone(),
            body: serde_json::from_str(&definition.body)?,
        })
    }

    /// The same record in one of its versions.
    pub(super) fn in_version(&self, kept: &RecordVersion) -> Result<Self, serde_json::Error> {
        let definition = &kept.definition;
        Ok(Self {
            version: kept.version,
            service: definition.service.clone(),
            title: definition.title.clone(),
            at: definition.at,
            updated_at: kept.at,
            updated_by: kept.by.clone(),
            body: serde_json::from_str(&definition.body)?,
            created_by: self.created_by.clone(),
            ..*self
        })
    }

    /// For the catalog.
    pub(super) fn definition(&self) -> Result<RecordDefinition, Vec<Mistake>> {
        definition(&self.service, &self.title, self.at, &self.body)
    }

    /// Its page.
    pub(crate) fn page(&self) -> String {
        B::page(self.id)
    }
}

/// What the catalog keeps. `otherwise` is the time of what has none of its own.
pub(super) fn definition<B: Kept>(
    service: &str,
    title: &str,
    otherwise: Timestamp,
    body: &B,
) -> Result<RecordDefinition, Vec<Mistake>> {
    Ok(RecordDefinition {
        kind: B::RECORD,
        service: service.trim().to_owned(),
        title: title.trim().to_owned(),
        at: body.at().unwrap_or(otherwise),
        open: body.is_open(),
        body: body.to_json()?,
    })
}
