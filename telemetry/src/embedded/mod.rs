//! The telemetry store in SQLite files, one per UTC day.
//!
//! One thread writes; it joins the requests that wait into one transaction per day (`writer`). Spans are kept in
//! compressed chunks sorted by trace (`chunk`), beside them one small *fragment* row per trace, service and minute of a
//! chunk, from which searches and summaries are answered (`spans`). Metric points become cells (`cells`). Small chunks
//! are joined later (`compaction`). Log lines are kept likewise (`lines`). What a service does at a glance is counted as it comes (`calls`, `arrivals`).

mod arrivals;
mod bloom;
mod calls;
mod cells;
mod chunk;
mod compaction;
mod damage;
mod day;
mod figures;
mod filters;
mod lines;
mod metrics_read;
mod names;
mod observed_read;
mod pool;
mod profiles;
mod query_error;
mod queue;
mod search;
mod settings;
mod spans;
mod store;
mod stream;
mod traces_read;
mod weight;
mod writer;

pub use settings::EmbeddedSettings;
pub use store::{EmbeddedStore, OpenError};
