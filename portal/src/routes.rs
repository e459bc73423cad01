//! Every route of the portal. Who may call one is said by the first extractor in its handler's signature; a handler
//! that does not say so does not compile here.

use axum::{
    Router,
    handler::Handler,
    http::Method,
    routing::{self, MethodRouter},
};

use crate::{
    auth::{Anyone, SaysWho, Who},
    state::App,
};

fn routes() -> Routes {
    Routes::default().get("/livez", async |_: Anyone| "OK")
}

/// The portal as a service.
pub fn router(app: App) -> Router {
    routes().router.with_state(app)
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

    #[allow(dead_code)]
    fn post<H, T>(self, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: SaysWho + 'static,
    {
        self.add::<T>(Method::POST, path, routing::post(handler))
    }

    fn add<T: SaysWho>(mut self, method: Method, path: &'static str, route: MethodRouter<App>) -> Self {
        self.listed.push(Route { method, path, who: T::WHO });
        self.router = self.router.route(path, route);
        self
    }
}
