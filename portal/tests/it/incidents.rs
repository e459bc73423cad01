//! Incidents: declared from an alert, led by several at once, and learnt from.

use reqwest::StatusCode;
use seaworthy_catalog::Role;
use serde_json::Value;

use crate::{
    alerts::Watch,
    pages::{page, shows},
    portal::{Answer, Browser, Portal, minutes},
    runbooks::write,
};

#[track_caller]
fn refused(answer: &Answer, status: StatusCode, told: &str) {
    assert_eq!(answer.status, status, "{}", answer.body);
    shows(answer, &[told]);
}

#[track_caller]
fn taken(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
}

async fn json(browser: &mut Browser, path: &str) -> Value {
    serde_json::from_str(&browser.get(&format!("/api/v1{path}")).await.body).unwrap()
}

/// The fields of the form, with changes.
fn fields<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let usual = [
        ("title", "Orders fail"),
        ("service", "reception"),
        ("severity", "sev2"),
        ("commander", "ines"),
        ("detected_by", "user"),
        ("started_at", "2026-11-20T11:50"),
    ];
    let kept = usual.iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    kept.chain(changes).copied().collect()
}

async fn declare(browser: &mut Browser, changes: &[(&str, &str)]) -> String {
    browser.get("/incidents/new").await;
    let answer = browser.post("/incidents", &fields(changes)).await;
    taken(&answer);
    answer.header("location").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_goes_from_its_alert_to_its_postmortem() {
    let watch = Watch::new().await;
    for _ in 0..10 {
        watch.minute(700).await;
    }
    let portal = &watch.portal;
    let alert = watch.alerts().await.into_iter().find(|alert| alert.origin.slo.is_some()).unwrap();
    let mut ines = portal.signed_in("ines").await;
    shows(&page(&mut ines, "/incidents").await, &["No incident yet", "Declare an incident"]);
    let path = format!("/alerts/{}", alert.id);
    let shown = page(&mut ines, &path).await;
    let new = format!("/incidents/new?alert={}", alert.id);
    assert!(shown.body.contains(&format!("href=\"{new}\"")), "{}", shown.body);
    let form = page(&mut ines, &new).await;
    let title = "value=\"Orders are taken: budget burns";
    for filled in [title, "value=\"reception\"", "value=\"ines\"", "value=\"alert\" selected"] {
        assert!(form.body.contains(filled), "{filled}: {}", form.body);
    }
    assert_eq!(ines.get("/incidents/new?alert=999").await.status, StatusCode::NOT_FOUND);
    let id = alert.id.to_string();
    let own =
        declare(&mut ines, &[("alert", &id), ("detected_by", "alert"), ("started_at", "2026-11-20T12:01")])
            .await;
    shows(
        &page(&mut ines, &own).await,
        &["Orders fail", "SEV 2", "open for 9 min", "Commander ines", "an alert"],
    );
    shows(&page(&mut ines, &path).await, &["Incident"]);

    let runbook = write(&mut ines, "Roll back", "reception", "- [ ] Roll back").await;
    let number = own.rsplit('/').next().unwrap().to_owned();
    let shown = page(&mut ines, &own).await;
    assert!(shown.body.contains(&format!("href=\"{runbook}?incident={number}\"")), "{}", shown.body);
    page(&mut ines, &format!("{runbook}?incident={number}")).await;
    taken(&ines.post(&format!("{runbook}/runs"), &[("incident", &number)]).await);
    shows(&page(&mut ines, &own).await, &["0 of 1", "under way, begun by ines", "1 run"]);

    taken(&ines.post(&format!("{own}/timeline"), &[("text", "Rolled back to 1.8.1")]).await);
    taken(
        &ines
            .post(&format!("{own}/timeline"), &[("text", "A customer called"), ("at", "2026-11-20T12:02")])
            .await,
    );
    taken(
        &ines
            .post(
                &format!("{own}/items"),
                &[("item", "Alert sooner"), ("owner", "tomas"), ("due", "2026-11-01")],
            )
            .await,
    );
    let shown = page(&mut ines, &own).await;
    shows(&shown, &["A customer called", "overdue Alert sooner", "tomas, due 2026-11-01", "1 open"]);
    let first = shown.body.find("A customer called").unwrap();
    assert!(first < shown.body.find("Rolled back to 1.8.1").unwrap(), "in order of time: {}", shown.body);
    taken(&ines.post(&format!("{own}/items/1"), &[("act", "done")]).await);
    taken(&ines.post(&format!("{own}/resolve"), &[("text", "errors gone")]).await);
    let shown = page(&mut ines, &own).await;
    shows(
        &shown,
        &["over after 9 min", "Resolved: errors gone", "done Alert sooner", "0 open", "Open it again"],
    );
    shows(&page(&mut ines, "/incidents?service=reception").await, &["0 open", "1 over", "no postmortem"]);
    taken(&ines.post(&format!("{own}/reopen"), &[("text", "they came back")]).await);
    shows(&page(&mut ines, &own).await, &["Opened again: they came back", "open for 9 min"]);
    taken(&ines.post(&format!("{own}/resolve"), &[]).await);

    let form = page(&mut ines, &format!("{own}/postmortem/edit")).await;
    assert!(form.body.contains("## Why it happened"), "{}", form.body);
    let version = crate::portal::between(&form.body, "name=\"version\" value=\"", "\"").unwrap().to_owned();
    // What goes on in the timeline meanwhile is no conflict.
    taken(&ines.post(&format!("{own}/timeline"), &[("text", "Beans were late")]).await);
    let hostile = "## Why\n\n<script>alert(1)</script> [x](javascript:alert(1))";
    let typed = [("markdown", hostile), ("version", version.as_str())];
    taken(&ines.post(&format!("{own}/postmortem"), &typed).await);
    let shown = page(&mut ines, &format!("{own}/postmortem")).await;
    assert!(
        !shown.body.contains("<script>alert") && !shown.body.contains("href=\"javascript"),
        "{}",
        shown.body
    );
    shows(&shown, &["Why"]);
    let again = ines.post(&format!("{own}/postmortem"), &[("markdown", "mine"), ("version", &version)]).await;
    refused(&again, StatusCode::CONFLICT, "What others saved");
    assert!(again.body.contains(">mine</textarea>"), "{}", again.body);

    let view = json(&mut ines, &format!("/incidents/{number}")).await;
    assert_eq!((&view["detected_by"], &view["alert"]["id"]), (&"alert".into(), &alert.id.into()), "{view}");
    assert_eq!(
        (view["timeline"].as_array().unwrap().len(), &view["has_postmortem"]),
        (6, &true.into()),
        "{view}"
    );
    assert_eq!(json(&mut ines, "/incidents").await["over"][0]["severity"], "sev2");
    page(&mut ines, &own).await;
    taken(&ines.post(&format!("{own}/delete"), &[]).await);
    assert_eq!(ines.get(&own).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_write_into_one_incident_and_nothing_is_lost() {
    const EACH: usize = 6;
    let portal = Portal::set_up().await;
    let mut ines = portal.signed_in("ines").await;
    let own = declare(&mut ines, &[]).await;
    let mut people = Vec::new();
    for login in ["tomas", "ana", "rui"] {
        portal.member(login, Role::Editor).await;
        let mut browser = portal.signed_in(login).await;
        browser.get(&own).await;
        let own = own.clone();
        people.push(tokio::spawn(async move {
            for number in 0..EACH {
                let text = format!("{login} {number}");
                taken(&browser.post(&format!("{own}/timeline"), &[("text", &text)]).await);
                taken(&browser.post(&format!("{own}/items"), &[("item", &text)]).await);
            }
        }));
    }
    for person in people {
        person.await.unwrap();
    }
    let view = json(&mut ines, &own).await;
    for list in ["timeline", "action_items"] {
        assert_eq!(view[list].as_array().unwrap().len(), 3 * EACH, "{view}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_an_incident_is_told_beside_its_field() {
    let portal = Portal::set_up().await;
    let mut ines = portal.signed_in("ines").await;
    for (change, told) in [
        (("title", " "), "The title must be 1 to 255 bytes"),
        (("severity", "sev9"), "is none of sev1 to sev4"),
        (("detected_by", "cat"), "is none of alert, user and other"),
        (("started_at", "noon"), "\"noon\" is not a time"),
        (("alert", "first"), "\"first\" is no alert"),
    ] {
        ines.get("/incidents/new").await;
        let answer = ines.post("/incidents", &fields(&[change])).await;
        refused(&answer, StatusCode::UNPROCESSABLE_ENTITY, told);
    }
    let own = declare(&mut ines, &[]).await;
    for (path, typed, told) in [
        ("timeline", vec![("text", " ")], "The entry is empty"),
        ("timeline", vec![("text", "x"), ("at", "2026-11-20T13:00")], "It has not happened yet"),
        ("timeline", vec![("text", "x"), ("at", "soon")], "\"soon\" is not a time"),
        ("items", vec![("item", "")], "The action item is empty"),
        ("items", vec![("item", "x"), ("due", "soon")], "\"soon\" is not a day"),
        ("items/1", vec![("act", "done")], "There is no action item 1; the incident has 0"),
    ] {
        page(&mut ines, &own).await;
        let answer = ines.post(&format!("{own}/{path}"), &typed).await;
        refused(&answer, StatusCode::UNPROCESSABLE_ENTITY, told);
    }

    // Two change the same: the second sees what the first wrote, and may save again.
    page(&mut ines, &format!("{own}/edit")).await;
    portal.clock.advance(minutes(1));
    taken(&ines.post(&own, &fields(&[("severity", "sev1"), ("version", "1")])).await);
    let conflict = ines.post(&own, &fields(&[("severity", "sev4"), ("version", "1")])).await;
    refused(&conflict, StatusCode::CONFLICT, "What others saved");
    shows(&conflict, &["removed: Severity: sev1", "added: Severity: sev4"]);
    taken(&ines.post(&own, &fields(&[("severity", "sev4"), ("version", "2")])).await);
    assert_eq!(json(&mut ines, &own).await["severity"], "sev4");
}
