//! Texts that rows refer to by number: services, operations, metrics.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

/// Numbers are looked up here first. Far more names than this are not names but data.
const REMEMBERED: usize = 100_000;

/// The numbers of names, as far as they are remembered by the writer of a day.
#[derive(Default)]
pub(super) struct Names(HashMap<String, i64>);

impl Names {
    /// The number of a name, given now if it has none.
    pub(super) fn number(&mut self, connection: &Connection, text: &str) -> rusqlite::Result<i64> {
        if let Some(number) = self.0.get(text) {
            return Ok(*number);
        }
        connection.prepare_cached("INSERT OR IGNORE INTO name(text) VALUES(?1)")?.execute([text])?;
        let number: i64 = connection
            .prepare_cached("SELECT id FROM name WHERE text=?1")?
            .query_row([text], |row| row.get(0))?;
        if self.0.len() >= REMEMBERED {
            self.0.clear();
        }
        self.0.insert(text.to_owned(), number);
        Ok(number)
    }
}

/// The number of a name in this day, if it has one.
pub(super) fn find(connection: &Connection, text: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT id FROM name WHERE text=?1")?
        .query_row([text], |row| row.get(0))
        .optional()
}

/// The name of a number.
pub(super) fn text(connection: &Connection, number: i64) -> rusqlite::Result<String> {
    connection
        .prepare_cached("SELECT text FROM name WHERE id=?1")?
        .query_row(params![number], |row| row.get(0))
}
