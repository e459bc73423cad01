//! The portal, as `apply` talks to it.

use std::time::Duration;

use anyhow::{Context, bail};
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;
use url::Url;

use super::under;
use crate::files::{Files, Plan};

const PATIENCE: Duration = Duration::from_secs(60);

/// A portal and the token that opens it.
pub(super) struct Portal {
    client: Client,
    address: Url,
    token: String,
}

impl Portal {
    pub(super) fn at(address: &Url, token: &str) -> anyhow::Result<Self> {
        // Reqwest leaves the choice of a TLS library to the program. An error says that it is made already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().timeout(PATIENCE).build().context("could not make an HTTP client")?;
        Ok(Self { client, address: address.clone(), token: token.to_owned() })
    }

    /// What files would change.
    pub(super) async fn plan(&self, files: &Files) -> anyhow::Result<Plan> {
        self.post("api/v1/openslo/plan", files).await
    }

    /// Makes SLOs what files say.
    pub(super) async fn apply(&self, files: &Files) -> anyhow::Result<Plan> {
        self.post("api/v1/openslo", files).await
    }

    async fn post(&self, path: &str, files: &Files) -> anyhow::Result<Plan> {
        let address = under(&self.address, path)?;
        let request = self.client.post(address.clone()).bearer_auth(&self.token).json(files);
        let response = request.send().await.with_context(|| format!("could not reach {address}"))?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::UNPROCESSABLE_ENTITY if !is_problem(&response) => {}
            _ => return refused(&address, response).await,
        }
        response.json().await.with_context(|| format!("{address} did not answer as a portal does"))
    }
}

fn is_problem(response: &Response) -> bool {
    let kind = response.headers().get("content-type");
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/problem+json"))
}

/// What the portal says of why it refused.
async fn refused(address: &Url, response: Response) -> anyhow::Result<Plan> {
    let status = response.status();
    let problem: Option<Value> = response.json().await.ok();
    let text = |field: &str| problem.as_ref()?.get(field)?.as_str().map(str::to_owned);
    match (text("title"), text("detail")) {
        (Some(title), Some(detail)) => bail!("{title}. {detail} ({address}: {status})"),
        _ => bail!("{address} answered {status}"),
    }
}
