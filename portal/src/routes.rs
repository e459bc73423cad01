//! Every route of the portal. Who may call one is said by the extractors in its handler's signature.

use axum::{Router, routing::get};

use crate::state::App;

/// Every route.
pub fn router(app: App) -> Router {
    Router::new().route("/livez", get(async || "OK")).with_state(app)
}
