//! SLOs from files of OpenSLO.

use seaworthy_catalog::{CatalogError, Change, Minutes, SloChange, SloDefinition, StoredSlo};
use seaworthy_openslo::{Definition, Import};
use seaworthy_slo::SloSpec;

use super::{
    definition,
    plan::{Finding, Kind, What},
    planner::{Planned, compared, difference},
};
use crate::problem::Problem;

pub(super) fn plan(import: &Import, stored: &[StoredSlo], planned: &mut Planned) -> Result<(), Problem> {
    for (index, wanted) in import.definitions.iter().enumerate() {
        let name = wanted.name();
        let Some(wanted) = definition::to_catalog(wanted)? else {
            planned.tell(Kind::Slo, name, What::LeaveOut, String::new());
            continue;
        };
        if let Err(error) = wanted.check(name) {
            planned.plan.mistakes.extend(mistake(import, index, &error));
            continue;
        }
        one(name, wanted, stored.iter().find(|stored| stored.name == name), planned)?;
    }
    Ok(())
}

fn one(
    name: &str,
    wanted: SloDefinition,
    there: Option<&StoredSlo>,
    planned: &mut Planned,
) -> Result<(), Problem> {
    let after = written(name, &wanted)?;
    let Some(stored) = there else {
        planned.tell(Kind::Slo, name, What::Make, difference("", &after));
        planned.changes.push(Change::Slo(SloChange::Make { name: name.to_owned(), definition: wanted }));
        return Ok(());
    };
    let (what, diff) = compared(&written(name, &stored.definition)?, &after);
    planned.tell(Kind::Slo, name, what, diff);
    if what != What::Keep {
        planned.saw(Kind::Slo, name, stored.version);
        planned.changes.push(Change::Slo(SloChange::Change {
            name: stored.name.clone(),
            expected: stored.version,
            minutes: minutes(&stored.definition, &wanted),
            definition: wanted,
        }));
    }
    Ok(())
}

/// Deletes what came from files and is in none. An SLO carries its file itself.
pub(super) fn prune(
    definitions: &[Definition],
    stored: &[StoredSlo],
    planned: &mut Planned,
) -> Result<(), Problem> {
    let named = |stored: &StoredSlo| definitions.iter().any(|definition| definition.name() == stored.name);
    for stored in stored.iter().filter(|stored| stored.definition.openslo.is_some() && !named(stored)) {
        let StoredSlo { name, version, definition, .. } = stored;
        planned.tell(Kind::Slo, name, What::Delete, difference(&written(name, definition)?, ""));
        planned.saw(Kind::Slo, name, version);
        let deleted = SloChange::Delete { name: name.clone(), expected: *version };
        planned.changes.push(Change::Slo(deleted));
    }
    Ok(())
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
