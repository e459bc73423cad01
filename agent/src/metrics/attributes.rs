//! The attributes that tell one series of a metric from another.

use std::borrow::Cow;

/// Longest text value, in bytes; longer ones are cut. Keeps a hostile value from growing the process.
const MAX_TEXT: usize = 256;

/// Attributes of a series: keys in order, each once.
///
/// ```
/// use seaworthy_agent::metrics::Attributes;
///
/// let none = Attributes::from(());
/// let one = Attributes::from([("drink", "espresso")]);
/// let mixed = Attributes::default().with("drink", "espresso").with("shots", 2);
/// assert_ne!(one, mixed);
/// # assert_ne!(none, one);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Attributes(Vec<(Cow<'static, str>, AttributeValue)>);

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AttributeValue {
    /// Text; cut at 256 bytes.
    Text(Cow<'static, str>),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Boolean(bool),
}

impl Attributes {
    /// Adds an attribute, or replaces the one with that key.
    #[must_use]
    pub fn with(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<AttributeValue>) -> Self {
        let (key, value) = (key.into(), value.into());
        match self.0.binary_search_by(|(known, _)| known.cmp(&key)) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (key, value)),
        }
        self
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &AttributeValue)> {
        self.0.iter().map(|(key, value)| (key.as_ref(), value))
    }
}

impl From<()> for Attributes {
    fn from((): ()) -> Self {
        Self::default()
    }
}

impl<K: Into<Cow<'static, str>>, V: Into<AttributeValue>, const N: usize> From<[(K, V); N]> for Attributes {
    fn from(pairs: [(K, V); N]) -> Self {
        pairs.into_iter().fold(Self::default(), |all, (key, value)| all.with(key, value))
    }
}

impl From<&'static str> for AttributeValue {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(&text[..text.floor_char_boundary(MAX_TEXT)]))
    }
}

impl From<String> for AttributeValue {
    fn from(mut text: String) -> Self {
        text.truncate(text.floor_char_boundary(MAX_TEXT));
        Self::Text(Cow::Owned(text))
    }
}

impl From<i64> for AttributeValue {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<i32> for AttributeValue {
    fn from(number: i32) -> Self {
        Self::Integer(number.into())
    }
}

impl From<u16> for AttributeValue {
    fn from(number: u16) -> Self {
        Self::Integer(number.into())
    }
}

impl From<bool> for AttributeValue {
    fn from(truth: bool) -> Self {
        Self::Boolean(truth)
    }
}

impl std::fmt::Display for AttributeValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Boolean(truth) => write!(f, "{truth}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_of_adding_does_not_matter_and_the_last_value_wins() {
        let a = Attributes::default().with("b", 1).with("a", true).with("b", 2);
        let b = Attributes::default().with("a", true).with("b", 2);
        assert_eq!(a, b);
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let Attributes(pairs) = Attributes::from([("k", format!("x{}", "é".repeat(200)))]);
        assert_eq!(pairs[0].1.to_string().len(), 255);
    }
}
