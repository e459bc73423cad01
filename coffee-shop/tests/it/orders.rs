//! Ordering.

use reqwest::Method;
use serde_json::json;

use crate::shop::Shop;

#[tokio::test]
async fn an_order_is_served_and_written_down() {
    let shop = Shop::open().await;
    let (status, served) = shop.order(r#"{"drink": "tidewater", "cups": 2}"#).await;
    assert_eq!(status, 201);
    assert_eq!(served, json!({"number": 1, "drink": "tidewater", "cups": 2, "price_cents": 620}));
    assert_eq!(
        shop.order(r#"{"drink": "north-wind"}"#).await.1["number"],
        2,
        "one cup unless said otherwise"
    );
    let written = [("tidewater", 2, 620, "served"), ("north-wind", 1, 240, "served")];
    assert_eq!(shop.rows().await, written.map(|(d, c, p, s)| (d.to_owned(), c, p, s.to_owned())));
}

#[tokio::test]
async fn the_menu_names_what_can_be_ordered() {
    let shop = Shop::open().await;
    let (status, menu) = shop.send(Method::GET, shop.reception.url.join("/menu").unwrap(), "").await.unwrap();
    assert_eq!(status, 200);
    for drink in menu.as_array().unwrap() {
        let order = json!({"drink": drink["name"]}).to_string();
        assert_eq!(shop.order(&order).await.1["price_cents"], drink["price_cents"], "{drink}");
    }
}

#[tokio::test]
async fn bad_input_is_refused_with_what_would_be_right_and_writes_nothing() {
    let shop = Shop::open().await;
    let cases = [
        (r#"{"drink": "tea"}"#, 422, r#""tea"; the menu has north-wind, tidewater, "#),
        (r#"{"drink": "tidewater", "cups": 0}"#, 422, "cups is 0; one order has 1 to 8"),
        (r#"{"drink": "tidewater", "cups": 9}"#, 422, "cups is 9; one order has 1 to 8"),
        (r#"{"drink": "tidewater", "cups": -1}"#, 422, "cups"),
        (r#"{"drink": "tidewater", "sugar": 1}"#, 422, "sugar"),
        ("{}", 422, "missing field `drink`"),
        ("{\"drink\"", 400, "EOF"),
    ];
    for (body, status, says) in cases {
        let (got, answer) = shop.order(body).await;
        let error = answer["error"].as_str().unwrap();
        assert!(got == status && error.contains(says), "{body}: {got} {error}");
    }
    let long = json!({"drink": "x".repeat(10_000)}).to_string();
    assert!(shop.order(&long).await.1.to_string().len() < 300, "what is told back is cut");
    assert!(shop.rows().await.is_empty());
}

#[tokio::test]
async fn the_barista_refuses_what_is_not_on_the_menu_too() {
    let shop = Shop::open().await;
    let url = shop.baristas[0].url.join("/drinks").unwrap();
    for (body, says) in [
        (r#"{"drink": "tea", "cups": 1}"#, "the menu has"),
        (r#"{"drink": "tidewater", "cups": 4000000000}"#, "1 to 8"),
    ] {
        let (status, answer) = shop.send(Method::POST, url.clone(), body).await.unwrap();
        assert!(status == 422 && answer["error"].as_str().unwrap().contains(says), "{status} {answer}");
    }
}

#[tokio::test]
async fn baristas_take_turns_and_stand_in_for_each_other() {
    let mut shop = Shop::open().await;
    shop.set_faults(&shop.baristas[0], r#"{"failing_share": 1}"#).await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(shop.order(r#"{"drink": "north-wind"}"#).await.0.as_u16());
    }
    assert_eq!(statuses, [502, 201, 502, 201]);

    // In a shop that has no connections yet: one that is open goes on.
    shop = Shop::open().await;
    shop.baristas[0].leave().await;
    for _ in 0..4 {
        assert_eq!(shop.order(r#"{"drink": "north-wind"}"#).await.0, 201);
    }
}

#[tokio::test]
async fn without_a_barista_an_order_fails_and_says_so() {
    let mut shop = Shop::open().await;
    for barista in &mut shop.baristas {
        barista.leave().await;
    }
    let (status, answer) = shop.order(r#"{"drink": "north-wind"}"#).await;
    assert!(status == 503 && answer["error"].as_str().unwrap().contains("no barista"), "{status} {answer}");
    assert_eq!(shop.states().await, ["failed"]);
}
