//! Templates from files: a version that is new is added and put into use.

use seaworthy_catalog::{Change, StoredTemplate, TemplateDefinition};
use seaworthy_checklist::{TWELVE_POINT, Template};

use super::{
    plan::{File, Finding, Kind, What},
    planner::{Planned, Stored, difference},
};

/// A template that a file holds.
#[derive(Clone, Debug)]
pub(super) struct ReadTemplate {
    pub(super) file: String,
    pub(super) template: Template,
    text: String,
}

pub(super) fn read(file: &File) -> Result<ReadTemplate, Vec<Finding>> {
    let text = file.text.replace("\r\n", "\n");
    let template = Template::from_yaml(&text).map_err(|error| {
        let problems = error.problems.into_iter();
        problems
            .map(|problem| Finding::at(&file.name, problem.line, &problem.field, problem.message))
            .collect::<Vec<_>>()
    })?;
    let read = ReadTemplate { file: file.name.clone(), template, text };
    match read.definition().check() {
        Ok(()) => Ok(read),
        Err(error) => Err(vec![Finding::at(&file.name, 1, "", error.to_string())]),
    }
}

impl ReadTemplate {
    fn definition(&self) -> TemplateDefinition {
        let Template { id, version, .. } = &self.template;
        TemplateDefinition { template: id.clone(), version: version.clone(), yaml: self.text.clone() }
    }
}

pub(super) fn plan(templates: &[ReadTemplate], stored: &Stored, planned: &mut Planned) {
    for read in templates {
        planned.said(Kind::Template, &read.template.id);
        one(read, stored, planned);
    }
}

/// A version of a template that services are or can be judged by.
#[derive(Clone, Copy)]
struct Known<'s> {
    version: &'s str,
    yaml: &'s str,
    in_use: bool,
    is_stored: bool,
}

/// Of the template that is built in, that one as long as the catalog has none.
fn known<'s>(id: &str, stored: &'s Stored) -> Vec<Known<'s>> {
    let of = |stored: &'s StoredTemplate| Known {
        version: &stored.definition.version,
        yaml: &stored.definition.yaml,
        in_use: stored.in_use,
        is_stored: true,
    };
    let built_in =
        Known { version: &stored.built_in.version, yaml: TWELVE_POINT, in_use: true, is_stored: false };
    match stored.templates.get(id) {
        Some(versions) => versions.iter().map(of).collect(),
        None if id == stored.built_in.id => vec![built_in],
        None => Vec::new(),
    }
}

fn one(read: &ReadTemplate, stored: &Stored, planned: &mut Planned) {
    let Template { id, version, .. } = &read.template;
    let known = known(id, stored);
    let same = known.iter().find(|known| known.version == version);
    if same.is_some_and(|same| !says_the_same(read, same.yaml)) {
        let line = read.text.lines().position(|line| line.starts_with("version:")).unwrap_or_default();
        let message = format!(
            "is {version}, and what the portal has under that name says something else; a version never changes, so give this \
             one another name"
        );
        planned.wrong(Finding::at(&read.file, line as u64 + 1, "version", message));
        return;
    }
    if same.is_some_and(|same| same.in_use) {
        planned.tell(Kind::Template, id, What::Keep, String::new());
        return;
    }
    let used = known.iter().find(|known| known.in_use);
    let what = if used.is_some() { What::Change } else { What::Make };
    let before = used.map(|used| used.yaml).unwrap_or_default();
    planned.tell(Kind::Template, id, what, difference(before, &read.text));
    let expected = used.map(|used| used.version.to_owned());
    planned.saw(Kind::Template, id, expected.as_deref().unwrap_or_default());
    if used.is_some_and(|used| !used.is_stored) {
        // So that it can be put into use again, and compared with.
        let definition = TemplateDefinition {
            template: id.clone(),
            version: stored.built_in.version.clone(),
            yaml: TWELVE_POINT.to_owned(),
        };
        planned.changes.push(Change::AddTemplate { definition, expected: None });
    }
    planned.changes.push(match same {
        Some(_) => Change::UseTemplate { template: id.clone(), version: Some(version.clone()), expected },
        None => Change::AddTemplate { definition: read.definition(), expected },
    });
}

/// Comments may differ.
fn says_the_same(read: &ReadTemplate, yaml: &str) -> bool {
    yaml == read.text || Template::from_yaml(yaml).is_ok_and(|stored| stored == read.template)
}

/// Takes out of use what came from files and is in none. The template that is built in then is used as it was built in.
pub(super) fn prune(stored: &Stored, planned: &mut Planned) {
    for id in planned.unsaid(Kind::Template, stored) {
        let known = known(&id, stored);
        let Some(used) = known.iter().find(|known| known.in_use && known.is_stored) else { continue };
        let back =
            known.iter().find(|known| id == stored.built_in.id && known.version == stored.built_in.version);
        let (what, after) = back.map_or((What::Delete, ""), |back| (What::Change, back.yaml));
        let version = back.map(|back| back.version.to_owned());
        let expected = Some(used.version.to_owned());
        if version == expected {
            continue;
        }
        planned.tell(Kind::Template, &id, what, difference(used.yaml, after));
        planned.saw(Kind::Template, &id, used.version);
        planned.changes.push(Change::UseTemplate { template: id, version, expected });
    }
}
