//! Capacity: what services use of their limits, where that leads, and the ticket before it is all.

use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, StatusCode};
use seaworthy_catalog::{Alert, AlertState, Scope};
use seaworthy_portal::alerts::{ChannelSettings, Event, Hidden, Notice, Target};
use seaworthy_slo::Severity;
use serde_json::{Value, json};

use crate::{
    pages::{page, shows},
    portal::{Portal, actor, minutes},
};

const MIB: u64 = 1024 * 1024;
const HOUR: i64 = 3_600;

/// A portal, and what the instance `till-1` of the service `till` tells it.
struct Till {
    portal: Portal,
    token: String,
}

impl Till {
    async fn new() -> Self {
        let portal = Portal::set_up().await;
        let token = portal.token(&[Scope::Ingest]).await;
        Self { portal, token }
    }

    fn now(&self) -> Timestamp {
        self.portal.clock.now()
    }

    async fn send(&self, path: &str, body: &Value) {
        let request = self.portal.browser().as_program(Method::POST, path).bearer_auth(&self.token);
        let response = request.json(body).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}: {}", response.text().await.unwrap());
    }

    /// It uses so much of 1,000 MiB, and half a core of two.
    async fn check_in(&self, service: &str, mebibytes: u64) {
        let now = self.now();
        self.send(
            "/api/v1/check-in",
            &json!({
                "service": service, "instance": format!("{service}-1"), "sequence": now.as_second(), "sent_at": now,
                "build": {"version": "1.8.2", "commit": "4f2c9abdeadbeef"}, "state": "running",
                "process": {"host": "bar-1", "pid": 4127, "started_at": now},
                "figures": {
                    "cpu_cores": 0.5, "cpu_limit_cores": 2.0,
                    "memory_bytes": mebibytes * MIB, "memory_limit_bytes": 1_000 * MIB,
                },
            }),
        )
        .await;
    }

    /// For so many days it used of 1,000 MiB what `mebibytes` says of each day.
    async fn days(&self, days: i64, mebibytes: impl Fn(i64) -> i64) {
        let begin = self.now().as_second() - days * 24 * HOUR;
        let gauge = |name: &str, value: &dyn Fn(i64) -> i64| {
            let point = |hour: i64| {
                let at = ((begin + hour * HOUR + HOUR / 2) * 1_000_000_000).to_string();
                json!({"timeUnixNano": at, "asInt": (value(hour / 24) * 1024 * 1024).to_string()})
            };
            let points: Vec<Value> = (0..days * 24).map(point).collect();
            json!({"name": name, "unit": "By", "gauge": {"dataPoints": points}})
        };
        let attribute = |key: &str, value: &str| json!({"key": key, "value": {"stringValue": value}});
        let attributes = [attribute("service.name", "till"), attribute("service.instance.id", "till-1")];
        let metrics = [gauge("process.memory.usage", &mebibytes), gauge("process.memory.limit", &|_| 1_000)];
        let body = json!({"resourceMetrics": [{
            "resource": {"attributes": attributes}, "scopeMetrics": [{"metrics": metrics}],
        }]});
        self.send("/v1/metrics", &body).await;
    }

    async fn evaluate(&self) {
        self.portal.server.evaluate().await.unwrap();
    }

    async fn open(&self) -> Vec<(String, AlertState)> {
        let open = self.portal.server.app().catalog().open_alerts().await.unwrap();
        open.into_iter().map(|alert| (alert.origin.key, alert.status.state)).collect()
    }

    async fn alerts(&self) -> Vec<Alert> {
        self.portal.server.app().catalog().alerts(&Default::default(), None, 10).await.unwrap()
    }

    async fn told(&self, alert: i64) -> Vec<Notice> {
        let messages = self.portal.server.app().catalog().alert_messages(alert).await.unwrap();
        messages.iter().map(|message| Notice::from_payload(&message.payload).unwrap()).collect()
    }

    async fn json(&self, path: &str) -> Value {
        let mut browser = self.portal.signed_in("ines").await;
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }
}

