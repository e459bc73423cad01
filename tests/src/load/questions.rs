//! The questions that are asked of a full store.

use seaworthy_telemetry::model::{TraceId, TraceQuery, Window};
use url::form_urlencoded::Serializer;

use super::{agents::Sample, options::Options};

const MILLISECOND: u64 = 1_000_000;
/// As many as a page shows.
const LIMIT: usize = 50;

/// A kind of question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    TraceById,
    Latest,
    Service,
    ServiceSlow,
    ServiceErrors,
    Errors,
    Operation,
    CommonAttribute,
    RareAttribute,
    UniqueAttribute,
    UnknownAttribute,
}

/// A question, and what is known of the answer.
pub(super) enum Question {
    Trace(TraceId, usize),
    Search(TraceQuery, Expected),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// As many traces as are listed at most.
    Full,
    /// This trace among others.
    Trace(TraceId),
    /// No trace.
    Nothing,
}

impl Kind {
    pub(super) const ALL: [Self; 11] = [
        Self::TraceById,
        Self::Latest,
        Self::Service,
        Self::ServiceSlow,
        Self::ServiceErrors,
        Self::Errors,
        Self::Operation,
        Self::CommonAttribute,
        Self::RareAttribute,
        Self::UniqueAttribute,
        Self::UnknownAttribute,
    ];

    /// What is asked, in words.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::TraceById => "trace by id",
            Self::Latest => "latest traces",
            Self::Service => "by service",
            Self::ServiceSlow => "by service and shortest duration",
            Self::ServiceErrors => "by service and error",
            Self::Errors => "by error",
            Self::Operation => "by service and operation",
            Self::CommonAttribute => "by attribute that many spans have",
            Self::RareAttribute => "by attribute that few spans have",
            Self::UniqueAttribute => "by attribute that one trace has",
            Self::UnknownAttribute => "by attribute that no span has",
        }
    }

    /// A question of this kind about a trace that was sent; none if it has not what would be asked for.
    pub(super) fn about(self, sample: &Sample, number: usize, window: Window) -> Option<Question> {
        let id = TraceId(sample.id);
        let service = ["barista", "reception", "storefront", "payments"][number % 4];
        let operation =
            [("barista", "pull shot"), ("menu", "GET /menus/{shop}"), ("inventory", "UPDATE stock")];
        let (operator, operation) = operation[number % operation.len()];
        let drink = ["espresso", "latte", "mocha", "cold brew"][number % 4];
        let asked = Asked::in_window(window);
        Some(match self {
            Self::TraceById => Question::Trace(id, sample.spans),
            Self::Latest => asked.expecting(Expected::Full),
            Self::Service => asked.service(service).expecting(Expected::Full),
            Self::ServiceSlow => asked.service(service).slow().expecting(Expected::Full),
            Self::ServiceErrors => asked.service(service).errors().expecting(Expected::Full),
            Self::Errors => asked.errors().expecting(Expected::Full),
            Self::Operation => asked.service(operator).operation(operation).expecting(Expected::Full),
            Self::CommonAttribute => {
                asked.service("barista").attribute("drink", drink).expecting(Expected::Full)
            }
            Self::RareAttribute => {
                asked.attribute("customer.id", sample.customer.as_ref()?).expecting(Expected::Trace(id))
            }
            Self::UniqueAttribute => {
                asked.attribute("order.id", sample.order.as_ref()?).expecting(Expected::Trace(id))
            }
            Self::UnknownAttribute => {
                asked.attribute("order.id", &format!("none-{number}")).expecting(Expected::Nothing)
            }
        })
    }
}

struct Asked(TraceQuery);

impl Asked {
    fn in_window(window: Window) -> Self {
        Self(TraceQuery {
            window,
            service: None,
            operation: None,
            min_duration: None,
            max_duration: None,
            errors_only: false,
            attributes: Vec::new(),
            limit: LIMIT,
        })
    }

    fn service(mut self, service: &str) -> Self {
        self.0.service = Some(service.to_owned());
        self
    }

    fn operation(mut self, operation: &str) -> Self {
        self.0.operation = Some(operation.to_owned());
        self
    }

    /// Slower than nearly all, save what met something slow.
    fn slow(mut self) -> Self {
        self.0.min_duration = Some(300 * MILLISECOND);
        self
    }

    fn errors(mut self) -> Self {
        self.0.errors_only = true;
        self
    }

    fn attribute(mut self, key: &str, value: &str) -> Self {
        self.0.attributes.push((key.to_owned(), value.to_owned()));
        self
    }

    fn expecting(self, expected: Expected) -> Question {
        Question::Search(self.0, expected)
    }
}

impl Question {
    /// The address under which the portal answers it.
    pub(super) fn path(&self, options: &Options) -> String {
        let query = match self {
            Self::Trace(id, _) => return format!("/api/v1/traces/{id}"),
            Self::Search(query, _) => query,
        };
        let mut path = Serializer::new(String::new());
        let range = [(1, "1h"), (6, "6h"), (24, "24h")].into_iter().find(|(hours, _)| options.hours < *hours);
        path.append_pair("range", range.map_or("7d", |(_, range)| range));
        for (key, value) in [("service", &query.service), ("operation", &query.operation)] {
            if let Some(value) = value {
                path.append_pair(key, value);
            }
        }
        if let Some(min) = query.min_duration {
            path.append_pair("min", &format!("{min}ns"));
        }
        if query.errors_only {
            path.append_pair("errors", "1");
        }
        for (key, value) in &query.attributes {
            path.append_pair("attributes", &format!("{key}=\"{value}\""));
        }
        format!("/api/v1/traces?{}", path.finish())
    }
}
