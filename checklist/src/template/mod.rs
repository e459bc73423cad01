//! What a checklist is made of.

mod changes;
mod check;
mod parse;
mod problem;
mod set;
mod shape;

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::Rule;

pub use changes::{Changes, FieldChange, ItemChange};
pub use check::{MAX_ITEMS, MAX_TEMPLATE_COST};
pub use parse::MAX_TEMPLATE_BYTES;
pub use problem::{InvalidTemplate, Problem};
pub use set::{SameVersion, Templates};

/// The default template, as YAML: twelve points, proved as far as they can be.
pub const TWELVE_POINT: &str = include_str!("../../templates/twelve-point.yaml");

/// A checklist that services are judged by.
///
/// ```
/// use seaworthy_checklist::{TWELVE_POINT, Template};
///
/// let template = Template::from_yaml(TWELVE_POINT)?;
/// assert_eq!(template.points.len(), 12);
/// # Ok::<(), seaworthy_checklist::InvalidTemplate>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Names the template among others, across its versions: `twelve-point`.
    pub id: String,
    /// What it is called on pages.
    pub title: String,
    /// Changes whenever an item does. A new version keeps the answers of items whose id stays.
    pub version: String,
    /// The kinds of services that it is for, as the portal calls them: `http`, `worker`. Empty for one that is for all.
    pub kinds: BTreeSet<String>,
    /// A fact older than this is stale, unless its item says otherwise or its evidence belongs to a build.
    pub max_age: Option<SignedDuration>,
    /// Its points, in the order shown. Never empty.
    pub points: Vec<Point>,
}

impl Template {
    /// Reads a template and checks it, rules included.
    ///
    /// # Errors
    /// Every problem found, each with its line and field: YAML that is malformed or longer than
    /// [`MAX_TEMPLATE_BYTES`], anchors and aliases, unknown or missing fields, values that cannot be, ids given twice, more
    /// items than [`MAX_ITEMS`], rules that
    /// refer to unknown facts, do not fit the types of their facts, or may cost more than [`MAX_RULE_COST`](crate::MAX_RULE_COST)
    /// each or [`MAX_TEMPLATE_COST`] together.
    pub fn from_yaml(yaml: &str) -> Result<Self, InvalidTemplate> {
        check::checked(parse::parse(yaml)?)
    }

    /// The item of this id.
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.items().find(|item| item.id == id)
    }

    /// All items, in the order shown.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.points.iter().flat_map(|point| &point.items)
    }

    /// All items, in the order shown, each with the position of its point, from 0.
    pub(crate) fn placed(&self) -> impl Iterator<Item = (usize, &Item)> {
        self.points
            .iter()
            .enumerate()
            .flat_map(|(point, Point { items, .. })| items.iter().map(move |item| (point, item)))
    }
}

/// One group of items. Its number is its position, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// What it is called: `Monitoring and alerts`.
    pub title: String,
    /// Its items, in the order shown. Never empty.
    pub items: Vec<Item>,
}

/// One question of the checklist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Unique in the template; what answers and history hang on: `golden-signals`.
    pub id: String,
    /// The level that needs it.
    pub level: Level,
    /// What is asked, so that yes is good.
    pub question: String,
    /// Why it matters.
    pub why: String,
    /// How to satisfy it.
    pub how: String,
    /// What it is judged by.
    pub basis: Basis,
    /// Where this is false of a service, the item is not applicable to it; none for an item that applies to all.
    pub applies: Option<Rule>,
    /// A fact or an answer older than this is stale; none for an answer that never gets too old, and for facts where the
    /// template has a limit for all.
    pub max_age: Option<SignedDuration>,
    /// What else holds for it.
    pub marks: BTreeSet<Mark>,
}

/// What an item is judged by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Basis {
    /// By a rule over facts, which passes where it is true.
    Evidence(Rule),
    /// By what a person answers.
    Answer,
}

/// How much depends on a service. A level is reached when its items and those of the lower ones pass or are waived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Before any production traffic.
    Bronze,
    /// A service that others depend on.
    Silver,
    /// A service that the company depends on.
    Gold,
}

impl Level {
    /// All levels, the lowest first.
    pub const ALL: [Self; 3] = [Self::Bronze, Self::Silver, Self::Gold];

    /// Its name, as templates write it: `bronze`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bronze => "bronze",
            Self::Silver => "silver",
            Self::Gold => "gold",
        }
    }

    /// The level of this name.
    ///
    /// ```
    /// use seaworthy_checklist::Level;
    ///
    /// assert_eq!(Level::named("silver"), Some(Level::Silver));
    /// assert_eq!(Level::named("Silver"), None);
    /// ```
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == name)
    }

    /// The level to reach after what was reached; none at the highest.
    ///
    /// ```
    /// use seaworthy_checklist::Level;
    ///
    /// assert_eq!(Level::after(None), Some(Level::Bronze));
    /// assert_eq!(Level::after(Some(Level::Gold)), None);
    /// ```
    pub fn after(reached: Option<Self>) -> Option<Self> {
        Self::ALL.into_iter().find(|level| Some(*level) > reached)
    }
}

/// What else holds for an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// What it is judged by belongs to a build: it is stale once a new version is deployed.
    Build,
    /// Its answer needs a link.
    Link,
    /// An answer counts even where the evidence fails, since what satisfies the item may be out of its sight.
    Claim,
}
