//! Services from files: kind, address and owner, and the answers to items.

use std::fmt::Write as _;

use seaworthy_catalog::{AnswerDefinition, AnswerKind, CatalogError, Change, ItemKey, ServiceSettings};
use seaworthy_checklist::{Item, Mark};
use seaworthy_yaml::shown;
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::{
    plan::{File, Finding, Kind, What},
    planner::{Planned, Stored, compared, difference},
    template::ReadTemplate,
    yaml,
};

/// What a file says of a service.
#[derive(Clone, Debug)]
pub(super) struct ReadService {
    pub(super) file: String,
    shape: Shape,
}

/// What a file leaves out stays as it is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    service: Spanned<String>,
    kind: Option<Spanned<String>>,
    url: Option<Spanned<String>>,
    owner: Option<Spanned<String>>,
    #[serde(default)]
    answers: Vec<AnswerShape>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerShape {
    item: Spanned<String>,
    /// The one that is built in where nothing is said.
    template: Option<Spanned<String>>,
    answer: Said,
    #[serde(default)]
    note: String,
    link: Option<Spanned<String>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum Said {
    #[serde(rename = "satisfied")]
    Satisfied,
    #[serde(rename = "not satisfied")]
    NotSatisfied,
    #[serde(rename = "not applicable")]
    NotApplicable,
}

impl From<Said> for AnswerKind {
    fn from(said: Said) -> Self {
        match said {
            Said::Satisfied => Self::Satisfied,
            Said::NotSatisfied => Self::NotSatisfied,
            Said::NotApplicable => Self::NotApplicable,
        }
    }
}

pub(super) fn read(file: &File) -> Result<ReadService, Vec<Finding>> {
    let shape = yaml::read(&file.name, &file.text, 0).map_err(|finding| vec![finding])?;
    let read = ReadService { file: file.name.clone(), shape };
    match read.settings(&ServiceSettings::default()).check(&read.name()) {
        Ok(()) => Ok(read),
        Err(error) => {
            let (field, message) = refused(&error);
            Err(vec![read.wrong(field, message)])
        }
    }
}

impl ReadService {
    pub(super) fn name(&self) -> String {
        self.shape.service.value.trim().to_owned()
    }

    /// Where it is named.
    pub(super) fn line(&self) -> u64 {
        self.shape.service.referenced.line()
    }

    /// What is to be said of it, where this was.
    fn settings(&self, had: &ServiceSettings) -> ServiceSettings {
        let Shape { kind, url, owner, .. } = &self.shape;
        let said = |field: &Option<Spanned<String>>, had: &Option<String>| match field {
            Some(text) => filled(&text.value),
            None => had.clone(),
        };
        ServiceSettings {
            kind: said(kind, &had.kind),
            url: said(url, &had.url),
            // As accounts are kept.
            owner: said(owner, &had.owner).map(|owner| owner.to_lowercase()),
        }
    }

    /// Something about one of its fields.
    fn wrong(&self, field: &str, message: impl Into<String>) -> Finding {
        let place = match field {
            "kind" => &self.shape.kind,
            "url" => &self.shape.url,
            "owner" => &self.shape.owner,
            _ => &None,
        };
        let line = place.as_ref().map_or_else(|| self.line(), |place| place.referenced.line());
        Finding::at(&self.file, line, field, message)
    }
}

pub(super) fn plan(
    services: &[ReadService],
    templates: &[ReadTemplate],
    stored: &Stored,
    planned: &mut Planned,
) {
    for read in services {
        if let Err(wrong) = settings(read, stored, planned) {
            planned.wrong(wrong);
        }
        for index in 0..read.shape.answers.len() {
            if let Err(wrong) = answer((read, index), templates, stored, planned) {
                planned.wrong(wrong);
            }
        }
    }
}

fn settings(read: &ReadService, stored: &Stored, planned: &mut Planned) -> Result<(), Finding> {
    let Shape { kind, url, owner, .. } = &read.shape;
    if kind.is_none() && url.is_none() && owner.is_none() {
        return Ok(());
    }
    let service = read.name();
    let there = stored.services.get(&service);
    let had = there.map(|stored| stored.settings.clone()).unwrap_or_default();
    let wanted = read.settings(&had);
    if let Some(owner) = wanted.owner.as_ref().filter(|owner| !stored.people.contains(*owner)) {
        let message = format!("nobody signs in as {}; invite them first", shown(owner));
        return Err(read.wrong("owner", message));
    }
    let (what, diff) = compared(&written(&had), &written(&wanted));
    let what = if what == What::Change && had == ServiceSettings::default() { What::Make } else { what };
    planned.tell(Kind::Service, &service, what, diff);
    if what != What::Keep {
        let expected = there.map_or(0, |stored| stored.version);
        planned.saw(Kind::Service, &service, expected);
        planned.changes.push(Change::SetService { service, expected, settings: wanted });
    }
    Ok(())
}

fn answer(
    (read, index): (&ReadService, usize),
    templates: &[ReadTemplate],
    stored: &Stored,
    planned: &mut Planned,
) -> Result<(), Finding> {
    let shape = &read.shape.answers[index];
    let wrong = |field: &str, message: String| {
        let place = match field {
            "template" => shape.template.as_ref(),
            "link" => shape.link.as_ref(),
            _ => None,
        };
        let line = place.unwrap_or(&shape.item).referenced.line();
        Finding::at(&read.file, line, &format!("answers[{index}].{field}"), message)
    };
    let template =
        shape.template.as_ref().map_or(stored.built_in.id.as_str(), |template| template.value.trim());
    let id = shape.item.value.trim();
    let item = item(template, id, templates, stored).map_err(|(field, message)| wrong(field, message))?;
    let key = ItemKey { service: read.name(), template: template.to_owned(), item: id.to_owned() };
    let definition = AnswerDefinition {
        kind: shape.answer.into(),
        note: shape.note.trim().to_owned(),
        link: shape.link.as_ref().and_then(|link| filled(&link.value)),
        build: stored.builds.get(&key.service).cloned(),
        file: Some(read.file.clone()),
    };
    if definition.link.is_none() && shape.answer == Said::Satisfied && item.marks.contains(&Mark::Link) {
        return Err(wrong(
            "link",
            "is missing: this item asks for a link to where it can be seen".to_owned(),
        ));
    }
    definition.check(&key).map_err(|error| {
        let (field, message) = refused(&error);
        wrong(field, message)
    })?;
    if !planned.said(Kind::Answer, &named(&key)) {
        return Err(wrong("item", format!("is {}, which is answered above already", shown(id))));
    }
    say(key, definition, stored, planned);
    Ok(())
}

/// The same words once more say nothing new: who has looked again writes so.
fn say(key: ItemKey, definition: AnswerDefinition, stored: &Stored, planned: &mut Planned) {
    let name = named(&key);
    let there = stored.answers.get(&key);
    let before = there.map(|answer| told(&answer.definition)).unwrap_or_default();
    let (what, diff) = compared(&before, &told(&definition));
    let what = if there.is_none() { What::Make } else { what };
    planned.tell(Kind::Answer, &name, what, diff);
    if what != What::Keep {
        let expected = there.map_or(0, |answer| answer.version);
        planned.saw(Kind::Answer, &name, expected);
        planned.changes.push(Change::Answer { key, expected, definition });
    }
}

/// The item of a template of these files, or of one in use; else which field is wrong, and why.
fn item<'t>(
    template: &str,
    item: &str,
    templates: &'t [ReadTemplate],
    stored: &'t Stored,
) -> Result<&'t Item, (&'static str, String)> {
    let read = templates.iter().map(|read| &read.template).find(|read| read.id == template);
    let Some(found) = read.or_else(|| stored.in_use.get(template)) else {
        let known: Vec<&str> = stored.in_use.iter().map(|template| template.id.as_str()).collect();
        let (template, known) = (shown(template), known.join(", "));
        return Err(("template", format!("is {template:?}, which is not in use; in use are {known}")));
    };
    found.item(item).ok_or_else(|| {
        ("item", format!("is {:?}, which {template} {} does not ask", shown(item), found.version))
    })
}

