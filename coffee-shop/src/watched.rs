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

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn every_build_knows_when_it_was_made_and_from_which_commit_where_git_tells() {
        let built_at = built_at().unwrap();
        assert!(built_at <= Timestamp::now(), "{built_at}");
        let git = Command::new("git").args(["rev-parse", "HEAD"]).output();
        if git.is_ok_and(|output| output.status.success()) {
            let commit = option_env!("COFFEE_SHOP_COMMIT").unwrap_or_default();
            assert!(commit.len() >= 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{commit}");
        }
    }
}
