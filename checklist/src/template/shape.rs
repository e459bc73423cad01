//! The shape of a template's YAML, each value with the place where it stands.

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::{Level, Mark};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TemplateShape {
    pub(super) id: Spanned<String>,
    pub(super) title: Spanned<String>,
    pub(super) version: Spanned<String>,
    #[serde(default)]
    pub(super) kinds: Vec<Spanned<String>>,
    pub(super) max_age: Option<Spanned<String>>,
    pub(super) points: Spanned<Vec<PointShape>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PointShape {
    pub(super) title: Spanned<String>,
    pub(super) items: Spanned<Vec<ItemShape>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ItemShape {
    pub(super) id: Spanned<String>,
    pub(super) level: Level,
    pub(super) kind: Spanned<Kind>,
    pub(super) question: Spanned<String>,
    pub(super) why: Spanned<String>,
    pub(super) how: Spanned<String>,
    pub(super) rule: Option<Spanned<String>>,
    pub(super) applies: Option<Spanned<String>>,
    pub(super) max_age: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) marks: Vec<Spanned<Mark>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Evidence,
    Answer,
}
