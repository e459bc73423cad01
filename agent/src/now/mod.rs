//! What the instance is at right now: open connections, and what has begun and not ended.
//!
//! Ages are told by a monotonic clock, and moments are reckoned back from now by them: a clock that is set makes nothing older
//! or younger. Peers and users are personal data: they are kept here while they last and nowhere after that.

mod caller;
mod connection;
mod live;
mod request;
mod text;

use std::{sync::Arc, time::Instant};

use jiff::{SignedDuration, Timestamp};
use seaworthy_protocol as protocol;
use seaworthy_protocol::{Oldest, OpenConnection, OpenRequest, OpenSpan};

pub use self::caller::Caller;
pub(crate) use self::{
    connection::Connection,
    live::{Begun, Entry, Keep, Live},
    request::Request,
    text::text,
};
use crate::trace::{self, Recorder, open};

/// Connections and requests that can be listed, of each.
const MOST: usize = 100_000;

/// What the instance is at right now.
#[derive(Debug)]
pub(crate) struct Now {
    pub(crate) connections: Arc<Live<Connection>>,
    pub(crate) requests: Arc<Live<Request>>,
}

impl Default for Now {
    fn default() -> Self {
        Self { connections: Live::new(MOST), requests: Live::new(MOST) }
    }
}

impl Now {
    /// The oldest `most` of each kind, and how many there are.
    pub(crate) fn look(&self, recorder: Option<&Recorder>, most: usize) -> (Timestamp, protocol::Now) {
        let moment = Moment { now: Instant::now(), time: Timestamp::now() };
        let connections = self.connections.oldest(most);
        let requests = self.requests.oldest(most);
        let (spans, open_spans) = recorder.map(|it| open::oldest(it.sink.id(), most)).unwrap_or_default();
        let now = protocol::Now {
            connections: Oldest {
                count: self.connections.count() as u64,
                oldest: connections.iter().map(|open| moment.connection(open)).collect(),
            },
            requests: Oldest {
                count: self.requests.count() as u64,
                oldest: requests.iter().map(|open| moment.request(open)).collect(),
            },
            spans: Oldest {
                count: open_spans as u64,
                oldest: spans.iter().map(|open| moment.span(open)).collect(),
            },
        };
        (moment.time, now)
    }
}

/// When it was looked.
#[derive(Clone, Copy, Debug)]
struct Moment {
    now: Instant,
    time: Timestamp,
}

impl Moment {
    fn since(self, begun: Instant) -> Timestamp {
        let age = SignedDuration::try_from(self.now.saturating_duration_since(begun)).unwrap_or_default();
        self.time.checked_sub(age).unwrap_or(self.time)
    }

    fn connection(self, open: &Connection) -> OpenConnection {
        OpenConnection {
            since: self.since(open.begun()),
            peer: open.peer.to_string(),
            requests: open.requests(),
            user: open.user.get(),
        }
    }

    fn request(self, open: &Request) -> OpenRequest {
        let context = trace::context_of(&open.span);
        OpenRequest {
            since: self.since(open.begun),
            method: open.method.into(),
            route: open.route().map(str::to_owned),
            peer: open.peer().map(|peer| peer.to_string()),
            user: open.user.get(),
            request_id: open.id.to_string(),
            trace_id: context.as_ref().map(|context| context.trace_id.to_string()),
            recorded: context.is_some_and(|context| context.is_sampled()),
        }
    }

    fn span(self, open: &open::OpenSpan) -> OpenSpan {
        let place = open.metadata.and_then(|code| Some(format!("{}:{}", code.file()?, code.line()?)));
        OpenSpan {
            since: self.since(open.begun),
            name: open.metadata.map_or("(unknown)", |code| code.name()).into(),
            target: open.metadata.map(|code| code.target()).unwrap_or_default().into(),
            place,
            trace_id: open.trace_id.to_string(),
            span_id: open.span_id.to_string(),
        }
    }
}
