//! Templates: the checklists by which services are judged, with all their versions.

pub(crate) mod draft;

use std::collections::BTreeMap;

use jiff::Timestamp;
use seaworthy_catalog::StoredTemplate;
use seaworthy_checklist::{InvalidTemplate, TWELVE_POINT, Template};
use seaworthy_records::Diff;
use serde::Deserialize;

use crate::{problem::Problem, state::App};

/// A template in the list.
#[derive(Clone, Debug)]
pub(crate) struct TemplateLine {
    /// Its id.
    pub(crate) id: String,
    /// What it is called.
    pub(crate) title: String,
    /// The version in use, or the latest one where none is.
    pub(crate) version: String,
    /// Whether services are judged by it.
    pub(crate) in_use: bool,
    /// Whether a template of this id comes with the portal.
    pub(crate) built_in: bool,
    /// How many items it has; none where it cannot be read.
    pub(crate) items: Option<usize>,
    /// The kinds of services that it is for; empty for all.
    pub(crate) kinds: Vec<String>,
    /// How many services are judged by it.
    pub(crate) services: usize,
    /// When it was last put into use or out of it, and how who did so signs in; none for the one that is built in.
    pub(crate) changed: Option<(Timestamp, String)>,
}

/// Which versions of a template to show.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct VersionQuery {
    /// This one; the one in use, or the latest, where none is given.
    pub(crate) version: String,
    /// What changed since this one.
    pub(crate) against: String,
}

/// A template.
#[derive(Clone, Debug)]
pub(crate) struct TemplateView {
    /// Its id.
    pub(crate) id: String,
    /// What it is called.
    pub(crate) title: String,
    /// The version in use; none where it is out of use.
    pub(crate) used: Option<String>,
    /// Whether a template of this id comes with the portal.
    pub(crate) built_in: bool,
    /// Its versions, the latest first.
    pub(crate) versions: Vec<VersionLine>,
    /// The version that is shown.
    pub(crate) shown: String,
    /// Its text.
    pub(crate) yaml: String,
    /// Why it cannot be read.
    pub(crate) invalid: Option<InvalidTemplate>,
    /// The version that it is compared with, and what changed since.
    pub(crate) diff: Option<(String, Diff)>,
    /// How many services are judged by the template.
    pub(crate) services: usize,
}

/// A version of a template.
#[derive(Clone, Debug)]
pub(crate) struct VersionLine {
    /// What it is called.
    pub(crate) version: String,
    /// Whether it is in use.
    pub(crate) in_use: bool,
    /// When it was added, and how who added it signs in; none for the one that is built in.
    pub(crate) added: Option<(Timestamp, String)>,
    yaml: String,
}

/// The template that comes with the portal.
pub(crate) fn built_in() -> Result<Template, Problem> {
    Template::from_yaml(TWELVE_POINT).map_err(Problem::internal)
}

/// Loads all templates, by id.
pub(crate) async fn load(app: &App) -> Result<Vec<TemplateLine>, Problem> {
    let services = services(app).await?;
    let count = |id: &str| services.get(id).copied().unwrap_or_default();
    let built_in = built_in()?;
    let stored = app.catalog().templates().await?;
    let mut lines: Vec<TemplateLine> = Vec::new();
    if !stored.iter().any(|stored| stored.definition.template == built_in.id) {
        let services = count(&built_in.id);
        lines.push(TemplateLine { services, ..line_of(&built_in) });
    }
    for StoredTemplate { definition, in_use, changed_at, changed_by, .. } in stored {
        let read = Template::from_yaml(&definition.yaml).ok();
        let known =
            read.as_ref().map(line_of).unwrap_or_else(|| TemplateLine::unreadable(&definition.template));
        lines.push(TemplateLine {
            in_use,
            version: definition.version,
            built_in: definition.template == built_in.id,
            services: count(&definition.template),
            changed: Some((changed_at, changed_by)),
            id: definition.template,
            ..known
        });
    }
    lines.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(lines)
}

/// As if it came with the portal, and were in use.
fn line_of(template: &Template) -> TemplateLine {
    TemplateLine {
        id: template.id.clone(),
        title: template.title.clone(),
        version: template.version.clone(),
        in_use: true,
        built_in: true,
        items: Some(template.items().count()),
        kinds: template.kinds.iter().cloned().collect(),
        services: 0,
        changed: None,
    }
}

impl TemplateLine {
    fn unreadable(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            title: id.to_owned(),
            version: String::new(),
            in_use: false,
            built_in: false,
            items: None,
            kinds: Vec::new(),
            services: 0,
            changed: None,
        }
    }
}

/// How many services are judged by each template.
async fn services(app: &App) -> Result<BTreeMap<String, usize>, Problem> {
    let mut services = BTreeMap::new();
    for summary in app.catalog().assessment_summaries(None).await? {
        *services.entry(summary.template).or_default() += 1;
    }
    Ok(services)
}

/// Loads a template.
pub(crate) async fn one(app: &App, id: &str, query: &VersionQuery) -> Result<TemplateView, Problem> {
    let built_in = built_in()?;
    let is_built_in = built_in.id == id;
    let versions = versions(app, id, &built_in).await?;
    let find = |version: &str| versions.iter().find(|line| line.version == version);
    let unknown = |version: &str| {
        let what = format!("There is no version {version:?} of the template {id:?}");
        Problem::not_found(what, "Its page lists its versions.")
    };
    let shown = match query.version.as_str() {
        "" => versions.iter().find(|line| line.in_use).or(versions.first()),
        version => Some(find(version).ok_or_else(|| unknown(version))?),
    };
    let none =
        || Problem::not_found(format!("There is no template {id:?}"), "The page Templates lists them all.");
    let shown = shown.ok_or_else(none)?.clone();
    let diff = match query.against.as_str() {
        "" => None,
        against => {
            let older = find(against).ok_or_else(|| unknown(against))?;
            Some((against.to_owned(), Diff::between(&older.yaml, &shown.yaml)))
        }
    };
    let read = Template::from_yaml(&shown.yaml);
    Ok(TemplateView {
        id: id.to_owned(),
        title: read.as_ref().map_or_else(|_| id.to_owned(), |template| template.title.clone()),
        used: versions.iter().find(|line| line.in_use).map(|line| line.version.clone()),
        built_in: is_built_in,
        shown: shown.version,
        yaml: shown.yaml,
        invalid: read.err(),
        diff,
        services: services(app).await?.remove(id).unwrap_or_default(),
        versions,
    })
}

/// The versions of a template, the latest first, with the one that is built in unless it was stored.
async fn versions(app: &App, id: &str, built_in: &Template) -> Result<Vec<VersionLine>, Problem> {
    let stored = app.catalog().template_versions(id).await?;
    let mut versions: Vec<VersionLine> = stored
        .into_iter()
        .map(|stored| VersionLine {
            version: stored.definition.version,
            in_use: stored.in_use,
            added: Some((stored.created_at, stored.created_by)),
            yaml: stored.definition.yaml,
        })
        .collect();
    if built_in.id == id && !versions.iter().any(|line| line.version == built_in.version) {
        let in_use = versions.is_empty();
        let (version, yaml) = (built_in.version.clone(), TWELVE_POINT.to_owned());
        versions.push(VersionLine { version, in_use, added: None, yaml });
    }
    Ok(versions)
}
