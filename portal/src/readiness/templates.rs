//! The templates in use.

use std::collections::BTreeMap;

use seaworthy_catalog::StoredTemplate;
use seaworthy_checklist::{TWELVE_POINT, Template, Templates};

use crate::state::App;

/// Templates that were read before. A version of one never changes.
#[derive(Debug, Default)]
pub(super) struct Read {
    built_in: Option<Template>,
    by_version: BTreeMap<(String, String), Option<Template>>,
}

/// What services are judged by.
#[derive(Clone, Debug, Default)]
pub(super) struct InUse {
    pub(super) templates: Templates,
    /// Ids of templates that are in use and that this version cannot read: what was judged by them stays as it is.
    pub(super) unreadable: Vec<String>,
}

impl Read {
    /// The templates in use: those of the catalog, and the one that is built in unless the catalog has it, be it in use
    /// or not.
    pub(super) async fn in_use(&mut self, app: &App) -> anyhow::Result<InUse> {
        let stored = app.catalog().templates().await?;
        let mut in_use = InUse::default();
        let built_in = match &self.built_in {
            Some(template) => template.clone(),
            None => self.built_in.insert(Template::from_yaml(TWELVE_POINT)?).clone(),
        };
        if !stored.iter().any(|stored| stored.definition.template == built_in.id) {
            in_use.templates.put(built_in)?;
        }
        for stored in stored.iter().filter(|stored| stored.in_use) {
            match self.read(stored).filter(|template| template.id == stored.definition.template) {
                Some(template) => drop(in_use.templates.put(template)?),
                None => in_use.unreadable.push(stored.definition.template.clone()),
            }
        }
        Ok(in_use)
    }

    fn read(&mut self, stored: &StoredTemplate) -> Option<Template> {
        let definition = &stored.definition;
        let version = (definition.template.clone(), definition.version.clone());
        let read = || {
            Template::from_yaml(&definition.yaml)
                .inspect_err(|error| {
                    let (template, version) = &version;
                    tracing::warn!(template, version, %error, "services are not judged by a template that cannot be read");
                })
                .ok()
        };
        self.by_version.entry(version.clone()).or_insert_with(read).clone()
    }
}
