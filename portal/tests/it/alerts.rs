//! Alerts: the page fires in the minute that the maths says, and resolves in the minute that it says.

use std::{collections::BTreeMap, time::Duration};

use reqwest::{Method, StatusCode};
use seaworthy_catalog::{
    Alert, AlertFilter, AlertState, ExclusionDefinition, ExclusionKind, Scope, SilenceDefinition,
    SloDefinition,
};
use seaworthy_portal::alerts::{
    AddressGuard, ChannelSettings, Event, Hidden, Notice, OutgoingSettings, Target,
};
use seaworthy_slo::Severity;
use serde_json::{Value, json};

use crate::{
    delivery::webhook,
    pages::{page as page_of, shows},
    portal::{Portal, actor, minutes},
    receivers::Receiver,
};

pub(crate) const SPEC: &str = r#"{"sli":{"kind":"availability"},"objective_percent":99.9,"runbook":"https://wiki.example/orders","window":{"kind":"rolling","minutes":43200},
    "alerts":[{"budget_percent":2,"long_minutes":60,"short_minutes":5,"severity":"page"},
              {"budget_percent":5,"long_minutes":360,"short_minutes":30,"severity":"page"},
              {"budget_percent":10,"long_minutes":4320,"short_minutes":360,"severity":"ticket"}]}"#;

/// A portal with an SLO of 99.9 % over 30 days, six hours of 1,000 good requests a minute behind it, and a channel.
pub(crate) struct Watch {
    pub(crate) portal: Portal,
    token: String,
}

impl Watch {
    pub(crate) async fn new() -> Self {
        let url = Hidden::new("https://hooks.example/T0/B0");
        Self::on(Portal::set_up().await, Target::Slack { url }).await
    }

    /// The same on this portal, with a channel that leads there.
    pub(crate) async fn on(portal: Portal, target: Target) -> Self {
        let token = portal.token(&[Scope::Ingest]).await;
        let watch = Self { portal, token };
        watch.requests((1..=360).map(|ago| (ago, 0))).await;
        let definition = SloDefinition {
            service: "reception".into(),
            title: "Orders are taken".into(),
            spec: SPEC.into(),
            ..SloDefinition::default()
        };
        let (catalog, now) = (watch.portal.server.app().catalog(), watch.portal.clock.now());
        catalog.create_slo("orders", &definition, &actor(), now).await.unwrap();
        let channel = ChannelSettings { target, least_severity: Severity::Ticket, services: vec![] };
        let definition = channel.definition().unwrap();
        catalog.create_channel("on-call", &definition, &actor(), now).await.unwrap();
        watch.portal.server.evaluate().await.unwrap();
        watch
    }

