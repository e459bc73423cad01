//! Begins a session and puts it into the browser's cookie.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use seaworthy_catalog::{Credentials, SessionTerms};

use crate::{
    auth::{ClientAddress, Cookies},
    problem::Problem,
    state::App,
};

const HOUR: u64 = 3600;
/// A working day, and a lunch break.
const LASTS: Duration = Duration::from_secs(12 * HOUR);
const IDLE: Duration = Duration::from_secs(2 * HOUR);
/// On a device where the person chose to stay signed in.
pub(super) const STAYS: Duration = Duration::from_secs(14 * 24 * HOUR);

/// The cookie of a new session for a person whose password has just been verified. None if it was changed meanwhile.
pub(super) async fn begin(
    app: &App,
    verified: &Credentials,
    stay: bool,
    address: ClientAddress,
    headers: &HeaderMap,
) -> Result<Option<HeaderValue>, Problem> {
    let (lasts, idle) = if stay { (STAYS, STAYS) } else { (LASTS, IDLE) };
    let user_agent =
        headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let terms = SessionTerms { lasts, idle, address: address.to_string(), user_agent: user_agent.to_owned() };
    let Some(secret) = app.catalog().start_session(verified, &terms, app.clock().now()).await? else {
        return Ok(None);
    };
    // Without an age the browser forgets the cookie when it is closed.
    Cookies::of(app).set_session(secret.reveal(), stay.then_some(lasts)).map(Some)
}
