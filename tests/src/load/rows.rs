//! What the store is measured against: plain SQLite with one row a span, as anybody would write it first.
//!
//! It is given every advantage that costs no thought: large transactions, prepared statements, the same settings as the
//! store's own files, services and resources as numbers, and the two indices that a trace viewer needs.

use std::{collections::HashMap, path::Path};

use anyhow::Context;
use rusqlite::{Connection, params};
use seaworthy_telemetry::model::{Attributes, Event, Resource, Span, SpanStatus, Value};
use serde_json::{Map, Value as Json, json};

const SCHEMA: &str = "PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;
    PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint=8000; PRAGMA temp_store=MEMORY;
CREATE TABLE service(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE resource(id INTEGER PRIMARY KEY, service INTEGER NOT NULL, attributes TEXT NOT NULL);
CREATE TABLE span(trace BLOB NOT NULL, id BLOB NOT NULL, parent BLOB, resource INTEGER NOT NULL, service INTEGER NOT NULL,
    name TEXT NOT NULL, kind INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, error TEXT, flags INTEGER NOT NULL,
    attributes TEXT NOT NULL, events TEXT);
CREATE INDEX span_by_trace ON span(trace);
CREATE INDEX span_by_service ON span(service, start);";

/// A SQLite file with one row a span.
pub(super) struct Rows {
    connection: Connection,
    /// Numbers of resource and service, by instance.
    known: HashMap<String, (i64, i64)>,
}

impl Rows {
    /// A new file at this path.
    pub(super) fn create(path: &Path) -> anyhow::Result<Self> {
        let connection = Connection::open(path)?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self { connection, known: HashMap::new() })
    }

    /// Stores spans in one transaction.
    pub(super) fn append(&mut self, spans: &[Span]) -> anyhow::Result<()> {
        self.connection.execute_batch("BEGIN")?;
        for span in spans {
            let (resource, service) = self.resource(&span.resource)?;
            let events: Vec<Json> = span.events.iter().map(event).collect();
            self.connection
                .prepare_cached(
                    "INSERT INTO span VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
                )?
                .execute(params![
                    &span.trace_id.0[..],
                    &span.span_id.0[..],
                    span.parent.map(|id| id.0.to_vec()),
                    resource,
                    service,
                    span.name,
                    span.kind as i64,
                    i64::try_from(span.start)?,
                    i64::try_from(span.end)?,
                    match &span.status {
                        SpanStatus::Error(message) => Some(message),
                        SpanStatus::Unset | SpanStatus::Ok => None,
                    },
                    span.flags,
                    object(&span.attributes).to_string(),
                    (!events.is_empty()).then(|| Json::from(events).to_string()),
                ])?;
        }
        Ok(self.connection.execute_batch("COMMIT")?)
    }

    fn resource(&mut self, resource: &Resource) -> anyhow::Result<(i64, i64)> {
        if let Some(known) = self.known.get(&resource.instance) {
            return Ok(*known);
        }
        self.connection.execute("INSERT OR IGNORE INTO service(name) VALUES(?1)", [&resource.service])?;
        let service = self.connection.query_row(
            "SELECT id FROM service WHERE name=?1",
            [&resource.service],
            |row| row.get(0),
        )?;
        self.connection.execute(
            "INSERT INTO resource(service, attributes) VALUES(?1, ?2)",
            params![service, object(&resource.attributes).to_string()],
        )?;
        let numbers = (self.connection.last_insert_rowid(), service);
        self.known.insert(resource.instance.clone(), numbers);
        Ok(numbers)
    }

    /// Writes everything into the file itself, and says how many bytes it has.
    pub(super) fn settle(&self) -> anyhow::Result<u64> {
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        let path = self.connection.path().context("the file has no name")?;
        Ok(std::fs::metadata(path)?.len())
    }

    /// The number of spans of a trace, each of them read and its JSON parsed.
    pub(super) fn trace(&self, id: [u8; 16]) -> anyhow::Result<usize> {
        let mut statement = self.connection.prepare_cached(
            "SELECT s.*, r.attributes FROM span s JOIN resource r ON r.id=s.resource WHERE trace=?1 ORDER BY start",
        )?;
        let mut rows = statement.query([&id[..]])?;
        let mut spans = 0;
        while let Some(row) = rows.next()? {
            for column in [11, 13] {
                let _: Map<String, Json> = serde_json::from_str(row.get_ref(column)?.as_str()?)?;
            }
            spans += 1;
        }
        Ok(spans)
    }

    /// The latest traces in which a span of this service failed.
    pub(super) fn failed(&self, service: &str, limit: usize) -> anyhow::Result<Vec<[u8; 16]>> {
        self.traces(
            "SELECT trace, max(start) latest FROM span WHERE service=(SELECT id FROM service WHERE name=?1)
             AND error IS NOT NULL GROUP BY trace ORDER BY latest DESC LIMIT ?2",
            params![service, i64::try_from(limit)?],
        )
    }

    /// The latest traces with a span that has this attribute.
    pub(super) fn with(&self, key: &str, value: &str, limit: usize) -> anyhow::Result<Vec<[u8; 16]>> {
        self.traces(
            "SELECT trace, max(start) latest FROM span WHERE attributes->>?1=?2
             GROUP BY trace ORDER BY latest DESC LIMIT ?3",
            params![format!("$.\"{key}\""), value, i64::try_from(limit)?],
        )
    }

    fn traces(&self, query: &str, parameters: &[&dyn rusqlite::ToSql]) -> anyhow::Result<Vec<[u8; 16]>> {
        let mut statement = self.connection.prepare_cached(query)?;
        let found = statement.query_map(parameters, |row| row.get(0))?;
        Ok(found.collect::<Result<_, _>>()?)
    }
}

fn event(event: &Event) -> Json {
    json!({ "at": event.at, "name": event.name, "attributes": object(&event.attributes) })
}

fn object(attributes: &Attributes) -> Json {
    attributes.iter().map(|(key, value)| (key.clone(), plain(value))).collect::<Map<_, _>>().into()
}

fn plain(value: &Value) -> Json {
    match value {
        Value::Empty => Json::Null,
        Value::String(text) => text.as_str().into(),
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Double(value) => (*value).into(),
        Value::Bytes(bytes) => hex::encode(bytes).into(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().into(),
        Value::Map(pairs) => object(pairs),
    }
}
