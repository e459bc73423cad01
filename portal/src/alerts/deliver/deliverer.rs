//! Claims what is due, has it delivered, and notes what became of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use seaworthy_catalog::{AfterFailure, CatalogError, Channel, Key, OutboxMessage};
use tokio::{task::JoinSet, time::sleep};
use tokio_util::sync::CancellationToken;

use super::{EVERY, Letter, backoff, courier};
use crate::{
    alerts::{
        ChannelSettings, Event, Notice, Target,
        acknowledge::{KEY, SignedLink},
        outgoing::{Failure, FailureKind},
    },
    state::App,
};

/// Letters under way at once.
const MOST: usize = 32;
/// Longer than any attempt takes, and short enough that what a portal had claimed when it died is told soon.
const CLAIM: SignedDuration = SignedDuration::from_secs(30);

/// Delivers what waits in the outbox.
#[derive(Debug)]
pub(crate) struct Deliverer {
    app: App,
    stop: CancellationToken,
    under_way: JoinSet<(i64, Result<(), FailureKind>)>,
    /// Channels whose last letter did not arrive. Of each at most one letter is under way, so that a receiver that hangs
    /// holds up no other.
    ailing: BTreeSet<i64>,
    /// Those of them with a letter under way.
    probed: BTreeSet<i64>,
}

/// What is needed to make letters of messages.
struct Writer {
    channels: BTreeMap<i64, Channel>,
    key: Key,
    portal: String,
}

impl Deliverer {
    pub(crate) fn new(app: App, stop: CancellationToken) -> Self {
        let (ailing, probed) = (BTreeSet::new(), BTreeSet::new());
        Self { app, stop, under_way: JoinSet::new(), ailing, probed }
    }

    /// Delivers until nothing is due and nothing is under way, or until it is asked to stop.
    ///
    /// # Errors
    /// When the catalog does not answer. What was under way stays claimed for a little while, and is tried again.
    pub(crate) async fn round(&mut self) -> anyhow::Result<()> {
        loop {
            // Asked in halves: a claim is a transaction.
            let room = MOST.saturating_sub(self.under_way.len());
            if room >= MOST / 2 && !self.stop.is_cancelled() {
                self.claim(room).await?;
            }
            if self.under_way.is_empty() {
                return Ok(());
            }
            tokio::select! {
                ended = self.under_way.join_next() => match ended {
                    Some(Ok((channel, outcome))) => self.learn(channel, outcome),
                    Some(Err(error)) => {
                        tracing::error!(%error, "a delivery broke off");
                        self.probed.clear();
                    }
                    None => {}
                },
                () = sleep(EVERY) => {}
            }
        }
    }

    async fn claim(&mut self, room: usize) -> anyhow::Result<()> {
        let catalog = self.app.catalog();
        let now = self.app.clock().now();
        let due = catalog.outbox_due(now.saturating_add(CLAIM)?, room as u64, now).await?;
        if due.is_empty() {
            return Ok(());
        }
        let channels = catalog.channels().await?.into_iter().map(|channel| (channel.id, channel)).collect();
        let key = catalog.key(KEY, now).await?;
        let writer = Writer { channels, key, portal: self.app.settings().portal_url() };
        for message in due {
            self.set_out(message, &writer).await?;
        }
        Ok(())
    }

    async fn set_out(&mut self, message: OutboxMessage, writer: &Writer) -> Result<(), CatalogError> {
        let channel = message.channel_id;
        if self.ailing.contains(&channel) && !self.probed.insert(channel) {
            return postpone(&self.app, &message).await;
        }
        let written = writer.letter(&message);
        let app = self.app.clone();
        self.under_way.spawn(async move {
            let outcome = match &written {
                Ok((target, letter)) => courier::send(app.outgoing(), target, letter).await,
                Err(failure) => Err(failure.clone()),
            };
            note(&app, &message, &outcome).await;
            (channel, outcome.map_err(|failure| failure.kind))
        });
        Ok(())
    }

    /// A channel that refuses one letter may take another; one that does not answer will not.
    fn learn(&mut self, channel: i64, outcome: Result<(), FailureKind>) {
        self.probed.remove(&channel);
        match outcome {
            Err(FailureKind::Passing(_)) => self.ailing.insert(channel),
            _ => self.ailing.remove(&channel),
        };
    }
}

impl Writer {
    /// The letter for a message, and where it goes.
    fn letter(&self, message: &OutboxMessage) -> Result<(Target, Letter), Failure> {
        // A channel that is gone takes its messages along; that it has gone since they were claimed is no harm.
        let channel =
            self.channels.get(&message.channel_id).ok_or_else(|| Failure::hopeless("the channel is gone"))?;
        let settings = ChannelSettings::of(&channel.definition).map_err(|error| {
            Failure::hopeless(format!(
                "this version cannot read the channel's settings: {error}; edit the channel"
            ))
        })?;
        let notice = Notice::from_payload(&message.payload).map_err(|error| {
            Failure::hopeless(format!("this version cannot read what is to be told: {error}"))
        })?;
        let OutboxMessage { alert_id, channel_id, created_at, .. } = *message;
        let link = SignedLink::new(alert_id, channel_id, created_at);
        let acknowledge =
            (notice.event == Event::Fired).then(|| format!("{}{}", self.portal, link.path(&self.key)));
        let origin = origin(&self.key);
        let letter = Letter {
            id: format!("{origin}-{}", message.id),
            thread: format!("{origin}-{alert_id}-{channel_id}"),
            channel: channel.name.clone(),
            notice,
            written_at: created_at,
            page: format!("{}/alerts/{alert_id}", self.portal),
            portal: self.portal.clone(),
            acknowledge,
        };
        Ok((settings.target, letter))
    }
}

/// Tells the letters of this catalog from those of another, which counts from one as well.
fn origin(key: &Key) -> String {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key.bytes());
    let tag = ring::hmac::sign(&key, b"seaworthy origin of letters");
    hex::encode(tag.as_ref().get(..4).unwrap_or_default())
}

async fn note(app: &App, message: &OutboxMessage, outcome: &Result<(), Failure>) {
    let now = app.clock().now();
    let noted = match outcome {
        Ok(()) => app.catalog().outbox_delivered(message.id, now).await,
        Err(failure) => {
            let after = after(message, failure.kind, now);
            if after == AfterFailure::GiveUp {
                tracing::warn!(message = message.id, reason = failure.words, "a message was given up");
            }
            app.catalog().outbox_failed(message, &failure.words, after, now).await
        }
    };
    if let Err(error) = noted {
        tracing::warn!(%error, message = message.id, "what became of a message was not noted; it is sent once more");
    }
}

fn after(message: &OutboxMessage, kind: FailureKind, now: Timestamp) -> AfterFailure {
    let age = Duration::try_from(now.duration_since(message.created_at)).unwrap_or_default();
    match backoff::next(kind, message.attempts, age, fastrand::f64()) {
        Some(pause) => AfterFailure::RetryAt(later(now, pause)),
        None => AfterFailure::GiveUp,
    }
}

/// Waits its turn: its channel does not answer, and another letter finds out when it does.
async fn postpone(app: &App, message: &OutboxMessage) -> Result<(), CatalogError> {
    let now = app.clock().now();
    let error = message.last_error.as_deref().unwrap_or("waits until the channel answers others again");
    let after = AfterFailure::RetryAt(later(now, backoff::pause(message.attempts, fastrand::f64())));
    app.catalog().outbox_failed(message, error, after, now).await
}

fn later(now: Timestamp, pause: Duration) -> Timestamp {
    now.saturating_add(pause).unwrap_or(Timestamp::MAX)
}
