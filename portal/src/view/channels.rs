//! Channels: where alerts are told, how each stands, and what could not be told. No secret of a channel is in here.

use jiff::Timestamp;
use seaworthy_catalog::{Channel, ChannelStanding, ChannelTest, DeadLetter};
use seaworthy_slo::Severity;
use serde::Serialize;
use url::Url;
use utoipa::ToSchema;

use crate::{
    alerts::{ChannelSettings, Notice, Target},
    problem::Problem,
    state::App,
};

/// Dead letters that are listed, latest first.
const MOST_LETTERS: u64 = 100;

/// All channels.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ChannelsView {
    /// When this was so.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) as_of: Timestamp,
    /// Each of them, by name.
    pub(crate) channels: Vec<ChannelView>,
    /// Messages that were given up, latest first; at most 100.
    pub(crate) dead_letters: Vec<DeadLetterView>,
    /// Whether the portal has a server for mail.
    pub(crate) has_mail: bool,
    /// Where links in messages lead.
    pub(crate) portal_url: String,
    /// Whether whoever runs the portal has said so.
    pub(crate) portal_url_is_public: bool,
}

/// How a channel stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChannelState {
    /// What is to be told there does not arrive.
    Failing,
    /// Something is on its way.
    Sending,
    /// The last message arrived.
    Working,
    /// There was nothing to tell lately.
    Idle,
}

/// A channel, without its secrets.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ChannelView {
    /// Its name.
    pub(crate) name: String,
    /// `webhook`, `slack` or `email`.
    pub(crate) kind: String,
    /// The host and port, or the addresses of mail. The rest of an address may be a secret.
    pub(crate) leads_to: String,
    /// Alerts that are less urgent are not told there: `page` or `ticket`. None where the settings cannot be read.
    #[schema(value_type = Option<String>)]
    pub(crate) least_severity: Option<Severity>,
    /// Alerts of these services are told there; none means all.
    pub(crate) services: Vec<String>,
    /// How it stands.
    pub(crate) state: ChannelState,
    /// When something was last told there, within 30 days.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) last_delivered_at: Option<Timestamp>,
    /// Messages that wait.
    pub(crate) waiting: u64,
    /// Since when the oldest does.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) waiting_since: Option<Timestamp>,
    /// Messages that were given up.
    pub(crate) dead: u64,
    /// Why the last that failed did, where it matters still.
    pub(crate) error: Option<String>,
    /// Its latest test alert.
    pub(crate) tested: Option<TestView>,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) updated_at: Timestamp,
    /// By whom.
    pub(crate) updated_by: String,
}

/// A test alert.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ChannelTest)]
pub(crate) struct TestView {
    /// When it was sent.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) sent_at: Timestamp,
    /// When the receiver took it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) delivered_at: Option<Timestamp>,
    /// Who says that it arrived, and when.
    #[schema(value_type = Option<Vec<String>>)]
    pub(crate) acknowledged: Option<(String, Timestamp)>,
}

/// A message that was given up.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct DeadLetterView {
    /// Its id.
    pub(crate) id: i64,
    /// Its channel.
    pub(crate) channel: String,
    /// Its alert.
    pub(crate) alert_id: i64,
    /// What it tells of.
    pub(crate) title: String,
    /// `fired` or `resolved`; none where this version cannot read it.
    pub(crate) event: Option<String>,
    /// When it was given up.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) dead_at: Option<Timestamp>,
    /// How often it was tried.
    pub(crate) attempts: u32,
    /// Why.
    pub(crate) reason: String,
    /// Whether something later was told of the alert there: to tell this one now is old news.
    pub(crate) overtaken: bool,
}

/// All channels, and what could not be told.
pub(crate) async fn load(app: &App) -> Result<ChannelsView, Problem> {
    let catalog = app.catalog();
    let mut standings = catalog.channel_standings().await?;
    let tests = catalog.channel_tests().await?;
    let channels = catalog.channels().await?.into_iter();
    let channels = channels.map(|channel| {
        let standing = standings.remove(&channel.id).unwrap_or_default();
        let tested = tests.iter().find(|test| test.channel_id == channel.id).map(TestView::of);
        ChannelView { tested, ..view(channel, standing) }
    });
    Ok(ChannelsView {
        as_of: app.clock().now(),
        channels: channels.collect(),
        dead_letters: catalog.dead_letters(MOST_LETTERS).await?.into_iter().map(dead_letter).collect(),
        has_mail: app.outgoing().mailer.is_some(),
        portal_url: app.settings().portal_url(),
        portal_url_is_public: app.settings().public_url.is_some(),
    })
}

/// One channel.
pub(crate) async fn one(app: &App, name: &str) -> Result<ChannelView, Problem> {
    let all = load(app).await?.channels;
    all.into_iter().find(|channel| channel.name == name).ok_or_else(|| no_such(name))
}

/// A channel and its settings, with their secrets, to be changed or used.
pub(crate) async fn settings(app: &App, name: &str) -> Result<(Channel, ChannelSettings), Problem> {
    let channel = app.catalog().channel(name).await?.ok_or_else(|| no_such(name))?;
    let settings = ChannelSettings::of(&channel.definition).map_err(|error| {
        Problem::internal(format!("the settings of the channel {name} cannot be read: {error}"))
    })?;
    Ok((channel, settings))
}