/// Takes back answers that came from files and are in none. What is said of services stays.
pub(super) fn prune(stored: &Stored, planned: &mut Planned) {
    let unsaid = planned.unsaid(Kind::Answer, stored);
    for (key, answer) in stored.answers.iter().filter(|(key, _)| unsaid.contains(&named(key))) {
        let name = named(key);
        planned.tell(Kind::Answer, &name, What::Delete, difference(&told(&answer.definition), ""));
        planned.saw(Kind::Answer, &name, answer.version);
        planned.changes.push(Change::WithdrawAnswer { key: key.clone(), expected: answer.version });
    }
}

/// What names an answer in plans.
fn named(ItemKey { service, template, item }: &ItemKey) -> String {
    format!("{service}/{template}/{item}")
}

fn filled(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn written(settings: &ServiceSettings) -> String {
    let mut text = String::new();
    for (field, value) in [("kind", &settings.kind), ("url", &settings.url), ("owner", &settings.owner)] {
        if let Some(value) = value {
            // Writing to a text does not fail.
            let _ = writeln!(text, "{field}: {value}");
        }
    }
    text
}

fn told(AnswerDefinition { kind, note, link, .. }: &AnswerDefinition) -> String {
    let mut text = format!("answer: {}\n", kind.as_str());
    if !note.trim().is_empty() {
        let _ = writeln!(text, "note: {}", note.trim());
    }
    if let Some(link) = link {
        let _ = writeln!(text, "link: {link}");
    }
    text
}

/// What the catalog would not take: the field, and what it would.
fn refused(error: &CatalogError) -> (&'static str, String) {
    match error {
        CatalogError::Refused { field, rule } => (field, (*rule).to_owned()),
        other => ("", other.to_string()),
    }
}
