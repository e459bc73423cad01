//! Runbooks: written, reviewed, followed by several at once, and nobody's text is lost.

use reqwest::{Method, StatusCode};
use seaworthy_catalog::{RecordFilter, RecordKind, Role, Scope};
use serde_json::Value;

use crate::{
    alerts::Watch,
    pages::{page, shows},
    portal::{Answer, Browser, Portal, minutes},
};

const STEPS: &str = "Orders **fail**.\r\n\r\n- [ ] Say that you are on it\r\n\r\n  Acknowledge the alert.\r\n- [ ] Open one trace\r\n- [ ] Roll back\r\n";

/// Sends the form of a runbook; says where it leads.
pub(crate) async fn write(browser: &mut Browser, title: &str, service: &str, markdown: &str) -> String {
    browser.get("/runbooks/new").await;
    let fields = [("title", title), ("service", service), ("markdown", markdown)];
    let answer = browser.post("/runbooks", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.header("location").to_owned()
}

/// Presses the button that starts a run; says where it leads.
async fn start(browser: &mut Browser, runbook: &str, context: &[(&str, &str)]) -> String {
    browser.get(runbook).await;
    let answer = browser.post(&format!("{runbook}/runs"), context).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.header("location").to_owned()
}

async fn json(browser: &mut Browser, path: &str) -> Value {
    let answer = browser.get(&format!("/api/v1{path}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

#[track_caller]
fn refused(answer: &Answer, status: StatusCode, told: &str) {
    assert_eq!(answer.status, status, "{}", answer.body);
    shows(answer, &[told]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runbook_is_written_read_reviewed_changed_and_deleted() {
    let portal = Portal::set_up().await;
    let mut ines = portal.signed_in("ines").await;
    shows(&page(&mut ines, "/runbooks").await, &["No runbook yet", "Write a runbook"]);
    let form = page(&mut ines, "/runbooks/new?service=reception").await;
    assert!(
        form.body.contains("value=\"reception\"") && form.body.contains("- [ ] Acknowledge"),
        "{}",
        form.body
    );

    let own = write(&mut ines, "Orders fail", "reception", STEPS).await;
    let read = page(&mut ines, &own).await;
    shows(
        &read,
        &["Orders fail", "version 1", "written 20 Nov, 12:00 UTC by ines", "Nobody has followed it"],
    );
    assert!(read.body.contains("<strong>fail</strong>"), "{}", read.body);
    shows(&read, &[&format!("Write {own} into the field Runbook of an SLO")]);

    portal.clock.advance(minutes(60 * 24 * 181));
    let mut ines = portal.signed_in("ines").await;
    shows(&page(&mut ines, "/runbooks").await, &["not reviewed for 180 d", "181 d ago by ines"]);
    page(&mut ines, &own).await;
    assert_eq!(ines.post(&format!("{own}/review"), &[("version", "1")]).await.status, StatusCode::SEE_OTHER);
    let seen_twice = ines.post(&format!("{own}/review"), &[("version", "1")]).await;
    refused(&seen_twice, StatusCode::CONFLICT, "The runbook has changed since you opened it");
    let answer = page(&mut ines, "/runbooks").await;
    assert!(!answer.body.contains("not reviewed for"), "{}", answer.body);

    page(&mut ines, &format!("{own}/edit")).await;
    let shorter = STEPS.replace("- [ ] Roll back\r\n", "");
    let fields =
        [("title", "Orders fail"), ("service", "reception"), ("markdown", &*shorter), ("version", "2")];
    assert_eq!(ines.post(&own, &fields).await.status, StatusCode::SEE_OTHER);
    let read = page(&mut ines, &own).await;
    shows(&read, &["Version 3 0 lines added, 1 removed", "Version 2 reviewed", "Version 1 written"]);
    let version = page(&mut ines, &format!("{own}/versions/3")).await;
    shows(&version, &["What it changed of version 2", "0 added, 1 removed", "−removed: - [ ] Roll back"]);
    assert_eq!(ines.get(&format!("{own}/versions/4")).await.status, StatusCode::NOT_FOUND);

    let id = own.rsplit('/').next().unwrap().to_owned();
    let view = json(&mut ines, &format!("/runbooks/{id}")).await;
    assert_eq!((&view["version"], &view["is_reviewed"]), (&3.into(), &false.into()), "{view}");
    assert_eq!(json(&mut ines, &format!("/runbooks/{id}/versions/3")).await["diff"]["removed"], 1);
    for (query, found) in
        [("", 1), ("?service=reception", 1), ("?service=barista", 0), ("?text=ORDERS", 1), ("?text=x", 0)]
    {
        let list = json(&mut ines, &format!("/runbooks{query}")).await;
        assert_eq!(list["runbooks"].as_array().unwrap().len(), found, "{query}");
    }
    shows(&page(&mut ines, "/runbooks?text=x").await, &["No runbook is like that"]);

    page(&mut ines, &own).await;
    assert_eq!(ines.post(&format!("{own}/delete"), &[]).await.status, StatusCode::SEE_OTHER);
    refused(&ines.get(&own).await, StatusCode::NOT_FOUND, &format!("There is no runbook {id}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_change_a_runbook_lose_nothing() {
    let portal = Portal::set_up().await;
    portal.member("tomas", Role::Editor).await;
    let (mut ines, mut tomas) = (portal.signed_in("ines").await, portal.signed_in("tomas").await);
    let own = write(&mut ines, "Orders fail", "", STEPS).await;
    page(&mut ines, &format!("{own}/edit")).await;
    page(&mut tomas, &format!("{own}/edit")).await;
    let text = |words: &str| format!("- [ ] {words}");
    let (hers, his) = (text("Call the barista"), text("Close the counter"));
    let fields = |text: &str| {
        [("title", "Orders fail"), ("markdown", text), ("version", "1")].map(|(n, v)| (n, v.to_owned()))
    };
    let send = async |browser: &mut Browser, fields: &[(&str, String)]| {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.post(&own, &fields).await
    };
    assert_eq!(send(&mut ines, &fields(&hers)).await.status, StatusCode::SEE_OTHER);
    let conflict = send(&mut tomas, &fields(&his)).await;
    refused(&conflict, StatusCode::CONFLICT, "What ines saved");
    shows(&conflict, &["−removed: - [ ] Call the barista", "+added: - [ ] Close the counter"]);
    assert!(conflict.body.contains(&format!(">{his}</textarea>")), "{}", conflict.body);
    // Who has seen it and saves again means it.
    assert!(conflict.body.contains(r#"name="version" value="2""#), "{}", conflict.body);
    let again =
        fields(&his).map(|(name, value)| (name, if name == "version" { "2".to_owned() } else { value }));
    assert_eq!(send(&mut tomas, &again).await.status, StatusCode::SEE_OTHER);
    shows(&page(&mut tomas, &format!("{own}/versions/2")).await, &["Call the barista"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_markdown_is_shown_and_does_nothing() {
    let portal = Portal::set_up().await;
    let mut ines = portal.signed_in("ines").await;
    let hostile = "# <script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n\n[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) \
        [c](data:text/html;base64,PHNjcmlwdD4=) <javascript:alert(1)>\n\n- [ ] <svg onload=alert(1)> [d](javascript:alert(1))\n\n  \
        <iframe src=//evil.example></iframe> ![e](https://evil.example/pixel.png)\n";
    let title = "</title><script>alert(2)</script>";
    let own = write(&mut ines, title, "", hostile).await;
    let run = start(&mut ines, &own, &[]).await;
    let note = "<script>alert(3)</script></textarea>";
    ines.post(&format!("{run}/steps/1"), &[("act", "skip"), ("note", note)]).await;
    for path in ["/runbooks", "/runs", &own, &format!("{own}/edit"), &format!("{own}/versions/1"), &run] {
        let answer = page(&mut ines, path).await;
        for harm in ["<script>alert", "<img", "<iframe", "<svg onload", "href=\"javascript:", "href=\"data:"]
        {
            let found = answer.body.to_lowercase().contains(harm);
            assert!(!found, "{harm} is in {path}: {}", answer.body);
        }
    }
    shows(&page(&mut ines, &run).await, &["&lt;script&gt;alert(3)"]);

    // As long as what a record may hold, and far longer: refused at once, with the reason.
    let long = "x ".repeat(100 * 1024);
    ines.get("/runbooks/new").await;
    let answer = ines.post("/runbooks", &[("title", "Long"), ("markdown", &long)]).await;
    refused(&answer, StatusCode::UNPROCESSABLE_ENTITY, "204800 bytes; at most 131072 are kept");
    assert!(answer.body.contains(&long), "what was typed is still there");
    let longer = "x ".repeat(5 * 1024 * 1024);
    let started = std::time::Instant::now();
    let answer = ines.post("/runbooks", &[("title", "Longer"), ("markdown", &longer)]).await;
    refused(&answer, StatusCode::PAYLOAD_TOO_LARGE, "Send less than 1 MiB");
    let deep = ">".repeat(5_000) + "x";
    ines.get("/runbooks/new").await;
    let answer = ines.post("/runbooks", &[("title", "Deep"), ("markdown", &deep)]).await;
    refused(&answer, StatusCode::UNPROCESSABLE_ENTITY, "nested more than 100 levels deep");
    assert!(started.elapsed() < std::time::Duration::from_secs(10), "{:?}", started.elapsed());
    let answer = ines.post("/runbooks", &[("title", " "), ("markdown", "  ")]).await;
    refused(&answer, StatusCode::UNPROCESSABLE_ENTITY, "The runbook is empty");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_follow_a_runbook_at_once_and_no_tick_is_lost() {
    const PEOPLE: usize = 4;
    const STEPS_EACH: usize = 5;
    let portal = Portal::set_up().await;
    let mut ines = portal.signed_in("ines").await;
    let markdown: String = (1..=PEOPLE * STEPS_EACH).map(|step| format!("- [ ] Step {step}\n")).collect();
    let own = write(&mut ines, "Everything fails", "reception", &markdown).await;
    let run = start(&mut ines, &own, &[]).await;
    let mut people = Vec::new();
    for person in 0..PEOPLE {
        let login = format!("p{person}");
        portal.member(&login, Role::Editor).await;
        let mut browser = portal.signed_in(&login).await;
        browser.get(&run).await;
        let run = run.clone();
        people.push(tokio::spawn(async move {
            for step in 0..STEPS_EACH {
                let path = format!("{run}/steps/{}", step * PEOPLE + person + 1);
                let note = format!("{login} saw {step}");
                // All of them have something to say of the first step besides.
                for (path, note) in [(path, note.clone()), (format!("{run}/steps/1"), note)] {
                    let answer = browser.post(&path, &[("act", "done"), ("note", &note)]).await;
                    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
                }
            }
        }));
    }
    for person in people {
        person.await.unwrap();
    }
    let view = json(&mut ines, &run).await;
    assert_eq!(view["settled"], PEOPLE * STEPS_EACH, "{view}");
    for (index, step) in view["steps"].as_array().unwrap().iter().enumerate().skip(1) {
        let expected = format!("p{} saw {}", index % PEOPLE, index / PEOPLE);
        assert!(step["note"].as_str().unwrap() == expected, "{step}");
    }
    let first = view["steps"][0]["note"].as_str().unwrap();
    for person in 0..PEOPLE {
        for step in 0..STEPS_EACH {
            assert!(first.contains(&format!("p{person} saw {step}")), "{person} {step}: {first}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_handed_over_and_finished() {
    let portal = Portal::set_up().await;
    portal.member("tomas", Role::Editor).await;
    portal.member("ana", Role::Viewer).await;
    let (mut ines, mut tomas) = (portal.signed_in("ines").await, portal.signed_in("tomas").await);
    let own = write(&mut ines, "Orders fail", "reception", STEPS).await;
    let run = start(&mut ines, &own, &[]).await;
    shows(
        &page(&mut ines, &run).await,
        &["0 of 3 steps", "Say that you are on it", "Acknowledge the alert.", "now"],
    );
    portal.clock.advance(minutes(1));
    let act = async |browser: &mut Browser, step: usize, act: &str, note: &str| {
        browser.get(&run).await;
        browser.post(&format!("{run}/steps/{step}"), &[("act", act), ("note", note)]).await
    };
    assert_eq!(act(&mut ines, 1, "done", "Card payments work.").await.status, StatusCode::SEE_OTHER);
    refused(&act(&mut ines, 2, "skip", " ").await, StatusCode::UNPROCESSABLE_ENTITY, "say why");
    refused(
        &act(&mut ines, 4, "done", "").await,
        StatusCode::UNPROCESSABLE_ENTITY,
        "There is no step 4; the run has 3",
    );
    refused(
        &act(&mut ines, 1, "dance", "").await,
        StatusCode::UNPROCESSABLE_ENTITY,
        "is none of done, skip and undo",
    );
    portal.clock.advance(minutes(3));
    assert_eq!(act(&mut tomas, 2, "skip", "no trace was kept").await.status, StatusCode::SEE_OTHER);
    let shown = page(&mut tomas, &run).await;
    shows(
        &shown,
        &["2 of 3 steps", "4 min running", "ines, 20 Nov, 12:01 UTC, 1 min", "Card payments work."],
    );
    shows(&shown, &["skipped by tomas, 20 Nov, 12:04 UTC, 3 min", "no trace was kept"]);

    let answer = tomas.post(&format!("{run}/hand-over"), &[("to", ""), ("note", "tired")]).await;
    refused(&answer, StatusCode::UNPROCESSABLE_ENTITY, "Nobody is named");
    assert!(answer.body.contains("value=\"tired\""), "{}", answer.body);
    assert_eq!(
        tomas.post(&format!("{run}/hand-over"), &[("to", "tomas")]).await.status,
        StatusCode::SEE_OTHER
    );
    shows(&page(&mut tomas, &run).await, &["tomas handed over to tomas", "tomasruns it"]);
    refused(
        &tomas.post(&format!("{run}/finish"), &[]).await,
        StatusCode::UNPROCESSABLE_ENTITY,
        "Say how it ended",
    );
    shows(&page(&mut tomas, &own).await, &["2 of 3", "under way, begun by ines"]);
    tomas.get(&run).await;
    assert_eq!(
        tomas.post(&format!("{run}/finish"), &[("outcome", "rolled back")]).await.status,
        StatusCode::SEE_OTHER
    );
    let over = page(&mut tomas, &run).await;
    shows(&over, &["Finished", "How it ended after 4 min", "rolled back"]);
    assert!(!over.body.contains("/steps/"), "{}", over.body);
    refused(
        &act(&mut ines, 3, "done", "late").await,
        StatusCode::UNPROCESSABLE_ENTITY,
        "The run was finished at 2026-11-20T12:04:00Z",
    );
    shows(&page(&mut tomas, "/runs?service=reception").await, &["2 of 3 Orders failrolled back, by ines"]);
    assert_eq!(json(&mut tomas, "/runs").await["runs"][0]["outcome"], "rolled back");

    // It outlives its runbook, and shows viewers what they need.
    tomas.get(&own).await;
    assert_eq!(tomas.post(&format!("{own}/delete"), &[]).await.status, StatusCode::SEE_OTHER);
    let mut ana = portal.signed_in("ana").await;
    shows(&page(&mut ana, &run).await, &["Say that you are on it", "rolled back"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_leads_to_its_runbook_and_to_a_run_of_it() {
    let watch = Watch::new().await;
    let portal = &watch.portal;
    let mut ines = portal.signed_in("ines").await;
    let own = write(&mut ines, "Orders fail", "", STEPS).await;
    let edit = page(&mut ines, "/slos/orders/edit").await;
    assert!(edit.body.contains(&format!("<option value=\"{own}\">Orders fail")), "{}", edit.body);
    let slo = portal.server.app().catalog().slo("orders").await.unwrap().unwrap();
    let definition = seaworthy_catalog::SloDefinition {
        spec: slo.definition.spec.replace("https://wiki.example/orders", &own),
        ..slo.definition
    };
    let (catalog, now) = (portal.server.app().catalog(), portal.clock.now());
    let keep = seaworthy_catalog::Minutes::Keep;
    catalog.update_slo("orders", slo.version, &definition, keep, &crate::portal::actor(), now).await.unwrap();
    shows(&page(&mut ines, "/runbooks").await, &["SLO orders"]);
    for _ in 0..10 {
        watch.minute(700).await;
    }
    let alert = watch.alerts().await.into_iter().find(|alert| alert.origin.slo.is_some()).unwrap();
    assert_eq!(watch.told(alert.id).await[0].links[0].href, own);

    let path = format!("/alerts/{}", alert.id);
    let mut ines = portal.signed_in("ines").await;
    let shown = page(&mut ines, &path).await;
    shows(&shown, &["Start a run for this alert"]);
    let id = alert.id.to_string();
    assert!(shown.body.contains(&format!("href=\"{own}?alert={id}\"")), "{}", shown.body);
    shows(
        &page(&mut ines, &format!("{own}?alert={id}")).await,
        &["Start a run for this alert", "alert Orders are taken"],
    );
    assert_eq!(ines.get(&format!("{own}?alert=999")).await.status, StatusCode::NOT_FOUND);
    let run = start(&mut ines, &own, &[("alert", &id)]).await;
    let shown = page(&mut ines, &run).await;
    shows(&shown, &["for alert Orders are taken", "The alert", "reception"]);
    shows(&page(&mut ines, &path).await, &["To the run", "0 of 3"]);

    // The runbook is of all services, the run of the one that needed it.
    let filter = RecordFilter { kind: Some(RecordKind::RunbookRun), limit: 9, ..RecordFilter::default() };
    let runs = catalog.records(&filter).await.unwrap();
    assert_eq!((&*runs[0].definition.service, runs[0].definition.open), ("reception", true));
    let token = portal.token(&[Scope::Read]).await;
    let request = portal.browser().as_program(Method::GET, &format!("/api/v1{run}")).bearer_auth(token);
    let view: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!((&view["cause"]["kind"], &view["cause"]["id"]), (&"alert".into(), &alert.id.into()), "{view}");
}
