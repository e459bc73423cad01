//! How all services stand, and where else it is shown.

use reqwest::{Method, StatusCode};
use seaworthy_catalog::{AnswerKind, Scope};
use serde_json::Value;

use crate::{
    pages::{page, shows},
    portal::{Browser, between, minutes},
    readiness::{OWN, Shop},
};

/// Reception has silver, barista bronze, and both are judged by our own template and by the twelve points.
async fn two_services() -> (Shop, Browser) {
    let shop = Shop::new().await;
    shop.judge_by(OWN, "1", None).await;
    shop.check_in("1.8.2", &["orders.db"]).await;
    shop.check_in_of("barista", "2.3.0", &[]).await;
    shop.assess().await;
    let browser = shop.portal.signed_in("ines").await;
    (shop, browser)
}

async fn json(shop: &Shop, path: &str) -> (StatusCode, Value) {
    let token = shop.portal.token(&[Scope::Read]).await;
    let request = shop.portal.browser().as_program(Method::GET, path).bearer_auth(token);
    let response = request.send().await.unwrap();
    (response.status(), response.json().await.unwrap())
}

/// The words of the cells of a service, in the order of the points.
fn cells(page: &str, service: &str) -> Vec<String> {
    let row = format!("href=\"/services/{service}/readiness?template=own\"");
    let row = between(page, &row, "</tr>").unwrap();
    let labels = row.split("aria-label=\"").skip(1);
    labels.map(|label| label.split('"').next().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn services_stand_side_by_side_worst_first_and_a_cell_tells_what_blocks_the_next_level() {
    let (shop, mut browser) = two_services().await;
    let map = page(&mut browser, "/readiness?template=own").await;
    shows(&map, &["2 services", "by Our own", "No team · 2 services", "Bronze1", "Silver1"]);
    shows(&map, &["Nothing has changed since these services were first judged."]);
    let (barista, reception) = (map.body.find(">barista<").unwrap(), map.body.find(">reception<").unwrap());
    assert!(barista < reception, "worst first");
    assert_eq!(cells(&map.body, "barista"), ["All: 1 fail blocks silver"]);
    assert_eq!(cells(&map.body, "reception"), ["All: 1 unknown blocks gold"]);
    assert!(map.body.contains("href=\"/services/barista/readiness?template=own#point-1\""));
    // All that judges both is the twelve points too: a column for each.
    let twelve = page(&mut browser, "/readiness?template=twelve-point").await;
    shows(&twelve, &["Monitoring and alerts", "Incident training"]);
    assert_eq!(twelve.body.matches("#point-12\"").count(), 2);

    shop.answer("owned", 0, AnswerKind::Satisfied).await;
    shop.portal.clock.advance(minutes(1));
    shop.check_in("1.8.2", &["orders.db"]).await;
    shop.check_in_of("barista", "2.3.0", &["beans"]).await;
    shop.assess().await;
    let map = page(&mut browser, "/readiness?template=own").await;
    assert_eq!(cells(&map.body, "reception"), ["All: all 3 pass"]);
    shows(&map, &["reception: owned", "was unknown", "Claimed", "barista: checked", "was fail", "Proved"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_map_is_filtered_and_says_so_where_nothing_is_left() {
    let (_shop, mut browser) = two_services().await;
    for (query, shown) in [
        ("level=bronze", vec!["barista"]),
        ("level=silver", vec!["reception"]),
        ("text=BAR", vec!["barista"]),
        ("level=gold", vec![]),
        ("team=Till", vec![]),
    ] {
        let answer = page(&mut browser, &format!("/readiness?template=own&{query}")).await;
        let names = ["barista", "reception"].into_iter();
        let found: Vec<_> = names.filter(|name| answer.body.contains(&format!(">{name}<"))).collect();
        assert_eq!(found, shown, "{query}");
        if shown.is_empty() {
            shows(&answer, &["No service is like that"]);
        }
    }
    let unknown = browser.get("/readiness?template=nothing").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn before_anything_was_judged_the_map_says_what_will_be() {
    let shop = Shop::new().await;
    let mut browser = shop.portal.signed_in("ines").await;
    shows(&page(&mut browser, "/readiness").await, &["No service was judged yet", "once a minute"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_level_is_on_the_fleet_page_and_beside_the_name_of_the_service() {
    let (_shop, mut browser) = two_services().await;
    // By the twelve points neither has reached bronze: the lowest of all templates counts.
    let fleet = page(&mut browser, "/").await;
    shows(&fleet, &["Level", "Below bronze", "% of 5", "At least bronze0 of 2"]);
    let service = page(&mut browser, "/services/reception").await;
    assert!(service.body.contains("href=\"/services/reception/readiness\""));
    shows(&service, &["Below bronze"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_read_the_same_as_people() {
    let (shop, _) = two_services().await;
    let (_, fleet) = json(&shop, "/api/v1/readiness?template=own&text=reception").await;
    assert_eq!((&fleet["all"], &fleet["points"][0]), (&2.into(), &"All".into()));
    let reception = &fleet["teams"][0]["services"][0];
    assert_eq!((&reception["name"], &reception["level"]), (&"reception".into(), &"silver".into()));
    assert_eq!(reception["points"][0]["blocking"]["unknown"], 1);
    let (_, service) = json(&shop, "/api/v1/services/reception/readiness?template=own").await;
    assert_eq!((&service["level"], &service["next_level"]), (&"silver".into(), &"gold".into()));
    let (_, item) = json(&shop, "/api/v1/services/reception/readiness/own/owned").await;
    assert_eq!((&item["item"]["verdict"], &item["point"]), (&"unknown".into(), &"All".into()));
    for path in ["/api/v1/services/reception/readiness/own/nothing", "/api/v1/services/nobody/readiness"] {
        assert_eq!(json(&shop, path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    let (_, fleet) = json(&shop, "/api/v1/services").await;
    assert_eq!(fleet["services"][0]["readiness"]["template"], "twelve-point");
}
