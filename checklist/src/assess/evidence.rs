//! Judging by a rule over facts.

use jiff::Timestamp;

use super::{
    Evidence, Subject,
    freshness::{Freshness, Staleness},
};
use crate::{
    Fact, KnownFact, Outcome, Rule, Value,
    rule::Reader,
    words::{of_fact, of_list},
};

/// What a rule comes to, with the age of its facts considered.
pub(super) struct Reading {
    pub(super) decision: Decision,
    pub(super) words: String,
    pub(super) evidence: Vec<Evidence>,
    /// When the first of the facts that count becomes stale.
    pub(super) until: Option<Timestamp>,
}

pub(super) enum Decision {
    /// It is true or false by facts that count.
    Is(bool),
    /// It would be true or false if these still counted. The first that does not says why.
    Stale(Staleness),
    /// These facts are not there.
    Missing(Vec<&'static KnownFact>),
    /// It has no value.
    Failed,
}

/// Runs a rule on the facts that count; if they do not decide, on all, to tell what is stale from what is unknown.
pub(super) fn read(rule: &Rule, freshness: Freshness<'_>, subject: &Subject<'_>) -> Reading {
    let counts = |fact: &Fact| freshness.staleness(fact.seen_at, fact.build.as_deref()).is_none();
    let fresh = Reader::new(rule, subject.now, |name| value(subject, name, counts));
    let (decision, words) = match fresh.outcome(rule) {
        Outcome::Is(value) => (Decision::Is(value), rule.words(&fresh, subject.facts)),
        Outcome::Failed(why) => (Decision::Failed, format!("the rule has no value: {why}")),
        Outcome::Unknown => undecided(rule, freshness, subject),
    };
    let evidence = rule.facts().filter_map(|known| evidence(known, freshness, subject)).collect();
    Reading { decision, words, evidence, until: until(rule, freshness, subject) }
}

fn undecided(rule: &Rule, freshness: Freshness<'_>, subject: &Subject<'_>) -> (Decision, String) {
    let all = Reader::new(rule, subject.now, |name| value(subject, name, |_| true));
    let stale = rule.facts().find_map(|known| {
        let fact = subject.facts.get(known.name)?;
        freshness.staleness(fact.seen_at, fact.build.as_deref())
    });
    match (all.outcome(rule), stale) {
        (Outcome::Is(_), Some(stale)) => {
            let words = format!("{}; {}", rule.words(&all, subject.facts), stale.words("seen", subject.now));
            (Decision::Stale(stale), words)
        }
        (Outcome::Failed(why), _) => (Decision::Failed, format!("the rule has no value: {why}")),
        _ => missing(rule, subject),
    }
}

fn missing(rule: &Rule, subject: &Subject<'_>) -> (Decision, String) {
    let missing: Vec<_> = rule.facts().filter(|known| subject.facts.get(known.name).is_none()).collect();
    let why =
        missing.iter().find_map(|known| known.reported.why_not()).unwrap_or("nobody has observed it yet");
    let labels: Vec<_> = missing.iter().map(|known| known.label).collect();
    let words = format!("{why}: {}", of_list(&labels));
    (Decision::Missing(missing), words)
}

fn value<'a>(subject: &Subject<'a>, name: &str, counts: impl Fn(&Fact) -> bool) -> Option<&'a Value> {
    subject.facts.get(name).filter(|fact| counts(fact)).map(|fact| &fact.value)
}

fn until(rule: &Rule, freshness: Freshness<'_>, subject: &Subject<'_>) -> Option<Timestamp> {
    let ends = rule.facts().filter_map(|known| freshness.until(subject.facts.get(known.name)?.seen_at));
    ends.filter(|end| *end >= subject.now).min()
}

fn evidence(known: &KnownFact, freshness: Freshness<'_>, subject: &Subject<'_>) -> Option<Evidence> {
    let fact = subject.facts.get(known.name)?;
    Some(Evidence {
        name: known.name,
        label: known.label.to_owned(),
        words: of_fact(known, fact),
        seen_at: fact.seen_at,
        build: fact.build.clone(),
        source: fact.source,
        link: fact.link.clone(),
        stale: freshness.staleness(fact.seen_at, fact.build.as_deref()).is_some(),
    })
}
