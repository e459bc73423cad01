//! What the form of a channel holds, as it was typed, and what it means.

use std::collections::BTreeMap;

use seaworthy_catalog::{Channel, ChannelKind};
use seaworthy_slo::{Mistake, Severity};
use serde::Deserialize;

use crate::alerts::{ChannelSettings, Hidden, Target};

/// What the form holds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) url: String,
    pub(super) bearer: String,
    pub(super) forget_bearer: Option<String>,
    pub(super) headers: String,
    pub(super) forget_headers: Option<String>,
    pub(super) to: String,
    pub(super) least_severity: String,
    pub(super) services: String,
    pub(super) version: String,
}

/// The kind of channel that this word means.
pub(super) fn kind(word: &str) -> Option<ChannelKind> {
    [ChannelKind::Webhook, ChannelKind::Slack, ChannelKind::Email]
        .into_iter()
        .find(|kind| kind.as_str() == word)
}

impl Typed {
    pub(super) fn empty(kind: ChannelKind) -> Self {
        Self { kind: kind.to_string(), least_severity: "ticket".to_owned(), ..Self::default() }
    }

    /// A channel as it is, but for what is secret.
    pub(super) fn of(channel: &Channel, settings: &ChannelSettings) -> Self {
        let to = match &settings.target {
            Target::Email { to } => to.join("\n"),
            Target::Webhook { .. } | Target::Slack { .. } => String::new(),
        };
        let least_severity = match settings.least_severity {
            Severity::Page => "page",
            Severity::Ticket => "ticket",
        };
        Self {
            kind: settings.target.kind().to_string(),
            name: channel.name.clone(),
            to,
            least_severity: least_severity.to_owned(),
            services: settings.services.join("\n"),
            version: channel.version.to_string(),
            ..Self::default()
        }
    }

    /// What was typed to change this channel. Its name and kind stay.
    pub(super) fn changing(self, name: &str, before: &ChannelSettings) -> Self {
        Self { name: name.to_owned(), kind: before.target.kind().to_string(), ..self }
    }

    pub(super) fn version(&self) -> i64 {
        self.version.parse().unwrap_or_default()
    }

    /// What was typed means these settings. What is secret and empty is as before.
    pub(super) fn settings(&self, before: Option<&ChannelSettings>) -> Result<ChannelSettings, Vec<Mistake>> {
        let least_severity = match &*self.least_severity {
            "page" => Severity::Page,
            "ticket" => Severity::Ticket,
            other => return Err(mistake("least_severity", format!("{other:?} is neither page nor ticket"))),
        };
        Ok(ChannelSettings {
            target: self.target(before.map(|before| &before.target))?,
            least_severity,
            services: lines(&self.services).map(str::to_owned).collect(),
        })
    }

    fn target(&self, before: Option<&Target>) -> Result<Target, Vec<Mistake>> {
        match (kind(&self.kind), before) {
            (Some(ChannelKind::Webhook), Some(Target::Webhook { url, bearer, headers })) => {
                Ok(Target::Webhook {
                    url: self.url(Some(url)),
                    bearer: self.bearer().or_else(|| bearer.clone().filter(|_| self.forget_bearer.is_none())),
                    headers: match (lines(&self.headers).next(), &self.forget_headers) {
                        (None, None) => headers.clone(),
                        _ => self.headers()?,
                    },
                })
            }
            (Some(ChannelKind::Webhook), _) => {
                Ok(Target::Webhook { url: self.url(None), bearer: self.bearer(), headers: self.headers()? })
            }
            (Some(ChannelKind::Slack), Some(Target::Slack { url })) => {
                Ok(Target::Slack { url: self.url(Some(url)) })
            }
            (Some(ChannelKind::Slack), _) => Ok(Target::Slack { url: self.url(None) }),
            (Some(ChannelKind::Email), _) => {
                let addresses =
                    self.to.split(['\n', ',', ';']).map(str::trim).filter(|address| !address.is_empty());
                Ok(Target::Email { to: addresses.map(str::to_owned).collect() })
            }
            (None, _) => Err(mistake("", format!("{:?} is no kind of channel", self.kind))),
        }
    }

    fn url(&self, before: Option<&Hidden>) -> Hidden {
        match (self.url.trim(), before) {
            ("", Some(before)) => before.clone(),
            (typed, _) => Hidden::new(typed),
        }
    }

