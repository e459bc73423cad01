//! Profiles: asked for on a page, told to the instance with its check-in, sent by it, and shown.

use std::{io::Write, time::Duration};

use flate2::{Compression, write::GzEncoder};
use prost::Message;
use reqwest::{Method, StatusCode};
use seaworthy_catalog::{Role, Scope};
use seaworthy_protocol::{
    Order, ProfileKind,
    pprof::{Function, Line, Location, Profile, Sample, ValueType},
};
use serde_json::{Value, json};

use crate::portal::{Answer, Browser, Portal};

const CAPTURES: &str = "/services/reception/captures";
const PROFILES: &str = "/services/reception/profiles";

/// An instance that does what it is asked, played by the test.
struct Instance {
    portal: Portal,
    token: String,
    sequence: u64,
}

impl Instance {
    async fn new(profiles: Value) -> (Self, Browser) {
        let portal = Portal::set_up().await;
        let token = portal.token(&[Scope::Ingest]).await;
        let browser = portal.signed_in("ines").await;
        let mut instance = Self { portal, token, sequence: 0 };
        instance.check_in(json!([]), profiles).await;
        (instance, browser)
    }

    /// Checks in, and returns what it is asked.
    async fn check_in(&mut self, reports: Value, profiles: Value) -> Vec<Value> {
        self.sequence += 1;
        let now = self.portal.clock.now().to_string();
        let body = json!({
            "service": "reception", "instance": "a", "sequence": self.sequence, "sent_at": now,
            "build": {"version": "1.8.2"}, "state": "running",
            "process": {"host": "bar-1", "pid": 7, "started_at": now},
            "observations": {"profiles": profiles}, "commands": reports,
        });
        let request =
            self.portal.browser().as_program(Method::POST, "/api/v1/check-in").bearer_auth(&self.token);
        let response = request.json(&body).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let reply: Value = response.json().await.unwrap();
        reply["commands"].as_array().cloned().unwrap_or_default()
    }

