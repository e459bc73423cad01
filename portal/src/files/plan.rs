//! What files would change. Pure: the portal makes a plan for whoever asks, and again before it applies one.

use std::collections::BTreeMap;

use seaworthy_catalog::{CatalogError, Minutes, SloChange, SloDefinition, StoredSlo};
use seaworthy_openslo::{Definition, Import, Source, import};
use seaworthy_slo::SloSpec;
use serde::{Deserialize, Serialize};
use similar::TextDiff;
use utoipa::ToSchema;

use super::definition;
use crate::problem::Problem;

/// Files of OpenSLO, which may refer to each other's objects.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = OpenSloFiles)]
#[serde(deny_unknown_fields)]
pub(crate) struct Files {
    /// The files.
    pub(crate) files: Vec<File>,
    /// Delete SLOs that came from a file and are in none of these.
    #[serde(default)]
    pub(crate) prune: bool,
    /// The versions that a plan saw, as it told them; refused when they are others by now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) seen: Option<BTreeMap<String, i64>>,
}

/// A file.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = OpenSloFile)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    /// What mistakes call it.
    pub(crate) name: String,
    /// What is in it.
    pub(crate) yaml: String,
}

/// What files would change, or have changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = OpenSloPlan)]
pub(crate) struct Plan {
    /// What must be mended first; nothing is changed while there are any.
    pub(crate) mistakes: Vec<Finding>,
    /// What is kept, but not evaluated as it stands.
    pub(crate) warnings: Vec<Finding>,
    /// What becomes of each SLO.
    pub(crate) changes: Vec<Change>,
    /// The versions of the SLOs that are changed or deleted.
    pub(crate) seen: BTreeMap<String, i64>,
}

/// Something about a place in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = OpenSloFinding)]
pub(crate) struct Finding {
    /// The file.
    pub(crate) file: String,
    /// The line, from 1.
    pub(crate) line: u64,
    /// The column, from 1.
    pub(crate) column: u64,
    /// The field; empty where it is about the file as a whole.
    pub(crate) field: String,
    /// What is wrong, and what would be right.
    pub(crate) message: String,
}

/// What becomes of an SLO.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = OpenSloChange)]
pub(crate) struct Change {
    /// Its name.
    pub(crate) name: String,
    /// What.
    pub(crate) what: What,
    /// From what the portal has to what the files say, as a unified diff of OpenSLO; empty where nothing changes.
    pub(crate) diff: String,
}

/// What can become of an SLO.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[schema(as = OpenSloWhat)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    /// It is made.
    Make,
    /// It is changed.
    Change,
    /// It is deleted with all its minutes.
    Delete,
    /// It stays as it is.
    Keep,
    /// It is left out, because Seaworthy does not evaluate it.
    LeaveOut,
}

impl Plan {
    /// Whether there is anything to do.
    pub(crate) fn changes_anything(&self) -> bool {
        self.changes.iter().any(|change| matches!(change.what, What::Make | What::Change | What::Delete))
    }
}

/// What these files would make of these SLOs, for people and for the catalog.
pub(super) fn plan(files: &Files, stored: &[StoredSlo]) -> Result<(Plan, Vec<SloChange>), Problem> {
    let sources: Vec<_> =
        files.files.iter().map(|file| Source { file: &file.name, yaml: &file.yaml }).collect();
    let import = match import(&sources) {
        Ok(import) => import,
        Err(refused) => {
            let mistakes = refused.errors.into_iter().map(Finding::from).collect();
            let warnings = refused.warnings.into_iter().map(Finding::from).collect();
            return Ok((Plan { mistakes, warnings, ..Plan::default() }, Vec::new()));
        }
    };
    let mut planner = Planner { stored, plan: Plan::default(), changes: Vec::new() };
    for index in 0..import.definitions.len() {
        planner.take(&import, index)?;
    }
    if files.prune {
        planner.prune(&import.definitions)?;
    }
    planner.plan.changes.sort_by(|a, b| a.name.cmp(&b.name));
    planner.plan.warnings = import.warnings.into_iter().map(Finding::from).collect();
    Ok((planner.plan, planner.changes))
}

