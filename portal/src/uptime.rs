//! The portal's own look at services from outside: each minute it asks for the URL that people have given them.
//!
//! An answer is a status of 2xx or 3xx, which the portal does not follow: it looks at what it was told to look at. Anything
//! else is told with its reason, in words that hold no more of the URL than its host: the rest may be a secret.
//!
//! One portal at a time asks, by a lease in the catalog, and records of each service the latest probe. Services that nobody
//! has heard of are not asked: whoever writes down what will be there is not woken because it is not yet.

use std::{
    collections::{HashMap, HashSet},
    future::ready,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use futures_util::{StreamExt, stream};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use seaworthy_catalog::UptimeProbe;
use tokio::{
    sync::Mutex,
    time::{self, MissedTickBehavior, interval_at},
};
use url::Url;

use crate::{lease::Lead, state::App};

const EVERY: Duration = Duration::from_secs(60);
/// So many services are asked at once.
const AT_ONCE: usize = 8;
/// Whoever has not begun to answer after so long has not answered.
const PATIENCE: Duration = Duration::from_secs(10);
/// A round begins to ask for no longer; who comes short is the first of the next.
const ASK_FOR: Duration = Duration::from_secs(45);
/// An older probe says nothing of now.
const GOOD_FOR: SignedDuration = SignedDuration::from_mins(5);

/// Asks services, in rounds.
#[derive(Debug)]
pub(crate) struct Prober {
    lead: Lead,
}

impl Default for Prober {
    fn default() -> Self {
        Self { lead: Lead::of("uptime") }
    }
}

/// A service that is to be asked, and how that went last.
struct Due {
    service: String,
    url: String,
    before: Option<UptimeProbe>,
}

impl Prober {
    /// Asks every service that has a URL. Does nothing while another portal has the lease.
    pub(crate) async fn round(&mut self, app: &App) -> anyhow::Result<()> {
        let Some(lease) = self.lead.take(app, app.clock().now()).await? else { return Ok(()) };
        let begun = Instant::now();
        let probes: Vec<UptimeProbe> = stream::iter(due(app).await?)
            .take_while(|_| ready(begun.elapsed() < ASK_FOR))
            .map(|due| probe(app.clone(), due))
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        app.catalog().record_uptime_probes(&lease, &probes).await.context("the probes")
    }

    /// Lets another portal go on at once.
    pub(crate) async fn leave(&mut self, app: &App) {
        self.lead.leave(app).await;
    }
}

/// Asks until it is dropped, after a minute for the first time: what starts together with the portal has time to be there. A
/// round that fails is logged, and the next one begins anew.
pub(crate) async fn keep_probing(prober: Arc<Mutex<Prober>>, app: App) {
    let mut rounds = interval_at(time::Instant::now() + EVERY, EVERY);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        if let Err(error) = prober.lock().await.round(&app).await {
            tracing::warn!(error = format!("{error:#}"), "services were not looked at from outside");
        }
    }
}

/// Whether a probe says nothing of now any more.
pub(crate) fn is_old(probe: &UptimeProbe, now: Timestamp) -> bool {
    now.duration_since(probe.at) > GOOD_FOR
}

/// The services to ask, of whom the longest ago first.
async fn due(app: &App) -> anyhow::Result<Vec<Due>> {
    let catalog = app.catalog();
    let heard_of: HashSet<String> =
        catalog.services().await?.into_iter().map(|service| service.name).collect();
    let before = catalog.uptime_probes().await.context("the probes before")?;
    let mut before: HashMap<String, UptimeProbe> =
        before.into_iter().map(|probe| (probe.service.clone(), probe)).collect();
    let said = catalog.all_service_settings().await.context("the URLs")?;
    let mut due: Vec<Due> = said
        .into_iter()
        .filter(|said| heard_of.contains(&said.service))
        .filter_map(|said| {
            let (service, url) = (said.service, said.settings.url?);
            Some(Due { before: before.remove(&service), service, url })
        })
        .collect();
    due.sort_by_key(|due| due.before.as_ref().map(|before| before.at));
    Ok(due)
}

async fn probe(app: App, due: Due) -> UptimeProbe {
    let (at, begun) = (app.clock().now(), Instant::now());
    let asked = app.outgoing().http.get(&due.url, PATIENCE).await;
    let took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (status, error) = match asked {
        Ok(status) => (Some(status), (!is_answer(status)).then(|| refusal(&due.url, status))),
        Err(failure) => (None, Some(failure.words)),
    };
    UptimeProbe {
        service: due.service,
        url: due.url,
        at,
        answered: error.is_none(),
        status: status.map(|status| status.as_u16()),
        took_ms,
        failing_since: error.is_some().then(|| failing_since(due.before.as_ref(), at)),
        error,
    }
}

fn is_answer(status: StatusCode) -> bool {
    status.is_success() || status.is_redirection()
}

fn refusal(url: &str, status: StatusCode) -> String {
    let url = Url::parse(url).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    format!("{host} answered {status}")
}

/// Since when a service does not answer that does not now. What was long ago is not known to have gone on.
fn failing_since(before: Option<&UptimeProbe>, at: Timestamp) -> Timestamp {
    before.filter(|before| !is_old(before, at)).and_then(|before| before.failing_since).unwrap_or(at)
}
