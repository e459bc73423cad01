//! Measures clients.

mod call;
mod measure;
#[cfg(feature = "reqwest")]
mod reqwest;
mod service;

pub use service::{ClientFuture, ClientLayer, ClientService};

#[cfg(feature = "reqwest")]
pub use self::reqwest::SendTraced;

pub(crate) use measure::Outgoing;
