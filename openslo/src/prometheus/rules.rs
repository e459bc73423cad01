//! The rules of an SLO.

use std::collections::{BTreeMap, BTreeSet};

use seaworthy_slo::{Budgeting, BurnRule, Severity, Slo};
use serde::{Serialize, Serializer};
use serde_saphyr::LitStr;

use super::{
    Histograms,
    expression::{self, SLICE},
    name::duration,
    select::Events,
};
use crate::{Definition, v1::Label};

/// A file of rules.
#[derive(Serialize)]
pub(super) struct File {
    pub(super) groups: Vec<Group>,
}

/// Rules that are evaluated one after the other.
#[derive(Serialize)]
pub(super) struct Group {
    name: String,
    interval: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
struct Rule {
    #[serde(flatten)]
    kind: Kind,
    #[serde(serialize_with = "block")]
    expr: String,
    labels: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Record(String),
    Alert(&'static str),
}

/// Expressions are read by people, on lines of their own.
fn block<S: Serializer>(expression: &str, serializer: S) -> Result<S::Ok, S::Error> {
    LitStr(expression).serialize(serializer)
}

/// The rules of an SLO: what is recorded, and then what alerts.
pub(super) fn group(definition: &Definition, slo: &Slo, histograms: Histograms) -> Group {
    let maker = Maker {
        definition,
        slo,
        events: Events { service: definition.service(), sli: &slo.sli, histograms },
        labels: labels(definition),
    };
    let mut rules = maker.recorded();
    rules.extend([Severity::Page, Severity::Ticket].into_iter().filter_map(|severity| maker.alert(severity)));
    Group { name: format!("slo/{}", definition.name()), interval: "1m", rules }
}

fn labels(definition: &Definition) -> BTreeMap<&'static str, String> {
    let mut labels =
        BTreeMap::from([("slo", definition.name().to_owned()), ("service", definition.service().to_owned())]);
    if let Some(Label::One(team)) = definition.labels().get("team") {
        labels.insert("team", team.clone());
    }
    labels
}

struct Maker<'s> {
    definition: &'s Definition,
    slo: &'s Slo,
    events: Events<'s>,
    labels: BTreeMap<&'static str, String>,
}

impl Maker<'_> {
    fn recorded(&self) -> Vec<Rule> {
        let name = self.definition.name();
        let (mut windows, mut long_windows) = (BTreeSet::new(), BTreeSet::new());
        for rule in &self.slo.rules {
            windows.extend([rule.long_minutes, rule.short_minutes]);
            long_windows.insert(rule.long_minutes);
        }
        if windows.is_empty() {
            windows.insert(60);
        }
        let objective = format!("vector({})", self.slo.objective.ratio());
        let mut rules = vec![self.record("slo:objective:ratio".to_owned(), objective)];
        if let Budgeting::Slices(slices) = self.slo.budgeting {
            rules.push(self.record(SLICE.to_owned(), expression::slice(slices, &self.events)));
        }
        rules.extend(windows.into_iter().map(|minutes| {
            let ratio = expression::error_ratio(name, self.slo, &self.events, minutes);
            self.record(expression::error_ratio_name(minutes), ratio)
        }));
        rules.extend(long_windows.into_iter().map(|minutes| {
            let errors = expression::errors(name, self.slo, &self.events, minutes);
            self.record(expression::errors_name(minutes), errors)
        }));
        rules
    }

    fn record(&self, name: String, expr: String) -> Rule {
        Rule { kind: Kind::Record(name), expr, labels: self.labels.clone(), annotations: BTreeMap::new() }
    }

    fn alert(&self, severity: Severity) -> Option<Rule> {
        let rules: Vec<&BurnRule> = self.slo.rules.iter().filter(|rule| rule.severity == severity).collect();
        if rules.is_empty() {
            return None;
        }
        // Prometheus takes labels of alerts for templates, and those of what is recorded for texts.
        let mut labels: BTreeMap<_, _> =
            self.labels.iter().map(|(name, text)| (*name, plain(text))).collect();
        let severity = if severity == Severity::Page { "page" } else { "ticket" };
        labels.insert("severity", severity.to_owned());
        Some(Rule {
            kind: Kind::Alert("SloBurnRate"),
            expr: expression::alert(self.definition.name(), self.slo, &rules),
            labels,
            annotations: self.annotations(&rules),
        })
    }

    fn annotations(&self, rules: &[&BurnRule]) -> BTreeMap<&'static str, String> {
        let title = self.definition.title().unwrap_or(self.definition.name());
        let summary = format!("{title}: the error budget burns too fast", title = plain(title));
        let period = self.slo.period.minutes();
        let rates: Vec<_> = rules
            .iter()
            .map(|rule| {
                let (long, short) = (duration(rule.long_minutes), duration(rule.short_minutes));
                format!("{} over {long} and {short}", rounded(rule.factor(period)))
            })
            .collect();
        let description = format!(
            "{{{{ $value | humanizePercentage }}}} fail, against an objective of {}. It fires above a burn rate of {}.",
            self.slo.objective,
            rates.join(", or ")
        );
        let mut annotations = BTreeMap::from([("summary", summary), ("description", description)]);
        if let Some(runbook) = &self.slo.runbook {
            annotations.insert("runbook_url", plain(runbook));
        }
        annotations
    }
}

/// A text that is no template.
fn plain(text: &str) -> String {
    text.replace("{{", "{{ \"{{\" }}")
}

fn rounded(factor: f64) -> f64 {
    (factor * 1e4).round() / 1e4
}
