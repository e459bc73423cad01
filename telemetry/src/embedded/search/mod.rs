//! Searches for traces.
//!
//! What is kept of fragments answers most questions: they are walked from the latest to the earliest (`fragments`).
//! What only the spans can tell is looked for in the chunks, from the latest to the earliest, after their filters have
//! ruled out most of them (`chunks`).

mod chunks;
mod fragments;

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use rusqlite::Connection;

use super::{
    day::Day,
    pool::{Outcome, Pool},
    query_error::QueryError,
    traces_read::Summary,
};
use crate::{
    model::{TraceId, TraceQuery, TraceSummary, TracesFound},
    store::ReadError,
};

/// Runs a search for at most `time`, and gathers what is known of the traces found for at most as long again.
pub(super) fn search(pool: &Pool, query: &TraceQuery, time: Duration) -> Result<TracesFound, ReadError> {
    let days: Vec<Day> = pool.days()?;
    let search_ends = Instant::now() + time;
    let mut found = Found::new(query.limit, search_ends);
    for day in days.iter().copied().filter(|day| day.overlaps(query.window)) {
        let on_day =
            |connection: &Connection| search_day(&DayFile { pool, day, connection }, query, &mut found);
        match pool.on_day_until(day, search_ends, on_day)? {
            Outcome::Answered(()) | Outcome::Gone => {}
            Outcome::OutOfTime => found.incomplete = true,
            Outcome::Damaged => found.unreadable = true,
        }
        if found.is_full() || found.incomplete {
            break;
        }
    }
    let deadline = Instant::now() + time;
    let mut answer =
        TracesFound { incomplete: found.incomplete, unreadable: found.unreadable, ..Default::default() };
    for (id, start) in found.ids {
        match summary(pool, &days, id, start, deadline)? {
            Some(summary) => answer.traces.push(summary),
            None => answer.incomplete = true,
        }
    }
    answer.traces.sort_by_key(|trace| std::cmp::Reverse(trace.start));
    Ok(answer)
}

fn search_day(day: &DayFile<'_>, query: &TraceQuery, found: &mut Found) -> Result<(), QueryError> {
    if query.operation.is_some() || !query.attributes.is_empty() || query.max_duration.is_some() {
        chunks::search(day, query, found)
    } else {
        fragments::search(day, query, found)
    }
}

/// What is known of a trace; none if there was no time to gather it.
fn summary(
    pool: &Pool,
    days: &[Day],
    id: TraceId,
    start: u64,
    deadline: Instant,
) -> Result<Option<TraceSummary>, ReadError> {
    // The rest of a trace that matched is within a day of it.
    let day = Day::of(start);
    let mut known = Summary::default();
    for near in days.iter().copied().filter(|other| other.minus(1) <= day && day.minus(1) <= *other) {
        if pool.on_day_until(near, deadline, |connection| known.add_day(connection, id))?
            == Outcome::OutOfTime
        {
            return Ok(None);
        }
    }
    Ok(known.finish(id))
}

/// A day that is being searched.
struct DayFile<'p> {
    pool: &'p Pool,
    day: Day,
    connection: &'p Connection,
}

/// What has been found so far.
struct Found {
    ids: Vec<(TraceId, u64)>,
    seen: HashSet<TraceId>,
    limit: usize,
    deadline: Instant,
    incomplete: bool,
    unreadable: bool,
}

impl Found {
    fn new(limit: usize, deadline: Instant) -> Self {
        Self { ids: Vec::new(), seen: HashSet::new(), limit, deadline, incomplete: false, unreadable: false }
    }

    fn is_full(&self) -> bool {
        self.ids.len() >= self.limit
    }

    /// Adds a trace with a span that matches, unless it is there already, and says whether there is room for more.
    fn add(&mut self, trace: TraceId, start: u64) -> bool {
        if !self.is_full() && self.seen.insert(trace) {
            self.ids.push((trace, start));
        }
        !self.is_full()
    }

    fn is_known(&self, trace: TraceId) -> bool {
        self.seen.contains(&trace)
    }

    /// Fails when time has run out, as a statement would that runs for too long.
    fn check_time(&self) -> Result<(), QueryError> {
        if Instant::now() >= self.deadline { Err(QueryError::Interrupted) } else { Ok(()) }
    }
}
