//! The demo's coffee shop, as somebody sees it.

use seaworthy_tests::{Browser, Client, Demo, Visitor, eventually};

use super::inspect;
use crate::SEAWORTHY;

/// An order of which all spans have arrived.
pub(super) async fn order(reader: &Client) -> String {
    eventually("an order crosses both services", async || {
        let found = reader.json("/api/v1/traces?service=barista").await;
        let mut traces = found["traces"].as_array().unwrap().iter();
        let whole = traces.find(|trace| trace["spans"].as_u64() >= Some(7))?;
        Some(whole["trace_id"].as_str().unwrap().to_owned())
    })
    .await
}

/// Waits until three instances check in and have said how they are.
pub(super) async fn measured(reader: &Client) {
    eventually("the fleet has figures", async || {
        let fleet = reader.json("/api/v1/services").await;
        let measured = fleet["services"].as_array().unwrap().iter().all(|it| it["source"] == "http_server");
        (fleet["total"]["instances_alive"] == 3 && measured).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shop_is_shown_on_every_page() {
    let demo = Demo::start(SEAWORTHY.as_ref());
    let mut visitor = Visitor::new(&demo.url);
    visitor.sign_in(&demo.login, &demo.password).await;
    let reader = Client::new(&demo.url, Some(&visitor.make_token("read").await));
    let order = order(&reader).await;
    measured(&reader).await;

    let browser = Browser::start(&demo.url).await;
    browser.sign_in(&demo.login, &demo.password).await;
    inspect(&browser, "fleet", "/").await;
    inspect(&browser, "service", "/services/reception").await;
    inspect(&browser, "service-now", "/services/reception/now").await;
    inspect(&browser, "traces", "/traces?service=reception").await;
    inspect(&browser, "trace", &format!("/traces/{order}")).await;
    for (name, path) in [
        ("slos", "/slos"),
        ("slo", "/slos/orders-availability"),
        ("slo-new", "/slos/new"),
        ("slo-import", "/slos/import"),
        ("slo-edit", "/slos/orders-latency/edit"),
        ("report", "/slos/report"),
        ("capacity-young", "/capacity?service=reception"),
        ("no-maintenance", "/maintenance"),
        ("maintenance-new", "/maintenance/new"),
        ("no-alerts", "/alerts"),
        ("silences", "/silences"),
        ("silence-new", "/silences/new"),
    ] {
        inspect(&browser, name, path).await;
    }
}
