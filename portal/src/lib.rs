//! The Seaworthy portal: ingest, storage, readiness and pages in one process.
//!
//! `cli` says what the `seaworthy` command can do, `routes` lists every route, `problem` states how errors are
//! told. `ARCHITECTURE.md` has the map.

pub mod alerts;
mod api;
mod apply;
mod attributes;
pub mod auth;
mod badge;
mod capacity;
pub mod cli;
mod clock;
mod declare;
mod demo;
mod errors;
mod export;
mod files;
mod folder;
mod gate;
mod ingest;
mod lease;
mod linger;
mod listening;
mod logging;
mod objectives;
mod problem;
mod profiles;
pub mod readiness;
mod records;
mod remote;
pub mod routes;
mod serve;
mod signals;
mod state;
mod stop;
mod upkeep;
mod uptime;
mod view;
mod web;

pub use clock::Clock;
pub use problem::Problem;
pub use routes::router;
pub use serve::{ServeSettings, Server};
pub use state::{App, AppSettings};
