//! What a fact can be.

use std::{collections::BTreeMap, fmt};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The most entries of a list or a map. What a rule may cost is reckoned with it.
pub const MAX_ENTRIES: usize = 1_000;

/// The longest text of a fact, in bytes; keys and entries are texts as well.
pub const MAX_TEXT_BYTES: usize = 1_024;

/// The value of a fact.
///
/// ```
/// use seaworthy_checklist::{Type, Value};
///
/// assert_eq!(Value::from(0.9997).kind(), Some(Type::Float));
/// assert_eq!(Value::list(["/orders", "/menu"]).kind(), Some(Type::List(&Type::Text)));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum Value {
    /// Yes or no.
    Bool(bool),
    /// A count.
    Int(i64),
    /// A figure. Always finite.
    Float(f64),
    /// A text.
    Text(String),
    /// A moment.
    Timestamp(Timestamp),
    /// A length of time. Rules see it to the microsecond.
    Duration(SignedDuration),
    /// Texts, in the order in which they are shown.
    List(Vec<String>),
    /// Figures by name; all of one type, none of them a list or a map.
    Map(BTreeMap<String, Value>),
}

impl Value {
    /// A list of texts.
    pub fn list<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::List(texts.into_iter().map(Into::into).collect())
    }

    /// Values by name.
    pub fn map<K: Into<String>, V: Into<Self>>(entries: impl IntoIterator<Item = (K, V)>) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }

    /// Its type; none for a map whose values have several types or that is empty, which goes for any.
    pub fn kind(&self) -> Option<Type> {
        Some(match self {
            Self::Bool(_) => Type::Bool,
            Self::Int(_) => Type::Int,
            Self::Float(_) => Type::Float,
            Self::Text(_) => Type::Text,
            Self::Timestamp(_) => Type::Timestamp,
            Self::Duration(_) => Type::Duration,
            Self::List(_) => Type::List(&Type::Text),
            Self::Map(map) => {
                let first = map.values().next()?.kind()?;
                let alike = map.values().all(|value| value.kind() == Some(first));
                return alike.then(|| first.mapped()).flatten();
            }
        })
    }

    /// Whether it is what a fact of this type may hold.
    pub(crate) fn is(&self, kind: Type) -> bool {
        match (self, kind) {
            (Self::Map(map), Type::Map(of)) => map.values().all(|value| value.is(*of)),
            _ => self.kind() == Some(kind),
        }
    }

    /// Why rules could not afford it; none where they can.
    pub(crate) fn excess(&self) -> Option<String> {
        let too_long = |text: &String| text.len() > MAX_TEXT_BYTES;
        let (entries, longest) = match self {
            Self::Text(text) => (0, too_long(text)),
            Self::List(list) => (list.len(), list.iter().any(too_long)),
            Self::Map(map) => {
                (map.len(), map.iter().any(|(key, value)| too_long(key) || value.excess().is_some()))
            }
            Self::Float(figure) if !figure.is_finite() => {
                return Some(format!("is {figure}, which no rule can judge"));
            }
            _ => (0, false),
        };
        if entries > MAX_ENTRIES {
            return Some(format!("has {entries} entries; at most {MAX_ENTRIES} are accepted"));
        }
        longest.then(|| format!("has a text of more than {MAX_TEXT_BYTES} bytes"))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Self {
        Self::Timestamp(value)
    }
}

impl From<SignedDuration> for Value {
    fn from(value: SignedDuration) -> Self {
        Self::Duration(value)
    }
}

/// The type of a fact, and of what a rule makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// A number with a fraction: `0.99`. CEL does not mix it with whole numbers in sums and products.
    Float,
    /// A text: `"production"`.
    Text,
    /// A moment: `timestamp("2026-01-31T00:00:00Z")`.
    Timestamp,
    /// A length of time: `duration("300ms")`.
    Duration,
    /// A list of values of one simple type.
    List(&'static Type),
    /// Values of one simple type by text.
    Map(&'static Type),
}

impl Type {
    pub(crate) fn listed(self) -> Option<Self> {
        self.as_static().map(Self::List)
    }

    pub(crate) fn mapped(self) -> Option<Self> {
        self.as_static().map(Self::Map)
    }

    pub(crate) const fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Float)
    }

    /// None for lists and maps, which are not nested.
    const fn as_static(self) -> Option<&'static Self> {
        Some(match self {
            Self::Bool => &Self::Bool,
            Self::Int => &Self::Int,
            Self::Float => &Self::Float,
            Self::Text => &Self::Text,
            Self::Timestamp => &Self::Timestamp,
            Self::Duration => &Self::Duration,
            Self::List(_) | Self::Map(_) => return None,
        })
    }
}

/// In words for the author of a rule, with an article.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("true or false"),
            Self::Int => f.write_str("a whole number"),
            Self::Float => f.write_str("a number with a fraction"),
            Self::Text => f.write_str("a text"),
            Self::Timestamp => f.write_str("a moment"),
            Self::Duration => f.write_str("a length of time"),
            Self::List(of) => write!(f, "a list, each entry {of}"),
            Self::Map(of) => write!(f, "a map, each value {of}"),
        }
    }
}
