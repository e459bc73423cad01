//! One SLO with 30 days of minutes.

use std::time::{Duration, Instant};

use reqwest::{Client, StatusCode, header};
use seaworthy_catalog::{Actor, Passwords, SessionTerms};
use seaworthy_slo::{Scope, Sli};

use crate::{
    Portal,
    fleet::{make, points},
    report,
};

const SERVICE: &str = "reception";
const SLO: &str = "orders-availability";
const DAYS: i64 = 30;
const VISITS: usize = 50;

pub(crate) async fn measure(portal: &Portal) {
    let now = portal.minute();
    for day in 0..DAYS {
        let begin = now - (DAYS - day) * 24 * 60;
        let minutes = (begin..begin + 24 * 60).flat_map(|minute| points(SERVICE, 0, 2, minute));
        portal.server.app().telemetry().append_points(minutes.collect()).await.unwrap();
    }
    make(portal, SERVICE, SLO, Sli::Availability { scope: Scope::default(), bad_statuses: Vec::new() }).await;
    report("the first round of an SLO with 30 days of telemetry", vec![portal.evaluate().await], None);
    let cookie = format!("seaworthy-session={}", session(portal).await);
    for (what, path, aim) in [
        ("the page of an SLO with 30 days of minutes", format!("/slos/{SLO}"), Some(100)),
        ("the same as JSON", format!("/api/v1/slos/{SLO}"), None),
    ] {
        let visits = visit(portal, &path, &cookie).await;
        report(what, visits, aim.map(Duration::from_millis));
    }
}

async fn visit(portal: &Portal, path: &str, cookie: &str) -> Vec<Duration> {
    let client = Client::new();
    let url = format!("http://{}{path}", portal.server.address());
    let mut visits = Vec::new();
    for _ in 0..VISITS {
        let begun = Instant::now();
        let response = client.get(&url).header(header::COOKIE, cookie).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let body = response.text().await.unwrap();
        visits.push(begun.elapsed());
        // 51 requests of two routes, one of each failed, every minute.
        assert!(body.contains("4,406,400") || body.contains("4406400"), "not all of 30 days: {body}");
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
