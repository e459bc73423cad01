//! What can alert, and whether it does now.
//!
//! Each rule looks at what a round knows and says what it finds, in words and numbers. What becomes of it is the
//! [machine](super::machine)'s.

pub(crate) mod burn;
pub(crate) mod capacity;
pub(crate) mod presence;
pub(crate) mod readiness;
pub(crate) mod unreachable;
pub(crate) mod unusual;

use seaworthy_slo::{Exclusions, Ledger, Minute, Severity, Slo};

use sha2::{Digest, Sha256};

use super::machine::Finding;

/// As long as the catalog takes keys, and room for what comes after.
const LONGEST_KEY: usize = 250;

/// Something that can alert, as it is now.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    /// Identifies it: `slo/orders-availability/page`.
    pub(crate) key: String,
    /// The kind of alert: `SloBurnRate`.
    pub(crate) name: &'static str,
    pub(crate) severity: Severity,
    pub(crate) service: String,
    pub(crate) slo: Option<String>,
    pub(crate) finding: Finding,
    /// What is wrong, in a few words. Unused where nothing is.
    pub(crate) title: String,
    /// How it is now, in a sentence with the numbers.
    pub(crate) summary: String,
    /// What tells of the same and is worse.
    pub(crate) behind: Behind,
    /// What to do.
    pub(crate) runbook: Option<String>,
    /// Which traces show it.
    pub(crate) look: Option<Look>,
}

/// What keeps an alert from beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Behind {
    Nothing,
    /// The alert of this key.
    Alert(String),
    /// Every page of the same service.
    PagesOfService,
}

/// Traces that show what is wrong.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Look {
    /// What they are, as the beginning of a link: `Failed requests`.
    pub(crate) what: &'static str,
    /// Only spans with an error.
    pub(crate) errors: bool,
    /// Only spans that took as long.
    pub(crate) min_ms: Option<f64>,
    /// Attributes that a span must have.
    pub(crate) attributes: Vec<(String, String)>,
    /// How far before the begin of the alert they may lie, in minutes.
    pub(crate) before_minutes: u32,
}

/// An SLO, as a round has left it.
#[derive(Clone, Debug)]
pub(crate) struct Watched<'e> {
    pub(crate) name: &'e str,
    pub(crate) title: &'e str,
    pub(crate) service: &'e str,
    /// None for one that cannot be evaluated.
    pub(crate) measured: Option<Measured<'e>>,
}

/// What is known of an SLO.
#[derive(Clone, Debug)]
pub(crate) struct Measured<'e> {
    pub(crate) slo: &'e Slo,
    pub(crate) ledger: &'e Ledger,
    /// The first minute that has not been evaluated.
    pub(crate) end: Minute,
    pub(crate) exclusions: Exclusions,
}

/// The key of an alert about a service. One with a name that leaves no room for more is told apart by its hash.
fn key_of(kind: &str, service: &str) -> String {
    let key = format!("{kind}/{service}");
    if key.len() <= LONGEST_KEY { key } else { format!("{kind}/{}", hex::encode(Sha256::digest(service))) }
}
