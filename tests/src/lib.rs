//! What the whole-system tests in `tests/it` share: the real `seaworthy` command on a free port and a data folder of its
//! own, and clients that speak to it as people and programs do.

// All of this is part of tests, though clippy cannot know: what goes wrong here fails a test.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod browser;
mod client;
mod demo;
mod eventually;
mod kiosk;
pub mod load;
pub mod otlp;
mod portal;
mod process;
mod visitor;

pub use browser::{Browser, Look};
pub use client::{Answer, Client};
pub use demo::Demo;
pub use eventually::{eventually, eventually_within};
pub use kiosk::Kiosk;
pub use portal::{LOGIN, PASSWORD, Portal};
pub use visitor::Visitor;
