//! A YAML document as a tree that knows its lines.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Number, Value};
use serde_saphyr::{Location, Spanned};

/// A value and where it stands.
#[derive(Debug)]
pub(crate) struct Node {
    position: Position,
    tree: Tree,
}

/// Where something stands in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    /// From 1.
    pub(crate) line: u64,
    /// From 1.
    pub(crate) column: u64,
}

impl From<Location> for Position {
    fn from(location: Location) -> Self {
        Self { line: location.line().max(1), column: location.column().max(1) }
    }
}

#[derive(Debug)]
enum Tree {
    Scalar(Value),
    List(Vec<Node>),
    Map(BTreeMap<String, Member>),
}

#[derive(Debug)]
struct Member {
    /// Where its key stands.
    position: Position,
    node: Node,
}

impl Node {
    /// Where it begins.
    pub(crate) fn position(&self) -> Position {
        self.position
    }

    /// Where a field such as `spec.objectives[0].target` stands, or what it would be in, where it is missing.
    pub(crate) fn position_of(&self, path: &str) -> Position {
        let (mut node, mut position) = (self, self.position);
        for step in path.split(['.', '[', ']']).filter(|step| !step.is_empty()) {
            let found = match &node.tree {
                Tree::Map(members) => members.get(step).map(|member| (&member.node, member.position)),
                Tree::List(items) => {
                    step.parse().ok().and_then(|index: usize| items.get(index)).map(|n| (n, n.position))
                }
                Tree::Scalar(_) => None,
            };
            let Some(found) = found else { return position };
            (node, position) = found;
        }
        position
    }

    /// The elements of a list; none of anything else.
    pub(crate) fn into_list(self) -> Result<Vec<Self>, Self> {
        match self.tree {
            Tree::List(items) => Ok(items),
            tree => Err(Self { position: self.position, tree }),
        }
    }

    /// Whether nothing stands there.
    pub(crate) fn is_null(&self) -> bool {
        matches!(self.tree, Tree::Scalar(Value::Null))
    }

    /// The same without lines.
    pub(crate) fn value(&self) -> Value {
        match &self.tree {
            Tree::Scalar(value) => value.clone(),
            Tree::List(items) => items.iter().map(Self::value).collect(),
            Tree::Map(members) => {
                members.iter().map(|(key, member)| (key.clone(), member.node.value())).collect()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Spanned::<Tree>::deserialize(deserializer).map(Self::from)
    }
}

impl From<Spanned<Tree>> for Node {
    fn from(spanned: Spanned<Tree>) -> Self {
        Self { position: spanned.referenced.into(), tree: spanned.value }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, true or false, a list or a group of fields")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Tree, E> {
        Ok(Tree::Scalar(Value::Null))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Scalar(value.into()))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Scalar(value.into()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Scalar(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Tree, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom(format!("{value} is no number")))?;
        Ok(Tree::Scalar(number.into()))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Scalar(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Tree, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Tree::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
        let mut members = BTreeMap::new();
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            let member = Member { position: key.referenced.into(), node: map.next_value()? };
            members.insert(key.value, member);
        }
        Ok(Tree::Map(members))
    }
}
