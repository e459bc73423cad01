//! Who is on call for each service, and who was trained.

use reqwest::StatusCode;
use serde_json::Value;

use crate::{
    pages::{page, shop, shows},
    portal::{Answer, Browser},
};

async fn send(browser: &mut Browser, fields: &[(&str, &str)]) -> Answer {
    browser.get("/training/reception/edit").await;
    browser.post("/training/reception", fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_says_who_is_on_call_and_trained() {
    let (_portal, mut ines) = shop("reception").await;
    shows(
        &page(&mut ines, "/training").await,
        &["2 services", "2 without anybody on call", "barista nobody"],
    );
    shows(
        &page(&mut ines, "/training/reception").await,
        &["Nobody has said who is called", "Say who is on call"],
    );
    let training =
        "ines; debugging in production; 2027-06-30\r\nines; operation\r\ntomas; operation; 2026-01-31\r\n";
    let fields = [
        ("primary", "ines"),
        ("secondary", "tomas"),
        ("escalation", "ana\r\nthe head of the team\r\n"),
        ("commander", "ines"),
        ("training", training),
        ("version", "0"),
    ];
    let answer = send(&mut ines, &fields).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/training/reception"));
    let shown = page(&mut ines, "/training/reception").await;
    shows(&shown, &["debugging in production 2027-06-30", "operation for good", "2026-01-31 over"]);
    shows(
        &shown,
        &["not trained: tomas, ana, the head of the team", "the head of the teamescalation, step 2"],
    );
    let listed = page(&mut ines, "/training?service=reception").await;
    shows(&listed, &["1 service", "0 without anybody", "reception ines tomas ines not trained: tomas"]);
    let form = page(&mut ines, "/training/reception/edit").await;
    shows(&form, &["tomas; operation; 2026-01-31"]);

    // Somebody who has not seen this: told, and nothing is lost.
    let first = send(&mut ines, &[("primary", "rui"), ("version", "0")]).await;
    assert_eq!(first.status, StatusCode::CONFLICT, "{}", first.body);
    shows(&first, &["What ines saved", "removed: Primary: ines", "added: Primary: rui"]);
    assert!(first.body.contains("value=\"rui\"") && first.body.contains(r#"name="version" value="1""#));
    assert_eq!(send(&mut ines, &[("primary", "rui"), ("version", "1")]).await.status, StatusCode::SEE_OTHER);
    let one: Value = serde_json::from_str(&ines.get("/api/v1/training/reception").await.body).unwrap();
    assert_eq!((&one["primary"], &one["version"]), (&"rui".into(), &2.into()), "{one}");
    let all: Value = serde_json::from_str(&ines.get("/api/v1/training").await.body).unwrap();
    assert_eq!(
        (&all["rotas"][0]["service"], &all["rotas"][1]["untrained"][0]),
        (&"barista".into(), &"rui".into())
    );

    page(&mut ines, "/training/reception/edit").await;
    assert_eq!(ines.post("/training/reception/delete", &[]).await.status, StatusCode::SEE_OTHER);
    shows(&page(&mut ines, "/training").await, &["2 without anybody on call"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_in_a_rota_name_their_lines() {
    let (_portal, mut ines) = shop("reception").await;
    let training = "ines; operation\n\nines\ntomas; operation; soon";
    let fields = [("primary", "ines"), ("secondary", "ines"), ("training", training)];
    let answer = send(&mut ines, &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    shows(&answer, &["Line 3: \"ines\" is not of the form who; what; until; line 4: \"soon\" is not a day"]);
    shows(&answer, &["It is the same as primary"]);
    assert!(answer.body.contains("tomas; operation; soon"), "{}", answer.body);
    let nobody = send(&mut ines, &[]).await;
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
    shows(&nobody, &["It is empty; write for example ines"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_names_of_services_have_a_rota_too() {
    let name = "a/b ?#\"><script>alert(1)</script>";
    let (_portal, mut ines) = shop(name).await;
    let encoded: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let path = format!("/training/{encoded}");
    ines.get(&format!("{path}/edit")).await;
    let answer = ines.post(&path, &[("primary", "<script>alert(2)</script>")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let back = answer.header("location").to_owned();
    for path in [&back, "/training"] {
        let shown = page(&mut ines, path).await;
        assert!(!shown.body.contains("<script>alert"), "{}", shown.body);
        assert!(shown.body.contains("&lt;script&gt;alert(2)"), "{}", shown.body);
    }
}