    pub(crate) async fn send(&self, path: &str, body: &Value) {
        let request = self.portal.browser().as_program(Method::POST, path);
        let response = request.bearer_auth(&self.token).json(body).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}: {}", response.text().await.unwrap());
    }

    /// 1,000 requests in each of these minutes: how many minutes ago it began, and how many failed.
    pub(crate) async fn requests(&self, each: impl IntoIterator<Item = (i64, u64)>) {
        self.answers(each, "500").await;
    }

    /// The same, of which some were answered with a status.
    async fn answers(&self, each: impl IntoIterator<Item = (i64, u64)>, status: &str) {
        let attribute = |key: &str, value: &str| json!({"key": key, "value": {"stringValue": value}});
        let now = self.portal.clock.now().as_second();
        let point = |ago: i64, status: &str, count: u64| {
            let at = |seconds: i64| ((now - ago * 60 + seconds) * 1_000_000_000).to_string();
            json!({
                "attributes": [attribute("http.response.status_code", status)],
                "startTimeUnixNano": at(1), "timeUnixNano": at(59),
                "count": count.to_string(), "sum": 1, "bucketCounts": [count.to_string(), "0"], "explicitBounds": [0.25],
            })
        };
        let points: Vec<Value> = each
            .into_iter()
            .flat_map(|(ago, bad)| [point(ago, "200", 1_000 - bad), point(ago, status, bad)])
            .collect();
        self.send("/v1/metrics", &json!({"resourceMetrics": [{
            "resource": {"attributes": [attribute("service.name", "reception")]},
            "scopeMetrics": [{"metrics": [{"name": "http.server.request.duration", "unit": "s", "histogram":
                {"aggregationTemporality": 1, "dataPoints": points}}]}],
        }]})).await;
    }

    /// A minute passes in which so many of 1,000 requests failed, and a round comes at its end.
    pub(crate) async fn minute(&self, bad: u64) {
        self.portal.clock.advance(minutes(1));
        self.requests([(1, bad)]).await;
        self.portal.server.evaluate().await.unwrap();
    }

    /// Every alert that there was, latest first.
    pub(crate) async fn alerts(&self) -> Vec<Alert> {
        self.portal.server.app().catalog().alerts(&AlertFilter::default(), None, 100).await.unwrap()
    }

    /// Key and state of what is not over.
    pub(crate) async fn open(&self) -> Vec<(String, AlertState)> {
        let open = self.portal.server.app().catalog().open_alerts().await.unwrap();
        open.into_iter().map(|alert| (alert.origin.key, alert.status.state)).collect()
    }

    /// What was put into the outbox for an alert, in order.
    pub(crate) async fn told(&self, alert: i64) -> Vec<Notice> {
        let messages = self.portal.server.app().catalog().alert_messages(alert).await.unwrap();
        messages.iter().map(|message| Notice::from_payload(&message.payload).unwrap()).collect()
    }

    /// An instance of the service checks in.
    pub(crate) async fn check_in(&self, instance: &str, state: &str) {
        self.check_in_with(instance, state, "1.8.2").await;
    }

    async fn check_in_with(&self, instance: &str, state: &str, version: &str) {
        let now = self.portal.clock.now();
        self.send(
            "/api/v1/check-in",
            &json!({
                "service": "reception", "instance": instance, "sequence": now.as_second(), "sent_at": now, "state": state,
                "build": {"version": version, "commit": "4f2c9abdeadbeef"},
                "process": {"host": "till-host", "pid": 4127, "started_at": now},
                "health": {"status": "OK", "checks": []},
                "figures": {"requests_in_flight": 0},
            }),
        )
        .await;
    }

    /// A minute passes at the end of which a round comes, and nothing else.
    async fn nothing(&self) {
        self.portal.clock.advance(minutes(1));
        self.portal.server.evaluate().await.unwrap();
    }

    async fn silence(&self, slo: Option<&str>, for_minutes: u64) {
        let now = self.portal.clock.now();
        let silence = SilenceDefinition {
            service: None,
            slo: slo.map(str::to_owned),
            starts_at: now,
            ends_at: now + minutes(for_minutes),
            reason: "a known fault".into(),
        };
        self.portal.server.app().catalog().create_silence(&silence, &actor(), now).await.unwrap();
    }
}

