//! The gate of a pipeline: by the API, and by the command in a shell script.

use std::{fs, process::Command};

use reqwest::{Method, StatusCode};
use seaworthy_catalog::{AnswerKind, Scope, TemplateDefinition};
use serde_json::{Value, json};

use crate::{
    alerts::Watch,
    portal::{Portal, actor, minutes},
    readiness::{OWN, Shop},
};

/// What a pipeline does.
const PIPELINE: &str = "\
if seaworthy gate reception --level \"$LEVEL\" --template own; then
    echo 'Released.'
else
    code=$?
    echo \"Held back by exit code $code.\"
    exit $code
fi
";

async fn shop() -> Shop {
    let shop = Shop::new().await;
    shop.judge_by(OWN, "1", None).await;
    shop
}

/// What the command says: its exit code, its output and its errors.
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

async fn run(portal: &Portal, mut command: Command) -> Said {
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_seaworthy")).parent().unwrap();
    command.env_clear().env("PATH", format!("{}:/usr/bin:/bin", folder.display()));
    command.env("SEAWORTHY_PORTAL", format!("http://{}", portal.server.address()));
    command.env("SEAWORTHY_TOKEN", portal.token(&[Scope::Read]).await);
    if command.get_program() == "sh" {
        let level = command.get_args().last().unwrap().to_owned();
        command.env("LEVEL", level);
    }
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let address = portal.server.address().to_string();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace(&address, "PORTAL");
    Said { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

async fn gate(portal: &Portal, arguments: &[&str]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seaworthy"));
    command.arg("gate").args(arguments);
    run(portal, command).await
}

async fn pipeline(portal: &Portal, level: &str) -> Said {
    let mut command = Command::new("sh");
    command.args(["-euc", PIPELINE, "sh", level]);
    run(portal, command).await
}

async fn ask(portal: &Portal, path: &str) -> (StatusCode, Value) {
    let mut browser = portal.browser();
    let token = portal.token(&[Scope::Read]).await;
    let answer = browser.send(browser.as_program(Method::GET, path).bearer_auth(token)).await;
    (answer.status, serde_json::from_str(&answer.body).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_is_held_back_until_the_level_is_reached() {
    let shop = shop().await;
    shop.check_in("1.8.2", &[]).await;
    shop.assess().await;
    let passed = pipeline(&shop.portal, "bronze").await;
    let expected = "reception passes the gate for bronze: 0 of 1 item for bronze open.\n\
                    own 1: bronze is reached on build 1.8.2, judged at 2026-11-20T12:00:00Z\n\
                    Released.\n";
    assert_eq!((passed.code, passed.out.as_str()), (Some(0), expected), "{}", passed.err);

    let held = pipeline(&shop.portal, "silver").await;
    let expected = "reception fails the gate for silver: 1 of 2 items for silver open.\n\
                    own 1: bronze is reached on build 1.8.2, judged at 2026-11-20T12:00:00Z\n\
                    \n  fail    silver  Checked?\n                  \
                    health checks: 0 (asked: at least 1)\n                  \
                    H.\n                  \
                    See http://PORTAL/services/reception/readiness/own/checked\n\
                    Held back by exit code 1.\n";
    assert_eq!((held.code, held.out.as_str()), (Some(1), expected), "{}", held.err);

    shop.portal.clock.advance(minutes(1));
    shop.check_in("1.8.2", &["orders.db"]).await;
    shop.assess().await;
    assert_eq!(pipeline(&shop.portal, "silver").await.code, Some(0));
    let gold = pipeline(&shop.portal, "gold").await;
    assert!(gold.code == Some(1) && gold.out.contains("nobody has answered"), "{}", gold.out);
    shop.answer("owned", 0, AnswerKind::NotApplicable).await;
    shop.assess().await;
    assert_eq!(pipeline(&shop.portal, "gold").await.code, Some(0));

    // All templates that are for the service must hold.
    let all = gate(&shop.portal, &["reception", "--level", "bronze"]).await;
    assert!(all.code == Some(1) && all.out.contains("Set an SLO: http://PORTAL/slos/new?service=reception"));
    assert!(all.out.contains("own 1: ") && all.out.contains("twelve-point 1"), "{}", all.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_judged_neither_passes_nor_fails() {
    let shop = shop().await;
    let (portal, nobody) = (&shop.portal, json!(409));
    shop.check_in("1.8.2", &[]).await;
    for (arguments, said) in [
        (&["reception", "--level", "bronze"][..], "reception was not judged by own 1 yet"),
        (&["nobody", "--level", "bronze"], "There is no service \"nobody\""),
        (&["..", "--level", "bronze"], "404 Not Found"),
        (&["reception", "--level", "iron"], "it is one of bronze, silver and gold"),
        (&["reception"], "--level"),
        (&["reception", "--level", "bronze", "--portal", "http://127.0.0.1:9"], "could not reach"),
        (&["reception", "--level", "bronze", "--token", "sw_wrong"], "401"),
    ] {
        let told = gate(portal, arguments).await;
        assert_eq!((told.code, told.out.as_str()), (Some(2), ""), "{arguments:?}: {}", told.err);
        assert!(told.err.contains(said), "{arguments:?}: {}", told.err);
    }
    shop.assess().await;
    let other = gate(portal, &["reception", "--level", "bronze", "--template", "other"]).await;
    assert!(other.code == Some(2) && other.err.contains("is not judged by \"other\""), "{}", other.err);

    // A version of a template that came after the judgement.
    let path = "/api/v1/services/reception/gate?level=bronze&template=own";
    assert_eq!(ask(portal, path).await.0, StatusCode::OK);
    shop.judge_by(OWN, "2", Some("1")).await;
    let (status, problem) = ask(portal, path).await;
    assert_eq!((status, &problem["status"]), (StatusCode::CONFLICT, &nobody));
    assert_eq!(problem["title"], "reception was not judged by own 2 yet");
    shop.assess().await;
    assert_eq!(ask(portal, path).await.0, StatusCode::OK);
    portal.clock.advance(minutes(16));
    let (_, problem) = ask(portal, path).await;
    assert_eq!(problem["title"], "reception was last judged at 2026-11-20T12:00:00Z");
    let (status, _) = ask(portal, "/api/v1/services/reception/gate?level=iron").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_build_about_to_be_released_must_be_the_one_that_was_judged() {
    let shop = shop().await;
    shop.check_in("1.8.2", &[]).await;
    shop.assess().await;
    let asked = ["reception", "--level", "bronze", "--template", "own", "--build"];
    let same = gate(&shop.portal, &[&asked[..], &["1.8.2"]].concat()).await;
    assert!(same.code == Some(0) && same.out.contains("open, judged on build 1.8.2."), "{}", same.out);
    let other = gate(&shop.portal, &[&asked[..], &["1.9.0"]].concat()).await;
    let words = "judged on build 1.8.2, but 1.9.0 is to be released: start 1.9.0 where it checks in";
    assert!(other.code == Some(1) && other.out.contains(words), "{}", other.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spent_budget_fails_where_budgets_are_asked() {
    let watch = Watch::new().await;
    let portal = &watch.portal;
    let yaml = "{id: own, title: Own, version: '1', points: [{title: All, items: [{id: slow, level: bronze, kind: evidence,
        question: Slow?, why: W., how: H., rule: latency_slos == 0}]}]}";
    let definition = TemplateDefinition { template: "own".into(), version: "1".into(), yaml: yaml.into() };
    let catalog = portal.server.app().catalog();
    catalog.add_template(&definition, None, &actor(), portal.clock.now()).await.unwrap();
    portal.server.assess().await.unwrap();
    let path = "/api/v1/services/reception/gate?level=bronze&template=own&budget=true";
    let (_, told) = ask(portal, path).await;
    assert_eq!((&told["passes"], &told["budgets"][0]["holds"]), (&json!(true), &json!(true)), "{told}");
    assert_eq!(told["budgets"][0]["words"], "100 % of the budget is left");

    watch.minute(900).await;
    let (_, told) = ask(portal, path).await;
    assert_eq!((&told["passes"], &told["budgets"][0]["holds"]), (&json!(false), &json!(false)), "{told}");
    let asked = ["reception", "--level", "bronze", "--template", "own"];
    assert_eq!(gate(portal, &asked).await.code, Some(0), "budgets were not asked");
    let spent = gate(portal, &[&asked[..], &["--budget"]].concat()).await;
    assert!(spent.code == Some(1) && spent.out.contains("1 of 1 SLO without budget"), "{}", spent.out);
    let lines = "fail    budget  Is budget of Orders are taken left?\n                  all of the budget is spent: 900 of 361 ";
    assert!(spent.out.contains(lines) && spent.out.contains("/slos/orders\n"), "{}", spent.out);
}

/// An item whose words would break out of XML and move the cursor of a terminal.
const HOSTILE: &str = "id: own
title: Our own
version: '1'
points:
  - title: All
    items:
      - {id: owned, level: bronze, kind: answer, question: \"]]><script>\\u001b[2J&\", why: W., how: \"Say \\\"who\\\" & <b>.\"}
      - {id: rest, level: bronze, kind: answer, question: Rest?, why: W., how: Rest.}
";

#[tokio::test(flavor = "multi_thread")]
async fn reports_are_written_for_machines_and_hold_what_is_hostile() {
    let shop = Shop::new().await;
    shop.judge_by(HOSTILE, "1", None).await;
    shop.check_in("1.8.2", &[]).await;
    shop.answer("rest", 0, AnswerKind::NotApplicable).await;
    shop.assess().await;
    let asked = ["reception", "--level", "bronze", "--template", "own", "--build", "1.8.2", "--budget"];
    let json = gate(&shop.portal, &[&asked[..], &["--format", "json"]].concat()).await;
    let told: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((json.code, &told["passes"]), (Some(1), &json!(false)));
    let item = &told["templates"][0]["items"][0];
    assert_eq!((&item["verdict"], &item["holds"]), (&json!("unknown"), &json!(false)));
    assert_eq!(item["link"], "http://PORTAL/services/reception/readiness/own/owned");

    let file = shop.portal.folder.path().join("gate.xml");
    let output = ["--format", "junit", "--output", file.to_str().unwrap()];
    let junit = gate(&shop.portal, &[&asked[..], &output].concat()).await;
    assert_eq!(junit.code, Some(1), "{}", junit.err);
    assert!(junit.out.contains("unknown bronze  ]]><script>\u{fffd}[2J&\n"), "{}", junit.out);
    let xml = fs::read_to_string(&file).unwrap();
    let suites = [
        "<testsuite name=\"own\" tests=\"2\" skipped=\"1\" errors=\"0\" failures=\"1\"",
        "<testsuite name=\"error budgets\" tests=\"0\"",
        "<testsuite name=\"build\" tests=\"1\" skipped=\"0\" errors=\"0\" failures=\"0\"",
        "<testcase name=\"]]&gt;&lt;script&gt;&amp;\" classname=\"own.owned\">",
        "<failure message=\"nobody has answered\" type=\"unknown\">",
        "Answer it. Say &quot;who&quot; &amp; &lt;b&gt;.",
    ];
    for part in suites {
        assert!(xml.contains(part), "{part}: {xml}");
    }
    assert!(!xml.contains('\u{1b}'), "XML has no control characters");
    let nowhere = gate(&shop.portal, &[&asked[..], &["--output", "/nowhere/gate.xml"]].concat()).await;
    assert!(nowhere.code == Some(2) && nowhere.err.contains("could not write /nowhere/gate.xml"));
}
