//! One SLO with 30 days of minutes, and the series behind it.

use std::time::{Duration, Instant};

use reqwest::{Client, StatusCode, header};
use seaworthy_catalog::{Actor, Passwords, SessionTerms};
use seaworthy_slo::{Scope, Sli};
use seaworthy_telemetry::{metric::MetricQuery, model::Window};

use crate::{
    Portal,
    fleet::{make, points},
    report,
};

const SERVICE: &str = "reception";
const SLO: &str = "orders-availability";
const DAYS: i64 = 30;
const ROUTES: usize = 5;
const VISITS: usize = 50;

/// Returns the cookie of somebody who may look.
pub(crate) async fn measure(portal: &Portal) -> String {
    let now = portal.minute();
    for day in 0..DAYS {
        let begin = now - (DAYS - day) * 24 * 60;
        let minutes = (begin..begin + 24 * 60).flat_map(|minute| points(SERVICE, 0, ROUTES, 500, minute));
        portal.server.app().telemetry().append_points(minutes.collect()).await.unwrap();
    }
    make(portal, SERVICE, SLO, Sli::Availability { scope: Scope::default(), bad_statuses: Vec::new() }).await;
    report("the first round of an SLO with 30 days of telemetry", vec![portal.evaluate().await], None);
    let cookie = format!("seaworthy-session={}", session(portal).await);
    for (what, path, aim) in [
        ("the page of an SLO with 30 days of minutes", format!("/slos/{SLO}"), Some(100)),
        ("the same as JSON", format!("/api/v1/slos/{SLO}"), None),
    ] {
        // 51 requests of five routes, one of each failed, every minute.
        let visits = visit(portal, &path, &cookie, VISITS, &["11,016,000", "11016000"]).await;
        report(what, visits, aim.map(Duration::from_millis));
    }
    for (what, step_minutes) in [
        ("series of a service over 30 days, as its page reads them", 8 * 60),
        ("the same, as if every minute were read", 1),
    ] {
        report(what, series(portal, step_minutes).await, None);
    }
    cookie
}

async fn series(portal: &Portal, step_minutes: u32) -> Vec<Duration> {
    let minutes = |minute: i64| u64::try_from(minute).unwrap() * 60_000_000_000;
    let (from, to) = (minutes(portal.minute() - DAYS * 24 * 60), minutes(portal.minute()));
    let query = MetricQuery {
        service: Some(SERVICE.to_owned()),
        name: None,
        window: Window { from, to },
        step_minutes,
    };
    let mut measured = Vec::new();
    for _ in 0..5 {
        let begun = Instant::now();
        let series = portal.server.app().telemetry().series(query.clone()).await.unwrap();
        measured.push(begun.elapsed());
        assert_eq!(series.len(), 2 * ROUTES + 1);
    }
    measured
}

/// How long a page takes, which must have one of these texts.
pub(crate) async fn visit(
    portal: &Portal,
    path: &str,
    cookie: &str,
    times: usize,
    texts: &[&str],
) -> Vec<Duration> {
    let client = Client::new();
    let url = format!("http://{}{path}", portal.server.address());
    let mut visits = Vec::new();
    for _ in 0..times {
        let begun = Instant::now();
        let response = client.get(&url).header(header::COOKIE, cookie).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let body = response.text().await.unwrap();
        visits.push(begun.elapsed());
        assert!(texts.iter().any(|text| body.contains(text)), "{path} has none of {texts:?}: {body}");
    }
    visits
}

/// The session of somebody who may look.
async fn session(portal: &Portal) -> String {
    let app = portal.server.app();
    let (catalog, now) = (app.catalog(), app.clock().now());
    let actor = Actor { login: "bench".into(), address: String::new() };
    let hash = Passwords::default().hash("a plain passphrase").await.unwrap();
    catalog.create_first_admin("Inês", "ines", &hash, &actor, now).await.unwrap();
    let credentials = catalog.credentials("ines").await.unwrap().unwrap();
    let terms = SessionTerms {
        lasts: Duration::from_secs(86_400),
        idle: Duration::from_secs(86_400),
        address: "192.0.2.7".into(),
        user_agent: "bench".into(),
    };
    catalog.start_session(&credentials, &terms, now).await.unwrap().unwrap().reveal().to_owned()
}
