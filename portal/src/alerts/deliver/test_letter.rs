//! A letter that says that letters arrive.

use jiff::Timestamp;
use seaworthy_slo::Severity;

use super::Letter;
use crate::{
    alerts::{ChannelSettings, Event, Notice},
    state::App,
};

/// A letter for a channel, by somebody who wants to know whether it arrives. `acknowledge` is the path of the link by which
/// who gets it can say so.
pub(crate) fn test_letter(
    app: &App,
    channel: &str,
    settings: &ChannelSettings,
    by: &str,
    acknowledge: &str,
) -> Letter {
    let now = app.clock().now();
    let portal = app.settings().portal_url();
    let id = format!("test-{channel}-{}", now.as_millisecond());
    Letter {
        thread: format!("{id}-thread"),
        id,
        channel: channel.to_owned(),
        notice: notice(settings, by, now),
        written_at: now,
        page: format!("{portal}/settings/channels"),
        acknowledge: Some(format!("{portal}{acknowledge}")),
        portal,
    }
}

fn notice(settings: &ChannelSettings, by: &str, now: Timestamp) -> Notice {
    Notice {
        event: Event::Fired,
        name: "TestAlert".to_owned(),
        // A test wakes nobody.
        severity: Severity::Ticket,
        service: settings.services.first().cloned().unwrap_or_else(|| "test".to_owned()),
        slo: None,
        title: "This is a test".to_owned(),
        summary: format!(
            "{by} tries whether alerts of Seaworthy arrive here. Acknowledge it, so that it is known that they do."
        ),
        started_at: now,
        resolved_at: None,
        links: Vec::new(),
    }
}
