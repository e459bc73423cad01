//! One file per UTC day.

use std::{
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::Connection;

use crate::model::{UnixNanos, Window};

const EXTENSION: &str = ".telemetry";
const NANOS_PER_DAY: u64 = 86_400_000_000_000;
pub(super) const NANOS_PER_MINUTE: u64 = 60_000_000_000;
pub(super) const NANOS_PER_HOUR: u64 = 60 * NANOS_PER_MINUTE;

/// A UTC day, counted from the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Day(u64);

impl Day {
    pub(super) fn of(at: UnixNanos) -> Self {
        Self(at / NANOS_PER_DAY)
    }

    pub(super) fn number(self) -> u64 {
        self.0
    }

    pub(super) fn numbered(number: u64) -> Self {
        Self(number)
    }

    pub(super) fn before(self) -> Option<Self> {
        self.0.checked_sub(1).map(Self)
    }

    pub(super) fn minus(self, days: u64) -> Self {
        Self(self.0.saturating_sub(days))
    }

    pub(super) fn overlaps(self, window: Window) -> bool {
        let start = self.0.saturating_mul(NANOS_PER_DAY);
        start < window.to && window.from < start.saturating_add(NANOS_PER_DAY)
    }

    pub(super) fn path(self, folder: &Path) -> PathBuf {
        folder.join(format!("{self}{EXTENSION}"))
    }

    /// The days that have a file in the folder, latest first.
    pub(super) fn in_folder(folder: &Path) -> std::io::Result<Vec<Self>> {
        let mut days: Vec<Self> = std::fs::read_dir(folder)?
            .filter_map(|entry| Self::from_file_name(entry.ok()?.file_name().to_str()?))
            .collect();
        days.sort_unstable_by(|a, b| b.cmp(a));
        Ok(days)
    }

    /// Every file in the folder that belongs to a day, the day's own file before those that stand beside it: without it
    /// the day is gone, whatever happens to the others.
    pub(super) fn all_files(folder: &Path) -> std::io::Result<Vec<(Self, PathBuf)>> {
        let mut files: Vec<(Self, PathBuf)> = std::fs::read_dir(folder)?
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                let (day, rest) = path.file_name()?.to_str()?.split_once(EXTENSION)?;
                // `-wal` and `-shm` of SQLite, and what was set aside.
                (rest.is_empty() || rest.starts_with(['-', '.'])).then_some(())?;
                Some((Self::from_file_name(&format!("{day}{EXTENSION}"))?, path.clone()))
            })
            .collect();
        files.sort_unstable();
        Ok(files)
    }

    /// Where a day's file goes that cannot be used any more.
    pub(super) fn aside(self, folder: &Path) -> PathBuf {
        folder.join(format!("{self}{EXTENSION}.damaged-{}", jiff::Timestamp::now().as_millisecond()))
    }

    fn from_file_name(name: &str) -> Option<Self> {
        let date: jiff::civil::Date = name.strip_suffix(EXTENSION)?.parse().ok()?;
        let seconds = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second();
        Some(Self(u64::try_from(seconds).ok()? / 86_400))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let timestamp = jiff::Timestamp::from_second((self.0 * 86_400) as i64).map_err(|_| fmt::Error)?;
        write!(f, "{}", timestamp.strftime("%Y-%m-%d"))
    }
}

/// Start of the minute in which the time lies.
pub(super) fn minute_of(at: UnixNanos) -> UnixNanos {
    at - at % NANOS_PER_MINUTE
}

/// The path of a file that SQLite keeps beside another.
pub(super) fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

