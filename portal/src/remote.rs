//! Another portal, as the commands of this program talk to it.

use std::time::Duration;

use anyhow::{Context, bail};
use reqwest::{Client, Response};
use serde::Serialize;
use serde_json::Value;
use url::Url;

const PATIENCE: Duration = Duration::from_secs(60);

/// A portal and the token that opens it.
pub(crate) struct Remote {
    client: Client,
    address: Url,
    token: String,
}

impl Remote {
    pub(crate) fn at(address: &Url, token: &str) -> anyhow::Result<Self> {
        // Reqwest leaves the choice of a TLS library to the program. An error says that it is made already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().timeout(PATIENCE).build().context("could not make an HTTP client")?;
        Ok(Self { client, address: address.clone(), token: token.to_owned() })
    }

    /// Asks for something. What comes back may be an error, too.
    pub(crate) async fn get(&self, path: &str, query: &[(&str, &str)]) -> anyhow::Result<Response> {
        let mut address = under(&self.address, path)?;
        address.query_pairs_mut().extend_pairs(query);
        let request = self.client.get(address.clone()).bearer_auth(&self.token);
        request.send().await.with_context(|| format!("could not reach {address}"))
    }

    /// Sends JSON. What comes back may be an error, too.
    pub(crate) async fn post(&self, path: &str, body: &impl Serialize) -> anyhow::Result<Response> {
        let address = under(&self.address, path)?;
        let request = self.client.post(address.clone()).bearer_auth(&self.token).json(body);
        request.send().await.with_context(|| format!("could not reach {address}"))
    }
}

/// Whether a portal says what went wrong.
pub(crate) fn is_problem(response: &Response) -> bool {
    let kind = response.headers().get("content-type");
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/problem+json"))
}

/// The error that a portal's refusal is: in its own words where it has any.
pub(crate) async fn refused<T>(response: Response) -> anyhow::Result<T> {
    let (address, status) = (response.url().clone(), response.status());
    let problem: Option<Value> = response.json().await.ok();
    let text = |field: &str| problem.as_ref()?.get(field)?.as_str().map(str::to_owned);
    match (text("title"), text("detail")) {
        (Some(title), Some(detail)) => bail!("{title}. {detail} ({address}: {status})"),
        _ => bail!("{address} answered {status}"),
    }
}

/// The address of something under a portal's own.
pub(crate) fn under(portal: &Url, path: &str) -> anyhow::Result<Url> {
    let mut base = portal.clone();
    if !base.path().ends_with('/') {
        base.set_path(&format!("{}/", portal.path()));
    }
    base.join(path).with_context(|| format!("{portal} is no address of a portal"))
}
