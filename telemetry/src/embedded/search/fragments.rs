//! Walks fragments: for services, durations and errors, which their columns have.

use rusqlite::{Connection, Row, Rows, Statement};

use super::{DayFile, Found};
use crate::{
    embedded::{
        chunk,
        damage::Piece,
        day::{NANOS_PER_MINUTE, minute_of},
        names,
        query_error::QueryError,
        traces_read::as_i64,
    },
    model::{TraceId, TraceQuery},
};

/// From here on a fragment is in the index of slow ones.
const SLOW: u64 = 1_000_000_000;

// A fragment holds the spans of one minute, so those that began before the window by less may reach into it.
const ALL: &str = "SELECT trace, chunk, start FROM fragment INDEXED BY fragment_by_service
    WHERE service=?1 AND start>=?2 AND start<?3 AND longest>=?4 ORDER BY start DESC";
const SLOW_ONES: &str = "SELECT trace, chunk, start FROM fragment INDEXED BY fragment_slow
    WHERE service=?1 AND start>=?2 AND start<?3 AND longest>=?4 AND longest>=1000000000 ORDER BY start DESC";
const FAILED_ONES: &str = "SELECT trace, chunk, start FROM fragment INDEXED BY fragment_failed
    WHERE service=?1 AND start>=?2 AND start<?3 AND longest>=?4 AND errors>0 ORDER BY start DESC";

/// Finds the traces of a day with a span that matches, latest first.
pub(super) fn search(day: &DayFile<'_>, query: &TraceQuery, found: &mut Found) -> Result<(), QueryError> {
    let services = match &query.service {
        Some(service) => names::find(day.connection, service)?.into_iter().collect(),
        None => all_services(day.connection)?,
    };
    let mut statements: Vec<Statement<'_>> =
        services.iter().map(|_| day.connection.prepare(statement(query))).collect::<Result<_, _>>()?;
    let mut walks = Vec::with_capacity(services.len());
    for (statement, service) in statements.iter_mut().zip(services) {
        walks.extend(Walk::start(statement, service, query)?);
    }
    // The latest candidate of all services comes next.
    while let Some(latest) = (0..walks.len()).max_by_key(|index| walks[*index].next.start) {
        let (candidate, ended) = walks[latest].advance()?;
        if ended {
            walks.swap_remove(latest);
        }
        found.check_time()?;
        if !found.is_known(candidate.trace)
            && matches(day, query, &candidate, found)?
            && !found.add(candidate.trace, candidate.start)
        {
            return Ok(());
        }
    }
    Ok(())
}

fn statement(query: &TraceQuery) -> &'static str {
    match query.min_duration {
        _ if query.errors_only => FAILED_ONES,
        Some(min) if min >= SLOW => SLOW_ONES,
        _ => ALL,
    }
}

fn all_services(connection: &Connection) -> Result<Vec<i64>, QueryError> {
    let mut statement = connection.prepare_cached("SELECT DISTINCT service FROM operation")?;
    let services = statement.query_map([], |row| row.get(0))?;
    Ok(services.collect::<Result<_, _>>()?)
}

#[derive(Clone, Copy)]
struct Candidate {
    trace: TraceId,
    chunk: i64,
    start: u64,
}

/// Candidates of one service, latest first.
struct Walk<'s> {
    rows: Rows<'s>,
    next: Candidate,
}

impl<'s> Walk<'s> {
    fn start(
        statement: &'s mut Statement<'_>,
        service: i64,
        query: &TraceQuery,
    ) -> Result<Option<Self>, QueryError> {
        let mut rows = statement.query([
            service,
            as_i64(minute_of(query.window.from)),
            as_i64(query.window.to),
            as_i64(query.min_duration.unwrap_or_default()),
        ])?;
        let next = rows.next()?.map(candidate).transpose()?;
        Ok(next.map(|next| Self { rows, next }))
    }

    /// The next candidate, and whether it was the last.
    fn advance(&mut self) -> Result<(Candidate, bool), QueryError> {
        Ok(match self.rows.next()?.map(candidate).transpose()? {
            Some(next) => (std::mem::replace(&mut self.next, next), false),
            None => (self.next, true),
        })
    }
}

fn candidate(row: &Row<'_>) -> rusqlite::Result<Candidate> {
    Ok(Candidate { trace: TraceId(row.get(0)?), chunk: row.get(1)?, start: row.get::<_, i64>(2)? as u64 })
}

/// Whether a candidate has a span that meets every condition, by its columns if they can tell, or by its spans.
fn matches(
    day: &DayFile<'_>,
    query: &TraceQuery,
    candidate: &Candidate,
    found: &mut Found,
) -> Result<bool, QueryError> {
    if columns_decide(query, candidate) {
        return Ok(true);
    }
    let mut statement = day.connection.prepare_cached("SELECT body FROM chunk WHERE id=?1")?;
    let body: Vec<u8> = statement.query_row([candidate.chunk], |row| row.get(0))?;
    match chunk::matches(&body, query, Some(candidate.trace)) {
        Ok(matches) => Ok(!matches.is_empty()),
        Err(error) => {
            day.pool.damage.piece(day.day, Piece::Spans(candidate.chunk), &error);
            found.unreadable = true;
            Ok(false)
        }
    }
}

/// A fragment that is wholly in the window, and was chosen by one condition, meets it.
fn columns_decide(query: &TraceQuery, candidate: &Candidate) -> bool {
    candidate.start >= query.window.from
        && minute_of(candidate.start) + NANOS_PER_MINUTE <= query.window.to
        && !(query.min_duration.is_some() && query.errors_only)
}
