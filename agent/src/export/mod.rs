//! Sends what the agent gathers: encodes it as OTLP, keeps it while the portal is away, and tries again.

mod answer;
mod attributes;
mod backoff;
mod body;
mod client;
mod diary;
mod endpoint;
mod errors;
mod logs;
mod metrics;
mod outbox;
mod resource;
mod scopes;
mod spans;
mod tls;
mod wire;
mod written;

pub(crate) use answer::Answer;
pub(crate) use backoff::Backoff;
pub(crate) use body::{Payload, Sender};
pub(crate) use client::Client;
pub(crate) use diary::Diary;
pub(crate) use endpoint::{Compression, Endpoint, is_loopback};
pub(crate) use outbox::{Limit, Outbox};
pub(crate) use resource::resource;
