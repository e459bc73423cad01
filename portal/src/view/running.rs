//! What runs now.

use jiff::Timestamp;
use seaworthy_catalog::Instance;

use super::health::InstanceHealth;
use crate::{problem::Problem, state::App};

/// The version that a service runs: of several the one that was started last; none where no instance has said.
pub(crate) async fn build(app: &App, service: &str) -> Result<Option<String>, Problem> {
    Ok(newest(&app.catalog().instances(service).await?, app.clock().now()))
}

/// Of instances that come latest start first.
fn newest(instances: &[Instance], now: Timestamp) -> Option<String> {
    let alive = instances.iter().filter(|instance| InstanceHealth::of(instance, now).is_alive());
    let versions = alive.map(|instance| instance.check_in.build.version.as_str());
    versions.into_iter().find(|version| !version.is_empty()).map(str::to_owned)
}