    fn bearer(&self) -> Option<Hidden> {
        Some(self.bearer.trim()).filter(|bearer| !bearer.is_empty()).map(Hidden::new)
    }

    fn headers(&self) -> Result<BTreeMap<String, Hidden>, Vec<Mistake>> {
        let mut headers = BTreeMap::new();
        // A value may be a secret: what is wrong is told by the number of its line.
        for (number, line) in (1..).zip(self.headers.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            let Some((name, value)) = line.split_once(':') else {
                return Err(mistake(
                    "headers",
                    format!("line {number} has no colon; write it like X-Team: shop"),
                ));
            };
            let name = name.trim().to_owned();
            if headers.insert(name, Hidden::new(value.trim())).is_some() {
                return Err(mistake("headers", format!("line {number} names a header for the second time")));
            }
        }
        Ok(headers)
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

fn mistake(field: &str, message: String) -> Vec<Mistake> {
    vec![Mistake { field: field.to_owned(), message }]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn before() -> ChannelSettings {
        ChannelSettings {
            target: Target::Webhook {
                url: Hidden::new("https://old.example/"),
                bearer: Some(Hidden::new("old")),
                headers: [("X-A".to_owned(), Hidden::new("old"))].into(),
            },
            least_severity: Severity::Page,
            services: vec![],
        }
    }

    fn typed(change: impl FnOnce(&mut Typed)) -> (String, Option<String>, Vec<(String, String)>) {
        let mut typed = Typed::empty(ChannelKind::Webhook);
        change(&mut typed);
        let settings = typed.settings(Some(&before())).unwrap();
        let Target::Webhook { url, bearer, headers } = settings.target else { panic!("{settings:?}") };
        let headers = headers.into_iter().map(|(name, value)| (name, value.reveal().to_owned())).collect();
        (url.reveal().to_owned(), bearer.map(|bearer| bearer.reveal().to_owned()), headers)
    }

    fn header(name: &str, value: &str) -> Vec<(String, String)> {
        vec![(name.to_owned(), value.to_owned())]
    }

    #[test]
    fn a_secret_is_kept_replaced_or_forgotten() {
        let (url, old) = ("https://old.example/".to_owned(), Some("old".to_owned()));
        let on = || Some("on".to_owned());
        assert_eq!(typed(|_| {}), (url.clone(), old.clone(), header("X-A", "old")));
        let new = typed(|typed| {
            typed.url = " https://new.example/ ".into();
            typed.bearer = "new".into();
            typed.headers = "\nX-B : new: er \n".into();
        });
        assert_eq!(new, ("https://new.example/".into(), Some("new".into()), header("X-B", "new: er")));
        let without = typed(|typed| (typed.forget_bearer, typed.forget_headers) = (on(), on()));
        assert_eq!(without, (url.clone(), None, vec![]));
        let replaced = typed(|typed| (typed.forget_bearer, typed.bearer) = (on(), "new".into()));
        assert_eq!(replaced, (url, Some("new".into()), header("X-A", "old")));
    }

    #[test]
    fn what_makes_no_sense_is_told_by_its_field_and_without_secrets() {
        for (field, told, change) in [
            ("headers", "line 2 has no colon", ("headers", "X-A: a\ns3cret")),
            ("headers", "line 3 names a header for the second time", ("headers", "X-A: a\n\nX-A: s3cret")),
            ("least_severity", "neither page nor ticket", ("least_severity", "all")),
            ("", "no kind of channel", ("kind", "pigeon")),
        ] {
            let mut typed = Typed::empty(ChannelKind::Webhook);
            match change {
                ("headers", text) => typed.headers = text.into(),
                ("kind", text) => typed.kind = text.into(),
                (_, text) => typed.least_severity = text.into(),
            }
            let mistakes = typed.settings(None).unwrap_err();
            assert_eq!(mistakes[0].field, field);
            assert!(
                mistakes[0].message.contains(told) && !mistakes[0].message.contains("s3cret"),
                "{mistakes:?}"
            );
        }
    }

    #[test]
    fn addresses_of_mail_are_set_apart_by_lines_or_commas() {
        let mut typed = Typed::empty(ChannelKind::Email);
        typed.to = " a@b.example, c@b.example;\n\nd@b.example ".into();
        let Target::Email { to } = typed.settings(None).unwrap().target else { panic!() };
        assert_eq!(to, ["a@b.example", "c@b.example", "d@b.example"]);
    }
}
