//! Readiness: services are judged by what really checks in and what is really sent, and a level that falls is told.

use jiff::Timestamp;
use reqwest::{Method, StatusCode};
use seaworthy_catalog::{
    AlertFilter, AlertState, AnswerDefinition, AnswerKind, ItemKey, RecordDefinition, RecordKind, Scope,
    ServiceSettings, SloDefinition, StoredAssessment, TemplateDefinition, VerdictChange,
};
use seaworthy_portal::{
    alerts::{ChannelSettings, Event, Hidden, Notice, Target},
    readiness::assess_now,
};
use seaworthy_slo::Severity;
use serde_json::{Value, json};

use crate::{
    alerts::SPEC,
    portal::{Portal, actor, minutes},
};

pub(crate) const SERVICE: &str = "reception";

/// What has to hold of the service of these tests.
pub(crate) const OWN: &str = "id: own
title: Our own
version: '1'
points:
  - title: All
    items:
      - {id: versioned, level: bronze, kind: evidence, question: Versioned?, why: W., how: H.,
         rule: size(instances_without_build_info) == 0}
      - {id: checked, level: silver, kind: evidence, question: Checked?, why: W., how: H., rule: health_checks > 0}
      - {id: owned, level: gold, kind: answer, question: Owned?, why: W., how: Say who.}
";

/// A portal with the service, and what it sends.
pub(crate) struct Shop {
    pub(crate) portal: Portal,
    token: String,
}

impl Shop {
    pub(crate) async fn new() -> Self {
        let portal = Portal::set_up().await;
        let token = portal.token(&[Scope::Ingest]).await;
        Self { portal, token }
    }

