//! Who may sign in to the demo, and how the shop's agents get in.

use anyhow::Context;
use seaworthy_catalog::{Actor, Scope, Scopes, Secret};

use crate::{auth::readable_secret, state::App};

/// How a person signs in.
const LOGIN: &str = "demo@localhost";
/// The shop's token, by which the next demo on the same folder finds it again.
const TOKEN: &str = "coffee shop of the demo";

/// Who may sign in.
pub(super) enum Account {
    /// An admin who is made for this demo.
    Made { login: &'static str, password: String },
    /// The folder has been used before.
    ThereAlready,
}

/// Makes an admin, unless there is one.
pub(super) async fn make_admin(app: &App) -> anyhow::Result<Account> {
    if !app.catalog().needs_set_up().await? {
        return Ok(Account::ThereAlready);
    }
    let password = readable_secret().context("the system gives no random bytes")?;
    let hash = app.door().passwords.hash(&password).await?;
    app.catalog().create_first_admin("Demo", LOGIN, &hash, &actor(), app.clock().now()).await?;
    Ok(Account::Made { login: LOGIN, password })
}

/// Makes a token for the shop's agents. One that a demo before could not take back ends.
pub(super) async fn make_token(app: &App) -> anyhow::Result<Secret> {
    revoke_tokens(app).await?;
    let scopes = Scopes::new([Scope::Ingest])?;
    let (_, secret) = app.catalog().create_token(TOKEN, scopes, None, &actor(), app.clock().now()).await?;
    Ok(secret)
}

/// Ends the shop's token.
pub(super) async fn revoke_tokens(app: &App) -> anyhow::Result<()> {
    for token in app.catalog().tokens().await? {
        if token.name == TOKEN && token.revoked_at.is_none() {
            app.catalog().revoke_token(token.id, &actor(), app.clock().now()).await?;
        }
    }
    Ok(())
}

/// Who the demo is to the audit log.
pub(super) fn actor() -> Actor {
    Actor { login: "demo".to_owned(), address: String::new() }
}
