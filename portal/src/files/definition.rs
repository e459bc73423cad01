//! An SLO of the catalog as one of OpenSLO, and the other way round.

use seaworthy_catalog::SloDefinition;
use seaworthy_openslo::{Definition, Source, import, to_yaml, v1::Label};

use crate::problem::Problem;

/// The label that tells whose an SLO is.
const TEAM: &str = "team";

/// As OpenSLO says it. Whatever a file said beside stays, as long as it does not say otherwise.
pub(crate) fn of(name: &str, stored: &SloDefinition) -> Result<Definition, Problem> {
    let spec = serde_json::from_str(&stored.spec).map_err(Problem::internal)?;
    let definition = match stored.openslo.as_deref().and_then(|yaml| kept(name, yaml)) {
        Some(kept) => kept.with_service(&stored.service).with_spec(spec),
        None => Definition::new(name, &stored.service, spec),
    };
    let definition = match title(&definition) == stored.title {
        true => definition,
        false if stored.title == name => definition.with_title(""),
        false => definition.with_title(&stored.title),
    };
    let definition = match definition.description().unwrap_or_default() == stored.description {
        true => definition,
        false => definition.with_description(&stored.description),
    };
    Ok(match team(&definition) == stored.team {
        true => definition,
        false => definition.with_label(TEAM, stored.team.clone().map(Label::One)),
    })
}

fn kept(name: &str, yaml: &str) -> Option<Definition> {
    match import(&[Source { file: name, yaml }]) {
        Ok(import) => import.definitions.into_iter().next(),
        Err(refused) => {
            tracing::warn!(slo = name, %refused, "what a file said of an SLO cannot be read any more");
            None
        }
    }
}

/// As the catalog keeps it; none of one that is not evaluated.
pub(super) fn to_catalog(definition: &Definition) -> Result<Option<SloDefinition>, Problem> {
    let Some(spec) = definition.spec() else { return Ok(None) };
    Ok(Some(SloDefinition {
        service: definition.service().trim().to_owned(),
        title: title(definition).to_owned(),
        description: definition.description().unwrap_or_default().to_owned(),
        team: team(definition),
        spec: serde_json::to_string(spec).map_err(Problem::internal)?,
        openslo: Some(yaml(std::slice::from_ref(definition))?),
    }))
}

/// Definitions as a file.
pub(crate) fn yaml(definitions: &[Definition]) -> Result<String, Problem> {
    let objects: Vec<_> = definitions.iter().map(Definition::object).collect();
    to_yaml(&objects).map_err(Problem::internal)
}

fn title(definition: &Definition) -> &str {
    let title = definition.title().map(str::trim).filter(|title| !title.is_empty());
    title.unwrap_or(definition.name())
}

fn team(definition: &Definition) -> Option<String> {
    match definition.labels().get(TEAM) {
        Some(Label::One(team)) => Some(team.trim().to_owned()).filter(|team| !team.is_empty()),
        _ => None,
    }
}
