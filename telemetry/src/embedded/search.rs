//! Searches for traces.
//!
//! Fragments of the asked service are walked from the latest to the earliest. What their columns cannot decide is
//! decided by the spans themselves, after the chunk's Bloom filter has ruled out most chunks.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use rusqlite::{Connection, Row, Rows, Statement};

use super::{
    bloom, chunk,
    day::{Day, NANOS_PER_MINUTE, minute_of},
    names,
    pool::Pool,
    traces_read::{Summary, as_i64},
};
use crate::{
    model::{Span, TraceId, TraceQuery, TracesFound},
    store::ReadError,
};

/// Unpacked chunks kept while one search runs.
const REMEMBERED_CHUNKS: usize = 8;

/// Runs a search.
pub(super) fn search(pool: &Pool, query: &TraceQuery, time: Duration) -> Result<TracesFound, ReadError> {
    let deadline = Instant::now() + time;
    let mut found = Found { ids: Vec::new(), seen: HashSet::new(), incomplete: false };
    let days: Vec<Day> = pool.days()?;
    for day in days.iter().copied().filter(|day| day.overlaps(query.window)) {
        pool.on_day(day, |connection| search_day(connection, query, deadline, &mut found))?;
        if found.ids.len() >= query.limit || found.incomplete {
            break;
        }
    }
    let mut traces = Vec::with_capacity(found.ids.len());
    for (id, start) in found.ids {
        // The rest of a trace that matched is within a day of it.
        let day = Day::of(start);
        let mut known = Summary::default();
        for near in days.iter().copied().filter(|other| other.minus(1) <= day && day.minus(1) <= *other) {
            pool.on_day(near, |connection| known.add_day(connection, id))?;
        }
        traces.extend(known.finish(id));
    }
    traces.sort_by_key(|trace| std::cmp::Reverse(trace.start));
    Ok(TracesFound { traces, incomplete: found.incomplete })
}

struct Found {
    ids: Vec<(TraceId, u64)>,
    seen: HashSet<TraceId>,
    incomplete: bool,
}

#[derive(Clone, Copy)]
struct Candidate {
    trace: TraceId,
    chunk: i64,
    start: u64,
}

fn search_day(
    connection: &Connection,
    query: &TraceQuery,
    deadline: Instant,
    found: &mut Found,
) -> Result<(), ReadError> {
    let services = match &query.service {
        Some(service) => names::find(connection, service)?.into_iter().collect(),
        None => all_services(connection)?,
    };
    let mut statements: Vec<Statement<'_>> =
        services.iter().map(|_| connection.prepare(CANDIDATES)).collect::<Result<_, _>>()?;
    let mut walks = Vec::with_capacity(services.len());
    for (statement, service) in statements.iter_mut().zip(services) {
        walks.extend(Walk::start(statement, service, query)?);
    }
    let mut matcher = Matcher::new(connection, query);
    // The latest candidate of all services comes next.
    while let Some(latest) = (0..walks.len()).max_by_key(|index| walks[*index].next.start) {
        let (candidate, ended) = walks[latest].advance()?;
        if ended {
            walks.swap_remove(latest);
        }
        if !found.seen.contains(&candidate.trace) && matcher.matches(&candidate)? {
            found.seen.insert(candidate.trace);
            found.ids.push((candidate.trace, candidate.start));
        }
        if found.ids.len() >= query.limit {
            return Ok(());
        }
        if Instant::now() >= deadline {
            found.incomplete = true;
            return Ok(());
        }
    }
    Ok(())
}

fn all_services(connection: &Connection) -> Result<Vec<i64>, ReadError> {
    let mut statement = connection.prepare_cached("SELECT DISTINCT service FROM operation")?;
    let services = statement.query_map([], |row| row.get(0))?;
    Ok(services.collect::<Result<_, _>>()?)
}

// A fragment holds the spans of one minute, so those that began before the window by less may reach into it.
const CANDIDATES: &str = "SELECT trace, chunk, start FROM fragment INDEXED BY fragment_by_service
    WHERE service=?1 AND start>=?2 AND start<?3 AND longest>=?4 AND errors>=?5 ORDER BY start DESC";

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
    ) -> Result<Option<Self>, ReadError> {
        let mut rows = statement.query([
            service,
            as_i64(minute_of(query.window.from)),
            as_i64(query.window.to),
            as_i64(query.min_duration.unwrap_or_default()),
            i64::from(query.errors_only),
        ])?;
        let next = rows.next()?.map(candidate).transpose()?;
        Ok(next.map(|next| Self { rows, next }))
    }

    /// The next candidate, and whether it was the last.
    fn advance(&mut self) -> Result<(Candidate, bool), ReadError> {
        Ok(match self.rows.next()?.map(candidate).transpose()? {
            Some(next) => (std::mem::replace(&mut self.next, next), false),
            None => (self.next, true),
        })
    }
}

