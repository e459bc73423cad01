//! The whole system: the real `seaworthy` command, real agents, real HTTP.

// The helpers of a test are a test too, though clippy cannot know.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod durability;

use seaworthy_tests::Portal;

/// A running portal that has been set up.
async fn portal() -> Portal {
    Portal::start(env!("CARGO_BIN_EXE_seaworthy-under-test")).await
}
