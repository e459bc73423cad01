//! Searches for lines: chunk by chunk, from the latest to the earliest, past those that their filters rule out.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use rusqlite::{Connection, ToSql};

use super::{Line, chunk, filter, text::Piece, trace_key};
use crate::{
    embedded::{
        damage,
        day::Day,
        names,
        observed_read::keeps,
        pool::{Outcome, Pool},
        query_error::QueryError,
        traces_read::as_i64,
    },
    log::{LinePosition, LogLine, LogQuery, LogRecord, LogsFound},
    model::Window,
    store::ReadError,
};

// Chunks overlap in time, but none holds a line that is later than its `last`.
const OF_ALL: &str = "SELECT id, last FROM log_chunk INDEXED BY log_chunk_by_time
    WHERE last>=?1 AND first<?2 AND severest>=?3 AND ?4=0 ORDER BY last DESC";
const OF_SERVICE: &str = "SELECT id, last FROM log_chunk INDEXED BY log_chunk_by_service
    WHERE last>=?1 AND first<?2 AND severest>=?3 AND service=?4 ORDER BY last DESC";
const OF_TRACE: &str =
    "SELECT id, last FROM log_chunk WHERE id IN (SELECT chunk FROM log_trace WHERE trace=?4)
    AND last>=?1 AND first<?2 AND severest>=?3 ORDER BY last DESC";

/// Runs a search for at most `time`.
pub(in crate::embedded) fn search(
    pool: &Pool,
    query: &LogQuery,
    time: Duration,
) -> Result<LogsFound, ReadError> {
    let mut query = query.clone();
    if let Some(before) = query.before {
        query.window.to = query.window.to.min(before.at.saturating_add(1));
    }
    let pieces: Vec<Piece> = query.text.iter().map(|piece| Piece::new(piece)).collect();
    let hashes = filter::hashes_of(&query, &pieces);
    let mut search = Search {
        pool,
        query: &query,
        pieces: &pieces,
        hashes: &hashes,
        ends: Instant::now() + time,
        found: BTreeMap::new(),
        looked_to: query.window.to,
        unreadable: false,
    };
    let mut incomplete = false;
    for day in pool.days()?.into_iter().filter(|day| day.overlaps(query.window)) {
        match pool.on_day_until(day, search.ends, |connection| search.day(day, connection))? {
            Outcome::Answered(true) => break,
            Outcome::Answered(false) | Outcome::Gone => {}
            Outcome::OutOfTime => {
                incomplete = true;
                break;
            }
            Outcome::Damaged => search.unreadable = true,
        }
    }
    Ok(search.answer(incomplete))
}

struct Search<'s> {
    pool: &'s Pool,
    query: &'s LogQuery,
    pieces: &'s [Piece],
    hashes: &'s [u64],
    ends: Instant,
    /// The latest lines that match, one more than is asked for, so that it is known whether there are more.
    found: BTreeMap<LinePosition, LogRecord>,
    /// No line that is later than this has not been looked at.
    looked_to: u64,
    unreadable: bool,
}

impl Search<'_> {
    /// Looks through a day. Says whether there is no interest in earlier lines.
    fn day(&mut self, day: Day, connection: &Connection) -> Result<bool, QueryError> {
        if !keeps(connection, "log_chunk")? {
            return Ok(false);
        }
        let Window { from, to } = self.query.window;
        let (statement, fourth): (&str, i64) = match (&self.query.trace, &self.query.service) {
            (Some(trace), _) => (OF_TRACE, trace_key(*trace)),
            (None, Some(service)) => match names::find(connection, service)? {
                Some(service) => (OF_SERVICE, service),
                None => return Ok(false),
            },
            (None, None) => (OF_ALL, 0),
        };
        let mut statement = connection.prepare_cached(statement)?;
        let least = i64::from(self.query.least_severity);
        let parameters: [&dyn ToSql; 4] = [&as_i64(from), &as_i64(to), &least, &fourth];
        let mut rows = statement.query(&parameters[..])?;
        while let Some(row) = rows.next()? {
            let (id, last) = (row.get(0)?, row.get::<_, i64>(1)? as u64);
            self.looked_to = self.looked_to.min(last);
            if self.is_full() && self.found.first_key_value().is_some_and(|(line, _)| line.at > last) {
                return Ok(true);
            }
            if Instant::now() >= self.ends {
                return Err(QueryError::Interrupted);
            }
            self.chunk(day, connection, id)?;
        }
        Ok(false)
    }

    fn chunk(&mut self, day: Day, connection: &Connection, id: i64) -> Result<(), QueryError> {
        if !self.hashes.is_empty() {
            let mut statement = connection.prepare_cached("SELECT bloom FROM log_filter WHERE chunk=?1")?;
            let mut rows = statement.query([id])?;
            if let Some(row) = rows.next()?
                && !filter::may_hold(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?, self.hashes)
            {
                return Ok(());
            }
        }
        // The walk holds a read transaction: a chunk that is joined with others meanwhile is still there.
        let mut statement = connection.prepare_cached("SELECT body FROM log_chunk WHERE id=?1")?;
        let body: Vec<u8> = statement.query_row([id], |row| row.get(0))?;
        let (query, pieces) = (self.query, self.pieces);
        if let Err(error) = chunk::matches(&body, query, pieces, |line| self.add(line)) {
            self.pool.damage.piece(day, damage::Piece::Lines(id), &error);
            self.unreadable = true;
        }
        Ok(())
    }

    /// Adds a line. Says whether there is interest in earlier ones.
    fn add(&mut self, line: Line) -> bool {
        let is_of_service =
            self.query.service.as_ref().is_none_or(|service| *service == line.record.resource.service);
        let position = line.position();
        if !is_of_service || self.query.before.is_some_and(|before| position >= before) {
            return true;
        }
        if self.is_full() && self.found.first_key_value().is_some_and(|(earliest, _)| position < *earliest) {
            return line.record.at >= self.earliest();
        }
        self.found.insert(position, line.record);
        if self.found.len() > self.most() {
            self.found.pop_first();
        }
        true
    }

    fn earliest(&self) -> u64 {
        self.found.first_key_value().map(|(line, _)| line.at).unwrap_or_default()
    }

    fn is_full(&self) -> bool {
        self.found.len() >= self.most()
    }

    fn most(&self) -> usize {
        self.query.limit.saturating_add(1)
    }

    fn answer(mut self, incomplete: bool) -> LogsFound {
        if incomplete {
            // Of what was not looked at, later lines may come to stand between these.
            let looked_to = self.looked_to;
            self.found.retain(|line, _| line.at > looked_to);
        }
        let more = self.found.len() > self.query.limit;
        let mut lines: Vec<LogLine> =
            self.found.into_iter().rev().map(|(position, record)| LogLine { position, record }).collect();
        lines.truncate(self.query.limit);
        let older = match lines.last() {
            Some(last) if more => Some(last.position),
            _ => incomplete.then_some(LinePosition { at: self.looked_to, id: u64::MAX }),
        };
        LogsFound { lines, older, incomplete: incomplete && !more, unreadable: self.unreadable }
    }
}
