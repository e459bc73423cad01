//! A letter as Alertmanager's webhook payload, version 4, so that receivers made for it work.
//!
//! <https://prometheus.io/docs/alerting/latest/configuration/#webhook_config>; the Go types are `webhook.Message` and
//! `template.Data` of Alertmanager. Of what a group could hold there is always one alert.

use std::{collections::BTreeMap, fmt::Write};

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::Letter;
use crate::alerts::{Event, Notice};

type Labels = BTreeMap<String, String>;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Payload<'a> {
    receiver: &'a str,
    status: &'static str,
    alerts: [Alert<'a>; 1],
    group_labels: Labels,
    common_labels: Labels,
    common_annotations: Labels,
    #[serde(rename = "externalURL")]
    external_url: &'a str,
    version: &'static str,
    group_key: String,
    truncated_alerts: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Alert<'a> {
    status: &'static str,
    labels: Labels,
    annotations: Labels,
    starts_at: Timestamp,
    #[serde(serialize_with = "or_never")]
    ends_at: Option<Timestamp>,
    #[serde(rename = "generatorURL")]
    generator_url: &'a str,
    fingerprint: String,
}

/// Go's zero time stands for an end that has not come.
fn or_never<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => serializer.collect_str(at),
        None => serializer.serialize_str("0001-01-01T00:00:00Z"),
    }
}

/// The letter as Alertmanager would say it.
pub(super) fn payload(letter: &Letter) -> Payload<'_> {
    let notice = &letter.notice;
    let status = match notice.event {
        Event::Fired => "firing",
        Event::Resolved => "resolved",
    };
    let labels = labels(notice);
    let annotations = annotations(letter);
    let alert = Alert {
        status,
        labels: labels.clone(),
        annotations: annotations.clone(),
        starts_at: notice.started_at,
        ends_at: notice.resolved_at,
        generator_url: &letter.page,
        fingerprint: fingerprint(&labels),
    };
    Payload {
        receiver: &letter.channel,
        status,
        alerts: [alert],
        group_key: format!("{{}}:{}", quoted(&labels)),
        group_labels: labels.clone(),
        common_labels: labels,
        common_annotations: annotations,
        external_url: &letter.portal,
        version: "4",
        truncated_alerts: 0,
    }
}

/// What tells alerts apart. They never change, so that a receiver finds what is resolved.
fn labels(notice: &Notice) -> Labels {
    let severity = match notice.severity {
        seaworthy_slo::Severity::Page => "page",
        seaworthy_slo::Severity::Ticket => "ticket",
    };
    let slo = notice.slo.as_deref().map(|slo| ("slo", slo));
    [("alertname", &*notice.name), ("service", &notice.service), ("severity", severity)]
        .into_iter()
        .chain(slo)
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// What people read: `summary`, `description`, `runbook_url`, and each other link by its title. Of a title such as "Deploy of
/// 1.8.2, 8 min before" what stands before "of" is the name, and the rest a note of its own: `deploy_url` and `deploy`.
fn annotations(letter: &Letter) -> Labels {
    let mut annotations = Labels::from([
        ("summary".to_owned(), letter.notice.title.clone()),
        ("description".to_owned(), letter.notice.summary.clone()),
    ]);
    for (title, href) in letter.links() {
        let (name, note) = title.split_once(" of ").unwrap_or((title, ""));
        let name = snake_case(name);
        if !note.is_empty() {
            annotations.entry(name.clone()).or_insert_with(|| note.to_owned());
        }
        annotations.entry(format!("{name}_url")).or_insert(href);
    }
    if let Some(acknowledge) = &letter.acknowledge {
        annotations.insert("acknowledge_url".to_owned(), acknowledge.clone());
    }
    annotations
}

fn snake_case(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<_> = words.map(str::to_ascii_lowercase).collect();
    if words.is_empty() { "link".to_owned() } else { words.join("_") }
}

/// As Prometheus computes it: FNV-1a over names and values, each followed by a byte that no text holds.
fn fingerprint(labels: &Labels) -> String {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let texts = labels.iter().flat_map(|(name, value)| [name, value]);
    let bytes = texts.flat_map(|text| text.bytes().chain([0xff]));
    let hash = bytes.fold(OFFSET, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME));
    format!("{hash:016x}")
}

/// `{alertname="x", service="y"}`, as Alertmanager writes the labels of a group.
fn quoted(labels: &Labels) -> String {
    let mut text = String::from("{");
    for (index, (name, value)) in labels.iter().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        // Writing to a text cannot fail.
        let _ = write!(text, "{comma}{name}={value:?}");
    }
    text + "}"
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::alerts::deliver::letter::tests::letter;

    #[test]
    fn a_letter_is_alertmanagers_version_4() {
        let labels = json!({
            "alertname": "SloBurnRate", "service": "recep\"tion", "severity": "page", "slo": "orders-availability"
        });
        let annotations = json!({
            "summary": "Orders & <drinks> burn their budget",
            "description": "Of 2,000 requests 417 failed <in 1 h>.\nThat burns 21 times too fast.",
            "runbook_url": "https://wiki.example/runbook?a=1&b=2",
            "example_trace_url": "https://seaworthy.example/traces/0af7651916cd43dd8448eb211c80319c",
            "acknowledge_url": "https://seaworthy.example/ack/5.2.x",
        });
        let told = serde_json::to_value(payload(&letter(Event::Fired))).unwrap();
        let expected = json!({
            "receiver": "on-call",
            "status": "firing",
            "alerts": [{
                "status": "firing",
                "labels": labels,
                "annotations": annotations,
                "startsAt": "2026-11-20T12:00:00.5Z",
                "endsAt": "0001-01-01T00:00:00Z",
                "generatorURL": "https://seaworthy.example/alerts/5",
                "fingerprint": told["alerts"][0]["fingerprint"],
            }],
            "groupLabels": labels,
            "commonLabels": labels,
            "commonAnnotations": annotations,
            "externalURL": "https://seaworthy.example",
            "version": "4",
            "groupKey": "{}:{alertname=\"SloBurnRate\", service=\"recep\\\"tion\", severity=\"page\", slo=\"orders-availability\"}",
            "truncatedAlerts": 0,
        });
        assert_eq!(told, expected);
    }

    #[test]
    fn a_receiver_finds_what_is_resolved() {
        let fired = serde_json::to_value(payload(&letter(Event::Fired))).unwrap();
        let resolved = serde_json::to_value(payload(&letter(Event::Resolved))).unwrap();
        assert_eq!(resolved["status"], "resolved");
        assert_eq!(resolved["alerts"][0]["endsAt"], "2026-11-20T12:30:00Z");
        assert_eq!(resolved["alerts"][0]["annotations"]["acknowledge_url"], json!(null));
        for same in ["groupKey", "groupLabels"] {
            assert_eq!(fired[same], resolved[same]);
        }
        for same in ["fingerprint", "startsAt"] {
            assert_eq!(fired["alerts"][0][same], resolved["alerts"][0][same]);
        }
    }

    /// Values of `model.LabelSet.Fingerprint` of prometheus/common.
    #[test]
    fn fingerprints_are_those_of_prometheus() {
        let of = |labels: &[(&str, &str)]| {
            fingerprint(
                &labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            )
        };
        assert_eq!(of(&[]), "cbf29ce484222325");
        assert_eq!(
            of(&[("name", "garland, briggs"), ("fear", "love is not enough")]),
            format!("{:016x}", 5_799_056_148_416_392_346_u64)
        );
    }
}
