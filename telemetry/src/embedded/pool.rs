//! Connections for reading, and how many read at once.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::{
    chunk::ChunkError,
    day::{self, Day},
};
use crate::store::ReadError;

/// Hands out connections to day files.
pub(super) struct Pool {
    folder: PathBuf,
    idle: Mutex<HashMap<Day, Vec<Connection>>>,
    permits: Semaphore,
}

impl From<rusqlite::Error> for ReadError {
    fn from(error: rusqlite::Error) -> Self {
        Self(error.to_string())
    }
}
impl From<ChunkError> for ReadError {
    fn from(error: ChunkError) -> Self {
        Self(error.to_string())
    }
}
impl From<postcard::Error> for ReadError {
    fn from(error: postcard::Error) -> Self {
        Self(format!("a stored value is damaged: {error}"))
    }
}
impl From<std::io::Error> for ReadError {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

impl Pool {
    pub(super) fn new(folder: &Path, readers: usize) -> Self {
        Self { folder: folder.to_owned(), idle: Mutex::default(), permits: Semaphore::new(readers.max(1)) }
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

    /// Runs a query on one day; none if its file is still being made, or is gone meanwhile.
    pub(super) fn on_day<T>(
        &self,
        day: Day,
        query: impl FnOnce(&Connection) -> Result<T, ReadError>,
    ) -> Result<Option<T>, ReadError> {
        let idle = self.idle().get_mut(&day).and_then(Vec::pop);
        let connection = match idle {
            Some(connection) => connection,
            None if !day.path(&self.folder).exists() => return Ok(None),
            None => match day::open_reader(&self.folder, day)? {
                Some(connection) => connection,
                None => return Ok(None),
            },
        };
        let answer = query(&connection)?;
        self.idle().entry(day).or_default().push(connection);
        Ok(Some(answer))
    }

    /// Lets go of the connections of a day that is about to be deleted.
    pub(super) fn forget(&self, day: Day) {
        self.idle().remove(&day);
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Lets go of every connection, and of whoever waits for one.
    pub(super) fn close(&self) {
        self.permits.close();
        self.idle().clear();
    }

    fn idle(&self) -> MutexGuard<'_, HashMap<Day, Vec<Connection>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
