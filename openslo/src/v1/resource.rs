//! What every object of OpenSLO has, and how one stands in another.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, DeserializeOwned, MapAccess, Visitor},
    ser::SerializeMap as _,
};

use super::absent_if_null;

/// What an object is about.
pub trait Content: Serialize + DeserializeOwned {
    /// Its `kind`.
    const KIND: &'static str;
    /// The field by which another object refers to one.
    const REFERENCE: &'static str;

    /// What it says where nothing stands there; none if it must say something.
    fn nothing() -> Option<Self> {
        None
    }
}

/// An object with its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Shape<C>", bound(deserialize = "C: Content"))]
pub struct Resource<C> {
    /// What it is called.
    pub metadata: Metadata,
    /// What it says.
    pub spec: C,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", bound(deserialize = "C: DeserializeOwned"))]
struct Shape<C> {
    api_version: Option<String>,
    kind: Option<String>,
    metadata: Metadata,
    spec: Option<C>,
}

impl<C: Content> TryFrom<Shape<C>> for Resource<C> {
    type Error = String;

    fn try_from(shape: Shape<C>) -> Result<Self, Self::Error> {
        match (shape.api_version.as_deref(), shape.kind.as_deref()) {
            (Some(version), _) if version != super::VERSION => {
                Err(format!("apiVersion {version:?} is not known; {} is", super::VERSION))
            }
            (_, Some(kind)) if kind != C::KIND => {
                Err(format!("kind {kind:?} is not for here; {} is", C::KIND))
            }
            _ => match shape.spec.or_else(C::nothing) {
                Some(spec) => Ok(Self { metadata: shape.metadata, spec }),
                None => Err("missing field `spec`".to_owned()),
            },
        }
    }
}

/// The name of an object, and what else is said of any.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Metadata {
    /// Unique among objects of its kind: up to 63 lowercase letters, digits and hyphens.
    pub name: String,
    /// What people read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// For finding and grouping.
    #[serde(default, deserialize_with = "absent_if_null", skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, Label>,
    /// For whatever reads the object.
    #[serde(default, deserialize_with = "absent_if_null", skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

impl Metadata {
    /// A name, and nothing else.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}

/// The value of a label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Label {
    /// `team: identity`
    One(String),
    /// `team: [identity, access]`
    Many(Vec<String>),
}

impl<'de> Deserialize<'de> for Label {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;

        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Label;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Label, E> {
                Ok(Label::One(text.to_owned()))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, list: A) -> Result<Label, A::Error> {
                Vec::deserialize(de::value::SeqAccessDeserializer::new(list)).map(Label::Many)
            }
        }

        deserializer.deserialize_any(OneOrMany)
    }
}

/// An object where another needs one.
#[derive(Clone, Debug, PartialEq)]
pub enum Use<C> {
    /// By its name.
    Reference(String),
    /// Written out.
    Inline(Resource<C>),
}

impl<C: Content> Serialize for Use<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::Reference(name) => map.serialize_entry(C::REFERENCE, name)?,
            Self::Inline(Resource { metadata, spec }) => {
                map.serialize_entry("kind", C::KIND)?;
                map.serialize_entry("metadata", metadata)?;
                map.serialize_entry("spec", spec)?;
            }
        }
        map.end()
    }
}

impl<'de, C: Content> Deserialize<'de> for Use<C> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Either(PhantomData))
    }
}

struct Either<C>(PhantomData<C>);

impl<'de, C: Content> Visitor<'de> for Either<C> {
    type Value = Use<C>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, or an object of kind {} with metadata and spec", C::REFERENCE, C::KIND)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Use<C>, A::Error> {
        let (mut reference, mut metadata, mut spec) = (None, None, None);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "apiVersion" => same::<A::Error>(&key, &map.next_value::<String>()?, super::VERSION)?,
                "kind" => same::<A::Error>(&key, &map.next_value::<String>()?, C::KIND)?,
                "metadata" => metadata = Some(map.next_value()?),
                "spec" => spec = Some(map.next_value()?),
                key if key == C::REFERENCE => reference = Some(map.next_value()?),
                key => {
                    let fields = format!("{}, kind, metadata, spec", C::REFERENCE);
                    return Err(de::Error::custom(format!("unknown field `{key}`, expected {fields}")));
                }
            }
        }
        match (reference, metadata, spec) {
            (Some(name), None, None) => Ok(Use::Reference(name)),
            (None, Some(metadata), Some(spec)) => Ok(Use::Inline(Resource { metadata, spec })),
            (Some(_), _, _) => {
                Err(de::Error::custom(format!("{} and an object are given; leave one out", C::REFERENCE)))
            }
            (None, _, _) => Err(de::Error::custom(format!(
                "{} is missing, or metadata and spec of an {}",
                C::REFERENCE,
                C::KIND
            ))),
        }
    }
}

fn same<E: de::Error>(field: &str, found: &str, expected: &str) -> Result<(), E> {
    if found == expected {
        return Ok(());
    }
    Err(E::custom(format!("{field} {found:?} is not for here; {expected} is")))
}
