//! How much a service was asked at its busiest.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    problem::Problem,
    signals::Source,
    state::App,
    view::range::{last_minutes, timestamp},
};

const WEEK_MINUTES: u32 = 7 * 24 * 60;

/// The busiest minute of 7 days.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Peak {
    /// Requests per second in it. Where only spans tell, as many as were sampled.
    pub(crate) requests_per_second: f64,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
}

/// The peak of a service by its metrics, or else by its spans; load tests are left out. None where nothing was counted.
pub(crate) async fn peak(app: &App, service: &str) -> Result<Option<Peak>, Problem> {
    let window = last_minutes(app.clock().now(), WEEK_MINUTES);
    let metrics = Source::METRICS.into_iter().map(Source::metric);
    for metric in metrics.chain([None]) {
        if let Some(busiest) = app.telemetry().busiest_minute(service, metric, window).await? {
            let requests_per_second = busiest.requests as f64 / 60.0;
            return Ok(Some(Peak { requests_per_second, at: timestamp(busiest.minute) }));
        }
    }
    Ok(None)
}
