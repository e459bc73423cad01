//! All that can be read and done with scripts turned off.

use seaworthy_tests::{Browser, Client, Demo, Look, Visitor};

use super::shop;
use crate::SEAWORTHY;

async fn assert_shows(browser: &Browser, path: &str, words: &[&str]) {
    browser.visit(path).await;
    let text = browser.text().await;
    for word in words {
        assert!(text.contains(word), "no {word:?} on {path}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_can_be_read_and_forms_sent_without_scripts() {
    let demo = Demo::start(SEAWORTHY.as_ref());
    let mut visitor = Visitor::new(&demo.url);
    visitor.sign_in(&demo.login, &demo.password).await;
    let reader = Client::new(&demo.url, Some(&visitor.make_token("read").await));
    let order = shop::order(&reader).await;
    shop::measured(&reader).await;

    let browser = Browser::start(&demo.url).await;
    browser.turn_off_scripts().await;
    browser.look(Look::ALL[0]).await;
    browser.sign_in(&demo.login, &demo.password).await;
    assert_shows(&browser, "/", &["reception", "barista", "3 of 3", "Requests/s", "OK"]).await;
    assert_shows(&browser, "/services/reception", &["POST", "/orders", "p95", "Instances", "Versions seen"])
        .await;
    let spans = ["POST /orders", "INSERT orders", "grind", "brew", "http.request.method", "http.route"];
    assert_shows(&browser, &format!("/traces/{order}"), &spans).await;

    browser.visit("/traces").await;
    browser.click("form:has([name=service]) [name=service] option[value=barista]").await;
    browser.submit("form:has([name=service])").await;
    assert!(browser.path().await.contains("service=barista"), "{}", browser.path().await);
    assert!(browser.text().await.contains("POST /"), "{}", browser.text().await);
    browser.screenshot("traces-without-scripts", Look::ALL[0]).await;
    browser.visit("/settings/tokens").await;
    browser.send_form(&[("name", "by hand")]).await;
    assert!(browser.find("#new-token").await.text().await.unwrap().starts_with("sw_"));
}
