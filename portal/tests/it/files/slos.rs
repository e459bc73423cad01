//! SLOs: out as OpenSLO and as rules, in by the API, by the command and on a page.

use std::fs;

use reqwest::StatusCode;
use seaworthy_catalog::Scope;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{APPLY, PLAN, Program, command};
use crate::{
    pages::{page, shows},
    portal::Portal,
};

/// An SLO that says more than what is evaluated.
const ORDERS: &str = "\
apiVersion: openslo/v1
kind: SLO
metadata:
  name: orders
  displayName: Orders are taken
  labels:
    team: bar
    tier: gold
  annotations:
    example.com/dashboard: https://example.com/d/1
spec:
  service: reception
  budgetingMethod: Occurrences
  timeWindow:
    - duration: 30d
      isRolling: true
  indicator:
    metadata:
      name: orders
    spec:
      ratioMetric:
        rawType: success
        raw:
          metricSource:
            type: Seaworthy
            spec:
              kind: availability
              routes: [/orders]
  objectives:
    - targetPercent: 99.5
";

fn named(name: &str) -> String {
    ORDERS.replace("name: orders\n", &format!("name: {name}\n"))
}

fn files(yaml: &[&str]) -> Value {
    let names: Vec<String> = (0..yaml.len()).map(|index| format!("{index}.yaml")).collect();
    let files: Vec<_> = names.iter().map(String::as_str).zip(yaml.iter().copied()).collect();
    super::files(&files)
}

