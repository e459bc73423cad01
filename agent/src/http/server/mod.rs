//! Measures a server.

mod body;
mod exchange;
mod future;
mod headers;
mod lines;
mod measure;
mod routes;
mod service;
mod span;

pub use body::ResponseBody;
pub use future::ResponseFuture;
pub use service::{ServerLayer, ServerService};

pub(crate) use lines::TARGET as REQUEST_TARGET;
pub(crate) use measure::Server;
pub(crate) use routes::Route;
pub(crate) use span::is_request_span;
