//! Several templates side by side.

use std::collections::BTreeMap;

use super::{Changes, Template};

/// The templates in use, by id. Services are judged by those that are for their kind.
///
/// ```
/// use seaworthy_checklist::{TWELVE_POINT, Template, Templates};
///
/// let mut templates = Templates::default();
/// templates.put(Template::from_yaml(TWELVE_POINT)?)?;
/// templates.put(Template::from_yaml(
///     "id: batch
/// title: Batch jobs
/// version: '1'
/// kinds: [batch]
/// points:
///   - title: Runs
///     items:
///       - {id: owner, level: bronze, kind: answer, question: Who owns it?, why: Nights., how: Name somebody.}",
/// )?)?;
/// let ids = |kind| templates.of_kind(kind).map(|template| template.id.as_str()).collect::<Vec<_>>();
/// assert_eq!(ids("batch"), ["batch", "twelve-point"]);
/// assert_eq!(ids("http"), ["twelve-point"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Templates {
    templates: BTreeMap<String, Template>,
}

/// A template that was changed without a new version: nobody could say which of the two a verdict was reached by.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "version {version} of {id} is there already, and is different; give the changed template another version"
)]
pub struct SameVersion {
    /// The template's id.
    pub id: String,
    /// The version that both have.
    pub version: String,
}

impl Templates {
    /// Adds a template, or replaces the one of the same id and says what differs; none for one that is new.
    ///
    /// # Errors
    /// Both have the same version, but differ.
    pub fn put(&mut self, template: Template) -> Result<Option<Changes>, SameVersion> {
        let changes =
            self.templates.get(&template.id).map(|older| (template.changes_since(older), &older.version));
        if let Some((changes, version)) = &changes
            && !changes.is_empty()
            && **version == template.version
        {
            return Err(SameVersion { id: template.id, version: template.version });
        }
        let changes = changes.map(|(changes, _)| changes);
        self.templates.insert(template.id.clone(), template);
        Ok(changes)
    }

    /// Takes a template out of use, and returns it.
    pub fn remove(&mut self, id: &str) -> Option<Template> {
        self.templates.remove(id)
    }

    /// The template of this id.
    pub fn get(&self, id: &str) -> Option<&Template> {
        self.templates.get(id)
    }

    /// All of them, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Template> {
        self.templates.values()
    }

    /// Those that are for services of a kind: all that name it, and all that name none.
    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Template> {
        self.iter().filter(move |template| template.kinds.is_empty() || template.kinds.contains(kind))
    }
}
