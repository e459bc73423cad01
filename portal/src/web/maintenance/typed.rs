//! What the form of planned maintenance holds, as it was typed.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use seaworthy_catalog::{Exclusion, ExclusionDefinition, ExclusionKind, Weekly};
use serde::Deserialize;

use crate::web::time;

/// A field, and what is wrong with it.
pub(super) type Mistake = (&'static str, String);

const HOUR: SignedDuration = SignedDuration::from_hours(1);

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    pub(super) reason: String,
    pub(super) kind: String,
    pub(super) service: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) zone: String,
    pub(super) weekly: Option<String>,
    pub(super) until: String,
    pub(super) version: String,
}

impl Typed {
    /// The next whole hour.
    pub(super) fn new(now: Timestamp, zone: &TimeZone) -> Self {
        let from = Timestamp::from_second((now.as_second() / 3600 + 1) * 3600).unwrap_or(now);
        Self {
            kind: ExclusionKind::Maintenance.to_string(),
            from: time::typed(from, zone),
            to: time::typed(from + HOUR, zone),
            zone: zone.iana_name().unwrap_or("UTC").to_owned(),
            ..Self::default()
        }
    }

    /// One that is planned. What repeats is told in its own zone.
    pub(super) fn of(exclusion: &Exclusion, viewers: &TimeZone) -> Self {
        let definition = &exclusion.definition;
        let own = definition.weekly.as_ref().and_then(|weekly| TimeZone::get(&weekly.zone).ok());
        let zone = own.as_ref().unwrap_or(viewers);
        let until = definition.weekly.as_ref().and_then(|weekly| weekly.until);
        Self {
            reason: definition.reason.clone(),
            kind: definition.kind.to_string(),
            service: definition.service.clone().unwrap_or_default(),
            from: time::typed(definition.starts_at, zone),
            to: time::typed(definition.ends_at, zone),
            zone: zone.iana_name().unwrap_or("UTC").to_owned(),
            weekly: definition.weekly.as_ref().map(|_| "on".to_owned()),
            until: until.map(|until| time::typed(until, zone)).unwrap_or_default(),
            version: exclusion.version.to_string(),
        }
    }

    pub(super) fn definition(&self) -> Result<ExclusionDefinition, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let zone = TimeZone::get(self.zone.trim()).unwrap_or_else(|_| {
            let told =
                format!("{:?} is not a time zone; write an IANA name such as Europe/Berlin.", self.zone);
            mistakes.push(("zone", told));
            TimeZone::UTC
        });
        let mut read = |field, text: &str| match time::read(text, &zone) {
            Some(at) => at,
            None => {
                mistakes
                    .push((field, format!("{text:?} is not a time; write for example 2026-11-20T14:30.")));
                Timestamp::UNIX_EPOCH
            }
        };
        let (starts_at, ends_at) = (read("from", &self.from), read("to", &self.to));
        let repeats_until = (!self.until.trim().is_empty()).then(|| read("until", &self.until));
        let kinds = [ExclusionKind::Maintenance, ExclusionKind::LoadTest];
        let kind = kinds.into_iter().find(|kind| kind.to_string() == self.kind).unwrap_or_else(|| {
            mistakes.push(("kind", format!("{:?} is neither maintenance nor a load test.", self.kind)));
            ExclusionKind::Maintenance
        });
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        Ok(ExclusionDefinition {
            kind,
            service: Some(self.service.trim().to_owned()).filter(|service| !service.is_empty()),
            starts_at,
            ends_at,
            weekly: self
                .weekly
                .is_some()
                .then(|| Weekly { zone: self.zone.trim().to_owned(), until: repeats_until }),
            reason: self.reason.clone(),
        })
    }
}

/// The field of the form in which the catalog found something.
pub(super) fn field_of(catalog: &str) -> &'static str {
    match catalog {
        "end" => "to",
        "end of the repetition" => "until",
        "time zone" => "zone",
        "service" => "service",
        "reason" => "reason",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(from: &str, to: &str) -> Typed {
        Typed {
            reason: "vacuum".into(),
            kind: "maintenance".into(),
            from: from.into(),
            to: to.into(),
            zone: "Europe/Berlin".into(),
            ..Typed::default()
        }
    }

    #[test]
    fn times_are_of_the_zone_that_was_given() {
        let planned = typed("2026-11-20T14:30", "2026-11-20T15:00").definition().unwrap();
        assert_eq!(planned.starts_at.to_string(), "2026-11-20T13:30:00Z");
        assert_eq!((planned.service, planned.weekly), (None, None));
    }

    #[test]
    fn every_mistake_is_told_with_its_field() {
        let wrong = Typed { kind: "party".into(), zone: "Moon".into(), ..typed("soon", "2026-11-20T15:00") };
        let fields: Vec<_> = wrong.definition().unwrap_err().into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["zone", "from", "kind"]);
    }
}
