//! Writes who calls whom: how many spans continue others, and to whom calls go.
//!
//! A server span knows the id of its parent and not whose it is. So calls that were seen lately are remembered, and so
//! are server spans whose call has not come yet: whichever comes second finds the other.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{Connection, params};

use super::{
    day::{NANOS_PER_HOUR, minute_of},
    names::Names,
    spans::WriteError,
};
use crate::model::{Attributes, Span, SpanId, SpanKind, TraceId, Value};

/// Calls, and answers, remembered before those of earlier are forgotten; as many again are while they fill up.
const REMEMBERED: usize = 32_768;
/// Peers of a service that are told apart within an hour. More are not dependencies but data.
const MOST_PEERS: i64 = 200;
const LONGEST_PEER: usize = 255;
/// OTLP's flags of a span: whether it says where its parent is, and whether that is another process.
const KNOWS_REMOTE: u32 = 0x100;
const IS_REMOTE: u32 = 0x200;

type Key = (TraceId, SpanId);

/// What waits for its other half.
#[derive(Default)]
pub(super) struct Calls {
    made: Lately<Made>,
    /// By the span that called: the service that answered.
    answered: Lately<i64>,
}

/// A call.
#[derive(Clone)]
struct Made {
    service: i64,
    minute: u64,
    peer: Option<String>,
}

/// The latest entries, at least as many as are remembered.
struct Lately<T> {
    now: HashMap<Key, T>,
    before: HashMap<Key, T>,
}

impl<T> Default for Lately<T> {
    fn default() -> Self {
        Self { now: HashMap::new(), before: HashMap::new() }
    }
}

impl<T> Lately<T> {
    fn insert(&mut self, key: Key, entry: T) {
        if self.now.len() >= REMEMBERED {
            self.before = std::mem::take(&mut self.now);
        }
        self.now.insert(key, entry);
    }

    fn get(&self, key: Key) -> Option<&T> {
        self.now.get(&key).or_else(|| self.before.get(&key))
    }

    fn remove(&mut self, key: Key) -> Option<T> {
        self.now.remove(&key).or_else(|| self.before.remove(&key))
    }
}

#[derive(Default)]
struct Minute {
    servers: i64,
    spans: i64,
    remote_parents: i64,
    remote_children: i64,
}

/// What a batch adds.
#[derive(Default)]
struct Batch {
    /// By service and minute.
    minutes: BTreeMap<(i64, u64), Minute>,
    /// By service, hour, peer and the service that answered, or 0 for all calls.
    outbound: BTreeMap<(i64, u64, String, i64), i64>,
}

/// Counts spans of one day in the running transaction.
pub(super) fn write(
    connection: &Connection,
    names: &mut Names,
    calls: &mut Calls,
    spans: &[Span],
) -> Result<(), WriteError> {
    let mut batch = Batch::default();
    for span in spans {
        let service = names.number(connection, &span.resource.service)?;
        let minute = batch.minutes.entry((service, minute_of(span.start))).or_default();
        minute.spans += 1;
        match span.kind {
            SpanKind::Server | SpanKind::Consumer => {
                minute.servers += i64::from(span.kind == SpanKind::Server);
                if let Some(parent) = remote_parent(span) {
                    minute.remote_parents += 1;
                    batch.answered(calls, (span.trace_id, parent), service);
                }
            }
            SpanKind::Client | SpanKind::Producer => batch.made(calls, span, service),
            SpanKind::Internal | SpanKind::Unspecified => {}
        }
    }
    batch.write(connection)
}

impl Batch {
    fn made(&mut self, calls: &mut Calls, span: &Span, service: i64) {
        let made = Made { service, minute: minute_of(span.start), peer: peer(&span.attributes) };
        if let Some(peer) = &made.peer {
            *self.outbound.entry((service, hour_of(made.minute), peer.clone(), 0)).or_default() += 1;
        }
        let key = (span.trace_id, span.span_id);
        if let Some(by) = calls.answered.remove(key) {
            self.joined(&made, by);
        }
        calls.made.insert(key, made);
    }

    fn answered(&mut self, calls: &mut Calls, call: Key, by: i64) {
        match calls.made.get(call).cloned() {
            Some(made) => self.joined(&made, by),
            None => calls.answered.insert(call, by),
        }
    }

    fn joined(&mut self, made: &Made, by: i64) {
        if made.service == by {
            return;
        }
        self.minutes.entry((made.service, made.minute)).or_default().remote_children += 1;
        if let Some(peer) = &made.peer {
            *self.outbound.entry((made.service, hour_of(made.minute), peer.clone(), by)).or_default() += 1;
        }
    }

    fn write(self, connection: &Connection) -> Result<(), WriteError> {
        for ((service, minute), found) in self.minutes {
            connection
                .prepare_cached(
                    "INSERT INTO span_minute VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET
                     servers=servers+excluded.servers, spans=spans+excluded.spans,
                     remote_parents=remote_parents+excluded.remote_parents,
                     remote_children=remote_children+excluded.remote_children",
                )?
                .execute(params![
                    service,
                    minute as i64,
                    found.servers,
                    found.spans,
                    found.remote_parents,
                    found.remote_children
                ])?;
        }
        for ((service, hour, peer, answers), count) in self.outbound {
            let known = connection
                .prepare_cached(
                    "UPDATE outbound_hour SET calls=calls+?5 WHERE service=?1 AND hour=?2 AND peer=?3 AND answers=?4",
                )?
                .execute(params![service, hour as i64, peer, answers, count])?;
            if known == 0 {
                connection
                    .prepare_cached(
                        "INSERT INTO outbound_hour SELECT ?1, ?2, ?3, ?4, ?5
                         WHERE (SELECT count(*) FROM outbound_hour WHERE service=?1 AND hour=?2) < ?6",
                    )?
                    .execute(params![service, hour as i64, peer, answers, count, MOST_PEERS])?;
            }
        }
        Ok(())
    }
}

fn hour_of(at: u64) -> u64 {
    at - at % NANOS_PER_HOUR
}

/// The parent of a span in another process. Who does not say where it is has it elsewhere: in the same process nobody
/// asks and answers.
fn remote_parent(span: &Span) -> Option<SpanId> {
    let elsewhere = span.flags & KNOWS_REMOTE == 0 || span.flags & IS_REMOTE != 0;
    span.parent.filter(|_| elsewhere)
}

/// Whom a span calls, by the most telling attribute that it has.
fn peer(attributes: &Attributes) -> Option<String> {
    let text = |name: &str| {
        let mut found = attributes.iter().filter(|(key, _)| key == name);
        found.find_map(|(_, value)| value.as_text()).filter(|text| !text.trim().is_empty())
    };
    let address = || {
        let address = text("server.address").or_else(|| text("net.peer.name"))?;
        Some(match port(attributes) {
            None | Some(80 | 443) => address.into_owned(),
            Some(port) if address.contains(':') => format!("[{address}]:{port}"),
            Some(port) => format!("{address}:{port}"),
        })
    };
    let system = || text("messaging.system").or_else(|| text("db.system.name")).or_else(|| text("db.system"));
    let mut peer = text("peer.service")
        .map(|peer| peer.into_owned())
        .or_else(address)
        .or_else(|| system().map(|system| system.into_owned()))?;
    peer.truncate(peer.floor_char_boundary(LONGEST_PEER));
    Some(peer)
}

fn port(attributes: &Attributes) -> Option<i64> {
    attributes.iter().find_map(|(key, value)| match value {
        Value::Int(port) if key == "server.port" || key == "net.peer.port" => Some(*port),
        _ => None,
    })
}