fn candidate(row: &Row<'_>) -> rusqlite::Result<Candidate> {
    Ok(Candidate { trace: TraceId(row.get(0)?), chunk: row.get(1)?, start: row.get::<_, i64>(2)? as u64 })
}

/// Decides whether a candidate has a span that meets every condition.
struct Matcher<'c, 'q> {
    connection: &'c Connection,
    query: &'q TraceQuery,
    hashes: Vec<u64>,
    /// Whether the chunk's filter lets it hold what is asked for.
    possible: HashMap<i64, bool>,
    /// By chunk, the traces with a span that matches.
    unpacked: HashMap<i64, HashSet<TraceId>>,
}

impl<'c, 'q> Matcher<'c, 'q> {
    fn new(connection: &'c Connection, query: &'q TraceQuery) -> Self {
        let attributes = query.attributes.iter().map(|(key, value)| bloom::attribute_hash(key, value));
        let operation = query.operation.as_deref().map(bloom::operation_hash);
        let hashes = attributes.chain(operation).collect();
        Self { connection, query, hashes, possible: HashMap::new(), unpacked: HashMap::new() }
    }

    fn matches(&mut self, candidate: &Candidate) -> Result<bool, ReadError> {
        if self.columns_decide(candidate) {
            return Ok(true);
        }
        if !self.is_possible(candidate.chunk)? {
            return Ok(false);
        }
        if !self.unpacked.contains_key(&candidate.chunk) {
            if self.unpacked.len() >= REMEMBERED_CHUNKS {
                self.unpacked.clear();
            }
            let traces = self.traces_in(candidate.chunk)?;
            self.unpacked.insert(candidate.chunk, traces);
        }
        Ok(self.unpacked.get(&candidate.chunk).is_some_and(|traces| traces.contains(&candidate.trace)))
    }

    /// Whether the columns, by which the candidate was chosen, say all that is asked.
    fn columns_decide(&self, candidate: &Candidate) -> bool {
        let query = self.query;
        let inside = candidate.start >= query.window.from
            && minute_of(candidate.start) + NANOS_PER_MINUTE <= query.window.to;
        inside
            && self.hashes.is_empty()
            && query.max_duration.is_none()
            && !(query.min_duration.is_some() && query.errors_only)
    }

    fn is_possible(&mut self, chunk: i64) -> Result<bool, ReadError> {
        if self.hashes.is_empty() {
            return Ok(true);
        }
        if let Some(possible) = self.possible.get(&chunk) {
            return Ok(*possible);
        }
        let filter: Vec<u8> = self
            .connection
            .prepare_cached("SELECT bloom FROM chunk WHERE id=?1")?
            .query_row([chunk], |row| row.get(0))?;
        let possible = self.hashes.iter().all(|hash| bloom::may_contain(&filter, *hash));
        self.possible.insert(chunk, possible);
        Ok(possible)
    }

    fn traces_in(&self, chunk: i64) -> Result<HashSet<TraceId>, ReadError> {
        let mut statement = self.connection.prepare_cached("SELECT body FROM chunk WHERE id=?1")?;
        let body: Vec<u8> = statement.query_row([chunk], |row| row.get(0))?;
        let spans = chunk::unpack(&body, None).unwrap_or_else(|error| {
            tracing::error!(chunk, %error, "a chunk was passed over");
            Vec::new()
        });
        Ok(spans.iter().filter(|span| meets(span, self.query)).map(|span| span.trace_id).collect())
    }
}

/// Whether the span meets every condition of the query.
fn meets(span: &Span, query: &TraceQuery) -> bool {
    let duration = span.duration();
    (query.window.from..query.window.to).contains(&span.start)
        && query.service.as_ref().is_none_or(|service| *service == span.resource.service)
        && query.operation.as_ref().is_none_or(|operation| *operation == span.name)
        && query.min_duration.is_none_or(|min| duration >= min)
        && query.max_duration.is_none_or(|max| duration <= max)
        && (!query.errors_only || span.is_error())
        && query.attributes.iter().all(|(key, value)| has_attribute(span, key, value))
}

fn has_attribute(span: &Span, key: &str, value: &str) -> bool {
    span.attributes
        .iter()
        .chain(&span.resource.attributes)
        .any(|(known, held)| known == key && held.as_text().is_some_and(|text| text == value))
}