fn page(state: AlertState) -> Vec<(String, AlertState)> {
    vec![("slo/orders/page".to_owned(), state)]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_fires_and_resolves_in_the_minutes_that_the_maths_says() {
    let watch = Watch::new().await;
    let began = watch.portal.clock.now();
    let mut states = BTreeMap::new();
    for minute in 1..=25 {
        watch.minute(if minute <= 15 { 100 } else { 0 }).await;
        states.insert(minute, watch.open().await);
    }
    // 10 % failing: 14.4 times 0.1 % of an hour are 8.64 min. It ended after 15 min; the last of the 5 min window is 20.
    for (minute, open) in states {
        let expected = if (9..20).contains(&minute) { page(AlertState::Firing) } else { vec![] };
        assert_eq!(open, expected, "minute {minute}");
    }
    let alerts = watch.alerts().await;
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    let told = watch.told(alerts[0].id).await;
    assert_eq!(told.iter().map(|notice| notice.event).collect::<Vec<_>>(), [Event::Fired, Event::Resolved]);
    assert_eq!(told[0].title, "Orders are taken: budget burns 15.0 times too fast");
    assert_eq!(
        told[0].summary,
        "In the last 1 h 900 of 60,000 requests failed (1.50 %); in the last 5 min 500 of 5,000 requests failed (10 %). \
         99.9 % over 30 d allows 0.10 %: above 14.4 times that in both, a page is due."
    );
    let link = |title: &str| told[0].links.iter().find(|link| link.title == title).unwrap().href.as_str();
    assert_eq!(link("Runbook"), "https://wiki.example/orders");
    assert_eq!(link("SLO"), "/slos/orders");
    assert_eq!(link("Failed requests"), "/traces?service=reception&errors=1&range=6h");
    assert_eq!(told[0].started_at, began + minutes(9));
    assert_eq!(told[1].resolved_at, Some(began + minutes(20)));
    assert!(
        told[1].summary.contains("one of both is not above 14.4 times that any more"),
        "{}",
        told[1].summary
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_reaches_a_receiver_with_what_it_must_link_and_so_does_its_end() {
    let receiver = Receiver::new().await;
    let portal = Portal::with(|settings| {
        let guard = AddressGuard { allowed: vec!["127.0.0.0/8".parse().unwrap()], refuse_private: false };
        settings.outgoing = OutgoingSettings { guard, ..OutgoingSettings::default() };
        settings.public_url = Some("http://seaworthy.example/".parse().unwrap());
    })
    .await;
    portal.make_first_admin().await;
    let watch = Watch::on(portal, webhook(&receiver.url())).await;
    watch.check_in_with("till-1", "running", "1.8.1").await;

    let mut statuses = Vec::new();
    for minute in 1..=25 {
        if minute == 3 {
            watch.send("/v1/traces", &failed_order(&watch.portal)).await;
        }
        watch.portal.clock.advance(minutes(1));
        // The instance is there all the time: nothing else is to be told.
        watch.check_in("till-1", "running").await;
        watch.requests([(1, if minute <= 15 { 100 } else { 0 })]).await;
        watch.portal.server.evaluate().await.unwrap();
        watch.portal.server.deliver().await.unwrap();
        let told = receiver.received().len();
        if statuses.len() < told {
            statuses.push((minute, receiver.received()[told - 1].body["status"].clone()));
        }
    }
    assert_eq!(statuses, [(9, "firing".into()), (20, "resolved".into())], "as the maths says");
    let fired = &receiver.received()[0].body["alerts"][0];
    let annotations = fired["annotations"].as_object().unwrap();
    assert_eq!(annotations["runbook_url"], "https://wiki.example/orders");
    let links: Vec<&str> = annotations.values().filter_map(Value::as_str).collect();
    for wanted in
        [&format!("http://seaworthy.example/traces/{FAILED}") as &str, "http://seaworthy.example/slos/orders"]
    {
        assert!(links.contains(&wanted), "{wanted} is not in {links:#?}");
    }
    assert_eq!(annotations["deploy"], "1.8.2, 8 min before", "{annotations:#?}");
    assert_eq!(annotations["deploy_url"], "http://seaworthy.example/services/reception");
}

const FAILED: &str = "7b1f04c2d95e4d6f8a3e1c0b52f9a6d1";

/// An order that failed half a minute ago.
fn failed_order(portal: &Portal) -> Value {
    let at = |ms: i128| (portal.clock.now().as_nanosecond() - 30_000_000_000 + ms * 1_000_000).to_string();
    let service = json!({"key": "service.name", "value": {"stringValue": "reception"}});
    json!({"resourceSpans": [{"resource": {"attributes": [service]}, "scopeSpans": [{"spans": [{
        "traceId": FAILED, "spanId": "00000000000000a1", "name": "POST /orders", "kind": 2,
        "startTimeUnixNano": at(0), "endTimeUnixNano": at(40), "status": {"code": 2, "message": "no beans"},
    }]}]}]})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_keeps_the_ticket_of_the_same_slo_back_until_it_is_over() {
    let watch = Watch::new().await;
    // Everything fails for ten minutes: the ticket would be due after 5 min.
    for _ in 0..10 {
        watch.minute(1_000).await;
        assert_eq!(watch.open().await, page(AlertState::Firing));
    }
    // The page lasts for 30 min more, by the rule of 6 h.
    for _ in 0..29 {
        watch.minute(0).await;
        assert_eq!(watch.open().await, page(AlertState::Firing));
    }
    watch.minute(0).await;
    assert_eq!(watch.open().await, [("slo/orders/ticket".to_owned(), AlertState::Firing)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledged_alert_stays_so_and_a_silence_that_ends_is_told_of() {
    let watch = Watch::new().await;
    watch.silence(Some("orders"), 5).await;
    for _ in 0..4 {
        watch.minute(1_000).await;
        assert_eq!(watch.open().await, page(AlertState::Silenced));
    }
    let id = watch.alerts().await[0].id;
    assert_eq!(watch.told(id).await, []);
    watch.minute(1_000).await;
    assert_eq!(watch.open().await, page(AlertState::Firing));
    let (catalog, now) = (watch.portal.server.app().catalog(), watch.portal.clock.now());
    catalog.acknowledge_alert(id, &actor(), now).await.unwrap();
    watch.silence(None, 2).await;
    for _ in 0..4 {
        watch.minute(1_000).await;
        assert_eq!(watch.open().await, page(AlertState::Acknowledged));
    }
    let events = async || watch.told(id).await.iter().map(|notice| notice.event).collect::<Vec<_>>();
    assert_eq!(events().await, [Event::Fired]);
    catalog.delete_slo("orders", &actor(), now).await.unwrap();
    watch.minute(1_000).await;
    assert_eq!(watch.open().await, []);
    assert_eq!(events().await, [Event::Fired, Event::Resolved]);
    assert_eq!(watch.alerts().await[0].status.acknowledged.as_ref().unwrap().by, "test");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_told_of_ends_no_alert_and_rounds_within_a_minute_change_nothing() {
    let watch = Watch::new().await;
    for _ in 0..2 {
        watch.minute(1_000).await;
    }
    for _ in 0..20 {
        watch.portal.clock.advance(Duration::from_secs(30));
        watch.portal.server.evaluate().await.unwrap();
        assert_eq!(watch.open().await[..1], page(AlertState::Firing));
    }
    watch.minute(0).await;
    assert_eq!(watch.open().await, []);
    let fired = watch.alerts().await.iter().filter(|alert| alert.origin.key == "slo/orders/page").count();
    assert_eq!(fired, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_while_no_portal_ran_is_not_told_as_if_it_were_now() {
    let watch = Watch::new().await;
    // An outage of two minutes, of which the telemetry comes late, all at once.
    watch.portal.clock.advance(minutes(40));
    watch.requests((1..=40).map(|ago| (ago, if ago > 38 { 1_000 } else { 0 }))).await;
    watch.portal.server.evaluate().await.unwrap();
    assert_eq!(watch.open().await, []);
    // One that still goes on is told of, with its true beginning.
    let now = watch.portal.clock.now();
    watch.portal.clock.advance(minutes(10));
    watch.requests((1..=10).map(|ago| (ago, 1_000))).await;
    watch.portal.server.evaluate().await.unwrap();
    assert_eq!(watch.open().await, page(AlertState::Firing));
    assert_eq!(watch.alerts().await[0].origin.started_at, now + minutes(1));
}

fn about(kind: &str, state: AlertState) -> Vec<(String, AlertState)> {
    vec![(format!("{kind}/reception"), state)]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_has_gone_is_told_of_once_and_one_that_stopped_is_not() {
    let watch = Watch::new().await;
    for _ in 0..3 {
        watch.check_in("till-1", "running").await;
        watch.minute(0).await;
    }
    watch.check_in("till-1", "running").await;
    watch.nothing().await;
    assert_eq!(watch.open().await, about("unavailable", AlertState::Firing));
    // Its telemetry has ceased with it, which is no second alert.
    for _ in 0..15 {
        watch.nothing().await;
        assert_eq!(watch.open().await, about("unavailable", AlertState::Firing));
    }
    let told = watch.told(watch.alerts().await[0].id).await;
    assert_eq!(
        (told[0].name.as_str(), told[0].summary.as_str()),
        ("ServiceUnavailable", "The instance has not checked in for 1 min, without a word that it stops.")
    );
    // Another process takes its place, and tells of itself only later.
    watch.check_in("till-2", "running").await;
    watch.portal.server.evaluate().await.unwrap();
    assert_eq!(watch.open().await, []);
    watch.portal.clock.advance(Duration::from_secs(5));
    watch.check_in("till-2", "stopped").await;
    for _ in 0..15 {
        watch.nothing().await;
        assert_eq!(watch.open().await, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_that_stood_still_listens_before_it_says_that_somebody_has_gone() {
    let watch = Watch::new().await;
    watch.check_in("till-1", "running").await;
    watch.portal.clock.advance(minutes(60));
    watch.portal.server.evaluate().await.unwrap();
    assert_eq!(watch.open().await, [], "nobody could check in");
    watch.nothing().await;
    assert_eq!(watch.open().await, []);
    watch.nothing().await;
    assert_eq!(watch.open().await, about("unavailable", AlertState::Firing));
    let told = watch.told(watch.alerts().await[0].id).await;
    assert!(told[0].summary.contains("for 1 h 2 min"), "{}", told[0].summary);
    assert!(
        told[0].summary.contains("The portal itself has listened again for 2 min"),
        "{}",
        told[0].summary
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn telemetry_that_ceases_while_instances_check_in_is_told_of_after_ten_minutes() {
    let watch = Watch::new().await;
    watch.check_in("till-1", "running").await;
    for minute in 1..=12 {
        watch.portal.clock.advance(minutes(1));
        watch.check_in("till-1", "running").await;
        watch.portal.server.evaluate().await.unwrap();
        let expected = match minute {
            1..3 => vec![],
            3..10 => about("absent", AlertState::Pending),
            _ => about("absent", AlertState::Firing),
        };
        assert_eq!(watch.open().await, expected, "minute {minute}");
    }
    watch.portal.clock.advance(minutes(1));
    watch.requests([(1, 0)]).await;
    watch.check_in("till-1", "running").await;
    watch.portal.server.evaluate().await.unwrap();
    assert_eq!(watch.open().await, []);
    let alert = &watch.alerts().await[0];
    let told = watch.told(alert.id).await;
    assert_eq!(told.len(), 2);
    assert!(
        told[0].summary.starts_with("Nothing that tells of orders has come for 10 min"),
        "{}",
        told[0].summary
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn maintenance_that_was_planned_lets_a_service_go() {
    let watch = Watch::new().await;
    watch.check_in("till-1", "running").await;
    let now = watch.portal.clock.now();
    let planned = ExclusionDefinition {
        kind: ExclusionKind::Maintenance,
        service: Some("reception".into()),
        starts_at: now,
        ends_at: now + minutes(10),
        weekly: None,
        reason: "a new disk".into(),
    };
    watch.portal.server.app().catalog().create_exclusion(&planned, &actor(), now).await.unwrap();
    for minute in 1..=11 {
        watch.nothing().await;
        let open = watch.open().await;
        let expected = if minute < 10 { vec![] } else { about("unavailable", AlertState::Firing) };
        assert_eq!(open, expected, "minute {minute}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_tell_what_alerts_since_when_why_and_what_was_told() {
    let watch = Watch::new().await;
    let mut browser = watch.portal.signed_in("ines").await;
    shows(&page_of(&mut browser, "/alerts").await, &["Nothing alerts", "nothing fires"]);
    for _ in 0..3 {
        watch.minute(1_000).await;
    }
    let id = watch.alerts().await[0].id;
    let list = page_of(&mut browser, "/alerts").await;
    shows(
        &list,
        &["1 firing", "reception", "Orders are taken: budget burns 16.7 times too fast", "Page", "Firing"],
    );
    let here = format!("/alerts/{id}");
    let alert = page_of(&mut browser, &here).await;
    shows(
        &alert,
        &[
            "In the last 1 h 1,000 of 60,000 requests failed (1.67 %)",
            "Began Fri 20 Nov 2026, 12:01:00 UTC",
            "Burn rate last 1 hlast 5 minfires above 14.4",
            "that it fires",
            "on-call",
            "waits",
            "Failed requests none was stored; search for more",
        ],
    );
    assert!(alert.body.contains(r#"href="https://wiki.example/orders""#), "{}", alert.body);
    // Every page says how many fire; those of the SLO and its service say what.
    for path in ["/slos/orders", "/services/reception", "/slos"] {
        let answer = page_of(&mut browser, path).await;
        assert!(answer.body.contains(&format!("href=\"{here}\"")), "{path}: {}", answer.body);
        shows(&answer, &["Alerts1 firing"]);
    }
    page_of(&mut browser, &here).await;
    let answer = browser.post(&format!("{here}/acknowledge"), &[]).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, here.as_str()));
    shows(&page_of(&mut browser, &here).await, &["Acknowledged", "ines, Fri 20 Nov 2026, 12:03:00 UTC"]);
    shows(&page_of(&mut browser, "/alerts").await, &["nothing fires", "Acknowledgedby ines"]);
    for _ in 0..30 {
        watch.minute(0).await;
    }
    shows(
        &page_of(&mut browser, &here).await,
        &["Over", "after 32 min", "one of both is not above 14.4 times that any more"],
    );
    shows(&page_of(&mut browser, "/alerts").await, &["Past", "32 min"]);
    let token = watch.portal.token(&[Scope::Read]).await;
    let api = |path: String| {
        let request = watch.portal.browser().as_program(Method::GET, &path).bearer_auth(&token);
        async move { request.send().await.unwrap().json::<Value>().await.unwrap() }
    };
    let all = api("/api/v1/alerts".to_owned()).await;
    assert_eq!((&all["open"], &all["past"][0]["id"]), (&json!([]), &id.into()), "{all}");
    let one = api(format!("/api/v1{here}")).await;
    assert_eq!((&one["state"], &one["told"][1]["event"]), (&"resolved".into(), &"resolved".into()), "{one}");
    assert_eq!(browser.get("/alerts/999").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silence_is_made_from_the_page_of_an_alert_and_ended_from_its_list() {
    let watch = Watch::new().await;
    watch.minute(1_000).await;
    let id = watch.alerts().await[0].id;
    let mut browser = watch.portal.signed_in("ines").await;
    page_of(&mut browser, &format!("/alerts/{id}")).await;
    let mut form = vec![("service", "reception"), ("slo", "orders"), ("minutes", "60"), ("reason", " ")];
    let refused = browser.post("/silences", &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    shows(&refused, &["The reason must be 1 to 255 bytes long"]);
    form[3] = ("reason", "a known fault");
    form[2] = ("minutes", "7");
    let refused = browser.post("/silences", &form).await;
    shows(&refused, &["must be after the start"]);
    assert!(refused.body.contains("a known fault"), "{}", refused.body);
    form[2] = ("minutes", "60");
    assert_eq!(browser.post("/silences", &form).await.header("location"), "/silences");
    watch.minute(1_000).await;
    assert_eq!(watch.open().await, page(AlertState::Silenced));
    shows(
        &page_of(&mut browser, &format!("/alerts/{id}")).await,
        &["Silenced by ines until 20 Nov, 13:01 UTC: a known fault"],
    );
    shows(
        &page_of(&mut browser, "/silences").await,
        &["the SLO orders of reception", "a known fault", "ines"],
    );
    let silences = watch.portal.server.app().catalog().silences(watch.portal.clock.now()).await.unwrap();
    let ended = browser.post(&format!("/silences/{}/end", silences[0].id), &[]).await;
    assert_eq!(ended.status, StatusCode::SEE_OTHER);
    watch.minute(1_000).await;
    assert_eq!(watch.open().await, page(AlertState::Firing));
    assert_eq!(watch.told(id).await.len(), 2, "it is told once more");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_unusual_for_the_hour_makes_a_ticket_once_it_lasts() {
    let watch = Watch::new().await;
    // Around 3 % were answered with 404 between 12:00 and 13:00 of eight days.
    let before =
        (1..=8).flat_map(|day| (0..60).map(move |minute| (day * 1_440 - minute, 28 + day as u64 % 3)));
    watch.answers(before, "404").await;
    let minute = async |refused: u64| {
        watch.portal.clock.advance(minutes(1));
        watch.answers([(1, refused)], "404").await;
        watch.portal.server.evaluate().await.unwrap();
    };
    for _ in 0..20 {
        minute(30).await;
        assert_eq!(watch.open().await, []);
    }
    let ticket = |state| vec![("unusual/reception/4xx".to_owned(), state)];
    // 30 % make it 8.4 % of 15 minutes after three; then it has to last for five.
    for number in 1..=10 {
        minute(300).await;
        let expected = match number {
            1..3 => vec![],
            3..8 => ticket(AlertState::Pending),
            _ => ticket(AlertState::Firing),
        };
        assert_eq!(watch.open().await, expected, "minute {number}");
    }
    let told = &watch.told(watch.alerts().await[0].id).await[0];
    assert_eq!((told.name.as_str(), told.severity), ("UnusualRefusals", Severity::Ticket));
    assert!(told.summary.contains("At this hour of the last 8 days it was 2.90 %"), "{}", told.summary);
    assert_eq!(told.links[0].href, "https://wiki.example/orders", "the runbook of an SLO of the service");
    for _ in 0..15 {
        minute(30).await;
    }
    assert_eq!(watch.open().await, []);
}
