//! Why a query on one day did not end well.

use rusqlite::ErrorCode;

use super::chunk::ChunkError;
use crate::store::ReadError;

/// Decides what becomes of the rest of the question.
#[derive(Debug, thiserror::Error)]
pub(super) enum QueryError {
    /// Its time ran out: what was found until then counts.
    #[error("the query was interrupted")]
    Interrupted,
    /// The day's file is damaged: the other days count.
    #[error("{0}")]
    Damaged(String),
    /// Nothing counts.
    #[error("{0}")]
    Failed(String),
}

impl From<rusqlite::Error> for QueryError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => Self::Interrupted,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(error.to_string()),
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl From<postcard::Error> for QueryError {
    fn from(error: postcard::Error) -> Self {
        Self::Damaged(format!("a stored value is damaged: {error}"))
    }
}

impl From<ChunkError> for QueryError {
    fn from(error: ChunkError) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl From<QueryError> for ReadError {
    fn from(error: QueryError) -> Self {
        Self(error.to_string())
    }
}

impl From<std::io::Error> for ReadError {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}
