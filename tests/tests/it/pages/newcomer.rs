//! A newcomer follows what the readiness page tells, from below bronze upwards, and sees what a new build and a step back do.

use std::time::{Duration, Instant};

use seaworthy_tests::{Browser, Demo, Look, eventually};
use serde_json::{Value, json};

use super::{assert_sound, inspect};
use crate::{SEAWORTHY, alerting::Receiver};

const READINESS: &str = "/services/reception/readiness";
/// The portal judges every minute, and the shop must have been open for one.
const ROUNDS: Duration = Duration::from_secs(180);

/// A fall is told of when it has lasted for two minutes.
const FALL: Duration = Duration::from_secs(300);

/// What the page names as being in the way of the next level.
#[derive(Debug, PartialEq, Eq)]
struct Blocker {
    item: String,
    /// What its button says.
    label: String,
}

async fn blockers(browser: &Browser) -> Vec<Blocker> {
    const LIST: &str = "[...document.querySelectorAll('.blockers > li')].map(it => ({
        item: it.querySelector('a.medium').getAttribute('href').split('/').pop(),
        label: it.querySelector('a.button').textContent,
    }))";
    browser.visit(READINESS).await;
    let listed = browser.evaluate(LIST).await;
    let text = |it: &Value, key: &str| it[key].as_str().unwrap().to_owned();
    let blocker = |it: &Value| Blocker { item: text(it, "item"), label: text(it, "label") };
    listed.as_array().unwrap().iter().map(blocker).collect()
}

async fn level(browser: &Browser) -> String {
    browser.visit(READINESS).await;
    browser.find(".page-head .level").await.text().await.unwrap()
}

fn page_of(item: &str) -> String {
    format!("{READINESS}/twelve-point/{item}")
}

/// The verdict on an item, and by what it is judged: `Pass proved`. Empty where it was not judged yet.
async fn verdict(browser: &Browser, item: &str) -> String {
    const SHOWN: &str = "[...document.querySelectorAll('.page-head > :is(.status, .badge)')]
        .map(it => it.textContent).join(' ')";
    browser.visit(&page_of(item)).await;
    browser.evaluate(SHOWN).await.as_str().unwrap().to_owned()
}

