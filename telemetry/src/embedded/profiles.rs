//! Profiles: each a row, with its body as it came.

use rusqlite::{Connection, OptionalExtension, Row, params};
use xxhash_rust::xxh3::xxh3_64;

use super::{
    day::Day,
    names::{self, Names},
    observed_read::{keeps, on_days},
    pool::{Outcome, Pool},
    query_error::QueryError,
    spans::WriteError,
    traces_read::as_i64,
};
use crate::{
    model::Window,
    profile::{LastProfile, ProfileId, ProfileInfo, ProfileQuery, StoredProfile},
    store::ReadError,
};

/// Bits of an id below its day.
const NUMBER_BITS: u32 = 44;

const COLUMNS: &str = "number, instance, version, revision, environment, kind, taken, duration, samples, total, unit, asked_by, length(body)";

/// What tells a profile from others: it is the same when it is sent again.
pub(super) fn id(info: &ProfileInfo) -> ProfileId {
    let said = format!("{}\0{}\0{}\0{}", info.service, info.instance, info.kind, info.taken_at);
    let number = xxh3_64(said.as_bytes()) >> (u64::BITS - NUMBER_BITS);
    ProfileId(Day::of(info.taken_at).number() << NUMBER_BITS | number)
}

fn day_of(id: ProfileId) -> Day {
    Day::numbered(id.0 >> NUMBER_BITS)
}

/// Writes a profile of one day in the running transaction. One that is there already stays.
pub(super) fn write(
    connection: &Connection,
    names: &mut Names,
    (info, body): &(ProfileInfo, Vec<u8>),
) -> Result<(), WriteError> {
    let service = names.number(connection, &info.service)?;
    let mut statement = connection.prepare_cached(
        "INSERT OR IGNORE INTO profile(number, service, instance, version, revision, environment, kind, taken, duration,
         samples, total, unit, asked_by, body) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )?;
    statement.execute(params![
        as_i64(id(info).0),
        service,
        info.instance,
        info.version,
        info.commit,
        info.environment,
        info.kind,
        as_i64(info.taken_at),
        as_i64(info.duration),
        as_i64(info.samples),
        info.total,
        info.unit,
        info.asked_by,
        body
    ])?;
    Ok(())
}

/// Profiles that match, latest first.
pub(super) fn list(pool: &Pool, query: &ProfileQuery) -> Result<Vec<StoredProfile>, ReadError> {
    let mut found = Vec::new();
    for day in pool.days()?.into_iter().filter(|day| day.overlaps(query.window)) {
        let left = query.limit.saturating_sub(found.len());
        if left == 0 {
            break;
        }
        pool.on_day(day, |connection| {
            if keeps(connection, "profile")? {
                found.extend(of_day(connection, query, left)?);
            }
            Ok(())
        })?;
    }
    Ok(found)
}

fn of_day(
    connection: &Connection,
    query: &ProfileQuery,
    limit: usize,
) -> Result<Vec<StoredProfile>, QueryError> {
    let Some(service) = names::find(connection, &query.service)? else { return Ok(Vec::new()) };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM profile WHERE service=?1 AND taken>=?2 AND taken<?3 AND kind=coalesce(?4, kind)
         AND instance=coalesce(?5, instance) AND version=coalesce(?6, version) ORDER BY taken DESC, number LIMIT ?7"
    ))?;
    let (from, to, limit) = (as_i64(query.window.from), as_i64(query.window.to), as_i64(limit as u64));
    let rows = statement
        .query_map(params![service, from, to, query.kind, query.instance, query.version, limit], |row| {
            stored(row, query.service.clone())
        })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// One profile with its body; none where there is none of that id.
pub(super) fn one(pool: &Pool, id: ProfileId) -> Result<Option<(StoredProfile, Vec<u8>)>, ReadError> {
    let found = pool.on_day(day_of(id), |connection| {
        if !keeps(connection, "profile")? {
            return Ok(None);
        }
        let select = format!(
            "SELECT {COLUMNS}, body, (SELECT text FROM name WHERE id=service) FROM profile WHERE number=?1"
        );
        let found = connection.prepare_cached(&select)?.query_row([as_i64(id.0)], |row| {
            let service = row.get(14)?;
            Ok((stored(row, service)?, row.get(13)?))
        });
        Ok(found.optional()?)
    })?;
    Ok(match found {
        Outcome::Answered(found) => found,
        Outcome::Gone | Outcome::OutOfTime | Outcome::Damaged => None,
    })
}

/// The latest of each service, build and kind.
pub(super) fn last(pool: &Pool, window: Window) -> Result<Vec<LastProfile>, ReadError> {
    let mut found: Vec<LastProfile> = Vec::new();
    on_days(pool, window, "profile", |connection| {
        let mut statement = connection.prepare_cached(
            "SELECT n.text, version, revision, kind, max(taken) FROM profile JOIN name n ON n.id=service
             WHERE taken>=?1 AND taken<?2 GROUP BY service, version, revision, kind",
        )?;
        let rows = statement.query_map([as_i64(window.from), as_i64(window.to)], |row| {
            Ok(LastProfile {
                service: row.get(0)?,
                version: row.get(1)?,
                commit: row.get(2)?,
                kind: row.get(3)?,
                taken_at: row.get::<_, i64>(4)? as u64,
            })
        })?;
        for last in rows {
            let last = last?;
            let is_same = |other: &LastProfile| {
                (&other.service, &other.version, &other.commit, &other.kind)
                    == (&last.service, &last.version, &last.commit, &last.kind)
            };
            // Days come in order of time.
            found.retain(|other| !is_same(other));
            found.push(last);
        }
        Ok(())
    })?;
    Ok(found)
}

fn stored(row: &Row<'_>, service: String) -> rusqlite::Result<StoredProfile> {
    let number = |index| row.get::<_, i64>(index).map(|number| number as u64);
    Ok(StoredProfile {
        id: ProfileId(number(0)?),
        info: ProfileInfo {
            service,
            instance: row.get(1)?,
            version: row.get(2)?,
            commit: row.get(3)?,
            environment: row.get(4)?,
            kind: row.get(5)?,
            taken_at: number(6)?,
            duration: number(7)?,
            samples: number(8)?,
            total: row.get(9)?,
            unit: row.get(10)?,
            asked_by: row.get(11)?,
        },
        bytes: number(12)?,
    })
}
