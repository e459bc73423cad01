//! What the form of an incident holds, as it was typed.

use jiff::{Timestamp, tz::TimeZone};
use seaworthy_records::{DetectedBy, Incident, Mistake, Severity};
use serde::Deserialize;

use super::words;
use crate::{records::Entry, web::time};

/// The fields.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    pub(super) title: String,
    pub(super) service: String,
    pub(super) severity: String,
    pub(super) commander: String,
    pub(super) detected_by: String,
    pub(super) started_at: String,
    pub(super) alert: String,
    pub(super) version: String,
}

impl Typed {
    /// Of what is declared now, by somebody who leads until another does.
    pub(super) fn new(service: &str, commander: &str, now: Timestamp, zone: &TimeZone) -> Self {
        Self {
            service: service.to_owned(),
            severity: words::severity_value(Severity::Sev3).to_owned(),
            commander: commander.to_owned(),
            detected_by: words::detection(DetectedBy::User).0.to_owned(),
            started_at: time::typed(now, zone),
            ..Self::default()
        }
    }

    /// Of an incident.
    pub(super) fn of(entry: &Entry<Incident>, zone: &TimeZone) -> Self {
        let incident = &entry.body;
        Self {
            title: entry.title.clone(),
            service: entry.service.clone(),
            severity: words::severity_value(incident.severity).to_owned(),
            commander: incident.commander.clone().unwrap_or_default(),
            detected_by: words::detection(incident.detected_by).0.to_owned(),
            started_at: time::typed(incident.started_at, zone),
            alert: incident.alert.map(|id| id.to_string()).unwrap_or_default(),
            version: entry.version.to_string(),
        }
    }

    /// Whether both say the same of everything that the form shows.
    pub(super) fn says_as(&self, other: &Self) -> bool {
        Self { version: String::new(), ..self.clone() } == Self { version: String::new(), ..other.clone() }
    }

    /// All of it as one text, to be compared.
    pub(super) fn whole(&self) -> String {
        let Self { title, service, severity, commander, detected_by, started_at, alert, .. } = self;
        format!(
            "{title}\nService: {service}\nSeverity: {severity}\nCommander: {commander}\nDetected by: {detected_by}\nBegan: \
             {started_at}\nAlert: {alert}"
        )
    }

    /// Puts what was typed into an incident.
    pub(super) fn put_into(&self, incident: &mut Incident, zone: &TimeZone) -> Result<(), Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut wrong = |field: &str, message: String| {
            mistakes.push(Mistake { field: field.to_owned(), message });
        };
        match words::severity_of(&self.severity) {
            Some(severity) => incident.severity = severity,
            None => wrong("severity", format!("{:?} is none of sev1 to sev4", self.severity)),
        }
        match words::detection_of(&self.detected_by) {
            Some(detected_by) => incident.detected_by = detected_by,
            None => wrong("detected_by", format!("{:?} is none of alert, user and other", self.detected_by)),
        }
        // A field knows minutes; an incident that began within one keeps its seconds.
        if self.started_at != time::typed(incident.started_at, zone) {
            match time::read(&self.started_at, zone) {
                Some(at) => incident.started_at = at,
                None => {
                    let told =
                        format!("{:?} is not a time; write for example 2026-11-20T14:30", self.started_at);
                    wrong("started_at", told);
                }
            }
        }
        match self.alert.trim() {
            "" => incident.alert = None,
            id => match id.parse() {
                Ok(id) => incident.alert = Some(id),
                Err(_) => wrong("alert", format!("{id:?} is no alert; write the number that its page shows")),
            },
        }
        incident.commander = Some(self.commander.trim().to_owned()).filter(|login| !login.is_empty());
        if mistakes.is_empty() { Ok(()) } else { Err(mistakes) }
    }
}