    async fn upload(&self, query: &str, body: Vec<u8>) -> (StatusCode, Value) {
        let path = format!("/api/v1/profiles?service=reception&instance=a&version=1.8.2&{query}");
        let request = self.portal.browser().as_program(Method::POST, &path).bearer_auth(&self.token);
        let response = request.body(body).send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    async fn keep(&self, kind: &str, body: Vec<u8>) -> String {
        let taken_at = self.portal.clock.now();
        let (status, kept) = self.upload(&format!("kind={kind}&taken_at={taken_at}"), body).await;
        assert_eq!(status, StatusCode::CREATED, "{kept}");
        kept["id"].as_str().unwrap().to_owned()
    }
}

/// A profile with these stacks, the outermost function first.
fn pprof(types: &[(&str, &str)], samples: &[(&[&str], &[i64])]) -> Vec<u8> {
    let mut profile = Profile::default();
    let mut text = |text: &str| {
        let table = &mut profile.string_table;
        table.push(text.to_owned());
        table.len() as i64 - 1
    };
    text("");
    let sample_type =
        types.iter().map(|(kind, unit)| ValueType { kind: text(kind), unit: text(unit) }).collect();
    let (mut function, mut location, mut sample) = (Vec::new(), Vec::new(), Vec::new());
    for (stack, values) in samples {
        let mut location_id = Vec::new();
        for name in stack.iter().rev() {
            let id = function.len() as u64 + 1;
            function.push(Function { id, name: text(name), ..Function::default() });
            let line = vec![Line { function_id: id, line: 7 }];
            location.push(Location { id, line, ..Location::default() });
            location_id.push(id);
        }
        sample.push(Sample { location_id, value: values.to_vec(), label: vec![] });
    }
    (profile.sample_type, profile.sample) = (sample_type, sample);
    (profile.function, profile.location) = (function, location);
    profile.duration_nanos = 10_000_000_000;
    gzip(&profile.encode_to_vec())
}

fn cpu(samples: &[(&[&str], &[i64])]) -> Vec<u8> {
    pprof(&[("cpu", "nanoseconds")], samples)
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn shows(page: &Answer, texts: &[&str]) {
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for text in texts {
        assert!(page.body.contains(text), "{text} is not on the page: {}", page.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_asked_for_told_taken_and_shown() {
    let (mut instance, mut browser) = Instance::new(json!(["cpu", "tasks"])).await;
    let page = browser.get(PROFILES).await;
    shows(&page, &["Capture now", "No profile yet", "global allocator"]);
    let asked = browser.post(CAPTURES, &[("instance", "a"), ("kind", "cpu"), ("seconds", "5")]).await;
    assert_eq!((asked.status, asked.header("location")), (StatusCode::SEE_OTHER, PROFILES));
    shows(&browser.get(PROFILES).await, &["CPU, 5 s", "waits for the next check-in", "by ines"]);

    let told = instance.check_in(json!([]), json!(["cpu"])).await;
    let order = json!({"type": "capture", "kind": "cpu", "seconds": 5});
    assert_eq!((told.len(), &told[0]["order"]), (1, &order));
    let id = told[0]["id"].as_u64().unwrap();
    let report = json!([{"id": id, "state": "underway", "percent": 40, "detail": "looking"}]);
    assert!(instance.check_in(report, json!(["cpu"])).await.is_empty());
    shows(&browser.get(PROFILES).await, &["under way", "looking, 40 %", "<progress"]);

    let body =
        cpu(&[(&["main", "reception::price"], &[3_000_000_000]), (&["main", "idle"], &[1_000_000_000])]);
    let query = format!("kind=cpu&taken_at={}&command={id}", instance.portal.clock.now());
    let (status, kept) = instance.upload(&query, body.clone()).await;
    assert_eq!(status, StatusCode::CREATED);
    let kept = kept["id"].as_str().unwrap().to_owned();
    assert_eq!(
        instance.upload(&query, body.clone()).await.1["id"],
        kept,
        "it is the same when it is sent again"
    );
    let here = format!("/profiles/{kept}");
    shows(&browser.get(PROFILES).await, &["done", &here, "4 s of CPU", "2 stacks"]);

    let page = browser.get(&here).await;
    shows(&page, &["captured by ines", "reception::price", "3 s, 75 % (own 75 %)", "class=\"flame\""]);
    let first = crate::portal::between(&page.body, "id=\"causes\"", "</section>").unwrap();
    assert!(first.contains("find=reception%3A%3Aprice") && first.contains("75 %"), "{first}");
    shows(
        &browser.get(&format!("{here}?view=inverted&find=PRICE")).await,
        &["1 frame, 75 %", "class=\"found\""],
    );
    let download = instance.portal.browser();
    let token = instance.portal.token(&[Scope::Read]).await;
    let request = download.as_program(Method::GET, &format!("/api/v1{here}/pprof")).bearer_auth(token);
    let response = request.send().await.unwrap();
    assert!(
        response.headers()["content-disposition"]
            .to_str()
            .unwrap()
            .contains("reception-cpu-20261120T120000Z.pb.gz")
    );
    assert_eq!(response.bytes().await.unwrap(), body, "as it came");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_is_zoomed_in_on_by_its_link() {
    let (instance, mut browser) = Instance::new(json!(["cpu"])).await;
    let samples: [(&[&str], &[i64]); 2] =
        [(&["main", "shop::serve", "shop::price"], &[30]), (&["main", "shop::idle"], &[70])];
    let id = instance.keep("cpu", cpu(&samples)).await;
    let page = browser.get(&format!("/profiles/{id}")).await;
    shows(&page, &["shop::serve, 30.0 ns, 30 % (own 0 %)"]);
    let view: Value = {
        let token = instance.portal.token(&[Scope::Read]).await;
        let request = browser.as_program(Method::GET, &format!("/api/v1/profiles/{id}")).bearer_auth(token);
        request.send().await.unwrap().json().await.unwrap()
    };
    let frame =
        view["frames"].as_array().unwrap().iter().find(|frame| frame["name"] == "shop::serve").unwrap();
    assert_eq!((frame["left"].as_f64(), frame["width"].as_f64()), (Some(0.7), Some(0.3)));
    let zoomed = browser.get(&format!("/profiles/{id}?at={}", frame["at"])).await;
    shows(&zoomed, &["width=\"100%\"", "shop::price"]);
    let picture = crate::portal::between(&zoomed.body, "flame-scroll", "</div>").unwrap();
    assert!(!picture.contains("shop::idle"), "{picture}");
    for nonsense in ["at=99999", "at=0&type=nothing&view=odd", "find=%3Cscript%3E"] {
        let page = browser.get(&format!("/profiles/{id}?{nonsense}")).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.body.contains("<script>"));
    }
    assert_eq!(browser.get("/profiles/0000000000000000").await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/profiles/odd").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_profiles_are_compared() {
    let (instance, mut browser) = Instance::new(json!(["cpu", "heap"])).await;
    let before = instance.keep("cpu", cpu(&[(&["main", "shop::serve"], &[100])])).await;
    instance.portal.clock.advance(Duration::from_secs(600));
    let samples: [(&[&str], &[i64]); 2] =
        [(&["main", "shop::serve"], &[100]), (&["main", "regex::compile"], &[100])];
    let after = instance.keep("cpu", cpu(&samples)).await;
    let page = browser.get(&format!("/profiles/{after}")).await;
    shows(&page, &["Compare with", &format!("/profiles/{after}/diff/{before}")]);
    // The earlier is what is compared with, whichever is named first.
    for path in [format!("/profiles/{after}/diff/{before}"), format!("/profiles/{before}/diff/{after}")] {
        let page = browser.get(&path).await;
        shows(&page, &["0 % before, 50 % after (+50 %)", "d-more-3", "d-less-3", "100 % to 50 %"]);
    }
    let heap = pprof(&[("inuse_objects", "count"), ("inuse_space", "bytes")], &[(&["main"], &[1, 1 << 20])]);
    let heap = instance.keep("heap", heap).await;
    let page = browser.get(&format!("/profiles/{heap}")).await;
    shows(&page, &["1 MiB in use", "In use, objects"]);
    let page = browser.get(&format!("/profiles/{heap}/diff/{after}")).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.body.contains("different kinds"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_profile_is_refused_at_the_door() {
    let (instance, mut browser) = Instance::new(json!(["cpu"])).await;
    let now = instance.portal.clock.now().to_string();
    let good = || cpu(&[(&["main"], &[1])]);
    let query = |kind: &str, at: &str| format!("kind={kind}&taken_at={at}");
    let refused = [
        (query("cpu", &now), b"no profile".to_vec(), 400, "no profile.proto"),
        (query("cpu", &now), gzip(&vec![0; 40 << 20]), 413, "when inflated"),
        (query("cpu", &now), vec![1; (16 << 20) + 1], 413, "as sent"),
        (
            query("cpu", &now),
            pprof(&[("cpu", "nanoseconds")], &[(&["main"], &[1, 2])]),
            400,
            "2 values for 1 types",
        ),
        (query("coffee", &now), good(), 400, "coffee"),
        (query("cpu", "2020-01-01T00:00:00Z"), good(), 400, "before what is kept"),
        (query("cpu", "2027-01-01T00:00:00Z"), good(), 400, "ahead of the portal's clock"),
        (format!("{}&environment=%00", query("cpu", &now)), good(), 400, "environment"),
    ];
    for (query, body, status, expected) in refused {
        let (found, problem) = instance.upload(&query, body).await;
        assert_eq!(found.as_u16(), status, "{query}: {problem}");
        assert!(problem["detail"].as_str().unwrap().contains(expected), "{problem}");
    }
    shows(&browser.get(PROFILES).await, &["No profile yet"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn viewers_look_and_editors_capture() {
    let (mut instance, _) = Instance::new(json!(["cpu"])).await;
    instance.portal.member("vera", Role::Viewer).await;
    let mut viewer = instance.portal.signed_in("vera").await;
    let page = viewer.get(PROFILES).await;
    assert!(page.status == StatusCode::OK && !page.body.contains("Capture now"));
    let mut editor = instance.portal.signed_in("ines").await;
    editor.get(PROFILES).await;
    for (fields, status) in [
        ([("instance", "a"), ("kind", "heap")], StatusCode::CONFLICT),
        ([("instance", "nobody"), ("kind", "cpu")], StatusCode::NOT_FOUND),
    ] {
        assert_eq!(editor.post(CAPTURES, &fields).await.status, status, "{fields:?}");
    }
    assert_eq!(instance.check_in(json!([]), json!(null)).await, Vec::<Value>::new());
    // Its agent takes no commands any more.
    shows(&editor.get(PROFILES).await, &["takes no commands"]);
    assert_eq!(editor.get("/services/nobody/profiles").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_takes_too_long_is_asked_for_by_nobody() {
    let (mut instance, mut browser) = Instance::new(json!(["cpu", "heap"])).await;
    let token = instance.portal.token(&[Scope::Write]).await;
    let programs = instance.portal.browser();
    let order = async |kind: &str, seconds: Value| {
        let body = json!({"instance": "a", "kind": kind, "seconds": seconds});
        let request = programs.as_program(Method::POST, &format!("/api/v1{CAPTURES}")).bearer_auth(&token);
        let response = request.json(&body).send().await.unwrap();
        (response.status(), response.json::<Value>().await.unwrap())
    };
    for (kind, seconds, may_be) in [
        ("cpu", json!(61), "1 to 60"),
        ("cpu", json!(0), "1 to 60"),
        ("cpu", json!(-1), "1 to 60"),
        ("cpu", json!(1.5), "1 to 60"),
        ("heap", json!(601), "0 to 600"),
    ] {
        let (status, problem) = order(kind, seconds.clone()).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{kind} {seconds}: {problem}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(&format!("seconds is {seconds}")) && detail.contains(may_be), "{detail}");
    }
    browser.get(PROFILES).await;
    let typed = browser.post(CAPTURES, &[("instance", "a"), ("kind", "cpu"), ("seconds", "61")]).await;
    assert_eq!(typed.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", typed.body);
    assert!(instance.check_in(json!([]), json!(["cpu", "heap"])).await.is_empty());
    for (kind, seconds) in [("cpu", json!(60)), ("heap", json!(null))] {
        let (status, view) = order(kind, seconds).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{view}");
    }
    let told = instance.check_in(json!([]), json!(["cpu", "heap"])).await;
    let seconds: Vec<_> = told.iter().map(|command| command["order"]["seconds"].as_u64()).collect();
    assert_eq!(seconds, [Some(60), Some(0)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_does_not_know_the_order_or_falls_silent_is_told() {
    let (mut instance, mut browser) = Instance::new(json!(["cpu", "tasks"])).await;
    browser.get(PROFILES).await;
    for kind in ["cpu", "tasks"] {
        browser.post(CAPTURES, &[("instance", "a"), ("kind", kind)]).await;
    }
    let told = instance.check_in(json!([]), json!(["cpu", "tasks"])).await;
    let report = json!([{"id": told[0]["id"], "state": "not_understood"}]);
    instance.check_in(report, json!(["cpu", "tasks"])).await;
    instance.portal.clock.advance(Duration::from_secs(130));
    shows(
        &browser.get(PROFILES).await,
        &["failed", "older than the portal", "expired", "nothing was heard of it"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_trace_one_comes_to_the_profiles_of_its_minute_and_back() {
    let (instance, mut browser) = Instance::new(json!(["cpu"])).await;
    let id = instance.keep("cpu", cpu(&[(&["main"], &[1])])).await;
    let page = browser.get(&format!("/profiles/{id}")).await;
    shows(&page, &["Traces of its time", "/traces?service=reception&amp;from="]);
    let now = instance.portal.clock.now();
    let around = |at: jiff::Timestamp| format!("{PROFILES}?instance=a&around={at}");
    shows(&browser.get(&around(now)).await, &[&id, "taken within a minute of"]);
    let later = now + jiff::SignedDuration::from_mins(5);
    shows(&browser.get(&around(later)).await, &["No profile of that minute"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn profiles_are_taken_by_themselves_where_somebody_says_so() {
    const BOX: &str = "type=\"checkbox\" name=\"tasks\" value=\"1\"";
    let (instance, mut browser) = Instance::new(json!(["cpu", "tasks"])).await;
    let settings = browser.get("/services/reception/settings").await;
    shows(&settings, &["Profiles by themselves", "every hour", BOX]);
    assert!(!settings.body.contains(&format!("{BOX} checked")), "tasks are taken where somebody says so");
    let said = [("every", "60"), ("cpu", "1"), ("heap", "1"), ("tasks", "1")];
    let saved = browser.post("/services/reception/profile-schedule", &said).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    shows(&browser.get("/services/reception/settings").await, &["said by ines", &format!("{BOX} checked")]);
    for nonsense in [[("every", "soon"), ("cpu", "1")], [("every", "60"), ("gpu", "1")]] {
        let refused = browser.post("/services/reception/profile-schedule", &nonsense).await;
        assert!(refused.status.is_client_error(), "{nonsense:?}");
    }
    // A portal looks for what is due as soon as it has started.
    let Portal { server, clock, folder: _folder } = instance.portal.restarted().await;
    let begun = std::time::Instant::now();
    let asked = loop {
        let now = clock.now();
        let asked = server.app().catalog().commands("reception", now, now).await.unwrap();
        if asked.len() > 1 {
            break asked;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{asked:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert!(asked.iter().all(|asked| (&*asked.instance, &*asked.asked_by) == ("a", "")), "{asked:?}");
    let mut orders: Vec<&Order> = asked.iter().map(|asked| &asked.order).collect();
    orders.sort_by_key(|order| matches!(order, Order::Capture { kind: ProfileKind::Tasks, .. }));
    let [cpu, tasks] = [(ProfileKind::Cpu, 10), (ProfileKind::Tasks, 0)]
        .map(|(kind, seconds)| Order::Capture { kind, seconds });
    assert_eq!(orders, [&cpu, &tasks], "its heap cannot be profiled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_filter_is_changed_for_a_while() {
    const PAGE: &str = "/services/reception/log-filter";
    let (mut instance, mut browser) = Instance::new(json!(["cpu"])).await;
    shows(&browser.get(PAGE).await, &["Log more, or less, for a while", "bar-1"]);
    let order = [("instance", ""), ("filter", "info,sqlx=debug"), ("minutes", "10")];
    assert_eq!(browser.post(PAGE, &order).await.header("location"), PAGE);
    let told = instance.check_in(json!([]), json!(["cpu"])).await;
    assert_eq!(
        told[0]["order"],
        json!({"type": "log_filter", "filter": "info,sqlx=debug", "for_seconds": 600})
    );
    shows(&browser.get(PAGE).await, &["waits for the next check-in", "10 min of", "asked by ines"]);
    let report = json!([{"id": told[0]["id"], "state": "failed", "detail": "sqlx=debug is no filter"}]);
    instance.check_in(report, json!(["cpu"])).await;
    shows(&browser.get(PAGE).await, &["not done", "sqlx=debug is no filter"]);
    for (filter, minutes) in [("", "10"), ("debug", "0"), ("debug", "1441"), ("de\nbug", "10")] {
        let refused = browser.post(PAGE, &[("filter", filter), ("minutes", minutes)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{filter} {minutes}");
    }
    let nobody = [("instance", "nobody"), ("filter", "debug"), ("minutes", "1")];
    assert_eq!(browser.post(PAGE, &nobody).await.status, StatusCode::NOT_FOUND);
}
