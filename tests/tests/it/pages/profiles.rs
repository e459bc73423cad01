//! Profiles of the demo's coffee shop: captured from the page, looked at, and read by `go tool pprof`.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use seaworthy_tests::{Browser, Client, Demo, Look, Visitor, eventually};
use serde_json::Value;

use super::{assert_sound, inspect, shop};
use crate::SEAWORTHY;

const PAGE: &str = "/services/reception/profiles";

/// Captures a profile of this kind from the page, and returns its id.
async fn capture(browser: &Browser, reader: &Client, kind: &str) -> String {
    let before = latest(reader, kind).await;
    browser.visit(PAGE).await;
    if kind == "cpu" {
        browser.evaluate("document.getElementById('seconds').value = '3'").await;
    }
    browser.click(&format!("form button[value={kind}]")).await;
    eventually(&format!("the profile of kind {kind} is there"), async || {
        latest(reader, kind).await.filter(|id| Some(id) != before.as_ref())
    })
    .await
}

async fn latest(reader: &Client, kind: &str) -> Option<String> {
    let listed = reader.json(&format!("/api/v1{PAGE}?kind={kind}")).await;
    Some(listed["profiles"][0]["id"].as_str()?.to_owned())
}

/// The demo takes one of each kind when it has been open for a while.
async fn those_of_the_demo(reader: &Client) {
    let begun = Instant::now();
    for kind in ["cpu", "heap", "tasks"] {
        while latest(reader, kind).await.is_none() {
            assert!(begun.elapsed() < Duration::from_secs(120), "the demo takes none of kind {kind}");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
}

/// Presses a button that breaks the reception.
async fn break_it(demo: &Demo, fault: &str) {
    let shop = Client::new(&demo.faults, None);
    let press = format!("fault={fault}&on=true");
    let status = shop.post("/press", "application/x-www-form-urlencoded", press).await.status;
    assert!(status.is_success() || status.is_redirection(), "{status}");
}

/// The functions of the service that cause the most, the largest first.
async fn causes(reader: &Client, id: &str) -> Vec<String> {
    let profile = reader.json(&format!("/api/v1/profiles/{id}")).await;
    let name = |cause: &Value| cause["name"].as_str().unwrap().to_owned();
    profile["causes"].as_array().unwrap().iter().map(name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn profiles_are_captured_and_looked_at() {
    let demo = Demo::start(SEAWORTHY.as_ref());
    let mut visitor = Visitor::new(&demo.url);
    visitor.sign_in(&demo.login, &demo.password).await;
    let reader = Client::new(&demo.url, Some(&visitor.make_token("read").await));
    shop::order(&reader).await;
    shop::measured(&reader).await;
    let browser = Browser::start(&demo.url).await;
    browser.sign_in(&demo.login, &demo.password).await;
    inspect(&browser, "no-profiles", PAGE).await;

    those_of_the_demo(&reader).await;
    break_it(&demo, "busy").await;
    let tasks = capture(&browser, &reader, "tasks").await;
    let heap = capture(&browser, &reader, "heap").await;
    let cpu = capture(&browser, &reader, "cpu").await;
    let again = capture(&browser, &reader, "cpu").await;
    inspect(&browser, "profiles", PAGE).await;
    inspect(&browser, "profile-cpu", &format!("/profiles/{cpu}")).await;
    inspect(&browser, "profile-heap", &format!("/profiles/{heap}")).await;
    inspect(&browser, "profile-tasks", &format!("/profiles/{tasks}")).await;
    inspect(&browser, "profile-inverted", &format!("/profiles/{cpu}?view=inverted&find=tokio")).await;
    inspect(&browser, "profile-diff", &format!("/profiles/{cpu}/diff/{again}")).await;
    inspect(&browser, "log-filter", "/services/reception/log-filter").await;

    let named = causes(&reader, &cpu).await;
    assert!(named.first().is_some_and(|name| name.contains("forecast_demand")), "{named:?}");
    let dump = reader.json(&format!("/api/v1/profiles/{tasks}")).await;
    let groups = dump["tasks"]["groups"].as_array().unwrap();
    assert!(groups.iter().any(|group| !group["stack"].as_array().unwrap().is_empty()), "{dump}");
    scripts(&browser, &cpu).await;
    for (id, words) in [(&cpu, "forecast_demand"), (&heap, "inuse_space"), (&tasks, "tasks")] {
        let file = reader.get(&format!("/api/v1/profiles/{id}/pprof")).await;
        assert_go_reads(&file.body, words);
    }
}

/// What the script adds: zooming without a new page and back, finding while one types, going by arrows.
async fn scripts(browser: &Browser, cpu: &str) {
    browser.look(Look::ALL[0]).await;
    browser.visit(&format!("/profiles/{cpu}")).await;
    browser.evaluate("window.same = true").await;
    let zoomed = "document.querySelectorAll('#flame svg.flame a')[2]";
    let name = browser.evaluate(&format!("{zoomed}.dataset.name")).await;
    browser
        .evaluate(&format!(
            "{zoomed}.dispatchEvent(new MouseEvent('click', {{bubbles: true, cancelable: true}}))"
        ))
        .await;
    eventually("it is zoomed in on", async || browser.path().await.contains("at=").then_some(())).await;
    let last = "document.querySelector('#flame nav.crumbs [aria-current]').textContent";
    eventually("the zoom is told", async || {
        let told = browser.evaluate(last).await;
        (told != "choose a frame to zoom in").then_some(())
    })
    .await;
    assert_eq!(browser.evaluate("window.same === true").await, true, "it is the same page: {name}");
    browser.evaluate("history.back()").await;
    eventually("it is as before", async || (!browser.path().await.contains("at=")).then_some(())).await;
    let typed = "(() => { const field = document.getElementById('find'); field.value = 'forecast_demand';
        field.dispatchEvent(new Event('input', {bubbles: true})); })()";
    browser.evaluate(typed).await;
    let found = "document.querySelectorAll('#flame svg.flame a.found').length > 0 && document.getElementById('found').textContent.includes('frame')";
    eventually("frames are found", async || (browser.evaluate(found).await == true).then_some(())).await;
    browser.evaluate("document.querySelector('#flame svg.flame a').focus()").await;
    let arrow = "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowDown', bubbles: true, cancelable: true}))";
    browser.evaluate(arrow).await;
    assert_eq!(browser.evaluate("document.activeElement.dataset.depth").await, "1");
    assert_sound(browser, "with its script").await;
}

/// Debian's `go` comes without a network.
fn assert_go_reads(body: &[u8], shows: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("profile.pb.gz");
    std::fs::write(&file, body).unwrap();
    let told = pprof(&file);
    assert!(told.contains(shows), "{told}");
}

fn pprof(file: &Path) -> String {
    let run = Command::new("go").args(["tool", "pprof", "-raw"]).arg(file).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8_lossy(&run.stdout).into_owned()
}
