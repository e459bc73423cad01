//! What a service was seen to do, at a glance: answered from running counts, never from spans or points themselves.

use crate::model::{Attributes, UnixNanos};

/// The metrics whose points count the requests that a service answers. Their durations may be in any unit.
pub const REQUEST_METRICS: [&str; 3] =
    ["http.server.request.duration", "http.server.duration", "rpc.server.duration"];

/// Whether the requests of a series were marked as synthetic by whoever sent them, as load tests are.
pub fn is_load_test(attributes: &Attributes) -> bool {
    attributes.iter().any(|(key, value)| {
        key == "user_agent.synthetic.type" && value.as_text().is_some_and(|text| text == "test")
    })
}

/// How the spans of a service hang together with those of others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpanLinks {
    /// Server spans. Consumers of messages are not among them.
    pub servers: u64,
    /// Spans of all kinds.
    pub spans: u64,
    /// Server and consumer spans that say that their parent is of another process, or that have a parent and say
    /// nothing of where it is.
    pub remote_parents: u64,
    /// Client and producer spans with a child in another service. At least so many: parent and child are put together
    /// when they arrive within about a minute of each other.
    pub remote_children: u64,
    /// The first nanosecond of the latest minute with a span; none where there was none.
    pub latest: Option<UnixNanos>,
}

/// Somebody whom a service calls, as its client and producer spans tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outbound {
    /// `peer.service`, or `server.address` with its port unless that is 80 or 443, or else the kind of database or
    /// messaging system.
    pub peer: String,
    /// The services that were seen to answer there, in alphabetical order; none where no answering service sends
    /// spans that continue the caller's.
    pub services: Vec<String>,
    /// Spans of calls.
    pub calls: u64,
    /// The first nanosecond of the latest hour with a call.
    pub latest: UnixNanos,
}

/// The minute with the most requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BusiestMinute {
    /// The first nanosecond of it.
    pub minute: UnixNanos,
    /// Its requests.
    pub requests: u64,
}

/// When a series was last heard of.
#[derive(Clone, Debug, PartialEq)]
pub struct LastPoint {
    /// `service.name`.
    pub service: String,
    /// Name of the metric.
    pub name: String,
    /// Attributes of its points.
    pub attributes: Attributes,
    /// The first nanosecond of the latest minute of which a point speaks.
    pub minute: UnixNanos,
}
