//! The portal's own look at services from outside: real requests to a real server, and what is told of them.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use reqwest::Method;
use seaworthy_catalog::{
    AlertState, ExclusionDefinition, ExclusionKind, Scope, ServiceSettings, UptimeProbe,
};
use seaworthy_portal::alerts::{AddressGuard, Event, Hidden, OutgoingSettings, Target};
use seaworthy_slo::Severity;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    alerts::Watch,
    pages::{page, shows},
    portal::{Portal, actor, minutes},
    receivers::{Receiver, endless},
};

/// So long a portal of these tests waits for an answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// A service that is asked from outside. A path says how it is answered, and `/` is as was said last.
struct Front {
    url: String,
    state: Asked,
    serving: JoinHandle<()>,
}

#[derive(Clone)]
struct Asked {
    says: Arc<Mutex<StatusCode>>,
    paths: Arc<Mutex<Vec<String>>>,
}

impl Front {
    async fn new() -> Self {
        let state = Asked { says: Arc::new(Mutex::new(StatusCode::OK)), paths: Arc::default() };
        let router = Router::new().fallback(answer).with_state(state.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, state, serving }
    }

    fn says(&self, status: StatusCode) {
        *self.state.says.lock().unwrap() = status;
    }

    /// What was asked for since, in alphabetical order.
    fn asked(&self) -> Vec<String> {
        let mut paths = std::mem::take(&mut *self.state.paths.lock().unwrap());
        paths.sort();
        paths
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn answer(State(state): State<Asked>, uri: Uri, headers: HeaderMap) -> Response {
    assert_eq!(headers[header::CONNECTION], "close");
    assert!(headers[header::USER_AGENT].to_str().unwrap().starts_with("Seaworthy/"));
    state.paths.lock().unwrap().push(uri.path().to_owned());
    match uri.path() {
        "/moved" => (StatusCode::FOUND, [(header::LOCATION, "/followed")]).into_response(),
        "/endless" => Response::new(endless()),
        "/hangs" => std::future::pending().await,
        path => {
            let status = path[1..].parse::<u16>().ok().and_then(|status| StatusCode::from_u16(status).ok());
            status.unwrap_or(*state.says.lock().unwrap()).into_response()
        }
    }
}

/// A portal that may dial this machine.
async fn portal() -> Portal {
    let portal = Portal::with(|settings| {
        let guard = AddressGuard { allowed: vec!["127.0.0.0/8".parse().unwrap()], refuse_private: false };
        settings.outgoing = OutgoingSettings { guard, patience: PATIENCE, ..OutgoingSettings::default() };
    })
    .await;
    portal.make_first_admin().await;
    portal
}

async fn heard_of(portal: &Portal, service: &str) {
    portal.server.app().catalog().note_services_seen(&[service], portal.clock.now()).await.unwrap();
}

/// Says where a service answers; none for nowhere.
async fn set_url(portal: &Portal, service: &str, url: Option<&str>) {
    let catalog = portal.server.app().catalog();
    let version = catalog.service_settings(service).await.unwrap().map_or(0, |stored| stored.version);
    let settings = ServiceSettings { url: url.map(str::to_owned), ..ServiceSettings::default() };
    catalog.set_service_settings(service, version, &settings, &actor(), portal.clock.now()).await.unwrap();
}

async fn probed(portal: &Portal, service: &str) -> UptimeProbe {
    portal.server.app().catalog().uptime_probe(service).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_tells_what_was_answered_or_why_nothing_was() {
    let (portal, front) = (portal().await, Front::new().await);
    let (closed, there) = (Receiver::nobody().await, &front.url);
    let cases = [
        ("ok", format!("{there}/200"), Some(200), None),
        ("empty", format!("{there}/204"), Some(204), None),
        ("endless", format!("{there}/endless"), Some(200), None),
        ("moved", format!("{there}/moved"), Some(302), None),
        ("by name", format!("{}/200", there.replace("127.0.0.1", "localhost")), Some(200), None),
        ("gone", format!("{there}/404"), Some(404), Some("127.0.0.1 answered 404 Not Found")),
        ("broken", format!("{there}/500"), Some(500), Some("127.0.0.1 answered 500 Internal Server Error")),
        ("hangs", format!("{there}/hangs"), None, Some("127.0.0.1 did not answer within 3 s")),
        (
            "refuses",
            format!("http://{closed}/livez?key=secret"),
            None,
            Some("127.0.0.1 could not be reached: Connection refused (os error 111)"),
        ),
        (
            "speaks no TLS",
            there.replace("http://", "https://"),
            None,
            Some("127.0.0.1 could not be reached: "),
        ),
        ("no address", "http://:80/secret".into(), None, Some("the address cannot be read: empty host")),
    ];
    for (service, url, ..) in &cases {
        heard_of(&portal, service).await;
        set_url(&portal, service, Some(url)).await;
    }
    set_url(&portal, "not heard of", Some(&format!("{there}/not-heard-of"))).await;
    heard_of(&portal, "without URL").await;
    portal.server.probe().await.unwrap();

    for (service, url, status, error) in &cases {
        let probe = probed(&portal, service).await;
        assert_eq!((&probe.url, probe.at, probe.status), (url, portal.clock.now(), *status), "{service}");
        assert_eq!(probe.answered, error.is_none(), "{service}: {:?}", probe.error);
        assert_eq!(probe.failing_since.is_none(), probe.answered, "{service}");
        let told = probe.error.unwrap_or_default();
        assert!(told.starts_with(error.unwrap_or_default()), "{service}: {told}");
        assert!(!told.contains("secret"), "{service}: {told}");
        let hangs = u64::try_from(PATIENCE.as_millis()).unwrap();
        assert_eq!(probe.took_ms >= hangs, *service == "hangs", "{service} took {} ms", probe.took_ms);
    }
    assert_eq!(portal.server.app().catalog().uptime_probes().await.unwrap().len(), cases.len());
    // The redirect was not followed, and each was asked once.
    let asked = ["/200", "/200", "/204", "/404", "/500", "/endless", "/hangs", "/moved"];
    assert_eq!(front.asked(), asked);
}

#[tokio::test(flavor = "multi_thread")]
async fn this_machine_is_not_asked_unless_its_operator_says_so() {
    let (portal, front) = (Portal::set_up().await, Front::new().await);
    let port = front.url.rsplit_once(':').unwrap().1;
    let cases = [
        ("literal", format!("http://127.0.0.1:{port}/"), "127.0.0.1 is a loopback address"),
        ("name", format!("http://localhost:{port}/"), "localhost leads to an address that is guarded: "),
        ("metadata", "http://169.254.169.254/latest".into(), "169.254.169.254 is a link-local address"),
    ];
    for (service, url, _) in &cases {
        heard_of(&portal, service).await;
        set_url(&portal, service, Some(url)).await;
    }
    portal.server.probe().await.unwrap();
    for (service, _, told) in cases {
        let error = probed(&portal, service).await.error.unwrap();
        assert!(error.starts_with(told), "{service}: {error}");
        assert!(error.contains("SEAWORTHY_ALLOW_OUTGOING="), "{service}: {error}");
    }
    assert_eq!(front.asked(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_is_known_since_when_unless_nobody_looked_for_long() {
    let (portal, front) = (portal().await, Front::new().await);
    heard_of(&portal, "till").await;
    set_url(&portal, "till", Some(&front.url)).await;
    let begin = portal.clock.now();
    let at = |minute: u64| Some(begin + minutes(minute));
    let (up, down) = (StatusCode::OK, StatusCode::BAD_GATEWAY);
    let mut before = 0;
    for (minute, says, since) in [
        (0, up, None),
        (1, down, at(1)),
        (2, down, at(1)),
        (3, up, None),
        (4, down, at(4)),
        (9, down, at(4)),
        (15, down, at(15)),
    ] {
        portal.clock.advance(minutes(minute - before));
        before = minute;
        front.says(says);
        portal.server.probe().await.unwrap();
        assert_eq!(probed(&portal, "till").await.failing_since, since, "minute {minute}");
    }
    // Another URL has a beginning of its own.
    set_url(&portal, "till", Some(&format!("{}/503", front.url))).await;
    portal.clock.advance(minutes(1));
    portal.server.probe().await.unwrap();
    assert_eq!(probed(&portal, "till").await.failing_since, at(16));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_portal_asks_at_a_time() {
    let (portal, front) = (portal().await, Front::new().await);
    let catalog = portal.server.app().catalog();
    portal.server.probe().await.unwrap();
    heard_of(&portal, "till").await;
    set_url(&portal, "till", Some(&front.url)).await;
    // The lease of the round before has run out, and another has taken it.
    portal.clock.advance(minutes(3));
    let now = portal.clock.now();
    let theirs = catalog.take_lease("uptime", "another", now + minutes(1), now).await.unwrap().unwrap();
    portal.server.probe().await.unwrap();
    assert_eq!(front.asked(), [""; 0]);
    catalog.release_lease(theirs).await.unwrap();
    portal.server.probe().await.unwrap();
    assert_eq!(front.asked(), ["/"]);
}

/// Verdict and words of the item.
async fn item(portal: &Portal, service: &str) -> (String, String) {
    portal.server.assess().await.unwrap();
    let all = portal.server.app().catalog().assessments(Some(service)).await.unwrap();
    let judgements: Vec<Value> = serde_json::from_str(&all[0].judgements).unwrap();
    let found = judgements.into_iter().find(|judgement| judgement["item"] == "uptime-probe").unwrap();
    (found["verdict"].as_str().unwrap().to_owned(), found["words"].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_item_passes_while_the_latest_probe_has_an_answer() {
    let (portal, front) = (portal().await, Front::new().await);
    heard_of(&portal, "till").await;
    let unknown = "nobody has observed it yet: probe of the service's URL";
    assert_eq!(item(&portal, "till").await, ("unknown".into(), unknown.into()));
    let mut ines = portal.signed_in("ines").await;
    let readiness = page(&mut ines, "/services/till/readiness").await;
    assert!(readiness.body.contains("Give its URL"), "{}", readiness.body);

    set_url(&portal, "till", Some(&front.url)).await;
    portal.server.probe().await.unwrap();
    assert_eq!(item(&portal, "till").await.0, "pass");
    front.says(StatusCode::SERVICE_UNAVAILABLE);
    portal.clock.advance(minutes(1));
    portal.server.probe().await.unwrap();
    let no = "probe of the service's URL: no (asked: yes)";
    assert_eq!(item(&portal, "till").await, ("fail".into(), no.into()));
    front.says(StatusCode::OK);
    portal.server.probe().await.unwrap();
    portal.clock.advance(minutes(10) + Duration::from_secs(1));
    assert_eq!(item(&portal, "till").await.0, "stale");
    // It says nothing of another URL.
    set_url(&portal, "till", Some(&format!("{}/other", front.url))).await;
    assert_eq!(item(&portal, "till").await.0, "unknown");
}

/// A watched service that has a URL.
async fn watch(front: &Front) -> Watch {
    let nowhere = Target::Slack { url: Hidden::new("https://hooks.example/T0/B0") };
    let watch = Watch::on(portal().await, nowhere).await;
    set_url(&watch.portal, "reception", Some(&front.url)).await;
    watch
}

/// A minute passes at the end of which its instance may check in; a probe and a round follow. Says what is open.
async fn minute(watch: &Watch, checks_in: bool) -> Vec<(String, AlertState)> {
    watch.portal.clock.advance(minutes(1));
    watch.requests([(1, 0)]).await;
    if checks_in {
        watch.check_in("till-1", "running").await;
    }
    watch.portal.server.probe().await.unwrap();
    watch.portal.server.evaluate().await.unwrap();
    watch.open().await
}

fn about(kind: &str, state: AlertState) -> Vec<(String, AlertState)> {
    vec![(format!("{kind}/reception"), state)]
}

#[tokio::test(flavor = "multi_thread")]
async fn three_minutes_without_an_answer_page_though_an_instance_checks_in() {
    let front = Front::new().await;
    let watch = watch(&front).await;
    assert_eq!(minute(&watch, true).await, []);
    front.says(StatusCode::SERVICE_UNAVAILABLE);
    let mut began = None::<Timestamp>;
    for state in [AlertState::Pending, AlertState::Pending, AlertState::Pending, AlertState::Firing] {
        assert_eq!(minute(&watch, true).await, about("unreachable", state));
        began.get_or_insert(watch.portal.clock.now());
    }
    // While nobody looks nothing is known, and so nothing is over.
    watch.portal.clock.advance(minutes(7));
    watch.check_in("till-1", "running").await;
    watch.requests((1..=7).map(|ago| (ago, 0))).await;
    watch.portal.server.evaluate().await.unwrap();
    assert_eq!(watch.open().await, about("unreachable", AlertState::Firing));
    front.says(StatusCode::OK);
    assert_eq!(minute(&watch, true).await, []);

    let alert = &watch.alerts().await[0];
    assert_eq!(Some(alert.origin.started_at), began);
    let told = watch.told(alert.id).await;
    assert_eq!(told.iter().map(|notice| notice.event).collect::<Vec<_>>(), [Event::Fired, Event::Resolved]);
    assert_eq!((told[0].name.as_str(), told[0].severity), ("ServiceUnreachable", Severity::Page));
    let words = "Asked for its URL it has not answered for 3 min: 127.0.0.1 answered 503 Service Unavailable. \
                 1 instance checks in.";
    assert_eq!(told[0].summary, words);
    assert!(told[1].summary.starts_with("It answers again: 200 in "), "{}", told[1].summary);
    let links: Vec<_> = told[0].links.iter().map(|link| link.href.as_str()).take(2).collect();
    assert_eq!(links, ["https://wiki.example/orders", "/services/reception/settings"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_outage_pages_once() {
    let front = Front::new().await;
    let watch = watch(&front).await;
    assert_eq!(minute(&watch, true).await, []);
    front.says(StatusCode::BAD_GATEWAY);
    for _ in 0..6 {
        assert_eq!(minute(&watch, false).await, about("unavailable", AlertState::Firing));
    }
    // The process is back, and has three minutes to be reached.
    for _ in 0..3 {
        assert_eq!(minute(&watch, true).await, about("unreachable", AlertState::Pending));
    }
    assert_eq!(minute(&watch, true).await, about("unreachable", AlertState::Firing));
    front.says(StatusCode::OK);
    assert_eq!(minute(&watch, true).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn planned_maintenance_begins_nothing_and_a_url_that_is_taken_away_ends_it() {
    let front = Front::new().await;
    let watch = watch(&front).await;
    let now = watch.portal.clock.now();
    let planned = ExclusionDefinition {
        kind: ExclusionKind::Maintenance,
        service: Some("reception".into()),
        starts_at: now,
        ends_at: now + minutes(8),
        weekly: None,
        reason: "a new proxy".into(),
    };
    watch.portal.server.app().catalog().create_exclusion(&planned, &actor(), now).await.unwrap();
    front.says(StatusCode::BAD_GATEWAY);
    for number in 1..=8 {
        let expected = if number < 8 { vec![] } else { about("unreachable", AlertState::Firing) };
        assert_eq!(minute(&watch, true).await, expected, "minute {number}");
    }
    set_url(&watch.portal, "reception", None).await;
    assert_eq!(minute(&watch, true).await, []);
    let told = watch.told(watch.alerts().await[0].id).await;
    assert_eq!(told[1].summary, "What it was about is not watched any more.");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_api_tell_how_the_latest_probe_went() {
    let (portal, front) = (portal().await, Front::new().await);
    heard_of(&portal, "till").await;
    let (settings, overview) = ("/services/till/settings", "/services/till");
    let mut ines = portal.signed_in("ines").await;
    assert!(!page(&mut ines, settings).await.body.contains("Asked from outside"));
    assert!(!page(&mut ines, overview).await.body.contains("from outside"));
    set_url(&portal, "till", Some(&format!("{}/?key=secret", front.url))).await;
    shows(&page(&mut ines, settings).await, &["Asked from outside", "Not asked yet"]);

    portal.server.probe().await.unwrap();
    portal.clock.advance(Duration::from_secs(20));
    shows(&page(&mut ines, settings).await, &["answered 200 in ", ", 20 s ago"]);
    let there = page(&mut ines, overview).await;
    shows(&there, &["from outside answered 200 in "]);
    assert!(there.body.contains(r##"href="/services/till/settings#uptime""##), "{}", there.body);
    assert!(!there.body.contains("secret"), "{}", there.body);

    front.says(StatusCode::BAD_GATEWAY);
    portal.server.probe().await.unwrap();
    portal.clock.advance(Duration::from_secs(40));
    let why = "no answer since 20 Nov, 12:00 UTC: 127.0.0.1 answered 502 Bad Gateway (asked 40 s ago)";
    shows(&page(&mut ines, settings).await, &[why]);
    shows(&page(&mut ines, overview).await, &["from outside no answer since 20 Nov, 12:00 UTC"]);

    let token = portal.token(&[Scope::Read]).await;
    let request = portal.browser().as_program(Method::GET, "/api/v1/services/till").bearer_auth(token);
    let service: Value = request.send().await.unwrap().json().await.unwrap();
    let uptime = &service["uptime"];
    assert_eq!(
        (&uptime["answered"], &uptime["status"], &uptime["error"], &uptime["failing_since"]),
        (
            &json!(false),
            &json!(502),
            &json!("127.0.0.1 answered 502 Bad Gateway"),
            &json!("2026-11-20T12:00:20Z")
        )
    );
    assert!(!service.to_string().contains("secret"), "{service}");
}
