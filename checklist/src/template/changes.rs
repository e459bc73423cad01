//! What a new version of a template changes.

use std::collections::HashMap;

use jiff::SignedDuration;

use super::{Basis, Item, Mark, Template};

/// What differs between two versions of a template, but for the order of its items. Items are the same where their ids are: what
/// people said of them stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The ids of items that the older version does not have, in the newer one's order.
    pub came: Vec<String>,
    /// The ids of items that the newer version does not have, in the older one's order. What people said of them is not
    /// looked at any more, and counts again should they come back.
    pub went: Vec<String>,
    /// The items that both have and that differ, in the newer one's order.
    pub changed: Vec<ItemChange>,
    /// What differs in the template itself.
    pub template: Vec<FieldChange>,
}

/// An item that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemChange {
    /// Its id.
    pub item: String,
    /// What differs. Never empty.
    pub fields: Vec<FieldChange>,
}

/// One field that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// Its name, as templates write it; `point` for the title of the item's point.
    pub field: &'static str,
    /// What it was; empty for one that was not there.
    pub from: String,
    /// What it is; empty for one that is not there.
    pub to: String,
}

impl Changes {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Template {
    /// What differs from an older version.
    ///
    /// ```
    /// use seaworthy_checklist::{TWELVE_POINT, Template};
    ///
    /// let older = Template::from_yaml(TWELVE_POINT)?;
    /// let newer = Template::from_yaml(&TWELVE_POINT.replace("share_24h >= 0.99", "share_24h >= 0.999"))?;
    /// let changes = newer.changes_since(&older);
    /// assert_eq!((changes.came.len(), changes.went.len()), (0, 0));
    /// let items: Vec<_> = changes.changed.iter().map(|change| change.item.as_str()).collect();
    /// assert_eq!(items, ["request-tracing", "request-logs"]);
    /// assert_eq!(changes.changed[0].fields[0].to, "request_trace_id_share_24h >= 0.999");
    /// # Ok::<(), seaworthy_checklist::InvalidTemplate>(())
    /// ```
    pub fn changes_since(&self, older: &Self) -> Changes {
        let before: HashMap<_, _> =
            older.titled().map(|(point, item)| (item.id.as_str(), (point, item))).collect();
        let mut changes =
            Changes { template: different(&older.fields(), &self.fields()), ..Changes::default() };
        for (point, item) in self.titled() {
            let Some((was_in, was)) = before.get(item.id.as_str()) else {
                changes.came.push(item.id.clone());
                continue;
            };
            let fields = different(&fields(was_in, was), &fields(point, item));
            if !fields.is_empty() {
                changes.changed.push(ItemChange { item: item.id.clone(), fields });
            }
        }
        let went = older.items().filter(|item| self.item(&item.id).is_none());
        changes.went = went.map(|item| item.id.clone()).collect();
        changes
    }

    /// Its items, each with the title of its point.
    fn titled(&self) -> impl Iterator<Item = (&str, &Item)> {
        self.points.iter().flat_map(|point| point.items.iter().map(|item| (point.title.as_str(), item)))
    }

    fn fields(&self) -> Vec<(&'static str, String)> {
        vec![
            ("title", self.title.clone()),
            ("kinds", joined(self.kinds.iter().map(String::as_str))),
            ("max_age", self.max_age.map(exact).unwrap_or_default()),
            ("points", joined(self.points.iter().map(|point| point.title.as_str()))),
        ]
    }
}

fn fields(point: &str, item: &Item) -> Vec<(&'static str, String)> {
    let (kind, rule) = match &item.basis {
        Basis::Evidence(rule) => ("evidence", rule.text()),
        Basis::Answer => ("answer", ""),
    };
    vec![
        ("point", point.to_owned()),
        ("level", item.level.as_str().to_owned()),
        ("kind", kind.to_owned()),
        ("question", item.question.clone()),
        ("why", item.why.clone()),
        ("how", item.how.clone()),
        ("rule", rule.to_owned()),
        ("applies", item.applies.as_ref().map_or("", |rule| rule.text()).to_owned()),
        ("max_age", item.max_age.map(exact).unwrap_or_default()),
        ("marks", joined(item.marks.iter().map(|mark| mark.as_str()))),
    ]
}

fn different(from: &[(&'static str, String)], to: &[(&'static str, String)]) -> Vec<FieldChange> {
    let pairs = from.iter().zip(to).filter(|((_, from), (_, to))| from != to);
    pairs.map(|((field, from), (_, to))| FieldChange { field, from: from.clone(), to: to.clone() }).collect()
}

/// As a template may write it.
fn exact(age: SignedDuration) -> String {
    const DAY: i64 = 24 * 60 * 60;
    let days = age.as_secs() / DAY;
    if age == SignedDuration::from_secs(days * DAY) { format!("{days}d") } else { format!("{age:#}") }
}

fn joined<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

impl Mark {
    /// Its name, as templates write it: `build`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::Link => "link",
            Self::Claim => "claim",
        }
    }
}
