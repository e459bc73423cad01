//! A template that somebody writes: whether it can be used, and what it would change.

use seaworthy_catalog::{CatalogError, TemplateDefinition};
use seaworthy_checklist::{TWELVE_POINT, Template};
use sha2::{Digest, Sha256};

use super::built_in;
use crate::{
    auth::Caller,
    problem::Problem,
    readiness::preview::{self, NoPreview, Preview},
    state::App,
};

/// What was written.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    /// The id of the template of which it is to be a version; empty for one that is new.
    pub(crate) of: String,
    /// The version in use that the author saw; none where none was.
    pub(crate) expected: Option<String>,
    /// The text.
    pub(crate) yaml: String,
}

/// Something that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    /// The line, from 1; none where it is with the whole.
    pub(crate) line: Option<u64>,
    /// The field and what is wrong with it.
    pub(crate) message: String,
}

/// What there is to say of it.
#[derive(Debug)]
pub(crate) enum Looked {
    /// All that is wrong with it. Never empty.
    Wrong(Vec<Mistake>),
    /// It can be used, and would change this.
    Right(Box<(Template, Preview)>),
}

impl Draft {
    /// Names the text, so that what is saved is what was looked at.
    pub(crate) fn digest(&self) -> String {
        hex::encode(Sha256::digest(self.yaml.as_bytes()))
    }

    /// Reads it, and judges every service by it without recording anything.
    pub(crate) async fn look(&self, app: &App) -> Result<Looked, Problem> {
        let template = match self.read(app).await? {
            Ok(template) => template,
            Err(mistakes) => return Ok(Looked::Wrong(mistakes)),
        };
        match preview::preview(app, template.clone()).await {
            Ok(preview) => Ok(Looked::Right(Box::new((template, preview)))),
            Err(NoPreview::SameVersion(error)) => {
                Ok(Looked::Wrong(vec![Mistake { line: None, message: format!("{error}.") }]))
            }
            Err(NoPreview::Store(error)) => Err(Problem::internal(format!("{error:#}"))),
        }
    }

    /// Puts it into use. What is wrong with it is told, and nothing is changed.
    pub(crate) async fn save(
        &self,
        app: &App,
        caller: &Caller,
    ) -> Result<Result<Template, Vec<Mistake>>, Problem> {
        let template = match self.read(app).await? {
            Ok(template) => template,
            Err(mistakes) => return Ok(Err(mistakes)),
        };
        let definition = TemplateDefinition {
            template: template.id.clone(),
            version: template.version.clone(),
            yaml: self.yaml.clone(),
        };
        let (expected, now) = (self.expected.as_deref(), app.clock().now());
        keep_built_in(app, &template.id, caller).await?;
        match app.catalog().add_template(&definition, expected, &caller.actor(), now).await {
            Ok(_) => Ok(Ok(template)),
            Err(
                error @ (CatalogError::Changed { .. }
                | CatalogError::Taken { .. }
                | CatalogError::Refused { .. }),
            ) => Ok(Err(vec![Mistake { line: None, message: format!("{error}.") }])),
            Err(error) => Err(error.into()),
        }
    }

    /// The template, where it can be used; else all that is wrong with it.
    async fn read(&self, app: &App) -> Result<Result<Template, Vec<Mistake>>, Problem> {
        let template = match Template::from_yaml(&self.yaml) {
            Ok(template) => template,
            Err(invalid) => {
                let mistakes = invalid.problems.into_iter().map(|problem| Mistake {
                    line: Some(problem.line),
                    message: match problem.field.as_str() {
                        "" => problem.message,
                        field => format!("{field} {}", problem.message),
                    },
                });
                return Ok(Err(mistakes.collect()));
            }
        };
        let wrong = |message: String| Ok(Err(vec![Mistake { line: None, message }]));
        let Template { id, version, .. } = &template;
        if !self.of.is_empty() && *id != self.of {
            return wrong(format!(
                "id is {id:?}, but this is the page of {}; begin another template with New template.",
                self.of
            ));
        }
        let versions = super::versions(app, id, &built_in()?).await?;
        if self.of.is_empty() && !versions.is_empty() {
            return wrong(format!(
                "id: there is a template {id} already; edit that one, or choose another id."
            ));
        }
        if versions.iter().any(|line| line.version == *version) {
            return wrong(format!(
                "version: there is a version {version} of {id} already; give this one another."
            ));
        }
        Ok(Ok(template))
    }
}

/// The template that is built in gives way to what is stored of its id: before another version is, it is stored itself, so
/// that it can be put into use again and compared with.
pub(crate) async fn keep_built_in(app: &App, id: &str, caller: &Caller) -> Result<(), Problem> {
    let template = built_in()?;
    if template.id != id || !app.catalog().template_versions(id).await?.is_empty() {
        return Ok(());
    }
    let definition = TemplateDefinition {
        template: template.id,
        version: template.version,
        yaml: TWELVE_POINT.to_owned(),
    };
    app.catalog().add_template(&definition, None, &caller.actor(), app.clock().now()).await?;
    Ok(())
}