/// Opens the file of a day for writing, making it and its tables where they are missing.
pub(super) fn open_writer(folder: &Path, day: Day) -> rusqlite::Result<Connection> {
    let connection = Connection::open(day.path(folder))?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.execute_batch(PRAGMAS)?;
    if is_made(&connection)? {
        connection.execute_batch(ADDED)?;
    } else {
        // In one go: whoever reads meanwhile finds no table, or all.
        connection.execute_batch(&format!(
            "BEGIN IMMEDIATE; {SCHEMA} {ADDED} PRAGMA user_version={FORMAT}; COMMIT;"
        ))?;
    }
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Opens the file of a day for reading; none while it is still being made.
pub(super) fn open_reader(folder: &Path, day: Day) -> rusqlite::Result<Option<Connection>> {
    use rusqlite::OpenFlags;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(day.path(folder), flags)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    // Not mapped into memory: there, a sector that cannot be read kills the process instead of failing the query.
    connection.execute_batch("PRAGMA query_only=1; PRAGMA cache_size=-8192;")?;
    connection.set_prepared_statement_cache_capacity(64);
    let is_made = is_made(&connection)?;
    Ok(is_made.then_some(connection))
}

/// Whether the tables are there. A file of another format counts as damaged: it can be neither read nor written.
fn is_made(connection: &Connection) -> rusqlite::Result<bool> {
    let select =
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema), (SELECT user_version FROM pragma_user_version)";
    match connection.query_row(select, [], |row| Ok((row.get(0)?, row.get(1)?)))? {
        (false, _) => Ok(false),
        (true, FORMAT) => Ok(true),
        (true, other) => Err(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_NOTADB),
            Some(format!(
                "it was written by another version of Seaworthy: its format is {other}, not {FORMAT}"
            )),
        )),
    }
}

// NORMAL: a commit is in the write-ahead log, which survives the death of the process; the log is synced at
// checkpoints, so a power cut may cost the last seconds. FULL halves the throughput of small requests.
const PRAGMAS: &str = "PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;
    PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint=8000; PRAGMA temp_store=MEMORY;";

