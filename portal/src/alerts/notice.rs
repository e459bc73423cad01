//! What is told of an alert.

use jiff::Timestamp;
use seaworthy_slo::Severity;
use serde::{Deserialize, Serialize};

/// What happened to an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It fires.
    Fired,
    /// It is over.
    Resolved,
}

/// One change of an alert, the same for every channel; each channel puts it in its own form when it is delivered.
///
/// It is kept as JSON in the outbox. Which alert it tells of is said by the message that holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What happened.
    pub event: Event,
    /// What kind of alert it is, as Alertmanager's `alertname`: `SloBurnRate`, `ServiceUnavailable`.
    pub name: String,
    /// How urgent it is.
    pub severity: Severity,
    /// The service.
    pub service: String,
    /// The name of the SLO, where it is about one.
    #[serde(default)]
    pub slo: Option<String>,
    /// What is wrong, in a few words: `Orders are taken: budget burns 21 times too fast`.
    pub title: String,
    /// The same in a sentence, with the numbers.
    pub summary: String,
    /// When what it is about began.
    pub started_at: Timestamp,
    /// When it was over. None exactly while it fires.
    #[serde(default)]
    pub resolved_at: Option<Timestamp>,
    /// Where to look next: runbook, example trace, the deploy before it.
    #[serde(default)]
    pub links: Vec<NoticeLink>,
}

/// Where to look next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeLink {
    /// What is there: `Runbook`.
    pub title: String,
    /// An absolute URL, or a path of the portal, which begins with `/`.
    pub href: String,
}

impl Notice {
    /// As it is put into the outbox.
    ///
    /// # Errors
    /// Never in practice: all of it can be said in JSON.
    pub fn to_payload(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }

    /// As it was put into the outbox.
    ///
    /// # Errors
    /// When another version of the portal wrote it, and wrote it otherwise.
    pub fn from_payload(payload: &str) -> serde_json::Result<Self> {
        serde_json::from_str(payload)
    }
}

impl Event {
    /// Its word: `fired`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fired => "fired",
            Self::Resolved => "resolved",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_reads_the_same() {
        let notice = Notice {
            event: Event::Resolved,
            name: "SloBurnRate".into(),
            severity: Severity::Page,
            service: "Zürich \"Café\"".into(),
            slo: Some("orders-availability".into()),
            title: "Orders".into(),
            summary: "417 of 2,000 failed".into(),
            started_at: "2026-11-20T12:00:00.5Z".parse().unwrap(),
            resolved_at: Some("2026-11-20T12:07:00Z".parse().unwrap()),
            links: vec![NoticeLink { title: "Runbook".into(), href: "/services/x".into() }],
        };
        let payload = notice.to_payload().unwrap();
        assert!(payload.contains(r#""event":"resolved""#) && payload.contains(r#""severity":"page""#));
        assert_eq!(Notice::from_payload(&payload).unwrap(), notice);
    }

    #[test]
    fn what_an_older_portal_left_out_is_empty() {
        let payload = r#"{"event":"fired","name":"ServiceUnavailable","severity":"ticket","service":"reception",
            "title":"t","summary":"s","started_at":"2026-11-20T12:00:00Z","of_a_later_version":1}"#;
        let notice = Notice::from_payload(payload).unwrap();
        assert_eq!((notice.slo, notice.resolved_at, notice.links), (None, None, vec![]));
        assert!(Notice::from_payload("{}").is_err());
    }
}
