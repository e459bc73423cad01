//! What all kinds of files are planned with.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::Timestamp;
use seaworthy_catalog::{
    Answer, Change as CatalogChange, FromFile, ItemKey, Record, StoredServiceSettings, StoredSlo,
    StoredTemplate,
};
use seaworthy_checklist::{Template, Templates};
use similar::TextDiff;

use super::{
    plan::{Change, Files, Finding, Kind, Plan, What},
    runbook, service, slo,
    sort::sort,
    template,
};
use crate::problem::Problem;

/// A difference that takes longer to find is told less briefly.
const LOOKING: Duration = Duration::from_millis(200);

/// What the portal has.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) now: Timestamp,
    pub(super) slos: Vec<StoredSlo>,
    /// Every version of each template, by id.
    pub(super) templates: BTreeMap<String, Vec<StoredTemplate>>,
    /// The one that services are judged by unless the catalog has one of its id.
    pub(super) built_in: Template,
    /// Those that services are judged by.
    pub(super) in_use: Templates,
    /// By name.
    pub(super) services: BTreeMap<String, StoredServiceSettings>,
    pub(super) answers: BTreeMap<ItemKey, Answer>,
    /// By what names them in plans.
    pub(super) runbooks: BTreeMap<String, Record>,
    /// How people with an account sign in.
    pub(super) people: BTreeSet<String>,
    /// The build that runs, by service.
    pub(super) builds: BTreeMap<String, String>,
    pub(super) from_files: BTreeSet<FromFile>,
}

/// A plan, for people and for the catalog.
#[derive(Debug, Default)]
pub(super) struct Planned {
    pub(super) plan: Plan,
    pub(super) changes: Vec<CatalogChange>,
    /// What these files say.
    pub(super) from_files: BTreeSet<FromFile>,
    /// What files said once, and do not any more.
    pub(super) gone: Vec<FromFile>,
}

/// What these files would make of what is there.
pub(super) fn plan(files: &Files, stored: &Stored) -> Result<Planned, Problem> {
    let sorted = sort(&files.files);
    let mut planned = Planned::default();
    planned.plan.warnings = sorted.warnings;
    planned.plan.mistakes = sorted.mistakes;
    let Some(slos) = sorted.slos.filter(|_| planned.plan.mistakes.is_empty()) else { return Ok(planned) };
    template::plan(&sorted.templates, stored, &mut planned);
    service::plan(&sorted.services, &sorted.templates, stored, &mut planned);
    runbook::plan(&sorted.runbooks, stored, &mut planned);
    slo::plan(&slos, &stored.slos, &mut planned)?;
    if files.prune {
        template::prune(stored, &mut planned);
        service::prune(stored, &mut planned);
        runbook::prune(stored, &mut planned);
        slo::prune(&slos.definitions, &stored.slos, &mut planned)?;
    }
    planned.plan.changes.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
    Ok(planned)
}

impl Planned {
    pub(super) fn tell(&mut self, kind: Kind, name: &str, what: What, diff: String) {
        self.plan.changes.push(Change { kind, name: name.to_owned(), what, diff });
    }

    /// The version that was seen of what is to be changed.
    pub(super) fn saw(&mut self, kind: Kind, name: &str, version: impl ToString) {
        self.plan.seen.insert(format!("{} {name}", kind.as_str()), version.to_string());
    }

    pub(super) fn wrong(&mut self, finding: Finding) {
        self.plan.mistakes.push(finding);
    }

    /// Notes that a file says it; false where one said so before.
    pub(super) fn said(&mut self, kind: Kind, name: &str) -> bool {
        self.from_files.insert(FromFile { kind: kind.as_str().to_owned(), name: name.to_owned() })
    }

    /// What files said once of this kind, and these do not.
    pub(super) fn unsaid(&mut self, kind: Kind, stored: &Stored) -> Vec<String> {
        let gone = stored.from_files.difference(&self.from_files).filter(|mark| mark.kind == kind.as_str());
        let gone: Vec<FromFile> = gone.cloned().collect();
        self.gone.extend(gone.iter().cloned());
        gone.into_iter().map(|mark| mark.name).collect()
    }
}

/// What becomes of something that there is, if anything.
pub(super) fn compared(before: &str, after: &str) -> (What, String) {
    if before == after { (What::Keep, String::new()) } else { (What::Change, difference(before, after)) }
}

pub(super) fn difference(before: &str, after: &str) -> String {
    let diff = TextDiff::configure().timeout(LOOKING).diff_lines(before, after);
    diff.unified_diff().context_radius(3).header("portal", "files").to_string()
}
