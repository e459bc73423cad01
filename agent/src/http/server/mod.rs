//! Measures a server.

mod body;
mod exchange;
mod future;
mod measure;
mod routes;
mod service;
mod span;

pub use body::ResponseBody;
pub use future::ResponseFuture;
pub use service::{ServerLayer, ServerService};

pub(crate) use exchange::LateRoute;
pub(crate) use measure::Server;
pub(crate) use span::{TARGET, is_request_span};
