//! Makes handlers routes, and remembers who may call each.

use axum::{
    Router,
    handler::Handler,
    http::Method,
    middleware::from_fn,
    routing::{self, MethodRouter},
};

use crate::{
    auth::{SaysWho, Who, form},
    state::App,
};

/// A route and who may call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Its method; `GET` answers `HEAD` too.
    pub method: Method,
    /// Its path with parameters in braces: `/services/{service}`.
    pub path: &'static str,
    /// Who may call it.
    pub who: Who,
}

#[derive(Default)]
pub(super) struct Routes {
    pub(super) router: Router<App>,
    pub(super) listed: Vec<Route>,
}

impl Routes {
    pub(super) fn get<H, T>(self, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: SaysWho + 'static,
    {
        self.add::<T>(Method::GET, path, routing::get(handler))
    }

    /// A route that changes something. Where a cookie can open it, a form must prove that it is this portal's own.
    pub(super) fn post<H, T>(self, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: SaysWho + 'static,
    {
        let route = match T::WHO {
            Who::IngestToken | Who::Writer => routing::post(handler),
            who => routing::post(handler)
                .route_layer(from_fn(move |app, request, next| form::check(who, app, request, next))),
        };
        self.add::<T>(Method::POST, path, route)
    }

    fn add<T: SaysWho>(mut self, method: Method, path: &'static str, route: MethodRouter<App>) -> Self {
        self.listed.push(Route { method, path, who: T::WHO });
        self.router = self.router.route(path, route);
        self
    }
}
