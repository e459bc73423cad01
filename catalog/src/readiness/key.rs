//! Which item of which service.

use std::fmt;

use crate::{CatalogError, text};

/// An item of a template, asked of a service. A new version of the template keeps what was said of items whose id stays.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemKey {
    /// The service. It need not have been heard of yet.
    pub service: String,
    /// The id of the template.
    pub template: String,
    /// The id of the item. The template need not ask it.
    pub item: String,
}

impl ItemKey {
    /// Whether the catalog takes it.
    pub(super) fn check(&self) -> Result<(), CatalogError> {
        text::name("service", &self.service)?;
        text::name("template", &self.template)?;
        text::name("item", &self.item).map(drop)
    }
}

/// What the audit log calls it.
impl fmt::Display for ItemKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} ({})", self.item, self.service, self.template)
    }
}
