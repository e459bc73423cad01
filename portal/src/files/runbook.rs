//! Runbooks from files: Markdown with a few lines of YAML before it, between lines of three hyphens.

use std::collections::BTreeMap;

use jiff::Timestamp;
use seaworthy_catalog::{CatalogError, Change, Record, RecordDefinition, RecordKind};
use seaworthy_records::{Body, Mistake, Runbook};
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::{
    plan::{File, Finding, Kind, What},
    planner::{Planned, Stored, compared, difference},
    yaml,
};

/// What front matter stands between.
const FENCE: &str = "---";
/// Lines of a file before its front matter.
const BEFORE: u64 = 1;

/// A runbook that a file holds.
#[derive(Clone, Debug)]
pub(super) struct ReadRunbook {
    pub(super) file: String,
    front: Front,
    /// The line where the Markdown begins.
    begins: u64,
    markdown: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Front {
    title: Spanned<String>,
    /// Of all services where nothing is said.
    #[serde(default)]
    service: Option<Spanned<String>>,
}

/// Whether a text in Markdown says what it is: other files of a folder are none of Seaworthy's business.
pub(crate) fn has_front_matter(text: &str) -> bool {
    text.lines().next().is_some_and(|line| line.trim_end() == FENCE)
}

pub(super) fn read(file: &File) -> Result<ReadRunbook, Vec<Finding>> {
    let text = file.text.replace("\r\n", "\n");
    let Some((front, markdown)) = split(&text) else {
        let message =
            "a runbook begins with a line ---, lines with its title and service, and another line ---";
        return Err(vec![Finding::at(&file.name, 1, "", message)]);
    };
    let read = ReadRunbook {
        file: file.name.clone(),
        begins: BEFORE + front.lines().count() as u64 + 2,
        front: yaml::read(&file.name, front, BEFORE).map_err(|finding| vec![finding])?,
        markdown: with_line_end(markdown),
    };
    read.check()?;
    Ok(read)
}

/// Front matter and the rest.
fn split(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix(FENCE)?.strip_prefix('\n')?;
    let mut from = 0;
    for line in rest.split_inclusive('\n') {
        if line.trim_end() == FENCE {
            return Some((&rest[..from], &rest[from + line.len()..]));
        }
        from += line.len();
    }
    None
}

impl ReadRunbook {
    /// What tells it from others.
    pub(super) fn name(&self) -> String {
        named(self.service(), self.title())
    }

    fn title(&self) -> &str {
        self.front.title.value.trim()
    }

    fn service(&self) -> &str {
        self.front.service.as_ref().map(|service| service.value.trim()).unwrap_or_default()
    }

    fn definition(&self, at: Timestamp) -> Result<RecordDefinition, Vec<Finding>> {
        // What was reviewed, if anything was, is another text.
        let body = Runbook { markdown: self.markdown.clone(), reviewed_at: None, reviewed_by: None };
        let wrong = |mistakes: Vec<Mistake>| {
            let told = mistakes.into_iter().map(|mistake| mistake.message);
            told.map(|message| Finding::at(&self.file, self.begins, "", message)).collect::<Vec<_>>()
        };
        Ok(RecordDefinition {
            kind: RecordKind::Runbook,
            service: self.service().to_owned(),
            title: self.title().to_owned(),
            at,
            open: body.is_open(),
            body: body.to_json().map_err(wrong)?,
        })
    }

    /// Everything that can be told without the portal.
    fn check(&self) -> Result<(), Vec<Finding>> {
        self.definition(Timestamp::UNIX_EPOCH)?.check().map_err(|error| {
            let (field, message) = match error {
                CatalogError::Refused { field, rule } => (field, rule.to_owned()),
                other => ("", other.to_string()),
            };
            let place =
                self.front.service.as_ref().filter(|_| field == "service").unwrap_or(&self.front.title);
            vec![Finding::at(&self.file, place.referenced.line() + BEFORE, field, message)]
        })
    }
}

fn with_line_end(markdown: &str) -> String {
    markdown.trim().to_owned() + "\n"
}

pub(super) fn plan(runbooks: &[ReadRunbook], stored: &Stored, planned: &mut Planned) {
    for read in runbooks {
        let name = read.name();
        planned.said(Kind::Runbook, &name);
        if let Err(wrong) = one(read, stored.runbooks.get(&name), stored.now, planned) {
            planned.plan.mistakes.extend(wrong);
        }
    }
}

fn one(
    read: &ReadRunbook,
    there: Option<&Record>,
    now: Timestamp,
    planned: &mut Planned,
) -> Result<(), Vec<Finding>> {
    let name = read.name();
    let Some(record) = there else {
        planned.tell(Kind::Runbook, &name, What::Make, difference("", &read.markdown));
        planned.changes.push(Change::CreateRecord(read.definition(now)?));
        return Ok(());
    };
    let (what, diff) = compared(&with_line_end(&text(record)), &read.markdown);
    planned.tell(Kind::Runbook, &name, what, diff);
    if what != What::Keep {
        let (id, expected) = (record.id, record.version);
        planned.saw(Kind::Runbook, &name, expected);
        let definition = read.definition(record.definition.at)?;
        planned.changes.push(Change::UpdateRecord { id, expected, definition });
    }
    Ok(())
}

/// Deletes what came from files and is in none.
pub(super) fn prune(stored: &Stored, planned: &mut Planned) {
    for name in planned.unsaid(Kind::Runbook, stored) {
        let Some(record) = stored.runbooks.get(&name) else { continue };
        planned.tell(Kind::Runbook, &name, What::Delete, difference(&text(record), ""));
        planned.saw(Kind::Runbook, &name, record.version);
        planned.changes.push(Change::DeleteRecord { id: record.id, expected: record.version });
    }
}

/// What it says; nothing where another version of the portal wrote it otherwise: then it is replaced.
fn text(record: &Record) -> String {
    let body: Option<Runbook> = serde_json::from_str(&record.definition.body).ok();
    body.map(|body| body.markdown).unwrap_or_default()
}

/// Runbooks by name; of several of one name the one that was made first.
pub(super) fn by_name(records: Vec<Record>) -> BTreeMap<String, Record> {
    let mut by_name = BTreeMap::new();
    for record in records {
        let name = named(&record.definition.service, &record.definition.title);
        let first = by_name.entry(name).or_insert_with(|| record.clone());
        if record.id < first.id {
            *first = record;
        }
    }
    by_name
}

/// What names a runbook in plans.
fn named(service: &str, title: &str) -> String {
    if service.is_empty() { title.to_owned() } else { format!("{service}: {title}") }
}
