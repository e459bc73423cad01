//! Writes how many requests of each minute metrics tell of, load tests left out.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::{cells::StoredCell, names::Names, spans::WriteError};
use crate::{
    metric::{CellValue, MetricPoint},
    observed::{REQUEST_METRICS, is_load_test},
};

/// Requests of a batch, by service, metric and minute.
#[derive(Default)]
pub(super) struct Arrivals(BTreeMap<(i64, i64, u64), i64>);

impl Arrivals {
    /// Adds what a batch adds to a series: all of its points are alike but for time and value.
    pub(super) fn add(
        &mut self,
        connection: &Connection,
        names: &mut Names,
        point: &MetricPoint,
        minutes: &BTreeMap<u64, StoredCell>,
    ) -> rusqlite::Result<()> {
        if !REQUEST_METRICS.contains(&&*point.name) || is_load_test(&point.attributes) {
            return Ok(());
        }
        let service = names.number(connection, &point.resource.service)?;
        let name = names.number(connection, &point.name)?;
        for (minute, cell) in minutes {
            *self.0.entry((service, name, *minute)).or_default() += requests(&cell.value) as i64;
        }
        Ok(())
    }

    /// Writes them in the running transaction.
    pub(super) fn write(self, connection: &Connection) -> Result<(), WriteError> {
        for ((service, name, minute), requests) in self.0.into_iter().filter(|(_, requests)| *requests > 0) {
            connection
                .prepare_cached(
                    "INSERT INTO arrival_minute VALUES(?1, ?2, ?3, ?4)
                     ON CONFLICT DO UPDATE SET requests=requests+excluded.requests",
                )?
                .execute(params![service, name, minute as i64, requests])?;
        }
        Ok(())
    }
}

fn requests(cell: &CellValue) -> u64 {
    match cell {
        CellValue::Explicit(durations) => durations.count(),
        CellValue::Exponential(durations) => durations.count(),
        CellValue::Increase(_) | CellValue::Level { .. } => 0,
    }
}
