//! Every route of the portal. Who may call one is said by the first argument of its handler; a handler that does not
//! say so does not compile here.

mod builder;

use std::time::Duration;

use axum::{
    Extension, Router,
    extract::State,
    http::StatusCode,
    middleware::{from_fn, from_fn_with_state},
};
use seaworthy_protocol::{CHECK_IN_PATH, PROFILES_PATH};
use tower_http::{catch_panic::CatchPanicLayer, timeout::TimeoutLayer};

use crate::{
    api,
    auth::{
        Anyone,
        pages::{account, invitation, people, set_up, sign_in, tokens},
        secure,
    },
    ingest,
    linger::linger,
    problem::{Problem, no_such_method, no_such_page, panicked, tell},
    state::App,
    web::{self, assets, fleet, search},
};

pub use builder::Route;

use builder::Routes;

/// Whoever sends or reads more slowly is let go, and told to come again.
const LONGEST_REQUEST: Duration = Duration::from_secs(30);

fn routes() -> Routes {
    Routes::default()
        .get("/", fleet::show)
        .get("/services/{service}", web::service::show)
        .get("/readiness", web::readiness::fleet::show)
        .get("/my-work", web::readiness::work::show)
        .get("/services/{service}/now", web::service::now::show)
        .get("/services/{service}/settings", web::service::settings::show)
        .post("/services/{service}/settings", web::service::settings::change)
        .get("/services/{service}/readiness", web::readiness::show)
        .get("/services/{service}/readiness/history", web::readiness::history::show)
        .get("/services/{service}/readiness/export", web::readiness::export::show)
        .get("/services/{service}/readiness/export.md", web::readiness::export::markdown)
        .get("/services/{service}/readiness/export.csv", web::readiness::export::csv)
        .get("/services/{service}/readiness/print", web::readiness::export::print)
        .get("/badges/{badge}", web::readiness::badge::show)
        .get("/badge/{tag}/{badge}", web::readiness::badge::show_public)
        .get("/services/{service}/readiness/{template}/{item}", web::readiness::item::show)
        .post("/services/{service}/readiness/{template}/{item}/answer", web::readiness::item::answer)
        .post("/services/{service}/readiness/{template}/{item}/withdraw", web::readiness::item::withdraw)
        .post("/services/{service}/readiness/{template}/{item}/waive", web::readiness::item::waiver::ask)
        .post("/services/{service}/readiness/{template}/{item}/assign", web::readiness::item::assign)
        .post("/services/{service}/readiness/{template}/{item}/comment", web::readiness::item::comment)
        .post("/waivers/{waiver}/approve", web::readiness::item::waiver::approve)
        .post("/waivers/{waiver}/end", web::readiness::item::waiver::end)
        .get("/slos", web::slos::show)
        .get("/slos/new", web::slo::editor::new)
        .post("/slos", web::slo::editor::create)
        .post("/slos/preview", web::slo::editor::preview)
        .get("/slos/report", web::report::show)
        .get("/slos/import", web::slo::import::show)
        .post("/slos/import", web::slo::import::apply)
        .post("/slos/import/look", web::slo::import::look)
        .get("/slos/{slo}", web::slo::show)
        .get("/slos/{slo}/edit", web::slo::editor::edit)
        .post("/slos/{slo}", web::slo::editor::change)
        .post("/slos/{slo}/delete", web::slo::editor::delete)
        .get("/ack/{link}", web::acknowledge::show)
        .post("/ack/{link}", web::acknowledge::acknowledge)
        .get("/maintenance", web::maintenance::show)
        .get("/maintenance/new", web::maintenance::new)
        .post("/maintenance", web::maintenance::create)
        .get("/maintenance/{plan}/edit", web::maintenance::edit)
        .post("/maintenance/{plan}", web::maintenance::change)
        .post("/maintenance/{plan}/delete", web::maintenance::delete)
        .get("/deploys", web::deploys::show)
        .get("/gamedays", web::gamedays::show)
        .get("/gamedays/new", web::gamedays::editor::new)
        .post("/gamedays", web::gamedays::editor::create)
        .get("/gamedays/{gameday}", web::gamedays::one::show)
        .get("/gamedays/{gameday}/edit", web::gamedays::editor::edit)
        .post("/gamedays/{gameday}", web::gamedays::editor::change)
        .post("/gamedays/{gameday}/delete", web::gamedays::editor::delete)
        .get("/gamedays/{gameday}/conclusion", web::gamedays::conclusion::edit)
        .post("/gamedays/{gameday}/conclusion", web::gamedays::conclusion::save)
        .get("/gamedays/{gameday}/scenarios/new", web::gamedays::scenario::new)
        .post("/gamedays/{gameday}/scenarios", web::gamedays::scenario::add)
        .post("/gamedays/{gameday}/scenarios/look", web::gamedays::scenario::look)
        .get("/gamedays/{gameday}/scenarios/{scenario}", web::gamedays::scenario::edit)
        .post("/gamedays/{gameday}/scenarios/{scenario}", web::gamedays::scenario::change)
        .post("/gamedays/{gameday}/scenarios/{scenario}/start", web::gamedays::scenario::start)
        .post("/gamedays/{gameday}/scenarios/{scenario}/end", web::gamedays::scenario::end)
        .post("/gamedays/{gameday}/scenarios/{scenario}/remove", web::gamedays::scenario::remove)
        .post("/gamedays/{gameday}/tickets", web::gamedays::tickets::add)
        .post("/gamedays/{gameday}/tickets/{ticket}", web::gamedays::tickets::change)
        .get("/load-tests", web::load_tests::show)
        .get("/load-tests/new", web::load_tests::editor::new)
        .post("/load-tests", web::load_tests::editor::create)
        .post("/load-tests/look", web::load_tests::editor::look)
        .get("/load-tests/{test}", web::load_tests::one::show)
        .get("/load-tests/{test}/edit", web::load_tests::editor::edit)
        .post("/load-tests/{test}", web::load_tests::editor::change)
        .post("/load-tests/{test}/delete", web::load_tests::editor::delete)
        .get("/capacity", web::capacity::show)
        .get("/alerts", web::alerts::show)
        .get("/alerts/{alert}", web::alerts::one::show)
        .post("/alerts/{alert}/acknowledge", web::alerts::one::acknowledge)
        .get("/silences", web::alerts::silences::show)
        .get("/silences/new", web::alerts::silences::new)
        .post("/silences", web::alerts::silences::create)
        .post("/silences/{silence}/end", web::alerts::silences::end)
        .get("/runbooks", web::runbooks::show)
        .get("/runbooks/new", web::runbooks::editor::new)
        .post("/runbooks", web::runbooks::editor::create)
        .get("/runbooks/{runbook}", web::runbooks::one::show)
        .post("/runbooks/{runbook}", web::runbooks::editor::change)
        .get("/runbooks/{runbook}/edit", web::runbooks::editor::edit)
        .post("/runbooks/{runbook}/review", web::runbooks::one::review)
        .post("/runbooks/{runbook}/delete", web::runbooks::one::delete)
        .get("/runbooks/{runbook}/versions/{version}", web::runbooks::version::show)
        .post("/runbooks/{runbook}/runs", web::runbooks::run::start)
        .get("/runs", web::runbooks::run::list)
        .get("/runs/{run}", web::runbooks::run::show)
        .post("/runs/{run}/steps/{step}", web::runbooks::run::acts::step)
        .post("/runs/{run}/hand-over", web::runbooks::run::acts::hand_over)
        .post("/runs/{run}/finish", web::runbooks::run::acts::finish)
        .get("/incidents", web::incidents::show)
        .get("/incidents/new", web::incidents::editor::new)
        .post("/incidents", web::incidents::editor::create)
        .get("/incidents/{incident}", web::incidents::one::show)
        .post("/incidents/{incident}", web::incidents::editor::change)
        .get("/incidents/{incident}/edit", web::incidents::editor::edit)
        .post("/incidents/{incident}/delete", web::incidents::editor::delete)
        .post("/incidents/{incident}/timeline", web::incidents::acts::note)
        .post("/incidents/{incident}/items", web::incidents::acts::add_item)
        .post("/incidents/{incident}/items/{item}", web::incidents::acts::settle_item)
        .post("/incidents/{incident}/resolve", web::incidents::acts::resolve)
        .post("/incidents/{incident}/reopen", web::incidents::acts::reopen)
        .get("/incidents/{incident}/postmortem", web::incidents::postmortem::show)
        .post("/incidents/{incident}/postmortem", web::incidents::postmortem::change)
        .get("/incidents/{incident}/postmortem/edit", web::incidents::postmortem::edit)
        .get("/training", web::training::show)
        .get("/training/{service}", web::training::one)
        .post("/training/{service}", web::training::editor::change)
        .get("/training/{service}/edit", web::training::editor::edit)
        .post("/training/{service}/delete", web::training::editor::delete)
        .post("/services/{service}/profile-schedule", web::service::profile_schedule::change)
        .get("/services/{service}/log-filter", web::service::log_filter::show)
        .post("/services/{service}/log-filter", web::service::log_filter::change)
        .get("/services/{service}/profiles", web::profiles::list::show)
        .post("/services/{service}/captures", web::profiles::list::capture)
        .get("/profiles/{profile}", web::profiles::one::show)
        .get("/profiles/{profile}/download", web::profiles::one::download)
        .get("/profiles/{profile}/diff/{other}", web::profiles::diff::show)
        .get("/traces", web::traces::show)
        .get("/traces/{trace_id}", web::trace::show)
        .get("/logs", web::logs::show)
        .get("/errors", web::errors::show)
        .get("/errors/{group}", web::errors::one::show)
        .post("/errors/{group}/resolve", web::errors::acts::resolve)
        .post("/errors/{group}/mute", web::errors::acts::mute)
        .post("/errors/{group}/reopen", web::errors::acts::reopen)
        .get("/search", search::show)
        .get("/assets/{version}/{*name}", assets::show)
        .get("/livez", async |_: Anyone| "OK")
        .get("/readyz", ready)
        .get("/api/v1/openapi.json", api::document)
        .get("/api/v1/channels", api::channels)
        .get("/api/v1/channels/{channel}", api::channel)
        .get("/api/v1/services", api::fleet)
        .get("/api/v1/services/{service}", api::service)
        .get("/api/v1/services/{service}/now", api::now)
        .get("/api/v1/services/{service}/gate", api::gate::gate)
        .get("/api/v1/readiness", api::readiness::fleet)
        .get("/api/v1/services/{service}/readiness", api::readiness::service)
        .get("/api/v1/services/{service}/readiness/{template}/{item}", api::readiness::item)
        .get("/api/v1/slos", api::slos)
        .get("/api/v1/slos/{slo}", api::slo)
        .get("/api/v1/report", api::report)
        .get("/api/v1/maintenance", api::maintenance)
        .get("/api/v1/deploys", api::deploys::deploys)
        .post("/api/v1/deploys", api::deploys::declare)
        .get("/api/v1/gamedays", api::gamedays::all)
        .get("/api/v1/gamedays/{gameday}", api::gamedays::one)
        .get("/api/v1/load-tests", api::load_tests::all)
        .get("/api/v1/load-tests/{test}", api::load_tests::one)
        .post("/api/v1/load-tests", api::load_tests::send)
        .get("/api/v1/capacity", api::capacity::capacity)
        .get("/api/v1/slos/{slo}/openslo", api::openslo::openslo)
        .get("/api/v1/slos/{slo}/prometheus", api::openslo::prometheus)
        .get("/api/v1/openslo", api::openslo::openslo_of_all)
        .post("/api/v1/files", api::files::apply)
        .post("/api/v1/files/plan", api::files::plan)
        .get("/api/v1/prometheus", api::openslo::prometheus_of_all)
        .get("/api/v1/alerts", api::alerts)
        .get("/api/v1/alerts/{alert}", api::alert)
        .get("/api/v1/silences", api::silences)
        .get("/api/v1/runbooks", api::records::runbooks)
        .get("/api/v1/runbooks/{runbook}", api::records::runbook)
        .get("/api/v1/runbooks/{runbook}/versions/{version}", api::records::runbook_version)
        .get("/api/v1/runs", api::records::runs)
        .get("/api/v1/runs/{run}", api::records::run)
        .get("/api/v1/incidents", api::records::incidents)
        .get("/api/v1/incidents/{incident}", api::records::incident)
        .get("/api/v1/training", api::records::training)
        .get("/api/v1/training/{service}", api::records::rota)
        .get("/api/v1/traces", api::search)
        .get("/api/v1/traces/{trace_id}", api::trace)
        .get("/api/v1/logs", api::logs::search)
        .get("/api/v1/services/{service}/log-filter", api::log_filter::show)
        .post("/api/v1/services/{service}/log-filter", api::log_filter::change)
        .get("/api/v1/services/{service}/profiles", api::profiles::of_service)
        .post("/api/v1/services/{service}/captures", api::profiles::capture)
        .get("/api/v1/profiles/{profile}", api::profiles::one)
        .get("/api/v1/profiles/{profile}/pprof", api::profiles::pprof)
        .get("/api/v1/profiles/{profile}/diff/{other}", api::profiles::diff)
        .post(PROFILES_PATH, ingest::upload_profile)
        .get("/api/v1/errors", api::errors::all)
        .get("/api/v1/errors/{group}", api::errors::one)
        .post(CHECK_IN_PATH, ingest::check_in)
        .post("/v1/logs", ingest::export_logs)
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
        .get("/settings/channels", web::channels::show)
        .get("/settings/channels/new", web::channels::editor::new)
        .post("/settings/channels/new", web::channels::editor::create)
        .get("/settings/channels/{channel}/edit", web::channels::editor::edit)
        .post("/settings/channels/{channel}/edit", web::channels::editor::change)
        .post("/settings/channels/{channel}/delete", web::channels::delete)
        .post("/settings/channels/{channel}/test", web::channels::test)
        .post("/settings/dead-letters/{letter}/retry", web::channels::retry)
        .get("/settings/templates", web::templates::show)
        .post("/settings/templates", web::templates::editor::save)
        .get("/settings/templates/new", web::templates::editor::new)
        .post("/settings/templates/look", web::templates::editor::look)
        .get("/settings/templates/{template}", web::templates::one::show)
        .get("/settings/templates/{template}/edit", web::templates::editor::edit)
        .post("/settings/templates/{template}/use", web::templates::one::change_use)
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
    service(routes().router, app)
}

