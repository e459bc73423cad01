//! One SLO with 30 days of minutes, and the series behind it.

use std::time::{Duration, Instant};

use seaworthy_slo::{Scope, Sli};
use seaworthy_telemetry::{metric::MetricQuery, model::Window};

use crate::{
    evaluate,
    fleet::{make, points},
    portal::{Portal, report},
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
    report("the first round of an SLO with 30 days of telemetry", vec![evaluate(portal).await], None);
    let cookie = portal.session().await;
    for (what, path, aim) in [
        ("the page of an SLO with 30 days of minutes", format!("/slos/{SLO}"), Some(100)),
        ("the same as JSON", format!("/api/v1/slos/{SLO}"), None),
    ] {
        // 51 requests of five routes, one of each failed, every minute.
        let visits = portal.visit(&path, &cookie, VISITS, &["11,016,000", "11016000"]).await;
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
