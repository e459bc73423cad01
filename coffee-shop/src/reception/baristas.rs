//! Has drinks brewed by baristas that take turns.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use anyhow::Context;
use reqwest::{Client, Url};
use seaworthy_agent::{Handle, health::HealthCheck, http::SendTraced};

use crate::{barista::Ask, refusal::Refusal};

const TIMEOUT: Duration = Duration::from_secs(10);

/// Baristas that take turns.
#[derive(Clone, Debug)]
pub struct Baristas {
    urls: Arc<[Url]>,
    turn: Arc<AtomicUsize>,
    http: Client,
    agent: Handle,
}

impl Baristas {
    /// Baristas at these places.
    pub fn new(urls: Vec<Url>, agent: Handle) -> anyhow::Result<Self> {
        Ok(Self { urls: drinks(urls)?.into(), turn: Arc::default(), http: client()?, agent })
    }

    /// Has it brewed by the next barista, or by the one after if that one is not there.
    pub(crate) async fn brew(&self, ask: &Ask) -> Result<(), Refusal> {
        let turn = self.turn.fetch_add(1, Relaxed);
        for i in 0..self.urls.len() {
            let url = &self.urls[turn.wrapping_add(i) % self.urls.len()];
            // Sent with the trace context of this order, so that the barista's spans become part of its trace.
            match self.http.post(url.clone()).json(ask).send_traced(&self.agent).await {
                Ok(answer) if answer.status().is_success() => return Ok(()),
                Ok(_) => return Err(Refusal::Barista),
                // It has seen nothing of the order, so no drink can be brewed twice.
                Err(error) if error.is_connect() => tracing::warn!(%url, "this barista is not there"),
                Err(_) => return Err(Refusal::Barista),
            }
        }
        Err(Refusal::NoBarista)
    }
}

/// Whether every barista is there. Not critical: some orders can be served by the others, and the menu can be read.
pub(crate) fn health_check(urls: Vec<Url>) -> anyhow::Result<HealthCheck> {
    // Checks run on a runtime of the agent, so they get a client, and connections, of their own.
    let (urls, http): (Arc<[Url]>, _) = (drinks(urls)?.into(), client()?);
    let check = move || {
        let (urls, http) = (urls.clone(), http.clone());
        async move {
            for url in urls.iter() {
                let answer =
                    http.get(url.clone()).send().await.with_context(|| format!("{url} is not there"))?;
                answer.error_for_status()?;
            }
            anyhow::Ok(())
        }
    };
    Ok(HealthCheck::new("barista", check).every(Duration::from_secs(5)))
}

fn drinks(urls: Vec<Url>) -> anyhow::Result<Vec<Url>> {
    let joined =
        urls.iter().map(|url| url.join("/drinks").with_context(|| format!("--barista {url} cannot be used")));
    joined.collect()
}

fn client() -> anyhow::Result<Client> {
    // Reqwest leaves the choice of a TLS library to the program. An error says that it is made already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(Client::builder().timeout(TIMEOUT).build()?)
}
