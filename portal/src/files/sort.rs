//! Which file is what, and what it says, whatever the portal has.

use std::collections::BTreeMap;

use seaworthy_openslo::{Import, MAX_FILE_BYTES, Source, import};

use super::{
    plan::{File, Finding, Kind},
    runbook::{self, ReadRunbook},
    service::{self, ReadService},
    template::{self, ReadTemplate},
};

/// What files say, and what is wrong with them.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    /// None where something is wrong with them.
    pub(super) slos: Option<Import>,
    pub(super) templates: Vec<ReadTemplate>,
    pub(super) services: Vec<ReadService>,
    pub(super) runbooks: Vec<ReadRunbook>,
    pub(super) mistakes: Vec<Finding>,
    /// What is kept, but does not count.
    pub(super) warnings: Vec<Finding>,
}

/// What is wrong with files, whatever the portal has.
pub(crate) fn mistakes(files: &[File]) -> Vec<Finding> {
    sort(files).mistakes
}

pub(super) fn sort(files: &[File]) -> Sorted {
    let mut sorted = Sorted::default();
    let mut openslo = Vec::new();
    for file in files {
        match kind(file) {
            Ok(Kind::Template) => put(template::read(file), &mut sorted.templates, &mut sorted.mistakes),
            Ok(Kind::Service | Kind::Answer) => {
                put(service::read(file), &mut sorted.services, &mut sorted.mistakes);
            }
            Ok(Kind::Runbook) => put(runbook::read(file), &mut sorted.runbooks, &mut sorted.mistakes),
            Ok(Kind::Slo) => openslo.push(Source { file: &file.name, yaml: &file.text }),
            Err(unknown) => sorted.mistakes.push(unknown),
        }
    }
    let warnings = match import(&openslo) {
        Ok(import) => sorted.slos.insert(import).warnings.clone(),
        Err(refused) => {
            sorted.mistakes.extend(refused.errors.into_iter().map(Finding::from));
            refused.warnings
        }
    };
    sorted.warnings = warnings.into_iter().map(Finding::from).collect();
    sorted.mistakes.extend(twice(&sorted));
    sorted
}

fn put<T>(read: Result<T, Vec<Finding>>, all: &mut Vec<T>, mistakes: &mut Vec<Finding>) {
    match read {
        Ok(read) => all.push(read),
        Err(wrong) => mistakes.extend(wrong),
    }
}

/// By its name, and by what no file of another kind has. Looks at lines, for nothing has been said of the text yet.
fn kind(file: &File) -> Result<Kind, Finding> {
    if file.text.len() > MAX_FILE_BYTES {
        let message =
            format!("the file has more than the {MAX_FILE_BYTES} bytes that are read; split it into several");
        return Err(Finding::at(&file.name, 1, "", message));
    }
    if file.name.to_lowercase().ends_with(".md") {
        return Ok(Kind::Runbook);
    }
    let text = file.text.trim_start_matches('\u{feff}');
    let has =
        |key: &str| text.lines().any(|line| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(':')));
    let is_blank = || {
        text.lines().all(|line| line.trim().is_empty() || line.starts_with('#') || line.starts_with("---"))
    };
    match () {
        () if text.contains("apiVersion") || is_blank() => Ok(Kind::Slo),
        () if has("points") => Ok(Kind::Template),
        () if has("service") => Ok(Kind::Service),
        () => Err(Finding::at(
            &file.name,
            1,
            "",
            "is none of the files that Seaworthy reads: OpenSLO has apiVersion, a template has points, and what is said of a \
             service begins with service",
        )),
    }
}

/// Whatever two files say is said by none.
fn twice(sorted: &Sorted) -> Vec<Finding> {
    let templates =
        sorted.templates.iter().map(|read| (Kind::Template, read.template.id.clone(), &read.file, 1));
    let services = sorted.services.iter().map(|read| (Kind::Service, read.name(), &read.file, read.line()));
    let runbooks = sorted.runbooks.iter().map(|read| (Kind::Runbook, read.name(), &read.file, 1));
    let mut first: BTreeMap<(Kind, String), &String> = BTreeMap::new();
    let mut twice = Vec::new();
    for (kind, name, file, line) in templates.chain(services).chain(runbooks) {
        match first.get(&(kind, name.clone())) {
            Some(other) => {
                let message = format!("the {} {name} is in {other} already", kind.as_str());
                twice.push(Finding::at(file, line, "", message));
            }
            None => _ = first.insert((kind, name), file),
        }
    }
    twice
}
