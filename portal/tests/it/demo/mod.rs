//! `seaworthy demo`: what it shows, and that it leaves nothing behind.

mod running;

use std::{
    fs,
    net::TcpListener,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

use self::running::{Running, kill, runs, seaworthy, wait_until};
use crate::portal::{Browser, between};

async fn json(browser: &mut Browser, path: &str) -> Value {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

/// Asks until the answer is as wished.
async fn until(browser: &mut Browser, path: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let answer = json(browser, path).await;
        if is_so(&answer) {
            return answer;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "still {answer:#}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_instances_check_in_and_an_order_crosses_both_services_and_the_database() {
    let demo = Running::start(&[]);
    let mut browser = demo.browser().await;
    let fleet = until(&mut browser, "/api/v1/services", |fleet| fleet["total"]["instances_alive"] == 3).await;
    let names: Vec<_> = fleet["services"].as_array().unwrap().iter().map(|s| &s["name"]).collect();
    assert!(names.len() == 2 && names.contains(&&"reception".into()) && names.contains(&&"barista".into()));

    let search = "/api/v1/traces?service=reception&attributes=http.response.status_code%3D201";
    let found = until(&mut browser, search, |found| whole_order(found).is_some()).await;
    let id = whole_order(&found).unwrap();
    let trace = json(&mut browser, &format!("/api/v1/traces/{id}")).await;
    let rows: Vec<_> = trace["rows"].as_array().unwrap().iter().map(row).collect();
    let want = [
        "0 reception server POST /orders",
        "1 reception client INSERT orders sqlite",
        "1 reception client POST",
        "2 barista server POST /drinks",
        "3 barista internal grind",
        "3 barista internal brew",
        "1 reception client UPDATE orders sqlite",
    ];
    assert_eq!(rows, want);
}

/// What the reception proves without anybody's word, whatever happens in the shop. The README counts them.
const PROVED: [&str; 24] = [
    "availability-alert",
    "availability-slo",
    "capacity-alert",
    "error-rate-alert",
    "error-tracking",
    "golden-signals",
    "latency-alert",
    "latency-slo",
    "limits-known",
    "no-debug-in-production",
    "percentiles",
    "private-admin",
    "probes",
    "profiles",
    "remediation",
    "request-logs",
    "request-tracing",
    "right-sized",
    "slo-reviewed",
    "status-check",
    "supporting-components",
    "trace-continuity",
    "uptime-probe",
    "version",
];
/// What it proves unless it is run by root, and until a fault has spent the budget.
const AND_PERHAPS: [&str; 2] = ["not-root", "budget-left"];

#[tokio::test(flavor = "multi_thread")]
async fn what_the_shop_does_is_proved_by_evidence() {
    let demo = Running::start(&[]);
    let mut browser = demo.browser().await;
    until(&mut browser, "/api/v1/services", |fleet| fleet["total"]["instances_alive"] == 3).await;
    // What fails is logged, within its request. Half of the probes from outside fail as well, until it is over.
    let_orders_fail(&demo, true).await;
    until(&mut browser, "/api/v1/services/reception", some_fail).await;
    let_orders_fail(&demo, false).await;
    // A copy without Git builds as well, but knows no commit.
    let git = Command::new("git").args(["rev-parse", "HEAD"]).output();
    let has_git = git.is_ok_and(|output| output.status.success());
    let asked: Vec<&str> = PROVED.into_iter().filter(|item| *item != "version" || has_git).collect();
    let begun = Instant::now();
    let items = loop {
        judge_now(&mut browser, "reception").await;
        let readiness = json(&mut browser, "/api/v1/services/reception/readiness").await;
        let points = readiness["points"].as_array().unwrap().iter();
        let items: Vec<Value> = points.flat_map(|point| point["items"].as_array().unwrap().clone()).collect();
        let open: Vec<_> = items
            .iter()
            .filter(|item| asked.contains(&item["item"].as_str().unwrap()))
            .filter(|item| item["verdict"] != "pass" || item["by"] != "evidence")
            .map(|item| (&item["item"], &item["verdict"], &item["words"]))
            .collect();
        if open.is_empty() {
            break items;
        }
        assert!(begun.elapsed() < Duration::from_secs(180), "still {open:?}");
        tokio::time::sleep(Duration::from_secs(3)).await;
    };
    let proved = items.iter().filter(|item| item["verdict"] == "pass" && item["by"] == "evidence");
    let others = proved.map(|item| item["item"].as_str().unwrap());
    let others: Vec<_> = others.filter(|item| ![&PROVED[..], &AND_PERHAPS].concat().contains(item)).collect();
    assert!(others.is_empty(), "count them in as well: {others:?}");
    let counted = format!("{} of the {} items are proved by evidence", PROVED.len(), items.len());
    assert!(include_str!("../../../../README.md").contains(&counted), "the README says that {counted}");
    let words =
        |asked: &str| items.iter().find(|item| item["item"] == asked).unwrap()["words"].as_str().unwrap();
    let (lines, debug) = (words("request-logs"), words("no-debug-in-production"));
    assert!(lines.contains("lines within requests with a request id in 24 h: 100 % of"), "{lines}");
    assert_eq!(debug, "debug lines from production in 24 h: 0");
    let cannot_be_told =
        |item: &&Value| item["words"].as_str().unwrap().contains("the agent does not report");
    let of_bronze = items.iter().filter(|item| item["level"] == "bronze").filter(cannot_be_told);
    assert_eq!(of_bronze.map(|item| &item["item"]).collect::<Vec<_>>(), ["timeouts"]);
}

/// Says of a service what is said of it, upon which it is judged at once.
async fn judge_now(browser: &mut Browser, service: &str) {
    let page = format!("/services/{service}/settings");
    let form = browser.get(&page).await.body;
    let version = between(&form, "name=\"version\" value=\"", "\"").unwrap();
    let url = between(between(&form, "id=\"url\"", ">").unwrap(), "value=\"", "\"").unwrap();
    let fields = [("kind", ""), ("url", url), ("owner", ""), ("version", version)];
    let answer = browser.post(&page, &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
}

/// Whether many of its requests have failed.
fn some_fail(service: &Value) -> bool {
    service["summary"]["error_ratio"].as_f64() > Some(0.2)
}

/// Presses the button that lets half of the requests fail, or no more of them.
async fn let_orders_fail(demo: &Running, on: bool) {
    let (page, _) =
        demo.says("Break it").split_once(' ').map(|(page, rest)| (page.to_owned(), rest.to_owned())).unwrap();
    let press = reqwest::Client::new().post(format!("{page}/press")).header("origin", &page);
    let pressed = press
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("fault=failing&on={on}"))
        .send()
        .await
        .unwrap();
    assert_eq!(pressed.text().await.unwrap().contains("Switch off"), on);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_lets_orders_fail_and_the_portal_sees_it() {
    let demo = Running::start(&[]);
    let mut browser = demo.browser().await;
    let_orders_fail(&demo, true).await;
    until(&mut browser, "/api/v1/services/reception", some_fail).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_deploys_a_release_and_another_rolls_it_back() {
    let demo = Running::start(&[]);
    let mut browser = demo.browser().await;
    let page = demo.says("Deploy it").split_once(' ').map(|(page, _)| page.to_owned()).unwrap();
    let runs = |version: &'static str| {
        move |service: &Value| {
            let instances = service["instances"].as_array().unwrap();
            let alive = |instance: &&Value| instance["health"] == "ok";
            let running: Vec<_> =
                instances.iter().filter(alive).map(|instance| &instance["version"]).collect();
            running == [version]
        }
    };
    let path = "/api/v1/services/reception";
    until(&mut browser, path, runs("0.1.0")).await;
    for version in ["0.2.0", "0.1.0"] {
        let press = |origin: &str| {
            let press = reqwest::Client::new().post(format!("{page}/deploy")).header("origin", origin);
            press
                .header("content-type", "application/x-www-form-urlencoded")
                .body(format!("version={version}"))
                .send()
        };
        assert_eq!(press("http://elsewhere.example").await.unwrap().status(), reqwest::StatusCode::FORBIDDEN);
        assert!(press(&page).await.unwrap().text().await.unwrap().contains("runs"));
        until(&mut browser, path, runs(version)).await;
    }
}

/// The id of a trace of which all spans have arrived.
fn whole_order(found: &Value) -> Option<String> {
    let services = serde_json::json!([["reception", 4], ["barista", 3]]);
    let trace = found["traces"].as_array()?.iter().find(|trace| trace["services"] == services)?;
    Some(trace["trace_id"].as_str()?.to_owned())
}

/// Depth, service, kind, name and database of a span.
fn row(row: &Value) -> String {
    let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let line =
        [row["depth"].to_string(), text("service"), text("kind"), text("name"), text("system")].join(" ");
    line.trim().to_owned()
}

#[test]
fn whoever_asks_it_to_stop_finds_nothing_left_behind() {
    for signal in ["-INT", "-TERM", "-HUP"] {
        let mut demo = Running::start(&[]);
        let shop = demo.shop();
        assert_eq!((shop.len(), demo.left_behind().len()), (3, 1), "{signal}: three services and one folder");
        demo.signal(signal);
        assert!(demo.ended_well(), "{signal}");
        assert!(!shop.iter().any(runs), "{signal}: a service still runs");
        assert!(demo.left_behind().is_empty(), "{signal}: {:?}", demo.left_behind());
    }
}

#[test]
fn services_end_by_themselves_when_the_demo_is_killed() {
    let mut demo = Running::start(&[]);
    let shop = demo.shop();
    assert_eq!(shop.len(), 3);
    demo.signal("-KILL");
    assert!(!demo.ended_well());
    wait_until("the services end", || !shop.iter().any(runs));
}

#[test]
fn a_service_that_dies_is_told_and_started_again_where_it_was() {
    let demo = Running::start(&[]);
    let before = demo.shop();
    let of = |service: &str| {
        let arguments = before.iter().map(|process| (process.pid, process.cmdline().unwrap()));
        arguments.into_iter().find(|(_, arguments)| arguments.contains(&service.to_owned())).unwrap()
    };
    let ((barista, _), (_, reception)) = (of("barista"), of("reception"));
    kill("-KILL", barista);
    let line = demo.wait_until_it_says("has ended");
    assert!(line.contains("barista") && line.contains("signal: 9") && line.contains(".log"), "{line}");
    let mut again = None;
    wait_until("it is back", || {
        let shop = demo.shop();
        let new = |process: &procfs::process::Process| before.iter().all(|known| known.pid != process.pid);
        // A process that has just been forked still has the arguments of the demo.
        let started = |arguments: &Vec<String>| arguments.contains(&"barista".to_owned());
        again = shop.into_iter().filter(new).filter_map(|process| process.cmdline().ok()).find(started);
        again.is_some()
    });
    let arguments = again.unwrap();
    let listens = arguments.iter().skip_while(|argument| *argument != "--listen").nth(1).unwrap();
    assert!(reception.contains(&format!("http://{listens}")), "reception finds it there: {reception:?}");
}

#[test]
fn the_usual_port_taken_it_takes_another_and_says_so() {
    // An error says that somebody else has it, which does as well.
    let _taken = TcpListener::bind("127.0.0.1:4680");
    let demo = Running::start_in(TempDir::new().unwrap(), &["demo"]);
    assert!(demo.welcome.contains("Another program listens on 127.0.0.1:4680"), "{}", demo.welcome);
    assert!(!demo.says("Open").ends_with(":4680"));
}

#[test]
fn an_address_that_was_asked_for_and_is_taken_is_an_error() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let home = TempDir::new().unwrap();
    let mut command = seaworthy(home.path(), &["demo", "--listen", &address]);
    let output = command.stderr(Stdio::piped()).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && error.contains(&address) && error.contains("--listen"), "{error}");
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0, "no folder is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_given_folder_stays_and_its_account_too() {
    let home = TempDir::new().unwrap();
    let data = home.path().join("data");
    let arguments = ["demo", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()];
    let mut first = Running::start_in(home, &arguments);
    assert!(
        first.welcome.contains(&format!("Everything is kept in {}", data.display())),
        "{}",
        first.welcome
    );
    let (login, password) = (first.says("Sign in"), first.says("Password"));
    first.signal("-INT");
    assert!(first.ended_well());
    assert_eq!(first.left_behind(), ["data"]);

    let second = Running::start_in(first.into_home(), &arguments);
    assert!(
        second.says("Sign in").contains("has already") && !second.welcome.contains("Password "),
        "{}",
        second.welcome
    );
    let mut browser = Browser::at(second.says("Open"));
    assert_eq!(browser.sign_in(&login, &password).await.status, 303);
    let tokens = browser.get("/settings/tokens").await.body;
    assert_eq!(tokens.matches("coffee shop of the demo").count(), 2, "{tokens}");
    assert_eq!(tokens.matches("/revoke\"").count(), 1, "the first one's is revoked: {tokens}");
    assert!(fs::metadata(data.join("coffee-shop/orders.db")).is_ok());
}

#[test]
fn what_keeps_a_service_of_the_shop_from_opening_is_told() {
    let home = TempDir::new().unwrap();
    let nowhere = home.path().join("nowhere/orders.db");
    let cases: [(&[&str], &str); 3] = [
        (&["barista", "--faults", "0.0.0.0:0"], "must be an address of this machine alone"),
        (
            &["reception", "--database", nowhere.to_str().unwrap(), "--barista", "http://127.0.0.1:9"],
            "--database",
        ),
        (&["reception", "--database", "orders.db"], "--barista"),
    ];
    for (arguments, says) in cases {
        let arguments = [&["coffee-shop"], arguments].concat();
        let output = seaworthy(home.path(), &arguments).stderr(Stdio::piped()).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && error.contains(says), "{arguments:?}: {error}");
    }
}
