//! What `apply` asks of a portal.

use anyhow::Context;
use reqwest::StatusCode;

use crate::{
    files::{Files, Plan},
    remote::{self, Remote},
};

/// What files would change.
pub(super) async fn plan(portal: &Remote, files: &Files) -> anyhow::Result<Plan> {
    post(portal, "api/v1/files/plan", files).await
}

/// Makes the portal what files say.
pub(super) async fn apply(portal: &Remote, files: &Files) -> anyhow::Result<Plan> {
    post(portal, "api/v1/files", files).await
}

async fn post(portal: &Remote, path: &str, files: &Files) -> anyhow::Result<Plan> {
    let response = portal.post(path, files).await?;
    match response.status() {
        StatusCode::OK => {}
        StatusCode::UNPROCESSABLE_ENTITY if !remote::is_problem(&response) => {}
        _ => return remote::refused(response).await,
    }
    let address = response.url().clone();
    response.json().await.with_context(|| format!("{address} did not answer as a portal does"))
}