fn ticket(state: AlertState) -> Vec<(String, AlertState)> {
    vec![("capacity/till".to_owned(), state)]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_says_what_is_known_and_what_to_wait_for() {
    let till = Till::new().await;
    let mut browser = till.portal.signed_in("ines").await;
    shows(
        &page(&mut browser, "/capacity").await,
        &["No instance tells what it uses", "Embed it in a service"],
    );

    till.check_in("till", 400).await;
    let young = page(&mut browser, "/capacity").await;
    shows(&young, &["till 0 of 7 days known 25 % 40 % 1"]);
    let young = page(&mut browser, "/capacity?service=till").await;
    shows(&young, &["Capacity of till", "Nothing is known over time", "process.memory.limit"]);
    shows(&young, &["till-1 bar-1 25 % 0.50 cores of 2 cores 40 % 400 MiB of 1,000 MiB"]);

    till.days(3, |_| 400).await;
    let some = page(&mut browser, "/capacity?service=till").await;
    shows(&some, &["At its highest 40 % of the limit was used", "so far there are 3, so wait"]);
    shows(&page(&mut browser, "/capacity").await, &["till 3 of 7 days known"]);
    let view = till.json("/api/v1/capacity?service=till").await;
    assert_eq!(view["services"][0]["known_days"], 3);
    assert!(view["resources"][0]["trend"].is_null(), "{view}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_runs_out_comes_first_with_the_day_and_its_range() {
    let till = Till::new().await;
    let mut browser = till.portal.signed_in("ines").await;
    // 490 MiB on the last of ten days, and 10 a day more: 51 days are left, until 10 January.
    till.days(10, |day| 400 + day * 10).await;
    till.check_in("till", 490).await;
    till.check_in("oven", 890).await;
    let list = page(&mut browser, "/capacity").await;
    shows(&list, &["till memory on 10 Jan 2027 in 51 d", "49 %", "oven 0 of 7 days known 25 % 89 %"]);
    assert!(list.body.find("service=till").unwrap() < list.body.find("service=oven").unwrap());

    let one = page(&mut browser, "/capacity?service=till").await;
    shows(&one, &["By the highest hours of 10 days a day adds 1 point of the limit (1 point to 1 point"]);
    shows(
        &one,
        &["It runs out on 10 Jan 2027: at the fastest on 10 Jan 2027, at the slowest on 10 Jan 2027."],
    );
    assert!(one.body.contains("it runs out on 10 Jan 2027."), "the picture in words");

    let view = till.json("/api/v1/capacity").await;
    assert_eq!((&view["services"][0]["service"], &view["resources"]), (&"till".into(), &json!([])));
    assert_eq!(view["services"][0]["runs_out"]["resource"], "memory");
    let view = till.json("/api/v1/capacity?service=till").await;
    let expected: Timestamp = view["resources"][0]["runs_out"]["expected"].as_str().unwrap().parse().unwrap();
    let off = expected.duration_since("2027-01-10T12:00:00Z".parse().unwrap());
    assert!(off.abs() < SignedDuration::from_mins(1), "{expected}");
    assert_eq!(view["services"][0]["instances"][0]["memory"]["share"], 0.49);
    assert_eq!(view["resources"][0]["hours"].as_array().unwrap().len(), 240);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_that_runs_out_soon_makes_a_ticket_until_it_does_not() {
    let till = Till::new().await;
    let target = Target::Slack { url: Hidden::new("https://hooks.example/T0/B0") };
    let channel = ChannelSettings { target, least_severity: Severity::Ticket, services: vec![] };
    let definition = channel.definition().unwrap();
    let catalog = till.portal.server.app().catalog();
    catalog.create_channel("on-call", &definition, &actor(), till.now()).await.unwrap();
    // 20 days are left.
    till.days(10, |day| 130 + day * 30).await;
    till.check_in("till", 400).await;
    till.evaluate().await;
    assert_eq!(till.open().await, ticket(AlertState::Firing));
    let id = till.alerts().await[0].id;
    let told = till.told(id).await;
    assert_eq!((told.len(), told[0].event, told[0].severity), (1, Event::Fired, Severity::Ticket));
    assert_eq!(
        (told[0].name.as_str(), told[0].title.as_str()),
        ("CapacityRunsOut", "till: memory runs out in 20 d")
    );
    assert!(told[0].summary.contains("memory reaches its limit in 20 d"), "{}", told[0].summary);
    let link = told[0].links.iter().find(|link| link.title == "Capacity").unwrap();
    assert_eq!(link.href, "/capacity?service=till");
    let mut browser = till.portal.signed_in("ines").await;
    shows(&page(&mut browser, "/capacity").await, &["till Ticket fires memory on"]);
    shows(&page(&mut browser, &link.href).await, &["till: memory runs out in 20 d fires"]);

    // A leak is mended: it stays low for four days.
    till.portal.clock.advance(minutes(4 * 24 * 60));
    till.days(4, |_| 130).await;
    till.check_in("till", 130).await;
    till.evaluate().await;
    assert_eq!(till.open().await, []);
    let told = till.told(id).await;
    assert_eq!(told.last().unwrap().event, Event::Resolved);
    assert!(told.last().unwrap().summary.contains("No trend reaches a limit within 35 d"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stays_at_the_edge_makes_a_ticket_without_a_forecast() {
    let till = Till::new().await;
    let minute = async |mebibytes: u64| {
        till.portal.clock.advance(minutes(1));
        till.check_in("till", mebibytes).await;
        till.evaluate().await;
    };
    minute(900).await;
    assert_eq!(till.open().await, []);
    // Full for a moment is told to nobody.
    minute(950).await;
    assert_eq!(till.open().await, ticket(AlertState::Pending));
    minute(700).await;
    assert_eq!(till.open().await, []);
    for number in 0..=12 {
        minute(if number == 5 { 850 } else { 950 }).await;
        let expected = if number < 10 { AlertState::Pending } else { AlertState::Firing };
        assert_eq!(till.open().await, ticket(expected), "minute {number}");
    }
    minute(810).await;
    assert_eq!(till.open().await, ticket(AlertState::Firing), "it is not clear of the edge");
    minute(800).await;
    assert_eq!(till.open().await, []);
    let alerts = till.alerts().await;
    assert_eq!(alerts.len(), 2, "{alerts:?}");
    assert!(alerts[0].status.details.contains("till: 95 % of the memory limit is in use"), "{alerts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_checklist_has_its_alert_where_a_limit_is_told() {
    let till = Till::new().await;
    till.check_in("till", 400).await;
    till.send(
        "/api/v1/check-in",
        &json!({
            "service": "oven", "instance": "oven-1", "sequence": 1, "sent_at": till.now(), "state": "running", "build": {"version": "1", "commit": "a"},
            "process": {"host": "bar-1", "pid": 4128, "started_at": till.now()},
        }),
    )
    .await;
    till.portal.server.assess().await.unwrap();
    for (service, verdict) in [("till", "pass"), ("oven", "fail")] {
        let path = format!("/api/v1/services/{service}/readiness/twelve-point/capacity-alert");
        let item = till.json(&path).await;
        assert_eq!(item["item"]["verdict"], verdict, "{item}");
    }
}
