//! Every route of the portal. Who may call one is said by the first argument of its handler; a handler that does not
//! say so does not compile here.

use std::time::Duration;

use axum::{
    Extension, Router,
    extract::State,
    handler::Handler,
    http::{Method, StatusCode},
    middleware::{from_fn, from_fn_with_state},
    routing::{self, MethodRouter},
};

use seaworthy_protocol::CHECK_IN_PATH;
use tower_http::{catch_panic::CatchPanicLayer, timeout::TimeoutLayer};

use crate::{
    api,
    auth::{
        Anyone, SaysWho, Who, form,
        pages::{account, invitation, people, set_up, sign_in, tokens},
        secure,
    },
    ingest,
    problem::{Problem, no_such_method, no_such_page, panicked, tell},
    state::App,
};

/// Whoever sends or reads more slowly is let go, and told to come again.
const LONGEST_REQUEST: Duration = Duration::from_secs(30);

fn routes() -> Routes {
    Routes::default()
        .get("/livez", async |_: Anyone| "OK")
        .get("/readyz", ready)
        .get("/api/v1/openapi.json", api::document)
        .get("/api/v1/services", api::fleet)
        .get("/api/v1/services/{service}", api::service)
        .get("/api/v1/traces", api::search)
        .get("/api/v1/traces/{trace_id}", api::trace)
        .post(CHECK_IN_PATH, ingest::check_in)
        .post("/v1/metrics", ingest::export_metrics)
        .post("/v1/traces", ingest::export_traces)
        .get("/sign-in", sign_in::show)
        .post("/sign-in", sign_in::sign_in)
        .post("/sign-out", sign_in::sign_out)
        .get("/set-up", set_up::show)
        .post("/set-up", set_up::set_up)
        .get("/invitation/{secret}", invitation::show)
        .post("/invitation/{secret}", invitation::accept)
        .get("/account", account::show)
        .post("/account/password", account::change_password)
        .post("/account/sessions/{session}/end", account::end_session)
        .get("/settings/tokens", tokens::show)
        .post("/settings/tokens", tokens::create)
        .post("/settings/tokens/{token}/revoke", tokens::revoke)
        .get("/settings/people", people::show)
        .post("/settings/people", people::invite)
        .post("/settings/people/{person}/link", people::link)
        .post("/settings/people/{person}/role", people::change_role)
        .post("/settings/people/{person}/disable", people::disable)
        .post("/settings/people/{person}/enable", people::enable)
}

/// Whether the portal can do its work: its catalog answers.
async fn ready(_: Anyone, State(app): State<App>) -> Result<&'static str, Problem> {
    app.catalog().ping().await.map_err(|error| {
        tracing::warn!(%error, "the catalog does not answer");
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "The portal is not ready",
            "Its catalog does not answer.",
        )
    })?;
    Ok("OK")
}

/// The portal as a service.
pub fn router(app: App) -> Router {
    routes()
        .router
        .fallback(no_such_page)
        .method_not_allowed_fallback(no_such_method)
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, LONGEST_REQUEST))
        .layer(CatchPanicLayer::custom(panicked))
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
