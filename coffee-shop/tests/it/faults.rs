//! Each fault does what it says, and ends when it is switched off.

use std::time::{Duration, Instant};

use reqwest::Method;
use seaworthy_coffee_shop::faults::Faults;
use serde_json::json;

use crate::shop::Shop;

const FORM: &str = "application/x-www-form-urlencoded";
const ORDER: &str = r#"{"drink": "north-wind"}"#;

#[tokio::test]
async fn slow_takes_longer_by_what_was_asked() {
    let shop = Shop::open().await;
    for service in [&shop.reception, &shop.baristas[0]] {
        shop.set_faults(service, r#"{"slow_ms": 300}"#).await;
    }
    let begun = Instant::now();
    assert_eq!(shop.order(ORDER).await.0, 201);
    assert!(begun.elapsed() >= Duration::from_millis(600), "reception and barista: {:?}", begun.elapsed());
}

#[tokio::test]
async fn failing_fails_its_share() {
    let shop = Shop::open().await;
    shop.set_faults(&shop.reception, r#"{"failing_share": 0.5}"#).await;
    let mut failed = 0;
    for _ in 0..60 {
        failed += i32::from(shop.order(ORDER).await.0 == 500);
    }
    assert!((5..55).contains(&failed), "of 60 orders {failed} failed");
    assert_eq!(shop.states().await.len(), 60 - usize::try_from(failed).unwrap(), "failed ones write nothing");
}

#[tokio::test]
async fn a_panic_breaks_one_connection_and_nothing_else() {
    let shop = Shop::open().await;
    shop.set_faults(&shop.reception, r#"{"panicking_share": 1}"#).await;
    shop.try_order(ORDER).await.unwrap_err();
    shop.set_faults(&shop.reception, "{}").await;
    assert_eq!(shop.order(ORDER).await.0, 201);
}

#[tokio::test]
async fn a_barista_that_panics_fails_the_order() {
    let shop = Shop::open().await;
    for barista in &shop.baristas {
        shop.set_faults(barista, r#"{"panicking_share": 1}"#).await;
    }
    let (status, answer) = shop.order(ORDER).await;
    assert!(status == 502 && answer["error"].as_str().unwrap().contains("barista"), "{status} {answer}");
    assert_eq!(shop.states().await, ["failed"]);
}

#[tokio::test]
async fn without_its_database_reception_takes_no_order_but_shows_the_menu() {
    let shop = Shop::open().await;
    shop.set_faults(&shop.reception, r#"{"database_gone": true}"#).await;
    let (status, answer) = shop.order(ORDER).await;
    let error = answer["error"].as_str().unwrap();
    assert!(status == 503 && error.contains("again") && !error.contains("file"), "{status} {error}");
    let menu = shop.reception.url.join("/menu").unwrap();
    assert_eq!(shop.send(Method::GET, menu, "").await.unwrap().0, 200);
    shop.set_faults(&shop.reception, r#"{"database_gone": false}"#).await;
    assert_eq!(shop.order(ORDER).await.0, 201);
}

#[tokio::test]
async fn faults_are_shown_and_what_is_impossible_changes_nothing() {
    let shop = Shop::open().await;
    shop.set_faults(&shop.reception, r#"{"slow_ms": 5}"#).await;
    let faults = shop.reception.faults.clone();
    for (body, status, says) in [
        (r#"{"failing_share": 1.5}"#, 422, "failing_share is 1.5; a share is from 0 to 1"),
        (r#"{"panicking_share": -0.1}"#, 422, "panicking_share is -0.1"),
        (r#"{"slow_ms": 60001}"#, 422, "slow_ms is 60001; at most 60000"),
        (r#"{"slow": 1}"#, 422, "unknown field `slow`"),
        ("slow", 400, "JSON"),
    ] {
        let (got, answer) = shop.send(Method::PUT, faults.clone(), body).await.unwrap();
        let error = answer["error"].as_str().unwrap();
        assert!(got == status && error.contains(says), "{body}: {got} {error}");
    }
    let shown = shop.send(Method::GET, faults, "").await.unwrap().1;
    let want = serde_json::to_value(Faults { slow_ms: 5, ..Faults::NONE }).unwrap();
    assert_eq!(shown, want);
}

#[tokio::test]
async fn buttons_switch_one_fault_each_and_only_from_their_own_page() {
    let shop = Shop::open().await;
    let page = shop.reception.faults.join("/").unwrap();
    let http = reqwest::Client::new();
    let html = async || http.get(page.clone()).send().await.unwrap().text().await.unwrap();
    assert_eq!(html().await.matches("Switch on</button>").count(), 8);
    let press = async |fault: &str, on: &str, origin: &str| {
        let form = http.post(page.join("/press").unwrap()).header("origin", origin);
        form.header("content-type", FORM)
            .body(format!("fault={fault}&on={on}"))
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    let own = page.as_str().trim_end_matches('/');
    assert_eq!(press("failing", "true", "https://evil.example").await, 403);
    assert_eq!(press("everything", "true", own).await, 422);
    assert_eq!(html().await.matches("Switch on</button>").count(), 8);

    assert_eq!((press("failing", "true", own).await, press("database", "true", own).await), (200, 200));
    let faults = shop.send(Method::GET, shop.reception.faults.clone(), "").await.unwrap().1;
    assert_eq!((&faults["failing_share"], &faults["database_gone"]), (&json!(0.5), &json!(true)));
    assert_eq!(html().await.matches("Switch off</button>").count(), 2);
    assert_eq!(press("failing", "false", own).await, 200);
    let faults = shop.send(Method::GET, shop.reception.faults.clone(), "").await.unwrap().1;
    assert_eq!((&faults["failing_share"], &faults["database_gone"]), (&json!(0.0), &json!(true)));
}
