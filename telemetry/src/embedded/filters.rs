//! The filters of chunks, and of groups of 64 chunks: a search that finds little passes over most groups at a glance.

use std::collections::HashSet;

use rusqlite::{Connection, params};

use super::{
    bloom::{self, BloomBuilder},
    query_error::QueryError,
};
use crate::model::{Resource, Span};

/// Chunks of a group are those whose numbers differ in these bits only.
const BITS: i64 = 6;
const LAST: i64 = (1 << BITS) - 1;
/// A group that holds more is looked through chunk by chunk: its filter would take too long to read, and this too much
/// memory.
const MOST_ENTRIES: usize = 250_000;

/// Gathers the filter of the group that is being written. A group that was not gathered from its first chunk on, as
/// after a restart, gets none.
#[derive(Default)]
pub(super) struct Gathering {
    group: Option<i64>,
    entries: BloomBuilder,
}

/// Writes the filter of a new chunk, and that of its group with the last one of it.
pub(super) fn write(
    connection: &Connection,
    gathering: &mut Gathering,
    chunk: i64,
    spans: &[&Span],
) -> rusqlite::Result<()> {
    let entries = entries_of(spans);
    connection
        .prepare_cached("INSERT INTO filter(chunk, bloom) VALUES(?1, ?2)")?
        .execute(params![chunk, entries.build()])?;
    let group = chunk >> BITS;
    // SQLite counts from 1.
    if chunk & LAST == 0 || chunk == 1 {
        *gathering = Gathering { group: Some(group), entries };
    } else if gathering.group == Some(group) {
        gathering.entries.join(entries);
    }
    if gathering.group != Some(group) || gathering.entries.len() > MOST_ENTRIES {
        *gathering = Gathering::default();
    } else if chunk & LAST == LAST {
        connection
            .prepare_cached("INSERT OR REPLACE INTO filter_group(id, bloom) VALUES(?1, ?2)")?
            .execute(params![group, gathering.entries.build()])?;
        *gathering = Gathering::default();
    }
    Ok(())
}

/// Removes the filter of a chunk, and that of its group if this was the last chunk of it.
pub(super) fn remove(connection: &Connection, chunk: i64) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM filter WHERE chunk=?1")?.execute([chunk])?;
    let group = chunk >> BITS;
    connection
        .prepare_cached(
            "DELETE FROM filter_group WHERE id=?1 AND NOT EXISTS (SELECT 1 FROM filter WHERE chunk BETWEEN ?2 AND ?3)",
        )?
        .execute([group, group << BITS, group << BITS | LAST])?;
    Ok(())
}

fn entries_of(spans: &[&Span]) -> BloomBuilder {
    let mut entries = BloomBuilder::default();
    let mut resources: HashSet<*const Resource> = HashSet::new();
    for span in spans {
        entries.add_span(span);
        if resources.insert(&raw const *span.resource) {
            entries.add_resource(&span.resource);
        }
    }
    entries
}

/// Tells which chunks may hold all of some hashes.
pub(super) struct Filters<'c> {
    connection: &'c Connection,
    hashes: Vec<u64>,
    groups: std::collections::HashMap<i64, bool>,
}

impl<'c> Filters<'c> {
    pub(super) fn new(connection: &'c Connection, hashes: Vec<u64>) -> Self {
        Self { connection, hashes, groups: Default::default() }
    }

    pub(super) fn may_hold(&mut self, chunk: i64) -> Result<bool, QueryError> {
        if self.hashes.is_empty() {
            return Ok(true);
        }
        let group = chunk >> BITS;
        let possible = match self.groups.get(&group) {
            Some(possible) => *possible,
            None => {
                let possible = self.ask("SELECT bloom FROM filter_group WHERE id=?1", group)?;
                self.groups.insert(group, possible);
                possible
            }
        };
        Ok(possible && self.ask("SELECT bloom FROM filter WHERE chunk=?1", chunk)?)
    }

    /// Whether a filter lets all hashes pass; a filter that is not there does.
    fn ask(&self, select: &str, id: i64) -> Result<bool, QueryError> {
        let mut statement = self.connection.prepare_cached(select)?;
        let mut rows = statement.query([id])?;
        let Some(row) = rows.next()? else { return Ok(true) };
        let filter = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
        Ok(self.hashes.iter().all(|hash| bloom::may_contain(filter, *hash)))
    }
}
