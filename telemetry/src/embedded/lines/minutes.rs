//! How many lines each service writes, by minute and level.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::Line;
use crate::{
    embedded::{
        day::{NANOS_PER_MINUTE, minute_of},
        names::{self, Names},
        observed_read::on_days,
        pool::Pool,
        spans::WriteError,
        traces_read::as_i64,
    },
    log::{Level, LogCount},
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

/// Lines of a service, or of all, by steps that begin with the window.
pub(in crate::embedded) fn counts(
    pool: &Pool,
    service: Option<&str>,
    window: Window,
    step_minutes: u32,
) -> Result<Vec<LogCount>, ReadError> {
    let step = u64::from(step_minutes.max(1)) * NANOS_PER_MINUTE;
    let mut steps: BTreeMap<(u64, Level), (u64, u64)> = BTreeMap::new();
    on_days(pool, window, "log_minute", |connection| {
        let (filter, number) = match service {
            Some(service) => match names::find(connection, service)? {
                Some(number) => ("service=?4", number),
                None => return Ok(()),
            },
            None => ("?4=0", 0),
        };
        let mut statement = connection.prepare_cached(&format!(
            "SELECT (minute-?1)/?3, level, sum(lines), sum(traced) FROM log_minute
             WHERE minute>=?1 AND minute<?2 AND {filter} GROUP BY 1, 2"
        ))?;
        let parameters = [as_i64(window.from), as_i64(window.to), as_i64(step), number];
        let mut rows = statement.query(parameters)?;
        while let Some(row) = rows.next()? {
            let place = row.get::<_, i64>(0)?.unsigned_abs();
            let level = usize::try_from(row.get::<_, i64>(1)?).unwrap_or_default();
            let level = Level::ALL.get(level).copied().unwrap_or_default();
            // A step may reach over midnight.
            let (lines, traced) = steps.entry((window.from + place * step, level)).or_default();
            *lines += row.get::<_, i64>(2)?.unsigned_abs();
            *traced += row.get::<_, i64>(3)?.unsigned_abs();
        }
        Ok(())
    })?;
    let count = |((from, level), (lines, traced))| LogCount { from, level, lines, traced };
    Ok(steps.into_iter().map(count).collect())
}
