//! The routes of the servers, and the series of each.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use crate::{
    http::{method, small_cache::SmallCache},
    metrics::{Histogram, UpDownCounter},
};

/// Routes that are remembered; a guard against routers that are made from data.
const MAX_ROUTES: usize = 2_000;

/// Every route that has been requested.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    known: RwLock<HashMap<Arc<str>, Arc<Route>>>,
    unmatched: Arc<Route>,
}

/// One route and its series.
#[derive(Debug, Default)]
pub(crate) struct Route {
    /// `http.route`: `/orders/{id}`; none for what no route matched.
    pub(crate) name: Option<Arc<str>>,
    /// What requests are called, by method: `GET /orders/{id}`.
    names: SmallCache<&'static str, Box<str>>,
    pub(super) active: SmallCache<(&'static str, &'static str), UpDownCounter>,
    pub(super) durations: SmallCache<Outcome, Histogram>,
}

impl Route {
    /// What a request is called: `METHOD route`; without a route the method alone: the path is no name, everybody can make one up.
    pub(crate) fn name_of(&self, known_method: &'static str) -> &str {
        let method = method::span_name(known_method);
        let make = || match &self.name {
            Some(route) => format!("{method} {route}").into(),
            None => method.into(),
        };
        // Of the few methods there are, each has room.
        self.names.kept(known_method, make).map_or(method, |name| name)
    }
}

/// What the duration of a request is told apart by, besides its route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) method: &'static str,
    pub(crate) scheme: &'static str,
    pub(crate) status: Option<u16>,
    /// Whether whoever sent it said that it is a load test.
    pub(crate) is_load_test: bool,
    /// What went wrong other than by a status.
    pub(crate) failure: Option<&'static str>,
}

impl Outcome {
    /// `error.type`: what went wrong, or a status of the server's own failing.
    pub(crate) fn error_type(&self) -> Option<Cow<'static, str>> {
        let by_status =
            || self.status.filter(|status| *status >= 500).map(|status| status.to_string().into());
        self.failure.map(Cow::Borrowed).or_else(by_status)
    }
}

impl Routes {
    pub(crate) fn unmatched(&self) -> Arc<Route> {
        Arc::clone(&self.unmatched)
    }

    pub(crate) fn get(&self, name: &str) -> Arc<Route> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        known.unwrap_or_else(|| self.add(name))
    }

    fn add(&self, name: &str) -> Arc<Route> {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let name = Arc::<str>::from(name);
        let make = || Arc::new(Route { name: Some(Arc::clone(&name)), ..Route::default() });
        match known.len() < MAX_ROUTES {
            true => Arc::clone(known.entry(Arc::clone(&name)).or_insert_with(make)),
            false => known.get(&name).cloned().unwrap_or_else(make),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_remembered_while_there_is_room() {
        let routes = Routes::default();
        let first = routes.get("/0");
        (0..3_000)
            .for_each(|n| assert_eq!(routes.get(&format!("/{n}")).name.as_deref(), Some(&*format!("/{n}"))));
        assert!(Arc::ptr_eq(&first, &routes.get("/0")));
        assert_eq!(routes.known.read().unwrap().len(), MAX_ROUTES);
    }

    #[test]
    fn failures_and_5xx_are_errors() {
        let outcome =
            |status, failure| Outcome { method: "GET", scheme: "http", status, is_load_test: false, failure };
        for (status, failure, expected) in [
            (Some(200), None, None),
            (Some(404), None, None),
            (Some(500), None, Some("500")),
            (Some(503), None, Some("503")),
            (Some(500), Some("panic"), Some("panic")),
            (None, Some("cancelled"), Some("cancelled")),
        ] {
            assert_eq!(outcome(status, failure).error_type().as_deref(), expected);
        }
    }
}
