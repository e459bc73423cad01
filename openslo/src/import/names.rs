//! Objects by their names.

use seaworthy_yaml::shown;

use std::collections::BTreeMap;

use super::{
    document::Document,
    findings::{At, Findings},
};
use crate::v1::{
    AlertCondition, AlertPolicy, Content, DataSource, Indicator, NotificationTarget, Object, Resource, Slo,
    Use,
};

/// All objects of an import by kind and name.
#[derive(Default)]
pub(crate) struct Names<'d>(BTreeMap<(&'static str, &'d str), (&'d Object, &'d Document)>);

/// A kind of object that others refer to.
pub(crate) trait Named: Content {
    /// The object, if it is of this kind.
    fn of(object: &Object) -> Option<&Resource<Self>>;
}

macro_rules! named {
    ($($content:ty => $variant:ident),*) => {
        $(impl Named for $content {
            fn of(object: &Object) -> Option<&Resource<Self>> {
                match object {
                    Object::$variant(object) => Some(object),
                    _ => None,
                }
            }
        })*
    };
}

named!(
    Slo => Slo,
    Indicator => Indicator,
    DataSource => DataSource,
    AlertPolicy => AlertPolicy,
    AlertCondition => AlertCondition,
    NotificationTarget => NotificationTarget
);

impl<'d> Names<'d> {
    /// The names of these objects. Two of one kind must not share one.
    pub(crate) fn of(objects: &'d [(Object, Document)], findings: &mut Findings) -> Self {
        let mut names = Self::default();
        for (object, document) in objects {
            let (kind, name) = (object.kind(), object.metadata().name.as_str());
            match names.0.get(&(kind, name)) {
                Some((_, first)) => {
                    let message = format!(
                        "there are two objects {kind} named {:?}; the other is at {}",
                        shown(name),
                        first.place()
                    );
                    findings.error(&At::top(document).field("metadata.name"), message).unwrap_or_default()
                }
                None => _ = names.0.insert((kind, name), (object, document)),
            }
        }
        names
    }

    /// The object of that name, and where it stands.
    pub(crate) fn find<C: Named>(&self, name: &str) -> Option<(&'d Resource<C>, At<'d>)> {
        let (object, document) = self.0.get(&(C::KIND, name))?;
        C::of(object).map(|object| (object, At::top(document)))
    }

    /// The object that `at` refers to by its name, and where it stands.
    pub(crate) fn refer<C: Named>(
        &self,
        name: &str,
        at: &At<'_>,
        findings: &mut Findings,
    ) -> Option<(&'d Resource<C>, At<'d>)> {
        let found = self.find(name);
        if found.is_none() {
            findings.error::<()>(at, self.missing(C::KIND, name));
        }
        found
    }

    /// The object that is used, and where it stands.
    pub(crate) fn resolve<C: Named + Clone + 'd>(
        &self,
        used: &Use<C>,
        at: &At<'d>,
        findings: &mut Findings,
    ) -> Option<(Resource<C>, At<'d>)> {
        match used {
            Use::Inline(object) => Some((object.clone(), at.clone())),
            Use::Reference(name) => self
                .refer(name, &at.field(C::REFERENCE), findings)
                .map(|(object, place)| (object.clone(), place)),
        }
    }

    fn missing(&self, kind: &str, name: &str) -> String {
        let others: Vec<_> =
            self.0.keys().filter(|(_, other)| *other == name).map(|(kind, _)| *kind).collect();
        let name = shown(name);
        match others.as_slice() {
            [] => format!("there is no {kind} named {name:?}; add its file, or write it out here"),
            others => format!("there is no {kind} named {name:?}, only {}", others.join(" and ")),
        }
    }
}
