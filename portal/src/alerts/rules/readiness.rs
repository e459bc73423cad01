//! A service has fallen from a level of the checklist.
//!
//! It waits for two minutes: what a portal has not heard while it was down counts as stale in its first round, and is
//! heard again by the next.

use jiff::{SignedDuration, Timestamp};
use seaworthy_slo::Severity;

use super::{Behind, Condition, key_of};
use crate::{alerts::machine::Finding, readiness::Fallen};

/// The kind of alert.
pub(crate) const NAME: &str = "ReadinessLevelFell";
const KIND: &str = "readiness";
const WAIT: SignedDuration = SignedDuration::from_mins(2);
/// Items named in a sentence.
const ITEMS: usize = 3;

/// The key of the alert of a service.
pub(crate) fn key(service: &str) -> String {
    key_of(KIND, service)
}

/// Whether a key is of such an alert.
pub(crate) fn is_of_readiness(key: &str) -> bool {
    key.split_once('/').is_some_and(|(kind, _)| kind == KIND)
}

/// Whether a service that is judged has fallen; none where it has not and no alert is open.
pub(crate) fn judge(service: &str, fallen: Option<&Fallen>, now: Timestamp, open: bool) -> Option<Condition> {
    let (finding, title, summary) = match fallen {
        Some(fallen) => {
            let so = Finding::So { since: fallen.since, wait: WAIT };
            (so, format!("{service}: fell {}", steps(fallen)), lost(fallen))
        }
        None if open => {
            (Finding::NotSo { since: now }, String::new(), "It has reached its level again.".to_owned())
        }
        None => return None,
    };
    Some(Condition {
        key: key(service),
        name: NAME,
        severity: Severity::Ticket,
        service: service.to_owned(),
        slo: None,
        finding,
        title,
        summary,
        behind: Behind::Nothing,
        runbook: None,
        look: None,
    })
}

/// `from silver to bronze`.
fn steps(fallen: &Fallen) -> String {
    let to = fallen.to.map_or("no level", |level| level.as_str());
    format!("from {} to {to}", fallen.from.as_str())
}

fn lost(fallen: &Fallen) -> String {
    let (template, version) = &fallen.template;
    let named = fallen.because.iter().take(ITEMS).map(String::as_str).collect::<Vec<_>>().join(", ");
    let items = match fallen.because.len() {
        1 => format!("{named} does not hold"),
        count if count <= ITEMS => format!("{named} do not hold"),
        count => format!("{named} and {} more do not hold", count - ITEMS),
    };
    format!("By {template} {version} it fell {}: {items}.", steps(fallen))
}