/// Counts the formats of schema and chunks.
const FORMAT: i64 = 4;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS name(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS chunk(id INTEGER PRIMARY KEY AUTOINCREMENT, spans INTEGER NOT NULL, written_ms INTEGER NOT NULL,
    first INTEGER NOT NULL, last INTEGER NOT NULL, longest INTEGER NOT NULL, errors INTEGER NOT NULL,
    small INTEGER NOT NULL, body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS chunk_by_time ON chunk(last, first, longest, errors);
CREATE TABLE IF NOT EXISTS filter(chunk INTEGER PRIMARY KEY, bloom BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS filter_group(id INTEGER PRIMARY KEY, bloom BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS chunk_small ON chunk(id) WHERE small=1;
CREATE TABLE IF NOT EXISTS fragment(trace BLOB NOT NULL, chunk INTEGER NOT NULL, service INTEGER NOT NULL, start INTEGER NOT NULL,
    end INTEGER NOT NULL, longest INTEGER NOT NULL, spans INTEGER NOT NULL, errors INTEGER NOT NULL, name INTEGER NOT NULL,
    root INTEGER NOT NULL, PRIMARY KEY(trace, chunk, service, start)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS fragment_by_service ON fragment(service, start, longest);
CREATE INDEX IF NOT EXISTS fragment_slow ON fragment(service, start, longest) WHERE longest>=1000000000;
CREATE INDEX IF NOT EXISTS fragment_failed ON fragment(service, start) WHERE errors>0;
CREATE TABLE IF NOT EXISTS operation(service INTEGER NOT NULL, name INTEGER NOT NULL, PRIMARY KEY(service, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS request_minute(service INTEGER NOT NULL, minute INTEGER NOT NULL, requests INTEGER NOT NULL,
    errors INTEGER NOT NULL, durations BLOB NOT NULL, PRIMARY KEY(service, minute)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS series(id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, service INTEGER NOT NULL, name INTEGER NOT NULL,
    description BLOB NOT NULL, stream BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS series_by_service ON series(service, name);
CREATE TABLE IF NOT EXISTS cell(series INTEGER NOT NULL, at INTEGER NOT NULL, value BLOB NOT NULL, PRIMARY KEY(series, at))
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hour_cell(series INTEGER NOT NULL, at INTEGER NOT NULL, value BLOB NOT NULL, PRIMARY KEY(series, at))
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS total(what TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
";

/// Tables that days of the same format may lack: what was written before is read without them.
const ADDED: &str = "
CREATE TABLE IF NOT EXISTS span_minute(service INTEGER NOT NULL, minute INTEGER NOT NULL, servers INTEGER NOT NULL,
    spans INTEGER NOT NULL, remote_parents INTEGER NOT NULL, remote_children INTEGER NOT NULL, PRIMARY KEY(service, minute))
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbound_hour(service INTEGER NOT NULL, hour INTEGER NOT NULL, peer TEXT NOT NULL,
    answers INTEGER NOT NULL, calls INTEGER NOT NULL, PRIMARY KEY(service, hour, peer, answers)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS arrival_minute(service INTEGER NOT NULL, name INTEGER NOT NULL, minute INTEGER NOT NULL,
    requests INTEGER NOT NULL, PRIMARY KEY(service, name, minute)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log_chunk(id INTEGER PRIMARY KEY AUTOINCREMENT, service INTEGER NOT NULL, lines INTEGER NOT NULL,
    written_ms INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, severest INTEGER NOT NULL, small INTEGER NOT NULL,
    body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS log_chunk_by_time ON log_chunk(last, first, service, severest);
CREATE INDEX IF NOT EXISTS log_chunk_by_service ON log_chunk(service, last, first, severest);
CREATE INDEX IF NOT EXISTS log_chunk_small ON log_chunk(service, written_ms, lines) WHERE small=1;
CREATE TABLE IF NOT EXISTS log_filter(chunk INTEGER PRIMARY KEY, bloom BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS log_trace(trace INTEGER NOT NULL, chunk INTEGER NOT NULL, PRIMARY KEY(trace, chunk)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log_minute(service INTEGER NOT NULL, minute INTEGER NOT NULL, level INTEGER NOT NULL,
    lines INTEGER NOT NULL, traced INTEGER NOT NULL, PRIMARY KEY(service, minute, level)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS profile(number INTEGER PRIMARY KEY, service INTEGER NOT NULL, instance TEXT NOT NULL,
    version TEXT NOT NULL, revision TEXT NOT NULL, environment TEXT NOT NULL, kind TEXT NOT NULL, taken INTEGER NOT NULL,
    duration INTEGER NOT NULL, samples INTEGER NOT NULL, total INTEGER NOT NULL, unit TEXT NOT NULL, asked_by TEXT NOT NULL,
    body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS profile_by_service ON profile(service, taken);
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_reads_a_day_that_is_being_made_finds_nothing_or_everything() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let tables =
            [SCHEMA, ADDED].iter().map(|tables| tables.matches("CREATE TABLE").count() as i64).sum::<i64>();
        for day in (20_000..20_030).map(Day) {
            std::fs::write(day.path(folder), "").unwrap();
            assert!(open_reader(folder, day).unwrap().is_none());
            let found = std::thread::scope(|scope| {
                let reader = scope.spawn(|| first_tables(folder, day));
                open_writer(folder, day).unwrap();
                reader.join().unwrap()
            });
            assert_eq!(found, tables);
        }
    }

    /// How many tables there are as soon as there is one.
    fn first_tables(folder: &Path, day: Day) -> i64 {
        let count = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'";
        loop {
            if let Some(connection) = open_reader(folder, day).unwrap() {
                return connection.query_row(count, [], |row| row.get(0)).unwrap();
            }
        }
    }

    #[test]
    fn a_day_of_before_is_read_and_gets_the_tables_that_came_later() {
        let folder = tempfile::tempdir().unwrap();
        let (folder, day) = (folder.path(), Day(20_000));
        let before = Connection::open(day.path(folder)).unwrap();
        before.execute_batch(&format!("{SCHEMA} PRAGMA user_version={FORMAT};")).unwrap();
        assert!(open_reader(folder, day).unwrap().is_some());
        let later = open_writer(folder, day).unwrap();
        assert!(later.prepare("SELECT * FROM span_minute, outbound_hour, arrival_minute").is_ok());
    }

    #[test]
    fn a_day_and_its_file_name_agree() {
        let day = Day::of(1_795_000_000_000_000_000);
        assert_eq!(day.to_string(), "2026-11-18");
        assert_eq!(Day::from_file_name("2026-11-18.telemetry"), Some(day));
        for other in
            ["2026-11-18.telemetry-wal", "2026-13-18.telemetry", "notes.telemetry", "1969-12-31.telemetry"]
        {
            assert_eq!(Day::from_file_name(other), None, "{other}");
        }
    }
}