fn service(routes: Router<App>, app: App) -> Router {
    routes
        .fallback(no_such_page)
        .method_not_allowed_fallback(no_such_method)
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, LONGEST_REQUEST))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(tell))
        .layer(Extension(app.clone()))
        .layer(from_fn_with_state(app.clone(), secure))
        .layer(from_fn(linger))
        .with_state(app)
}

/// Every route with who may call it, in the order of the list.
pub fn list() -> Vec<Route> {
    routes().listed
}

#[cfg(test)]
mod tests {
    use std::{future::pending, sync::Arc};

    use axum::{body::Body, http::Request, response::Response, routing::get};
    use seaworthy_catalog::Catalog;
    use seaworthy_telemetry::{EmbeddedSettings, EmbeddedStore};
    use tower::ServiceExt;

    use super::*;
    use crate::{clock::Clock, state::AppSettings};

    async fn answer(routes: Router<App>) -> Response {
        let folder = tempfile::tempdir().unwrap();
        let catalog = format!("sqlite://{}", folder.path().join("catalog.db").display());
        let telemetry = EmbeddedStore::open(folder.path(), EmbeddedSettings::default()).unwrap();
        let catalog = Catalog::open(&catalog).await.unwrap();
        let app = App::new(catalog, Arc::new(telemetry), Clock::system(), AppSettings::default());
        let request = Request::get("/").body(Body::empty()).unwrap();
        // The clock of the timeout stands still but for what is asked of it.
        tokio::time::pause();
        service(routes, app).oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn a_handler_that_panics_is_a_problem_and_tells_nothing_of_it() {
        let handler = async || -> &'static str { panic!("the secret is 42") };
        let response = answer(Router::new().route("/", get(handler))).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let problem = response.extensions().get::<Problem>().expect("a problem");
        assert!(!problem.detail().contains("42"), "{problem:?}");
    }

    #[tokio::test]
    async fn a_handler_that_hangs_is_given_up() {
        let response = answer(Router::new().route("/", get(async || pending::<()>().await))).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(response.extensions().get::<Problem>().is_some());
    }
}
