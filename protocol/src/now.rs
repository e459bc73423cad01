//! What an instance is at right now.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What an instance is at right now. It names peers and people, so the portal keeps it until the next check-in and no longer.
///
/// Times are by the instance's clock and reckoned back from the moment of the check-in, so a clock that was set in between
/// makes nothing look older or younger than it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Now {
    /// Connections to the servers that the agent serves.
    #[serde(default)]
    pub connections: Oldest<OpenConnection>,
    /// Requests that have begun and not ended.
    #[serde(default)]
    pub requests: Oldest<OpenRequest>,
    /// Spans that are recorded and have not ended; without those of the requests themselves.
    #[serde(default)]
    pub spans: Oldest<OpenSpan>,
}

/// The oldest of something, and how many there are in all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Oldest<T> {
    /// How many there are, with those that are not listed.
    pub count: u64,
    /// The oldest, in this order.
    pub oldest: Vec<T>,
}

impl<T> Default for Oldest<T> {
    fn default() -> Self {
        Self { count: 0, oldest: Vec::new() }
    }
}

/// A connection that a client holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenConnection {
    /// When it was accepted.
    pub since: Timestamp,
    /// Address and port of whoever is at the other end: `192.0.2.7:50312`. A proxy, where there is one.
    pub peer: String,
    /// Requests that have come over it.
    pub requests: u64,
    /// As whom, where a handler has said so: of several the latest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}

/// A request that has begun and not ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenRequest {
    /// When it began.
    pub since: Timestamp,
    /// OpenTelemetry's `http.request.method`: `GET`, or `_OTHER`.
    pub method: String,
    /// OpenTelemetry's `http.route`: `/orders/{id}`; absent where no route matched, or none has yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// Address and port of whoever sent it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<String>,
    /// As whom, where the handler has said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Its `x-request-id`.
    pub request_id: String,
    /// Its trace, as 32 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// Whether the trace is recorded, so that it can be looked at once the request has ended.
    #[serde(default)]
    pub recorded: bool,
}

/// A span that is recorded and has not ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenSpan {
    /// When it began.
    pub since: Timestamp,
    /// What it is called in the code.
    pub name: String,
    /// Where it comes from: `reception::orders`.
    pub target: String,
    /// File and line of the code: `src/orders.rs:42`; absent where the code does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Its trace, as 32 hexadecimal digits.
    pub trace_id: String,
    /// Itself, as 16 hexadecimal digits.
    pub span_id: String,
}
