//! From files to definitions.

pub(crate) mod alerts;
mod document;
pub(crate) mod findings;
pub(crate) mod indicator;
pub(crate) mod names;
pub(crate) mod objective;
pub(crate) mod slo;
mod source;
pub(crate) mod window;

use std::fmt;

use document::Document;
use findings::{At, Findings};
use names::Names;

use seaworthy_yaml::shown;

use crate::{
    definition::Definition,
    v1::{Content as _, Object, Slo, Use},
    yaml::Problem,
};

/// A file of OpenSLO.
#[derive(Clone, Copy, Debug)]
pub struct Source<'f> {
    /// What problems call it: `slos/coffee.yaml`.
    pub file: &'f str,
    /// What is in it: objects as YAML documents, or lists of them.
    pub yaml: &'f str,
}

/// What files say.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// Every object, as it stands in the files and in their order.
    pub objects: Vec<Object>,
    /// Every SLO, with what it refers to.
    pub definitions: Vec<Definition>,
    /// What is kept, but not evaluated as it stands.
    pub warnings: Vec<Problem>,
    /// Where each definition stands.
    places: Vec<Problem>,
}

impl Import {
    /// Something about a definition that only who takes it can know.
    pub fn problem(&self, definition: usize, field: &str, message: impl Into<String>) -> Option<Problem> {
        let place = self.places.get(definition)?.clone();
        Some(Problem { field: field.to_owned(), message: message.into(), ..place })
    }
}

/// Files of which nothing is taken, because something is wrong in them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Refused {
    /// What is wrong, in order of files and lines. Never empty.
    pub errors: Vec<Problem>,
    /// What would be kept, but not evaluated as it stands.
    pub warnings: Vec<Problem>,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.errors.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

/// Reads files that may refer to each other's objects.
///
/// ```
/// use seaworthy_openslo::{Source, import};
///
/// let yaml = "
/// apiVersion: openslo/v1
/// kind: SLO
/// metadata:
///   name: coffee-served
/// spec:
///   service: barista
///   budgetingMethod: Occurrences
///   timeWindow:
///     - duration: 30d
///       isRolling: true
///   indicator:
///     metadata:
///       name: coffee-served
///     spec:
///       ratioMetric:
///         rawType: success
///         raw:
///           metricSource:
///             type: Seaworthy
///             spec:
///               kind: availability
///   objectives:
///     - target: 0.999
/// ";
/// let import = import(&[Source { file: "coffee.yaml", yaml }])?;
/// let spec = import.definitions[0].spec();
/// assert_eq!(spec.map(|spec| spec.objective_percent), Some(99.9));
/// # Ok::<(), seaworthy_openslo::Refused>(())
/// ```
///
/// # Errors
/// Everything that is wrong, with file, line and field.
pub fn import(files: &[Source<'_>]) -> Result<Import, Refused> {
    let mut findings = Findings::default();
    let read = objects(files, &mut findings);
    let (mut definitions, mut places) = (Vec::new(), Vec::new());
    if findings.errors.is_empty() {
        let names = Names::of(&read, &mut findings);
        for (object, document) in &read {
            if let Some(definition) = check(object, &At::top(document), &names, &mut findings) {
                definitions.push(definition);
                places.push(document.problem("metadata.name", ""));
            }
        }
    }
    let Findings { mut errors, mut warnings } = findings;
    sort(files, &mut errors);
    sort(files, &mut warnings);
    if errors.is_empty() {
        let objects = read.into_iter().map(|(object, _)| object).collect();
        Ok(Import { objects, definitions, warnings, places })
    } else {
        Err(Refused { errors, warnings })
    }
}

fn objects(files: &[Source<'_>], findings: &mut Findings) -> Vec<(Object, Document)> {
    let mut read = Vec::new();
    for Source { file, yaml } in files {
        match Document::all(file, yaml) {
            Ok(documents) => {
                for document in documents {
                    match document.object() {
                        Ok(object) => read.push((object, document)),
                        Err(problem) => findings.errors.push(problem),
                    }
                }
            }
            Err(problem) => findings.errors.push(problem),
        }
    }
    read
}

/// In order of files and lines; what is found twice, by two SLOs that refer to it, is told once.
fn sort(files: &[Source<'_>], problems: &mut Vec<Problem>) {
    let place = |problem: &Problem| files.iter().position(|source| source.file == problem.file);
    problems.sort_by_cached_key(|problem| (place(problem), problem.line, problem.column));
    let mut told = std::collections::HashSet::new();
    problems.retain(|problem| told.insert(problem.to_string()));
}

fn check<'d>(object: &Object, at: &At<'d>, names: &Names<'d>, findings: &mut Findings) -> Option<Definition> {
    check_name(object, at, findings);
    match object {
        Object::Slo(slo) => slo::read(slo, at, names, findings),
        Object::AlertPolicy(policy) => {
            alerts::resolve(&Use::Inline(policy.clone()), at, names, findings);
            None
        }
        Object::Indicator(sli) => {
            indicator::read(&sli.spec, &at.field("spec"), names, findings);
            None
        }
        _ => None,
    }
}

fn check_name(object: &Object, at: &At<'_>, findings: &mut Findings) {
    let name = &object.metadata().name;
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let right = (1..=63).contains(&name.len())
        && name.bytes().all(allowed)
        && !name.starts_with('-')
        && !name.ends_with('-');
    // OpenSLO asks implementations for these names at least; only those of SLOs stand in addresses of pages.
    if !right && object.kind() == Slo::KIND {
        let message = format!(
            "{:?} is no name: up to 63 lowercase letters, digits and single hyphens are",
            shown(name)
        );
        findings.error::<()>(&at.field("metadata.name"), message);
    }
    if name.is_empty() {
        findings.error::<()>(&at.field("metadata.name"), "is empty");
    }
}
