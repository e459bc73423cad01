//! An alert, as far as somebody sees it who has a signed link and need not be signed in.

use axum::http::StatusCode;
use jiff::Timestamp;
use seaworthy_catalog::{Actor, Alert, CatalogError, ChannelTest};

use crate::{
    alerts::{
        Details,
        acknowledge::{KEY, NotTaken, SignedLink, TEST},
    },
    problem::Problem,
    state::App,
};

/// An alert that somebody may say they see to.
#[derive(Clone, Debug)]
pub(crate) struct AcknowledgeView {
    /// Its id; none of one that only tests a channel.
    pub(crate) id: Option<i64>,
    /// What is wrong, in a few words.
    pub(crate) title: String,
    /// The same in a sentence.
    pub(crate) summary: String,
    /// The service.
    pub(crate) service: String,
    /// When it began.
    pub(crate) started_at: Timestamp,
    /// Who sees to it, and since when.
    pub(crate) acknowledged: Option<(String, Timestamp)>,
    /// When it was over.
    pub(crate) resolved_at: Option<Timestamp>,
}

/// The alert of a link.
pub(crate) async fn load(app: &App, link: &str) -> Result<AcknowledgeView, Problem> {
    let link = read(app, link).await?;
    if link.alert_id == TEST {
        let tests = app.catalog().channel_tests().await?;
        let same =
            |test: &&ChannelTest| (test.channel_id, test.sent_at) == (link.channel_id, link.written_at());
        return of_test(app, tests.iter().find(same).ok_or_else(gone)?).await;
    }
    let alert = app.catalog().alert(link.alert_id).await?.ok_or_else(gone)?;
    Ok(AcknowledgeView::from(alert))
}

/// Notes that whoever has the link sees to the alert. One that is over, or acknowledged, stays as it is.
pub(crate) async fn acknowledge(app: &App, link: &str, address: String) -> Result<AcknowledgeView, Problem> {
    let link = read(app, link).await?;
    let actor = Actor { login: by(app, &link).await?, address };
    if link.alert_id == TEST {
        return acknowledge_test(app, &link, &actor).await;
    }
    match app.catalog().acknowledge_alert(link.alert_id, &actor, app.clock().now()).await {
        Ok(alert) => Ok(AcknowledgeView::from(alert)),
        // What can be said of it has changed since the page was loaded.
        Err(CatalogError::Refused { .. }) => {
            let alert = app.catalog().alert(link.alert_id).await?.ok_or_else(gone)?;
            Ok(AcknowledgeView::from(alert))
        }
        Err(CatalogError::NotFound(_)) => Err(gone()),
        Err(error) => Err(error.into()),
    }
}

async fn acknowledge_test(app: &App, link: &SignedLink, actor: &Actor) -> Result<AcknowledgeView, Problem> {
    let (catalog, now) = (app.catalog(), app.clock().now());
    match catalog.acknowledge_channel_test(link.channel_id, link.written_at(), actor, now).await {
        Ok(test) => of_test(app, &test).await,
        Err(CatalogError::NotFound(_)) => Err(gone()),
        Err(error) => Err(error.into()),
    }
}

async fn of_test(app: &App, test: &ChannelTest) -> Result<AcknowledgeView, Problem> {
    let channels = app.catalog().channels().await?;
    let channel = channels.into_iter().find(|channel| channel.id == test.channel_id).ok_or_else(gone)?;
    let acknowledged = test.acknowledged.clone().map(|acknowledged| (acknowledged.by, acknowledged.at));
    Ok(AcknowledgeView {
        id: None,
        title: format!("A test of the channel {}", channel.name),
        summary: format!("{} wants to know whether alerts arrive there.", test.sent_by),
        service: channel.name,
        started_at: test.sent_at,
        acknowledged,
        resolved_at: None,
    })
}

/// Nobody has signed in: all that is known is the channel in which the link was sent.
async fn by(app: &App, link: &SignedLink) -> Result<String, Problem> {
    let channels = app.catalog().channels().await?;
    Ok(match channels.into_iter().find(|channel| channel.id == link.channel_id) {
        Some(channel) => format!("signed link in {}", channel.name),
        None => "signed link in a channel that is gone".to_owned(),
    })
}

async fn read(app: &App, link: &str) -> Result<SignedLink, Problem> {
    let now = app.clock().now();
    let key = app.catalog().key(KEY, now).await?;
    SignedLink::read(link, &key, now).map_err(|error| match error {
        NotTaken::Forged => Problem::new(
            StatusCode::FORBIDDEN,
            "This link is not one of this portal",
            "It may have been cut short on its way. Nothing was acknowledged. Copy the whole link from the message, or \
             sign in and acknowledge the alert there.",
        ),
        NotTaken::Expired(at) => Problem::new(
            StatusCode::GONE,
            "This link does not hold any more",
            format!("It held until {at}. Nothing was acknowledged. Sign in to see what became of the alert."),
        ),
    })
}

fn gone() -> Problem {
    Problem::not_found("There is no such alert any more", "It was over long ago, and has been forgotten.")
}

impl From<Alert> for AcknowledgeView {
    fn from(alert: Alert) -> Self {
        let Details { title, summary, .. } = Details::of(&alert);
        Self {
            id: Some(alert.id),
            title,
            summary,
            service: alert.origin.service,
            started_at: alert.origin.started_at,
            acknowledged: alert.status.acknowledged.map(|acknowledged| (acknowledged.by, acknowledged.at)),
            resolved_at: alert.status.resolved_at,
        }
    }
}
