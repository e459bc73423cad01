//! `POST /api/v1/check-in`.

use axum::{
    Json,
    extract::{Request, State},
    http::StatusCode,
};
use seaworthy_protocol::{CheckIn, CheckInReply};

use crate::{auth::IngestToken, problem::Problem, state::App};

/// Seconds between the check-ins of an instance. One that misses three of them is lost.
pub(crate) const INTERVAL_SECONDS: u32 = 5;

/// Far above what an instance with a hundred health checks says.
const LARGEST: usize = 1 << 20;

/// Records a check-in, and says when the next one is expected and what is asked of the instance until then.
pub(crate) async fn check_in(
    _: IngestToken,
    State(app): State<App>,
    request: Request,
) -> Result<Json<CheckInReply>, Problem> {
    let body = axum::body::to_bytes(request.into_body(), LARGEST).await.map_err(|_| {
        Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "The check-in is too large",
            format!("Its body ended early or is above {} KiB. Nothing was changed.", LARGEST >> 10),
        )
    })?;
    let check_in: CheckIn = serde_json::from_slice(&body).map_err(|error| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "This is not a check-in",
            format!("{error}. Nothing was changed. Agents of this or a later version send what is expected."),
        )
    })?;
    let now = app.clock().now();
    app.catalog().record_check_in(&check_in, now).await?;
    let CheckIn { service, instance, commands: reports, .. } = &check_in;
    let commands = app.catalog().exchange_commands(service, instance, reports, now).await?;
    Ok(Json(CheckInReply { next_in_seconds: INTERVAL_SECONDS, commands }))
}
