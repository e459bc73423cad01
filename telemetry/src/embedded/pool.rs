//! Connections for reading, and how many read at once.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::{
    damage::Damage,
    day::{self, Day},
    query_error::QueryError,
};
use crate::store::ReadError;

/// SQLite looks at the clock after so many of its instructions: about every tenth of a millisecond.
const INSTRUCTIONS_BETWEEN_LOOKS: i32 = 4_000;

/// Connections kept for the next query, of all days. Opening one takes longer than most queries: a month is to be read
/// without.
const MOST_IDLE: usize = 40;
/// Beyond so many, those of earlier days keep no pages in memory.
const MOST_WARM: usize = 16;

/// Hands out connections to day files.
pub(super) struct Pool {
    folder: PathBuf,
    idle: Mutex<Idle>,
    permits: Semaphore,
    pub(super) damage: Damage,
}

/// Connections that nobody uses now.
#[derive(Default)]
struct Idle {
    connections: BTreeMap<Day, Vec<Connection>>,
    /// How often days were forgotten: a connection that was out meanwhile may be to a deleted file.
    forgotten: u64,
}

/// What became of a query on one day.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome<T> {
    Answered(T),
    /// The day's file is still being made, or is gone meanwhile.
    Gone,
    /// Its time ran out.
    OutOfTime,
    /// The day's file is damaged; this has been said and counted.
    Damaged,
}

impl Pool {
    pub(super) fn new(folder: &Path, readers: usize) -> Self {
        Self {
            folder: folder.to_owned(),
            idle: Mutex::default(),
            permits: Semaphore::new(readers.max(1)),
            damage: Damage::default(),
        }
    }

    /// Runs a query on a thread where it may block.
    pub(super) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        query: impl FnOnce(&Self) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ReadError> {
        let _permit = self.permits.acquire().await.map_err(|_| ReadError("the store is closed".into()))?;
        let pool = self.clone();
        tokio::task::spawn_blocking(move || query(&pool))
            .await
            .map_err(|error| ReadError(format!("a query did not end: {error}")))?
    }

    /// The days that have data, latest first.
    pub(super) fn days(&self) -> Result<Vec<Day>, ReadError> {
        Ok(Day::in_folder(&self.folder)?)
    }

    /// Runs a query on one day. A day that is damaged is passed over.
    pub(super) fn on_day<T>(
        &self,
        day: Day,
        query: impl FnOnce(&Connection) -> Result<T, QueryError>,
    ) -> Result<Outcome<T>, ReadError> {
        match self.try_on_day(day, query) {
            Ok(None) => Ok(Outcome::Gone),
            Ok(Some(answer)) => Ok(Outcome::Answered(answer)),
            Err(QueryError::Interrupted) => Ok(Outcome::OutOfTime),
            Err(QueryError::Damaged(cause)) => {
                self.damage.day(day, &cause);
                Ok(Outcome::Damaged)
            }
            Err(QueryError::Failed(cause)) => Err(ReadError(cause)),
        }
    }

    /// The same, and ends it at a time.
    pub(super) fn on_day_until<T>(
        &self,
        day: Day,
        deadline: Instant,
        query: impl FnOnce(&Connection) -> Result<T, QueryError>,
    ) -> Result<Outcome<T>, ReadError> {
        self.on_day(day, |connection| {
            connection
                .progress_handler(INSTRUCTIONS_BETWEEN_LOOKS, Some(move || Instant::now() >= deadline))?;
            let answer = query(connection)?;
            connection.progress_handler(0, None::<fn() -> bool>)?;
            Ok(answer)
        })
    }

    /// A connection on which a query failed is not used again.
    fn try_on_day<T>(
        &self,
        day: Day,
        query: impl FnOnce(&Connection) -> Result<T, QueryError>,
    ) -> Result<Option<T>, QueryError> {
        let (idle, forgotten) = self.idle().take(day);
        let connection = match idle {
            Some(connection) => connection,
            None => match day::open_reader(&self.folder, day) {
                Ok(Some(connection)) => connection,
                Ok(None) => return Ok(None),
                Err(_) if !day.path(&self.folder).exists() => return Ok(None),
                Err(error) => return Err(error.into()),
            },
        };
        let answer = query(&connection)?;
        self.idle().give_back(day, connection, forgotten);
        Ok(Some(answer))
    }

    /// Lets go of the connections of a day that is about to be deleted.
    pub(super) fn forget(&self, day: Day) {
        self.idle().forget(day);
        self.damage.forget(day);
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Lets go of every connection, and of whoever waits for one.
    pub(super) fn close(&self) {
        self.permits.close();
        self.idle().connections.clear();
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Idle {
    fn take(&mut self, day: Day) -> (Option<Connection>, u64) {
        (self.connections.get_mut(&day).and_then(Vec::pop), self.forgotten)
    }

    fn give_back(&mut self, day: Day, connection: Connection, forgotten: u64) {
        if forgotten != self.forgotten {
            return;
        }
        let is_earlier = self.connections.last_key_value().is_some_and(|(latest, _)| day < *latest);
        if is_earlier && self.len() >= MOST_WARM {
            // It fails only where there is no memory to give back.
            let _ = connection.release_memory();
        }
        self.connections.entry(day).or_default().push(connection);
        self.connections.retain(|_, connections| !connections.is_empty());
        // Who goes through many days, from the earliest on, asks for the same one next: it stays, or each query opens it anew.
        let evicted = self.connections.keys().copied().find(|other| *other != day).unwrap_or(day);
        if self.len() > MOST_IDLE
            && let Some(connections) = self.connections.get_mut(&evicted)
        {
            connections.pop();
        }
    }

    fn len(&self) -> usize {
        self.connections.values().map(Vec::len).sum()
    }

    fn forget(&mut self, day: Day) {
        self.connections.remove(&day);
        self.forgotten += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_that_has_just_been_read_is_open_for_the_next_query_however_early_it_is() {
        let day = |number: u64| Day::of((20_000 + number) * 86_400_000_000_000);
        let mut idle = Idle::default();
        let latest = 2 * MOST_IDLE as u64;
        for number in (1..=latest).chain([0]) {
            idle.give_back(day(number), Connection::open_in_memory().unwrap(), 0);
            assert!(idle.len() <= MOST_IDLE);
        }
        assert!(idle.take(day(0)).0.is_some() && idle.take(day(latest)).0.is_some());
        assert!(idle.take(day(1)).0.is_none());
    }
}