struct Planner<'s> {
    stored: &'s [StoredSlo],
    plan: Plan,
    changes: Vec<SloChange>,
}

impl Planner<'_> {
    fn take(&mut self, import: &Import, index: usize) -> Result<(), Problem> {
        let name = import.definitions[index].name();
        let Some(wanted) = definition::to_catalog(&import.definitions[index])? else {
            self.tell(name, What::LeaveOut, String::new());
            return Ok(());
        };
        if let Err(error) = wanted.check(name) {
            self.plan.mistakes.extend(mistake(import, index, &error));
            return Ok(());
        }
        let after = written(name, &wanted)?;
        match self.stored.iter().find(|stored| stored.name == name) {
            None => {
                self.tell(name, What::Make, difference("", &after));
                self.changes.push(SloChange::Make { name: name.to_owned(), definition: wanted });
            }
            Some(stored) => {
                let before = written(name, &stored.definition)?;
                if before == after {
                    self.tell(name, What::Keep, String::new());
                } else {
                    self.tell(name, What::Change, difference(&before, &after));
                    self.change(stored, wanted);
                }
            }
        }
        Ok(())
    }

    fn change(&mut self, stored: &StoredSlo, definition: SloDefinition) {
        self.plan.seen.insert(stored.name.clone(), stored.version);
        self.changes.push(SloChange::Change {
            name: stored.name.clone(),
            expected: stored.version,
            minutes: minutes(&stored.definition, &definition),
            definition,
        });
    }

    fn prune(&mut self, definitions: &[Definition]) -> Result<(), Problem> {
        let named =
            |stored: &StoredSlo| definitions.iter().any(|definition| definition.name() == stored.name);
        for stored in self.stored {
            if stored.definition.openslo.is_some() && !named(stored) {
                let before = written(&stored.name, &stored.definition)?;
                self.tell(&stored.name, What::Delete, difference(&before, ""));
                self.plan.seen.insert(stored.name.clone(), stored.version);
                self.changes.push(SloChange::Delete { name: stored.name.clone(), expected: stored.version });
            }
        }
        Ok(())
    }

    fn tell(&mut self, name: &str, what: What, diff: String) {
        self.plan.changes.push(Change { name: name.to_owned(), what, diff });
    }
}

/// Minutes stay where the same events count as before.
fn minutes(before: &SloDefinition, after: &SloDefinition) -> Minutes {
    let sli = |definition: &SloDefinition| {
        serde_json::from_str::<SloSpec>(&definition.spec).map(|spec| spec.sli).ok()
    };
    if before.service == after.service && sli(before) == sli(after) { Minutes::Keep } else { Minutes::Forget }
}

fn written(name: &str, stored: &SloDefinition) -> Result<String, Problem> {
    definition::yaml(&[definition::of(name, stored)?])
}

fn difference(before: &str, after: &str) -> String {
    TextDiff::from_lines(before, after).unified_diff().context_radius(3).header("portal", "files").to_string()
}

/// What the catalog would not take, at the field that says it.
fn mistake(import: &Import, index: usize, error: &CatalogError) -> Option<Finding> {
    let (field, rule) = match error {
        CatalogError::Refused { field, rule } => (*field, (*rule).to_owned()),
        other => ("", other.to_string()),
    };
    let field = match field {
        "service" => "spec.service",
        "title" => "metadata.displayName",
        "description" => "spec.description",
        "team" => "metadata.labels.team",
        _ => "",
    };
    import.problem(index, field, rule).map(Finding::from)
}

impl From<seaworthy_openslo::Problem> for Finding {
    fn from(problem: seaworthy_openslo::Problem) -> Self {
        let seaworthy_openslo::Problem { file, line, column, field, message } = problem;
        Self { file, line, column, field, message }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { file, line, column, field, message } = self;
        match field.as_str() {
            "" => write!(f, "{file}:{line}:{column}: {message}"),
            field => write!(f, "{file}:{line}:{column}: {field}: {message}"),
        }
    }
}