    async fn send(&self, path: &str, body: &Value) {
        let request = self.portal.browser().as_program(Method::POST, path);
        let response = request.bearer_auth(&self.token).json(body).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}: {}", response.text().await.unwrap());
    }

    /// The instance of the service checks in.
    pub(crate) async fn check_in(&self, version: &str, checks: &[&str]) {
        self.check_in_of(SERVICE, version, checks).await;
    }

    /// An instance of another service checks in.
    pub(crate) async fn check_in_of(&self, service: &str, version: &str, checks: &[&str]) {
        let now = self.portal.clock.now();
        let checks: Vec<Value> = checks
            .iter()
            .map(|name| json!({"name": name, "critical": true, "result": {"is": "pass"}}))
            .collect();
        let check_in = json!({
            "service": service, "instance": format!("{service}-{version}"), "sequence": now.as_second(), "sent_at": now,
            "agent": "seaworthy-agent/0.1.0", "state": "running",
            "build": {"version": version, "commit": "4f2c9ab", "built_at": "2026-11-01T00:00:00Z"},
            "process": {"host": "till-host", "pid": 4127, "started_at": now, "admin_address": "127.0.0.1:9000"},
            "health": {"status": "OK", "checks": checks},
            "figures": {"cpu_cores": 0.2, "cpu_limit_cores": 2.0, "memory_bytes": 100, "memory_limit_bytes": 400},
            "observations": {"worker_threads": 2, "runs_as_root": false, "probes": {"liveness_asked_at": now}},
        });
        self.send("/api/v1/check-in", &check_in).await;
    }

    /// So many requests in the minute that began so many minutes ago, and a server span of so many of them.
    async fn requests(&self, ago: i64, count: u64, with_spans: u64) {
        let at = |ms: u64| {
            let begin = self.portal.clock.now().as_millisecond() - ago * 60_000;
            ((begin.cast_unsigned() + ms) * 1_000_000).to_string()
        };
        let attribute = |key: &str, value: &str| json!({"key": key, "value": {"stringValue": value}});
        let resource = json!({"attributes": [attribute("service.name", SERVICE)]});
        let attributes = json!([
            attribute("http.request.method", "GET"),
            attribute("http.route", "/menu"),
            attribute("http.response.status_code", "200"),
        ]);
        self.send("/v1/metrics", &json!({"resourceMetrics": [{"resource": resource, "scopeMetrics": [{"metrics": [{
            "name": "http.server.request.duration", "unit": "s", "histogram": {"aggregationTemporality": 1, "dataPoints": [{
                "attributes": attributes, "startTimeUnixNano": at(1), "timeUnixNano": at(59_000),
                "count": count.to_string(), "sum": 1, "bucketCounts": [count.to_string(), "0"], "explicitBounds": [0.25],
            }]},
        }]}]}]})).await;
        let span = |number: u64| {
            json!({
                "traceId": format!("{number:032x}"), "spanId": format!("{number:016x}"), "name": "GET /menu", "kind": 2,
                "startTimeUnixNano": at(number), "endTimeUnixNano": at(number + 9), "status": {},
            })
        };
        let spans: Vec<Value> = (1..=with_spans).map(span).collect();
        self.send(
            "/v1/traces",
            &json!({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": spans}]}]}),
        )
        .await;
    }

    pub(crate) async fn assess(&self) {
        self.portal.server.assess().await.unwrap();
    }

    async fn assessment(&self, template: &str) -> StoredAssessment {
        let all = self.portal.server.app().catalog().assessments(Some(SERVICE)).await.unwrap();
        all.into_iter().find(|assessment| assessment.summary.template == template).unwrap()
    }

    /// Verdict and words of an item of the twelve points.
    async fn item(&self, item: &str) -> (String, String) {
        let judgements: Value =
            serde_json::from_str(&self.assessment("twelve-point").await.judgements).unwrap();
        let found =
            judgements.as_array().unwrap().iter().find(|judgement| judgement["item"] == item).unwrap();
        (found["verdict"].as_str().unwrap().to_owned(), found["words"].as_str().unwrap().to_owned())
    }

    async fn verdict(&self, item: &str) -> String {
        self.item(item).await.0
    }

    /// What changed, in order.
    async fn changes(&self) -> Vec<(String, Option<String>, String)> {
        let changes = self.portal.server.app().catalog().verdict_changes(Some(SERVICE), 1_000).await.unwrap();
        let told = |VerdictChange { change, .. }: VerdictChange| (change.item, change.from, change.to);
        changes.into_iter().rev().map(told).collect()
    }

    /// Another template beside the twelve points.
    pub(crate) async fn judge_by(&self, yaml: &str, version: &str, expected: Option<&str>) {
        let definition = TemplateDefinition {
            template: "own".into(),
            version: version.into(),
            yaml: yaml.replace("version: '1'", &format!("version: '{version}'")),
        };
        let (catalog, now) = (self.portal.server.app().catalog(), self.portal.clock.now());
        catalog.add_template(&definition, expected, &actor(), now).await.unwrap();
    }

    pub(crate) async fn answer(&self, item: &str, version: i64, kind: AnswerKind) {
        let key = ItemKey { service: SERVICE.into(), template: "own".into(), item: item.into() };
        let definition = AnswerDefinition { kind, note: "Inês".into(), link: None, build: None, file: None };
        let (catalog, now) = (self.portal.server.app().catalog(), self.portal.clock.now());
        catalog.answer_item(&key, version, &definition, &actor(), now).await.unwrap();
    }

    async fn level(&self) -> Option<String> {
        self.assessment("own").await.summary.level
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_checks_in_and_what_is_sent_decides_and_what_nobody_can_tell_is_unknown() {
    let shop = Shop::new().await;
    shop.requests(5, 1_000, 995).await;
    shop.requests(0, 10, 10).await;
    shop.check_in("1.8.2", &["orders.db"]).await;
    shop.assess().await;
    for (item, verdict) in [
        ("golden-signals", "pass"),
        ("availability-alert", "pass"),
        ("version", "pass"),
        ("limits-known", "pass"),
        ("private-admin", "pass"),
        ("status-check", "pass"),
        ("percentiles", "pass"),
        ("request-tracing", "pass"),
        ("availability-slo", "fail"),
        ("error-rate-alert", "fail"),
        ("runbook", "fail"),
        ("gameday", "fail"),
        ("budget-left", "not_applicable"),
        ("capacity-known", "unknown"),
        ("right-sized", "pass"),
        ("not-root", "pass"),
        ("rate-limiting", "unknown"),
        ("on-call", "unknown"),
    ] {
        assert_eq!(shop.verdict(item).await, verdict, "{item}: {}", shop.item(item).await.1);
    }
    let tracing = "requests with a trace id in 24 h: 99.5 % of 1,000 (asked: at least 99 %)";
    assert_eq!(shop.item("request-tracing").await.1, tracing);
    assert_eq!(shop.item("on-call").await.1, "nobody has answered");
    assert!(shop.item("rate-limiting").await.1.contains("the agent does not report this yet"));
    let summary = shop.assessment("twelve-point").await.summary;
    assert_eq!((summary.level, summary.build.as_deref()), (None, Some("1.8.2")));
    assert_eq!(shop.changes().await, [], "to be judged for the first time is no change");

    // Nothing comes for more than ten minutes: what was golden is known no more, and all else still is.
    shop.portal.clock.advance(minutes(12));
    shop.check_in("1.8.2", &["orders.db"]).await;
    shop.assess().await;
    assert_eq!(shop.verdict("golden-signals").await, "stale");
    let was = |item: &str, from: &str, to: &str| (item.to_owned(), Some(from.to_owned()), to.to_owned());
    assert_eq!(shop.changes().await, [was("golden-signals", "proved", "stale")]);

    // It comes again, mostly without spans: perhaps they are sampled, so nobody knows who carried an id.
    shop.requests(2, 9_000, 0).await;
    shop.portal.clock.advance(minutes(5));
    shop.requests(1, 10, 0).await;
    shop.assess().await;
    assert_eq!(shop.verdict("golden-signals").await, "pass");
    assert_eq!(shop.verdict("request-tracing").await, "unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_new_is_asked_again_each_minute() {
    let shop = Shop::new().await;
    shop.check_in("1.8.2", &[]).await;
    shop.assess().await;
    assert_eq!(shop.verdict("percentiles").await, "unknown");
    shop.requests(0, 10, 10).await;
    shop.portal.clock.advance(minutes(2));
    shop.check_in("1.8.2", &[]).await;
    shop.assess().await;
    assert_eq!(shop.verdict("percentiles").await, "pass");
}

#[tokio::test(flavor = "multi_thread")]
async fn objectives_count_as_soon_as_they_are_evaluated() {
    let shop = Shop::new().await;
    shop.requests(3, 1_000, 0).await;
    shop.check_in("1.8.2", &[]).await;
    let (title, spec) = ("Orders are taken".into(), SPEC.into());
    let definition = SloDefinition { service: SERVICE.into(), title, spec, ..SloDefinition::default() };
    let (catalog, now) = (shop.portal.server.app().catalog(), shop.portal.clock.now());
    catalog.create_slo("orders", &definition, &actor(), now).await.unwrap();
    shop.assess().await;
    assert_eq!(shop.verdict("availability-slo").await, "pass");
    assert_eq!(shop.verdict("budget-left").await, "unknown");
    shop.portal.server.evaluate().await.unwrap();
    shop.assess().await;
    for item in ["budget-left", "slo-reviewed", "error-rate-alert", "runbook-per-alert"] {
        assert_eq!(shop.verdict(item).await, "pass", "{item}: {}", shop.item(item).await.1);
    }
    assert_eq!(shop.verdict("latency-slo").await, "fail");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_proved_of_a_build_is_stale_with_the_next() {
    let shop = Shop::new().await;
    shop.check_in("1.8.2", &[]).await;
    let now = shop.portal.clock.now();
    let body = json!({"ran_at": now, "build": "1.8.2", "tool": "k6", "target": "/menu", "duration_s": 60,
        "highest_rate_within_slo": 120});
    let load_test = RecordDefinition {
        kind: RecordKind::LoadTest,
        service: SERVICE.into(),
        title: "Lunch".into(),
        at: now,
        open: false,
        body: body.to_string(),
    };
    shop.portal.server.app().catalog().create_record(&load_test, &actor(), now).await.unwrap();
    shop.assess().await;
    assert_eq!(shop.verdict("load-test-fresh").await, "pass");
    assert_eq!(shop.verdict("deploy-known").await, "fail");
    shop.portal.clock.advance(minutes(1));
    shop.check_in("1.8.3", &[]).await;
    shop.assess().await;
    assert_eq!(shop.verdict("load-test-fresh").await, "stale");
    assert!(shop.item("load-test-fresh").await.1.contains("1.8.3 runs now"));
    assert_eq!(shop.verdict("capacity-known").await, "pass", "the capacity is that of any build");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_shows_at_once_and_a_template_out_of_use_no_more() {
    let shop = Shop::new().await;
    shop.judge_by(OWN, "1", None).await;
    shop.check_in("1.8.2", &["orders.db"]).await;
    shop.assess().await;
    assert_eq!(shop.level().await.as_deref(), Some("silver"));
    shop.answer("owned", 0, AnswerKind::Satisfied).await;
    let app = shop.portal.server.app();
    assert!(assess_now(app, SERVICE).await.unwrap());
    assert_eq!(shop.level().await.as_deref(), Some("gold"));
    let history = app.catalog().level_history(SERVICE, "own", Timestamp::UNIX_EPOCH).await.unwrap();
    let levels: Vec<_> = history.iter().map(|point| point.level.as_deref()).collect();
    assert_eq!(levels, [Some("silver"), Some("gold")]);
    let owned = ("owned".to_owned(), Some("unknown".to_owned()), "claimed".to_owned());
    assert_eq!(shop.changes().await, [owned]);
    shop.answer("owned", 1, AnswerKind::NotApplicable).await;
    assess_now(app, SERVICE).await.unwrap();
    assert_eq!(shop.assessment("own").await.summary.applicable, 2);

    // A new version asks one thing more, and keeps what was said.
    let more = "      - {id: new, level: gold, kind: answer, question: New?, why: W., how: H.}\n";
    shop.judge_by(&format!("{OWN}{more}"), "2", Some("1")).await;
    shop.assess().await;
    let summary = shop.assessment("own").await.summary;
    assert_eq!((summary.template_version.as_str(), summary.applicable), ("2", 3));
    assert_eq!(shop.changes().await.last(), Some(&("new".to_owned(), None, "unknown".to_owned())));
    app.catalog().use_template("own", None, Some("2"), &actor(), shop.portal.clock.now()).await.unwrap();
    shop.assess().await;
    let left = app.catalog().assessments(Some(SERVICE)).await.unwrap();
    let left: Vec<_> = left.iter().map(|left| left.summary.template.as_str()).collect();
    assert_eq!(left, ["twelve-point"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_for_services_of_its_kinds() {
    let shop = Shop::new().await;
    shop.judge_by(&OWN.replace("points:", "kinds: [worker]\npoints:"), "1", None).await;
    shop.check_in("1.8.2", &["orders.db"]).await;
    let (catalog, now) = (shop.portal.server.app().catalog(), shop.portal.clock.now());
    let templates = async || {
        shop.assess().await;
        let found = catalog.assessment_summaries(Some(SERVICE)).await.unwrap();
        found.into_iter().map(|summary| summary.template).collect::<Vec<_>>()
    };
    assert_eq!(templates().await, ["twelve-point"]);
    let worker = ServiceSettings { kind: Some("worker".into()), ..ServiceSettings::default() };
    catalog.set_service_settings(SERVICE, 0, &worker, &actor(), now).await.unwrap();
    assert_eq!(templates().await, ["own", "twelve-point"]);
    catalog.set_service_settings(SERVICE, 1, &ServiceSettings::default(), &actor(), now).await.unwrap();
    assert_eq!(templates().await, ["twelve-point"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_level_that_falls_is_told_and_so_is_that_it_was_reached_again() {
    let shop = Shop::new().await;
    let (app, now) = (shop.portal.server.app(), shop.portal.clock.now());
    let target = Target::Slack { url: Hidden::new("https://hooks.example/T0/B0") };
    let channel = ChannelSettings { target, least_severity: Severity::Ticket, services: vec![] };
    app.catalog().create_channel("on-call", &channel.definition().unwrap(), &actor(), now).await.unwrap();
    shop.judge_by(OWN, "1", None).await;

    let mut open = Vec::new();
    for checks in [&["orders.db"][..], &[], &[], &[], &["orders.db"]] {
        shop.portal.clock.advance(minutes(1));
        shop.check_in("1.8.2", checks).await;
        shop.assess().await;
        shop.portal.server.evaluate().await.unwrap();
        let alerts = app.catalog().open_alerts().await.unwrap();
        open.push(alerts.into_iter().map(|alert| (alert.origin.key, alert.status.state)).collect::<Vec<_>>());
    }
    let fell = |state| vec![("readiness/reception".to_owned(), state)];
    // It waits for two minutes, in case that it was only not heard.
    let expected =
        [vec![], fell(AlertState::Pending), fell(AlertState::Pending), fell(AlertState::Firing), vec![]];
    assert_eq!(open, expected);

    let alerts = app.catalog().alerts(&AlertFilter::default(), None, 10).await.unwrap();
    let messages = app.catalog().alert_messages(alerts[0].id).await.unwrap();
    let told: Vec<Notice> =
        messages.iter().map(|message| Notice::from_payload(&message.payload).unwrap()).collect();
    assert_eq!(told.iter().map(|notice| notice.event).collect::<Vec<_>>(), [Event::Fired, Event::Resolved]);
    assert_eq!((told[0].name.as_str(), told[0].severity), ("ReadinessLevelFell", Severity::Ticket));
    assert_eq!(told[0].title, "reception: fell from silver to bronze");
    assert_eq!(told[0].summary, "By own 1 it fell from silver to bronze: checked does not hold.");
    assert_eq!(told[0].links[0].href, "/services/reception/readiness");
    assert_eq!(told[1].summary, "It has reached its level again.");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_portal_at_a_time_assesses_and_another_goes_on_where_it_stopped() {
    let shop = Shop::new().await;
    shop.judge_by(OWN, "1", None).await;
    shop.check_in("1.8.2", &["orders.db"]).await;
    shop.assess().await;
    shop.portal.clock.advance(minutes(3));
    let (app, now) = (shop.portal.server.app(), shop.portal.clock.now());
    let lease =
        app.catalog().take_lease("readiness", "another", now + minutes(2), now).await.unwrap().unwrap();
    shop.check_in("1.8.2", &[]).await;
    shop.assess().await;
    assert!(!assess_now(app, SERVICE).await.unwrap());
    assert_eq!(shop.level().await.as_deref(), Some("silver"));
    app.catalog().release_lease(lease).await.unwrap();
    shop.assess().await;
    assert_eq!(shop.level().await.as_deref(), Some("bronze"));
    let checked = ("checked".to_owned(), Some("proved".to_owned()), "fail".to_owned());
    assert_eq!(shop.changes().await.first(), Some(&checked));
}