fn no_such(name: &str) -> Problem {
    Problem::not_found(
        "There is no such channel",
        format!("No channel is called {name}. Somebody may have deleted it."),
    )
}

fn view(channel: Channel, standing: ChannelStanding) -> ChannelView {
    let (state, error) = state(&standing);
    let settings = ChannelSettings::of(&channel.definition).ok();
    let unreadable = settings.is_none();
    let (leads_to, least_severity, services) = match settings {
        Some(settings) => (leads_to(&settings.target), Some(settings.least_severity), settings.services),
        None => (String::new(), None, Vec::new()),
    };
    ChannelView {
        name: channel.name,
        kind: channel.definition.kind.to_string(),
        leads_to,
        least_severity,
        services,
        state: if unreadable { ChannelState::Failing } else { state },
        last_delivered_at: standing.last_delivered_at,
        waiting: standing.waiting,
        waiting_since: standing.waiting_since,
        dead: standing.dead,
        error: unreadable
            .then(|| "this version cannot read its settings; delete it and make it anew".to_owned())
            .or(error),
        tested: None,
        updated_at: channel.updated_at,
        updated_by: channel.updated_by,
    }
}

impl TestView {
    fn of(test: &ChannelTest) -> Self {
        let acknowledged = test.acknowledged.clone().map(|acknowledged| (acknowledged.by, acknowledged.at));
        Self { sent_at: test.sent_at, delivered_at: test.delivered_at, acknowledged }
    }
}

/// How a channel stands, and why it fails.
fn state(standing: &ChannelStanding) -> (ChannelState, Option<String>) {
    // What was given up before something arrived is no concern of the channel any more.
    let died_last = standing.last_dead_at > standing.last_delivered_at;
    let error = standing.waiting_error.clone().or_else(|| standing.dead_error.clone().filter(|_| died_last));
    let state = match (&error, standing.waiting, standing.last_delivered_at) {
        (Some(_), ..) => ChannelState::Failing,
        (None, 1.., _) => ChannelState::Sending,
        (None, 0, Some(_)) => ChannelState::Working,
        (None, 0, None) => ChannelState::Idle,
    };
    (state, error)
}

/// Where a target leads, as far as everybody may know.
pub(crate) fn leads_to(target: &Target) -> String {
    let host = |url: &str| {
        let url = Url::parse(url).ok()?;
        let host = url.host_str()?;
        Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
    };
    match target {
        Target::Webhook { url, .. } | Target::Slack { url } => host(url.reveal()).unwrap_or_default(),
        Target::Email { to } => to.join(", "),
    }
}

fn dead_letter(letter: DeadLetter) -> DeadLetterView {
    let notice = Notice::from_payload(&letter.message.payload).ok();
    DeadLetterView {
        id: letter.message.id,
        channel: letter.channel,
        alert_id: letter.message.alert_id,
        event: notice.as_ref().map(|notice| notice.event.as_str().to_owned()),
        title: notice.map_or(letter.alert_key, |notice| notice.title),
        dead_at: letter.message.dead_at,
        attempts: letter.message.attempts,
        reason: letter.message.last_error.unwrap_or_default(),
        overtaken: letter.overtaken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Option<Timestamp> {
        Timestamp::from_second(second).ok()
    }

    #[test]
    fn a_channel_fails_until_something_arrives() {
        let idle = ChannelStanding::default();
        let sending = ChannelStanding { waiting: 2, waiting_since: at(5), ..idle.clone() };
        let failing = ChannelStanding { waiting_error: Some("503".into()), ..sending.clone() };
        let working = ChannelStanding { last_delivered_at: at(5), ..idle.clone() };
        let died = ChannelStanding {
            dead: 1,
            last_dead_at: at(6),
            dead_error: Some("410".into()),
            ..working.clone()
        };
        let recovered = ChannelStanding { last_delivered_at: at(7), ..died.clone() };
        let never = ChannelStanding { last_delivered_at: None, ..died.clone() };
        for (standing, expected) in [
            (idle, (ChannelState::Idle, None)),
            (sending, (ChannelState::Sending, None)),
            (failing, (ChannelState::Failing, Some("503".into()))),
            (working, (ChannelState::Working, None)),
            (died, (ChannelState::Failing, Some("410".into()))),
            (recovered, (ChannelState::Working, None)),
            (never, (ChannelState::Failing, Some("410".into()))),
        ] {
            assert_eq!(state(&standing), expected, "{standing:?}");
        }
    }

    #[test]
    fn of_an_address_only_the_host_is_shown() {
        use crate::alerts::Hidden;
        let url = || Hidden::new("https://hooks.example:8443/services/T0/s3cret?key=s3cret");
        let webhook = Target::Webhook { url: url(), bearer: None, headers: Default::default() };
        for target in [webhook, Target::Slack { url: url() }] {
            assert_eq!(leads_to(&target), "hooks.example:8443");
        }
        assert_eq!(
            leads_to(&Target::Email { to: vec!["a@b.example".into(), "c@b.example".into()] }),
            "a@b.example, c@b.example"
        );
    }
}
