//! From the link on the terminal to a portal that can be used, as the first admin walks the way.

use seaworthy_tests::{Browser, LOGIN, PASSWORD, Portal};

use super::{assert_sound, inspect};
use crate::SEAWORTHY;

#[tokio::test(flavor = "multi_thread")]
async fn the_first_admin_sets_up_the_portal() {
    let (portal, code) = Portal::start_new(SEAWORTHY, &[]);
    let browser = Browser::start(portal.url()).await;
    inspect(&browser, "set-up", &format!("/set-up?code={code}")).await;
    let person = [("name", "Inês Prata"), ("login", LOGIN), ("password", PASSWORD), ("again", "another")];
    browser.send_form(&person).await;
    let error = browser.find("#again-error").await.text().await.unwrap();
    assert_eq!(error, "The two passwords differ. Type both again.");
    assert_sound(&browser, "the set-up with a mistake").await;
    browser.send_form(&[("password", PASSWORD), ("again", PASSWORD)]).await;
    assert_eq!(browser.path().await, "/");

    inspect(&browser, "first-run", "/").await;
    inspect(&browser, "tokens", "/settings/tokens").await;
    browser.send_form(&[("name", "reception")]).await;
    assert!(browser.find("#new-token").await.text().await.unwrap().starts_with("sw_"));
    assert_sound(&browser, "the new token").await;
    inspect(&browser, "people", "/settings/people").await;
    inspect(&browser, "account", "/account").await;

    browser.driver.delete_cookie("seaworthy-session").await.unwrap();
    inspect(&browser, "sign-in", "/sign-in").await;
    browser.visit("/account").await;
    assert!(browser.path().await.starts_with("/sign-in?next="), "{}", browser.path().await);
    browser.send_form(&[("login", LOGIN), ("password", PASSWORD)]).await;
    assert_eq!(browser.path().await, "/account", "and back");
    assert_sound(&browser, "the account").await;
}