fn expect(changes: &[(&str, &str)]) -> Vec<(String, String)> {
    changes.iter().map(|(name, what)| (format!("SLO {name}"), (*what).to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_in_from_a_file_goes_out_the_same() {
    let portal = Portal::set_up().await;
    let mut writer = Program::of(&portal, Scope::Write).await;
    let orders = files(&[ORDERS]);
    assert_eq!(writer.changes(PLAN, &orders).await, expect(&[("orders", "make")]));
    assert_eq!(writer.get("/api/v1/openslo").await.body, "", "a plan changes nothing");
    assert_eq!(writer.changes(APPLY, &orders).await, expect(&[("orders", "make")]));
    assert_eq!(writer.changes(APPLY, &orders).await, expect(&[("orders", "keep")]));
    let out = writer.get("/api/v1/slos/orders/openslo").await;
    assert_eq!(out.header("content-type"), "application/yaml");
    for kept in
        ["tier: gold", "example.com/dashboard", "targetPercent: 99.5", "displayName: Orders are taken"]
    {
        assert!(out.body.contains(kept), "{kept}: {}", out.body);
    }
    assert_eq!(writer.get("/api/v1/openslo").await.body, out.body);
    assert_eq!(writer.changes(APPLY, &files(&[&out.body])).await, expect(&[("orders", "keep")]));

    // What the form changes is told of; what it does not know stays.
    let mut browser = portal.signed_in("ines").await;
    shows(&page(&mut browser, "/slos/orders").await, &["Orders are taken", "OpenSLO", "rules of Prometheus"]);
    page(&mut browser, "/slos/orders/edit").await;
    let fields = [("version", "1"), ("service", "reception"), ("kind", "availability"), ("objective", "99")];
    let more = [
        ("routes", "/orders"),
        ("window", "30d"),
        ("team", "till"),
        ("least_failures", "5"),
        ("title", "Orders"),
    ];
    let edited = browser.post("/slos/orders", &[fields.as_slice(), more.as_slice()].concat()).await;
    assert_eq!(edited.status, StatusCode::SEE_OTHER, "{}", edited.body);
    let out = writer.get("/api/v1/slos/orders/openslo").await.body;
    for said in ["tier: gold", "team: till", "targetPercent: 99.0\n", "displayName: Orders\n"] {
        assert!(out.contains(said), "{said}: {out}");
    }
    let plan = writer.post(PLAN, &orders).await.body;
    assert!(plan.contains("\\n-  - targetPercent: 99.0\\n+  - targetPercent: 99.5\\n"), "{plan}");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_applied_all_or_not_at_all() {
    let portal = Portal::set_up().await;
    let mut writer = Program::of(&portal, Scope::Write).await;
    let (menu, spoilt) = (named("menu"), named("stock").replace("99.5", "101"));
    let refused = writer.post(APPLY, &files(&[ORDERS, &menu, &spoilt])).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
    let told: Value = serde_json::from_str(&refused.body).unwrap();
    let mistake = json!({"file": "2.yaml", "line": 30, "column": 7, "field": "spec.objectives[0].targetPercent",
        "message": "101 is out of range; it must be above 0 and below 100, for example 99.9"});
    assert_eq!(told["mistakes"], json!([mistake]));
    // What the editor would refuse is refused here, too.
    let long = ORDERS.replace("Orders are taken", &"x".repeat(300));
    let refused = writer.post(APPLY, &files(&[&menu, &long])).await;
    assert!(refused.body.contains("metadata.displayName"), "{}", refused.body);
    assert_eq!(writer.get("/api/v1/openslo").await.body, "");

    writer.post(APPLY, &files(&[ORDERS, &menu])).await;
    let changed = ORDERS.replace("99.5", "99");
    let plan: Value = serde_json::from_str(&writer.post(PLAN, &files(&[&changed])).await.body).unwrap();
    assert_eq!(plan["seen"], json!({"SLO orders": "1"}));
    let mut planned = files(&[&changed]);
    planned["seen"] = plan["seen"].clone();
    assert_eq!(writer.post(APPLY, &planned).await.status, StatusCode::OK);
    let late = writer.post(APPLY, &planned).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.body);

    let mut pruning = files(&[&changed, &ratio_timeslices()]);
    pruning["prune"] = true.into();
    let expected = expect(&[("menu", "delete"), ("orders", "keep"), ("slices", "leave_out")]);
    assert_eq!(writer.changes(APPLY, &pruning).await, expected);
    let audit = portal.server.app().catalog().audit_log(None, 1).await.unwrap();
    assert_eq!((audit[0].actor.as_str(), audit[0].action.as_str()), ("token t", "deleted an SLO"));
    assert!(!writer.get("/api/v1/openslo").await.body.contains("menu"));
    let mut reader = Program::of(&portal, Scope::Read).await;
    assert_eq!(reader.post(APPLY, &planned).await.status, StatusCode::FORBIDDEN);
    assert_eq!(reader.post(PLAN, &files(&[ORDERS])).await.status, StatusCode::OK);
}

/// What is kept in files, and evaluated by others.
fn ratio_timeslices() -> String {
    named("slices")
        .replace("budgetingMethod: Occurrences", "budgetingMethod: RatioTimeslices")
        .replace("targetPercent: 99.5", "targetPercent: 99.5\n      timeSliceWindow: 1m")
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_of_prometheus_are_given_out() {
    let portal = Portal::set_up().await;
    let mut writer = Program::of(&portal, Scope::Write).await;
    writer.post(APPLY, &files(&[ORDERS, &named("menu")])).await;
    let rules = writer.get("/api/v1/slos/orders/prometheus").await;
    let total = "sum(increase(http_server_request_duration_seconds_count{job=\"reception\",http_route=\"/orders\"}[1h]))";
    assert!(rules.body.contains(total) && !rules.body.contains("menu"), "{}", rules.body);
    let native = writer.get("/api/v1/prometheus?histograms=native").await;
    assert!(native.body.contains("histogram_count(") && native.body.contains("slo/menu"), "{}", native.body);
    assert_eq!(writer.get("/api/v1/prometheus?histograms=old").await.status, StatusCode::BAD_REQUEST);
    for path in ["/api/v1/slos/nothing/prometheus", "/api/v1/slos/nothing/openslo"] {
        assert_eq!(writer.get(path).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_makes_a_portal_what_a_folder_says() {
    let portal = Portal::set_up().await;
    let folder = TempDir::new().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let run = async |scope, arguments: &[&str]| {
        command(&portal, &portal.token(&[scope]).await, folder.path(), arguments).await
    };
    let (code, said) = run(Scope::Write, &[]).await;
    assert!(
        code == Some(1) && said.contains("there are no files .yaml or .yml and no runbooks .md in DIR"),
        "{said}"
    );

    write("reception/orders.yml", ORDERS);
    write("menu.yaml", &named("menu"));
    write(".hidden/x.yaml", "no");
    write("README.md", "no");
    let (code, said) = run(Scope::Read, &["--dry-run"]).await;
    fs::remove_file(folder.path().join("README.md")).unwrap();
    assert_eq!(code, Some(3), "{said}");
    for told in [
        "DIR/README.md is left out: a runbook begins with a line ---",
        "+ SLO menu is made\n",
        "    +  name: orders\n",
        "2 to make.\nNothing was changed: this was a dry run.\n",
    ] {
        assert!(said.contains(told), "{told}: {said}");
    }
    let (code, said) = run(Scope::Read, &[]).await;
    assert!(code == Some(1) && said.contains("A token with scope write is needed."), "{said}");
    let (code, said) = run(Scope::Write, &[]).await;
    assert!(code == Some(0) && said.ends_with("2 to make.\nApplied.\n"), "{said}");
    let same = "= SLO menu stays as it is\n= SLO orders stays as it is\n2 as they are.\nEverything is as the files say.\n";
    assert_eq!(run(Scope::Write, &[]).await, (Some(0), same.to_owned()));

    write("reception/orders.yml", &ORDERS.replace("99.5", "99.9"));
    fs::remove_file(folder.path().join("menu.yaml")).unwrap();
    let (code, said) = run(Scope::Write, &["--prune"]).await;
    assert_eq!(code, Some(0), "{said}");
    for told in [
        "- SLO menu is deleted with all its minutes\n",
        "~ SLO orders is changed\n",
        "1 to change, 1 to end.\nApplied.\n",
    ] {
        assert!(said.contains(told), "{told}: {said}");
    }

    write("reception/orders.yml", &ORDERS.replace("99.5", "101"));
    let (code, said) = run(Scope::Write, &[]).await;
    let mistake = "DIR/reception/orders.yml:30:7: spec.objectives[0].targetPercent: 101 is out of range; it must be above 0 \
                   and below 100, for example 99.9\nNothing was changed.\n";
    assert_eq!((code, said.as_str()), (Some(1), mistake));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_pasted_looked_at_and_applied_on_a_page() {
    let portal = Portal::set_up().await;
    let mut browser = portal.signed_in("ines").await;
    shows(&page(&mut browser, "/slos").await, &["Import from OpenSLO"]);
    page(&mut browser, "/slos/import").await;
    let looked = browser.post("/slos/import/look", &[("yaml", ORDERS)]).await;
    assert_eq!(looked.status, StatusCode::OK);
    shows(&looked, &["What would change", "new", "orders", "displayName: Orders are taken", "Apply"]);
    assert_eq!(
        browser.get("/api/v1/slos/orders").await.status,
        StatusCode::NOT_FOUND,
        "a look changes nothing"
    );
    let applied = browser.post("/slos/import", &[("yaml", ORDERS), ("seen", "{}")]).await;
    assert_eq!((applied.status, applied.header("location")), (StatusCode::SEE_OTHER, "/slos"));
    shows(&page(&mut browser, "/slos/orders").await, &["Orders are taken", "99.5 % of requests"]);
    let again = browser.post("/slos/import/look", &[("yaml", ORDERS)]).await;
    shows(&again, &["stays as it is"]);
    assert!(!again.body.contains(">Apply<"), "there is nothing to apply");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pasted_file_with_mistakes_changes_nothing_and_says_where_they_are() {
    let portal = Portal::set_up().await;
    let mut browser = portal.signed_in("ines").await;
    let wrong = ORDERS.replace("99.5", "101");
    page(&mut browser, "/slos/import").await;
    for path in ["/slos/import/look", "/slos/import"] {
        let answer = browser.post(path, &[("yaml", &wrong), ("seen", "{}")]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        shows(
            &answer,
            &["1 mistake to mend; nothing was changed", "pasted:30:7: spec.objectives[0].targetPercent: 101"],
        );
        assert!(answer.body.contains("targetPercent: 101"), "what was pasted is still there");
    }
    // Somebody changes it between the look and the button.
    browser.post("/slos/import", &[("yaml", ORDERS), ("seen", "{}")]).await;
    let changed = ORDERS.replace("99.5", "99.9");
    let late = browser.post("/slos/import", &[("yaml", &changed), ("seen", r#"{"SLO orders":"7"}"#)]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    shows(&late, &["Something has changed since this was planned"]);
    let unseen = browser.post("/slos/import", &[("yaml", ORDERS)]).await;
    assert_eq!(unseen.status, StatusCode::BAD_REQUEST);
}
