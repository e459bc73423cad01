//! What both services tell the agent about themselves. Everything else it takes from the environment: where the portal is
//! (`SEAWORTHY_PORTAL`), and the token that opens it (`SEAWORTHY_TOKEN`).

use jiff::Timestamp;
use seaworthy_agent::{Agent, Builder};

/// An agent for the service of this name, which knows what was built, from which commit and when.
pub(crate) fn watched(service: &str) -> Builder {
    let mut builder = Agent::builder(service).version(env!("CARGO_PKG_VERSION"));
    if let Some(commit) = option_env!("COFFEE_SHOP_COMMIT") {
        builder = builder.commit(commit);
    }
    if let Some(built_at) = built_at() {
        builder = builder.built_at(built_at);
    }
    builder
}

fn built_at() -> Option<Timestamp> {
    Timestamp::from_second(option_env!("COFFEE_SHOP_BUILT_AT")?.parse().ok()?).ok()
}
