//! Real servers and clients over TCP, on a current_thread runtime.

mod client;
mod now;
mod server;
pub(crate) mod shop;
mod spans;
mod tasks;
