//! What lists of records have in common.

use seaworthy_catalog::RecordFilter;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::records::{Entry, MOST};

/// Which records to list. Everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct ListFilter {
    /// Those of a service, and those of all services.
    pub(crate) service: String,
    /// Those with this text in title or service, in any case.
    pub(crate) text: String,
}

impl ListFilter {
    /// What is asked of the catalog.
    pub(crate) fn asked(&self) -> RecordFilter {
        let service = Some(self.service.clone()).filter(|service| !service.is_empty());
        RecordFilter { service, limit: MOST, ..RecordFilter::default() }
    }

    /// Whether a record has the text.
    pub(crate) fn admits<B>(&self, entry: &Entry<B>) -> bool {
        let text = self.text.trim().to_lowercase();
        [&entry.title, &entry.service].iter().any(|place| place.to_lowercase().contains(&text))
    }

    /// Whether nothing is asked, so that it admits every record.
    pub(crate) fn is_empty(&self) -> bool {
        self.service.is_empty() && self.text.trim().is_empty()
    }
}

/// The service of a record; none for all.
pub(crate) fn service_of(service: &str) -> Option<String> {
    Some(service.to_owned()).filter(|service| !service.is_empty())
}
