//! A notice on its way into a channel, with what its form there needs.

use jiff::Timestamp;
use url::Url;

use crate::alerts::{Event, Notice};

/// A notice on its way into a channel.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    /// The same however often it is sent, and of no other letter.
    pub(crate) id: String,
    /// The same for every letter of an alert in a channel.
    pub(crate) thread: String,
    /// The name of the channel.
    pub(crate) channel: String,
    /// What is told.
    pub(crate) notice: Notice,
    /// When it was written.
    pub(crate) written_at: Timestamp,
    /// Where the portal is, without a slash at the end.
    pub(crate) portal: String,
    /// The page of what it is about.
    pub(crate) page: String,
    /// Where somebody can say that they see to it; nowhere once it is over.
    pub(crate) acknowledge: Option<String>,
}

impl Letter {
    /// The links of the notice with absolute addresses. What is no address of the web is left out.
    pub(crate) fn links(&self) -> impl Iterator<Item = (&str, String)> {
        self.notice.links.iter().filter_map(|link| {
            let path = link.href.starts_with('/') && !link.href.starts_with("//");
            let href = if path { format!("{}{}", self.portal, link.href) } else { link.href.clone() };
            let url = Url::parse(&href).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
            Some((&*link.title, url.into()))
        })
    }

    /// What happened, before the title: `Page`, `Resolved`.
    pub(crate) fn heading(&self) -> &'static str {
        match (self.notice.event, self.notice.severity) {
            (Event::Resolved, _) => "Resolved",
            (Event::Fired, seaworthy_slo::Severity::Page) => "Page",
            (Event::Fired, seaworthy_slo::Severity::Ticket) => "Ticket",
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use seaworthy_slo::Severity;

    use super::*;
    use crate::alerts::NoticeLink;

    /// A letter whose texts mean something in every form it may take.
    pub(in crate::alerts::deliver) fn letter(event: Event) -> Letter {
        let link = |title: &str, href: &str| NoticeLink { title: title.into(), href: href.into() };
        let notice = Notice {
            event,
            name: "SloBurnRate".into(),
            severity: Severity::Page,
            service: "recep\"tion".into(),
            slo: Some("orders-availability".into()),
            title: "Orders & <drinks> burn their budget".into(),
            summary: "Of 2,000 requests 417 failed <in 1 h>.\nThat burns 21 times too fast.".into(),
            started_at: "2026-11-20T12:00:00.5Z".parse().unwrap(),
            resolved_at: (event == Event::Resolved).then(|| "2026-11-20T12:30:00Z".parse().unwrap()),
            links: vec![
                link("Runbook", "https://wiki.example/runbook?a=1&b=2"),
                link("Example trace", "/traces/0af7651916cd43dd8448eb211c80319c"),
                link("Odd", "javascript:alert(1)"),
                link("Odder", "//elsewhere.example/"),
            ],
        };
        Letter {
            id: "3f9a2c1e-17".into(),
            thread: "3f9a2c1e-5-2".into(),
            channel: "on-call".into(),
            notice,
            written_at: "2026-11-20T12:01:00Z".parse().unwrap(),
            portal: "https://seaworthy.example".into(),
            page: "https://seaworthy.example/alerts/5".into(),
            acknowledge: (event == Event::Fired).then(|| "https://seaworthy.example/ack/5.2.x".into()),
        }
    }

    #[test]
    fn links_are_absolute_and_of_the_web() {
        let letter = letter(Event::Fired);
        let links: Vec<_> = letter.links().collect();
        assert_eq!(
            links,
            [
                ("Runbook", "https://wiki.example/runbook?a=1&b=2".to_owned()),
                (
                    "Example trace",
                    "https://seaworthy.example/traces/0af7651916cd43dd8448eb211c80319c".to_owned()
                ),
            ]
        );
    }
}
