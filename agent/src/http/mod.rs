//! HTTP servers and clients: spans and metrics by OpenTelemetry's semantic conventions.
//!
//! - [`Handle::layer`](crate::Handle::layer) measures a server: axum, or any tower service of `http` requests.
//! - [`Handle::client_layer`](crate::Handle::client_layer) measures a tower client, and [`SendTraced`] a reqwest client.
//!
//! Values of query parameters that look like secrets are never recorded, nor users and passwords.

mod client;
mod host;
mod method;
mod redact;
mod request_id;
mod server;
mod small_cache;
#[cfg(test)]
pub(crate) mod tests;

pub use crate::now::Caller;
#[cfg(feature = "reqwest")]
pub use client::SendTraced;
pub use client::{ClientFuture, ClientLayer, ClientService};
pub use request_id::{NotMeasured, RequestId};
pub use server::{ResponseBody, ResponseFuture, ServerLayer, ServerService};

pub(crate) use client::Outgoing;
pub(crate) use host::host_and_port;
pub(crate) use server::{REQUEST_TARGET, Route, Server, is_request_span};
