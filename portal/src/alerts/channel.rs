//! What people say of a channel: where it leads, and what is told there.

mod check;

use std::collections::BTreeMap;

use seaworthy_catalog::{Channel, ChannelDefinition, ChannelKind};
use seaworthy_slo::{Mistake, Severity};
use serde::{Deserialize, Serialize};

use super::Hidden;

/// The settings of a channel, as the catalog keeps them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelSettings {
    /// Where it leads.
    pub target: Target,
    /// Alerts that are less urgent are not told there.
    pub least_severity: Severity,
    /// Alerts of these services are told there; none means all.
    #[serde(default)]
    pub services: Vec<String>,
}

/// Where a channel leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Target {
    /// An address that takes Alertmanager's webhook payload.
    Webhook {
        /// The address.
        url: Hidden,
        /// Sent as `Authorization: Bearer …`.
        #[serde(default)]
        bearer: Option<Hidden>,
        /// Sent as headers.
        #[serde(default)]
        headers: BTreeMap<String, Hidden>,
    },
    /// An address that takes Slack's incoming messages.
    Slack {
        /// The address, which lets anybody write there.
        url: Hidden,
    },
    /// Mail.
    Email {
        /// To whom.
        to: Vec<String>,
    },
}

impl Target {
    /// Its kind, as the catalog calls it.
    pub fn kind(&self) -> ChannelKind {
        match self {
            Self::Webhook { .. } => ChannelKind::Webhook,
            Self::Slack { .. } => ChannelKind::Slack,
            Self::Email { .. } => ChannelKind::Email,
        }
    }
}

impl ChannelSettings {
    /// The settings of a channel in the catalog.
    ///
    /// # Errors
    /// When another version of the portal wrote them, and wrote them otherwise.
    pub fn of(definition: &ChannelDefinition) -> serde_json::Result<Self> {
        serde_json::from_str(&definition.settings)
    }

    /// For the catalog, if nothing is wrong with it. All mistakes are told at once.
    ///
    /// # Errors
    /// Every mistake with its field.
    pub fn definition(&self) -> Result<ChannelDefinition, Vec<Mistake>> {
        self.check()?;
        let settings = serde_json::to_string(self)
            .map_err(|error| vec![Mistake { field: String::new(), message: error.to_string() }])?;
        Ok(ChannelDefinition { kind: self.target.kind(), settings })
    }

    /// Whether alerts of this severity and service are told there.
    pub fn covers(&self, severity: Severity, service: &str) -> bool {
        severity >= self.least_severity
            && (self.services.is_empty() || self.services.iter().any(|only| only == service))
    }
}

/// The ids of the channels where an alert of this severity and service is told.
///
/// A channel whose settings this version cannot read is among them: what cannot be delivered is a dead letter that
/// people see, what is not sent is nothing.
pub fn audience(channels: &[Channel], severity: Severity, service: &str) -> Vec<i64> {
    let told = |channel: &&Channel| {
        ChannelSettings::of(&channel.definition).map_or(true, |settings| settings.covers(severity, service))
    };
    channels.iter().filter(told).map(|channel| channel.id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slack(least_severity: Severity, services: &[&str]) -> ChannelSettings {
        ChannelSettings {
            target: Target::Slack { url: Hidden::new("https://hooks.example/T0/B0") },
            least_severity,
            services: services.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    fn stored(id: i64, definition: ChannelDefinition) -> Channel {
        let at = "2026-11-20T12:00:00Z".parse().unwrap();
        let by = String::new();
        let (created_by, updated_by) = (by.clone(), by);
        let name = format!("c{id}");
        Channel { id, name, definition, version: 1, created_at: at, created_by, updated_at: at, updated_by }
    }

    #[test]
    fn an_alert_is_told_where_its_severity_and_service_are_wanted() {
        let unreadable = ChannelDefinition { kind: ChannelKind::Slack, settings: "{\"new\":1}".into() };
        let channels = [
            stored(1, slack(Severity::Ticket, &[]).definition().unwrap()),
            stored(2, slack(Severity::Page, &[]).definition().unwrap()),
            stored(3, slack(Severity::Ticket, &["reception", "barista"]).definition().unwrap()),
            stored(4, slack(Severity::Page, &["barista"]).definition().unwrap()),
            stored(5, unreadable),
        ];
        for (severity, service, expected) in [
            (Severity::Page, "reception", vec![1, 2, 3, 5]),
            (Severity::Ticket, "reception", vec![1, 3, 5]),
            (Severity::Page, "barista", vec![1, 2, 3, 4, 5]),
            (Severity::Ticket, "other", vec![1, 5]),
        ] {
            assert_eq!(audience(&channels, severity, service), expected, "{severity:?} {service}");
        }
    }

    #[test]
    fn what_is_kept_reads_the_same_and_debug_tells_no_secret() {
        let settings = ChannelSettings {
            target: Target::Webhook {
                url: Hidden::new("https://alerts.example/key-7"),
                bearer: Some(Hidden::new("bearer-7")),
                headers: [("X-Team".to_owned(), Hidden::new("header-7"))].into(),
            },
            least_severity: Severity::Page,
            services: vec![],
        };
        let definition = settings.definition().unwrap();
        assert_eq!(definition.kind, ChannelKind::Webhook);
        assert_eq!(ChannelSettings::of(&definition).unwrap(), settings);
        let debug = format!("{settings:?} {definition:?}");
        assert!(!debug.contains("-7"), "{debug}");
    }
}