/// Looks until the verdict is this one; it is judged every minute.
async fn until(browser: &Browser, item: &str, wanted: &str) {
    let begun = Instant::now();
    while verdict(browser, item).await != wanted {
        let shown = browser.text().await;
        assert!(begun.elapsed() < ROUNDS, "{item} is not {wanted:?}: {shown}");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Presses the button of this item on the page of the service.
async fn follow(browser: &Browser, item: &str, label: &str) {
    browser.visit(READINESS).await;
    let own = format!("li:has(a.medium[href$='/{item}']) > a.button");
    let button = browser.find(&own).await;
    assert_eq!(button.text().await.unwrap(), label);
    button.click().await.unwrap();
    assert_sound(browser, label).await;
}

/// What a person picks in a control that is no text.
async fn pick(browser: &Browser, name: &str, value: &str) {
    let set = format!("document.querySelector('main [name={name}]').value = {}", json!(value));
    browser.evaluate(&set).await;
}

/// The minute it is, as a form has it.
async fn now(browser: &Browser) -> String {
    const LOCAL: &str = "(() => {
        const now = new Date();
        return new Date(now - now.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
    })()";
    browser.evaluate(LOCAL).await.as_str().unwrap().to_owned()
}

/// A form that is folded is opened first.
async fn unfold(browser: &Browser, card: &str) {
    let open = browser.find(&format!("{card} details")).await.prop("open").await.unwrap();
    if open.as_deref() != Some("true") {
        browser.click(&format!("{card} summary")).await;
    }
}

async fn answer(browser: &Browser, blocker: &Blocker) {
    follow(browser, &blocker.item, &blocker.label).await;
    unfold(browser, "#answer").await;
    browser
        .send_form(&[("note", "It is so; see the wiki."), ("link", "https://wiki.example/reception")])
        .await;
    assert_eq!(verdict(browser, &blocker.item).await, "Pass claimed");
}

async fn write_runbook(browser: &Browser) {
    let steps = "- [ ] Open the failed traces\n- [ ] Roll back what was deployed last";
    browser.send_form(&[("title", "Orders fail"), ("markdown", steps)]).await;
    assert!(browser.path().await.starts_with("/runbooks/"), "{}", browser.text().await);
}

/// What fails by evidence can be waived, with the approval of somebody else.
async fn waive(demo: &Demo, browser: &Browser, blocker: &Blocker) {
    follow(browser, &blocker.item, &blocker.label).await;
    unfold(browser, "#waiver").await;
    let until: jiff::civil::Date = jiff::Zoned::now().date().saturating_add(jiff::ToSpan::days(30));
    pick(browser, "until", &until.to_string()).await;
    browser.send_form(&[("reason", "The demo runs as whoever starts it.")]).await;
    assert!(verdict(browser, &blocker.item).await.starts_with("Fail"), "nobody approves their own");
    let approve = "document.querySelectorAll('#waiver form[action$=\"/approve\"]').length";
    assert_eq!(browser.evaluate(approve).await, 0, "nobody approves their own");

    browser.visit("/settings/people").await;
    browser.click("main form[action='/settings/people'] [name=role] option[value=admin]").await;
    browser.send_form(&[("name", "Ana"), ("login", "ana")]).await;
    let invitation = browser.find("#new-link").await.attr("href").await.unwrap().unwrap();
    let ana = Browser::start(&demo.url).await;
    ana.visit(&invitation).await;
    const PASSWORD: &str = "correct horse battery";
    ana.send_form(&[("password", PASSWORD), ("again", PASSWORD)]).await;
    ana.sign_in("ana", PASSWORD).await;
    ana.visit(&page_of(&blocker.item)).await;
    ana.submit("#waiver form[action$='/approve']").await;
    assert!(verdict(browser, &blocker.item).await.starts_with("Waived"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_moves_the_reception_up_by_what_its_page_tells() {
    let receiver = Receiver::nobody().await;
    let told = Receiver::at(receiver).await;
    let demo = Demo::start(SEAWORTHY.as_ref());
    let browser = Browser::start(&demo.url).await;
    browser.look(Look::ALL[0]).await;
    browser.sign_in(&demo.login, &demo.password).await;

    // What the running process proves, without anybody's word.
    for item in ["golden-signals", "status-check", "percentiles", "probes", "private-admin", "error-tracking"]
    {
        until(&browser, item, "Pass proved").await;
    }
    assert_eq!(level(&browser).await, "Below bronze");
    // The items were asked for before anything was judged.
    browser.complaints().await;
    inspect(&browser, "readiness", READINESS).await;

    // Bronze: what no process can prove. The first of the list each time.
    for _ in 0..10 {
        let Some(first) = blockers(&browser).await.into_iter().next() else { break };
        match (first.label.as_str(), first.item.as_str()) {
            ("Write a runbook", _) => {
                follow(&browser, &first.item, &first.label).await;
                write_runbook(&browser).await;
            }
            (_, "not-root") => waive(&demo, &browser, &first).await,
            ("Answer" | "What to do", _) => answer(&browser, &first).await,
            _ => break,
        }
        if level(&browser).await == "Bronze" {
            break;
        }
    }
    assert_eq!(level(&browser).await, "Bronze", "{:?}", blockers(&browser).await);

    // Silver: what it tells leads to a page with the service filled in.
    follow(&browser, "alert-delivered", "Send a test alert").await;
    browser.visit("/settings/channels/new?kind=webhook").await;
    browser.click("[name=least_severity] option[value=ticket]").await;
    let hook = format!("http://{receiver}/hook");
    browser.send_form(&[("name", "on-call"), ("url", &hook)]).await;
    browser.submit("#channel-on-call form").await;
    let letter = eventually("the test alert arrives", async || told.told().pop()).await;
    let link = letter["commonAnnotations"]["acknowledge_url"].as_str().unwrap().to_owned();
    browser.visit(link.strip_prefix(&demo.url).unwrap()).await;
    browser.submit("main form").await;
    until(&browser, "alert-delivered", "Pass proved").await;

    follow(&browser, "runbook-per-alert", "Link a runbook").await;
    for slo in ["orders-availability", "orders-latency"] {
        browser.visit(&format!("/slos/{slo}/edit")).await;
        browser.send_form(&[("runbook", "/runbooks/1")]).await;
    }
    until(&browser, "runbook-per-alert", "Pass proved").await;

    follow(&browser, "capacity-known", "Enter a load test").await;
    browser
        .send_form(&[
            ("tool", "k6"),
            ("target", "http://reception/orders"),
            ("duration", "5 min"),
            ("highest", "300"),
        ])
        .await;
    assert_eq!(verdict(&browser, "capacity-known").await, "Pass proved");
    assert_eq!(verdict(&browser, "load-test-fresh").await, "Pass proved");

    follow(&browser, "gameday", "Plan a gameday").await;
    let today = now(&browser).await;
    pick(&browser, "planned_for", &today).await;
    browser.send_form(&[("title", "Reception without its database")]).await;
    let gameday = browser.path().await;
    browser.visit(&format!("{gameday}/scenarios/new")).await;
    pick(&browser, "started_at", &today).await;
    pick(&browser, "ended_at", &today).await;
    pick(&browser, "verdict", "failed").await;
    browser
        .send_form(&[
            ("title", "Take away the database"),
            ("expected", "Orders are refused with 503"),
            ("taken_away", "orders.db"),
            ("actual", "Orders failed with 500"),
        ])
        .await;
    assert_eq!(verdict(&browser, "gameday").await, "Pass proved");
    assert_eq!(verdict(&browser, "dependency-loss").await, "Pass proved");

    // A new build: what was proved of the old one is stale. Rolled back, it holds again.
    follow(&browser, "rollback-practised", "See the deploys").await;
    let deploy = async |version: &str| {
        browser.driver.goto(&demo.releases).await.unwrap();
        browser.click(&format!("form:has([name=version][value='{version}']) button")).await;
        // It is no page of the portal.
        browser.complaints().await;
    };
    deploy("0.2.0").await;
    until(&browser, "load-test-fresh", "Stale evidence").await;
    until(&browser, "deploy-known", "Pass proved").await;
    assert_eq!(level(&browser).await, "Bronze", "bronze asks nothing of a build");
    inspect(&browser, "readiness-item-stale", &page_of("load-test-fresh")).await;
    deploy("0.1.0").await;
    until(&browser, "rollback-practised", "Pass proved").await;
    until(&browser, "load-test-fresh", "Pass proved").await;
    inspect(&browser, "readiness-bronze", READINESS).await;

    // A step back is told, if it lasts; meanwhile there is time to look around.
    browser.visit(&page_of("deploy-documented")).await;
    unfold(&browser, "#answer").await;
    browser.submit("form[action$='/withdraw']").await;
    assert_eq!(level(&browser).await, "Below bronze");
    let begun = Instant::now();
    for (name, path) in [
        ("readiness-item", &*page_of("gameday")),
        ("readiness-history", &format!("{READINESS}/history")),
        ("readiness-export", &format!("{READINESS}/export")),
        ("readiness-print", &format!("{READINESS}/print")),
        ("readiness-map", "/readiness"),
        ("my-work", "/my-work"),
        ("runbooks", "/runbooks"),
        ("runbook", "/runbooks/1"),
        ("gameday", &gameday),
        ("gamedays", "/gamedays"),
        ("load-tests", "/load-tests"),
        ("deploys", "/deploys?service=reception"),
        ("training-edit", "/training/reception/edit"),
        ("training", "/training"),
        ("incident-new", "/incidents/new?service=reception"),
        ("incidents", "/incidents"),
        ("service-settings", "/services/reception/settings"),
        ("templates", "/settings/templates"),
        ("template-new", "/settings/templates/new"),
    ] {
        inspect(&browser, name, path).await;
    }
    let fell = |letter: &Value| letter["commonLabels"]["alertname"] == "ReadinessLevelFell";
    while !told.told().iter().any(fell) {
        assert!(begun.elapsed() < FALL, "nobody is told: {:?}", told.told());
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    inspect(&browser, "alerts-of-readiness", "/alerts").await;
}
