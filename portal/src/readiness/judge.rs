//! How services stand. Pure.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use seaworthy_checklist::{
    Assessment, Fact, Facts, Level, People, Source, Subject, Template, Templates, lowest,
};

use super::{
    facts::{self, names},
    kept::{Judged, Kept},
    known::Known,
};
use crate::web::link;

/// What was kept, by service and then by template.
pub(super) type AllKept = HashMap<String, BTreeMap<String, Kept>>;
/// Levels by service; of one that no template is for, nothing.
type Levels = HashMap<String, Option<Level>>;

/// The fact that depends on how others stand.
const BELOW: &str = "dependencies_below_level";

/// A service while it is judged.
struct Judging<'k> {
    known: &'k Known,
    templates: Vec<&'k Template>,
    facts: Facts,
    /// The services that it calls.
    calls: Vec<&'k str>,
    /// What it has if all that it calls have it as well.
    own: Option<Level>,
    assessments: Vec<Assessment>,
}

/// Judges services by the templates that are for them. Of services that are not among them, what was kept counts.
///
/// A service keeps a level only if those that it calls have it too. First each is judged as if they had; then whoever
/// calls one that has less is judged again, until nobody changes. So a circle of services that call each other can rise.
pub(super) fn judge(known: &[Known], templates: &Templates, kept: &AllKept, now: Timestamp) -> Vec<Judged> {
    let mut judging: Vec<Judging<'_>> =
        known.iter().map(|known| Judging::begin(known, templates, kept, now)).collect();
    let mut levels = kept_levels(kept);
    for service in judging.iter().filter(|service| !service.templates.is_empty()) {
        levels.insert(service.known.service.clone(), service.own);
    }
    loop {
        let mut changed = false;
        for service in &mut judging {
            let Some(level) = service.look_at_others(&levels, kept, now) else { continue };
            changed |= levels.insert(service.known.service.clone(), level) != Some(level);
        }
        if !changed {
            break;
        }
    }
    judging.into_iter().flat_map(|service| service.end(kept, now)).collect()
}

fn kept_levels(kept: &AllKept) -> Levels {
    let level = |kept: &BTreeMap<String, Kept>| kept.values().map(|kept| kept.level).min().flatten();
    kept.iter().map(|(service, kept)| (service.clone(), level(kept))).collect()
}

impl<'k> Judging<'k> {
    fn begin(known: &'k Known, templates: &'k Templates, kept: &AllKept, now: Timestamp) -> Self {
        let observed = known.observed.as_ref().filter(|observed| observed.links.spans > 0);
        let mut calls: Vec<&str> = observed
            .iter()
            .flat_map(|observed| &observed.outbound)
            .flat_map(|outbound| &outbound.services)
            .map(String::as_str)
            .collect();
        calls.sort_unstable();
        calls.dedup();
        let mut judging = Self {
            known,
            templates: templates.of_kind(&known.kind).collect(),
            facts: facts::gather(known),
            calls,
            own: None,
            assessments: Vec::new(),
        };
        if observed.is_some() {
            judging.know_below(&[]);
        }
        judging.assess(kept, now);
        judging.own = lowest(&judging.assessments);
        judging
    }

    fn know_below(&mut self, below: &[&str]) {
        let Some(observed) = &self.known.observed else { return };
        let fact = Fact::new(names(below), observed.at, Source::Record);
        // Its name and type are those that are known.
        let _ = self.facts.insert(BELOW, fact.link(link::service(&self.known.service)));
    }

    fn assess(&mut self, kept: &AllKept, now: Timestamp) {
        let (nobody, nothing) = (People::default(), BTreeMap::new());
        let kept = kept.get(&self.known.service);
        let assess = |template: &&Template| {
            let people = self.known.people.get(&template.id).unwrap_or(&nobody);
            let past = kept.and_then(|kept| kept.get(&template.id)).map_or(&nothing, |kept| &kept.past);
            let build = self.known.build();
            template.assess(&Subject { now, build, facts: &self.facts, people, past })
        };
        self.assessments = self.templates.iter().map(assess).collect();
    }

    /// Judges it again if one that it calls has less than it would have itself. Returns what it has then.
    fn look_at_others(&mut self, levels: &Levels, kept: &AllKept, now: Timestamp) -> Option<Option<Level>> {
        let less = |called: &&&str| levels.get(**called).is_some_and(|level| *level < self.own);
        let below: Vec<&str> = self.calls.iter().filter(less).copied().collect();
        let known = self.facts.get(BELOW).map(|fact| &fact.value);
        if below.is_empty() || known == Some(&names(&below)) {
            return None;
        }
        self.know_below(&below);
        self.assess(kept, now);
        Some(lowest(&self.assessments))
    }

    fn end(self, kept: &AllKept, now: Timestamp) -> Vec<Judged> {
        let (service, build) = (&self.known.service, self.known.build());
        let kept = kept.get(service);
        let judged = self.assessments.into_iter().zip(self.templates).map(|(assessment, template)| {
            let kept = kept.and_then(|kept| kept.get(&template.id));
            Judged::new((service, build), assessment, template, kept, now)
        });
        judged.collect()
    }
}

#[cfg(test)]
mod tests;
