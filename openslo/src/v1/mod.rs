//! The objects of [OpenSLO v1](https://github.com/OpenSLO/OpenSLO), field by field: what is in a file is in them, whether
//! Seaworthy evaluates it or not.

mod alert;
mod duration;
mod indicator;
mod resource;
mod slo;

use serde::{Deserialize, Deserializer, Serialize};

pub use alert::{AlertCondition, AlertPolicy, Condition, ConditionKind, NotificationTarget};
pub use duration::{Duration, NotADuration, Unit};
pub use indicator::{DataSource, Indicator, Metric, MetricSource, RatioMetric, RawType};
pub use resource::{Content, Label, Metadata, Resource, Use};
pub use slo::{Begin, BudgetingMethod, Objective, Operator, Slo, TimeWindow};

/// The `apiVersion` of all objects.
pub const VERSION: &str = "openslo/v1";

/// Any object.
#[derive(Clone, Debug, PartialEq)]
pub enum Object {
    /// A service.
    Service(Resource<Service>),
    /// A source of metrics.
    DataSource(Resource<DataSource>),
    /// An SLI.
    Indicator(Box<Resource<Indicator>>),
    /// An SLO.
    Slo(Box<Resource<Slo>>),
    /// When somebody is told.
    AlertPolicy(Resource<AlertPolicy>),
    /// When an alert fires.
    AlertCondition(Resource<AlertCondition>),
    /// Who is told.
    NotificationTarget(Resource<NotificationTarget>),
}

/// The kinds of objects, in the order in which they are explained to people.
pub(crate) const KINDS: [&str; 7] = [
    Slo::KIND,
    Indicator::KIND,
    Service::KIND,
    DataSource::KIND,
    AlertPolicy::KIND,
    AlertCondition::KIND,
    NotificationTarget::KIND,
];

impl Object {
    /// Its kind: `SLO`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Service(_) => Service::KIND,
            Self::DataSource(_) => DataSource::KIND,
            Self::Indicator(_) => Indicator::KIND,
            Self::Slo(_) => Slo::KIND,
            Self::AlertPolicy(_) => AlertPolicy::KIND,
            Self::AlertCondition(_) => AlertCondition::KIND,
            Self::NotificationTarget(_) => NotificationTarget::KIND,
        }
    }

    /// What it is called.
    pub fn metadata(&self) -> &Metadata {
        match self {
            Self::Service(object) => &object.metadata,
            Self::DataSource(object) => &object.metadata,
            Self::Indicator(object) => &object.metadata,
            Self::Slo(object) => &object.metadata,
            Self::AlertPolicy(object) => &object.metadata,
            Self::AlertCondition(object) => &object.metadata,
            Self::NotificationTarget(object) => &object.metadata,
        }
    }
}

impl Serialize for Object {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Document<'o, C> {
            api_version: &'static str,
            kind: &'static str,
            metadata: &'o Metadata,
            spec: &'o C,
        }

        fn write<S: serde::Serializer, C: Content>(
            object: &Resource<C>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            let Resource { metadata, spec } = object;
            Document { api_version: VERSION, kind: C::KIND, metadata, spec }.serialize(serializer)
        }

        match self {
            Self::Service(object) => write(object, serializer),
            Self::DataSource(object) => write(object, serializer),
            Self::Indicator(object) => write(object, serializer),
            Self::Slo(object) => write(object, serializer),
            Self::AlertPolicy(object) => write(object, serializer),
            Self::AlertCondition(object) => write(object, serializer),
            Self::NotificationTarget(object) => write(object, serializer),
        }
    }
}

/// A service, which SLOs are of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl Content for Service {
    const KIND: &'static str = "Service";
    const REFERENCE: &'static str = "service";

    fn nothing() -> Option<Self> {
        Some(Self::default())
    }
}

/// A field that is named without a value says the same as one that is not there.
fn absent_if_null<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}
