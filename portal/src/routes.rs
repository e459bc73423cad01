//! Every route of the portal. Who may call one is said by the first argument of its handler; a handler that does not
//! say so does not compile here.

use axum::{
    Extension, Router,
    handler::Handler,
    http::Method,
    middleware::{from_fn, from_fn_with_state},
    routing::{self, MethodRouter},
};

use crate::{
    auth::{Anyone, SaysWho, Who, form, secure},
    problem::{no_such_method, no_such_page, tell},
    state::App,
};

fn routes() -> Routes {
    Routes::default().get("/livez", async |_: Anyone| "OK")
}

/// The portal as a service.
pub fn router(app: App) -> Router {
    routes()
        .router
        .fallback(no_such_page)
        .method_not_allowed_fallback(no_such_method)
        .layer(from_fn(tell))
        .layer(Extension(app.clone()))
        .layer(from_fn_with_state(app.clone(), secure))
        .with_state(app)
}

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

/// Every route with who may call it, in the order of the list.
pub fn list() -> Vec<Route> {
    routes().listed
}

#[derive(Default)]
struct Routes {
    router: Router<App>,
    listed: Vec<Route>,
}

impl Routes {
    fn get<H, T>(self, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: SaysWho + 'static,
    {
        self.add::<T>(Method::GET, path, routing::get(handler))
    }

    /// A route that changes something. Where a cookie can open it, a form must prove that it is this portal's own.
    #[allow(dead_code)]
    fn post<H, T>(self, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: SaysWho + 'static,
    {
        let route = match T::WHO {
            Who::IngestToken => routing::post(handler),
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
