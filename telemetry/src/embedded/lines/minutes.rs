//! How many lines each service writes, by minute and level.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::Line;
use crate::{
    embedded::{
        day::minute_of, names::Names, observed_read::on_days, pool::Pool, spans::WriteError,
        traces_read::as_i64,
    },
    log::{Level, LogMinute},
    model::Window,
    store::ReadError,
};

/// Counts lines of one day in the running transaction.
pub(super) fn write(connection: &Connection, names: &mut Names, lines: &[Line]) -> Result<(), WriteError> {
    let mut minutes: BTreeMap<(&str, u64, Level), (i64, i64)> = BTreeMap::new();
    for Line { record, .. } in lines {
        let key = (record.resource.service.as_str(), minute_of(record.at), record.level());
        let (count, traced) = minutes.entry(key).or_default();
        *count += 1;
        *traced += i64::from(record.trace_id.is_some());
    }
    for ((service, minute, level), (count, traced)) in minutes {
        let service = names.number(connection, service)?;
        connection
            .prepare_cached(
                "INSERT INTO log_minute VALUES(?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT DO UPDATE SET lines=lines+excluded.lines, traced=traced+excluded.traced",
            )?
            .execute(params![service, minute as i64, level.place() as i64, count, traced])?;
    }
    Ok(())
}

/// Lines of a service, or of all, in order of time.
pub(in crate::embedded) fn read(
    pool: &Pool,
    service: Option<&str>,
    window: Window,
) -> Result<Vec<LogMinute>, ReadError> {
    let mut minutes = Vec::new();
    on_days(pool, window, "log_minute", |connection| {
        let mut statement = connection.prepare_cached(
            "SELECT n.text, minute, level, lines, traced FROM log_minute JOIN name n ON n.id=service
             WHERE minute>=?1 AND minute<?2 AND (?3 IS NULL OR service=(SELECT id FROM name WHERE text=?3))
             ORDER BY minute",
        )?;
        let mut rows = statement.query(params![as_i64(window.from), as_i64(window.to), service])?;
        while let Some(row) = rows.next()? {
            let level = usize::try_from(row.get::<_, i64>(2)?).unwrap_or_default();
            minutes.push(LogMinute {
                service: row.get(0)?,
                minute: row.get::<_, i64>(1)? as u64,
                level: Level::ALL.get(level).copied().unwrap_or_default(),
                lines: row.get::<_, i64>(3)? as u64,
                traced: row.get::<_, i64>(4)? as u64,
            });
        }
        Ok(())
    })?;
    Ok(minutes)
}
