//! The pages in a real browser. What they look like is kept in `tests/screenshots`.

mod capacity;
mod channels;
mod errors;
mod first_start;
mod hostile;
mod newcomer;
mod profiles;
mod shop;
mod without_scripts;

use seaworthy_tests::{Browser, Look};

/// Looks at a page in every way, keeps what it looks like, and has nothing to complain of.
async fn inspect(browser: &Browser, name: &str, path: &str) {
    for look in Look::ALL {
        browser.look(look).await;
        browser.visit(path).await;
        assert_eq!(browser.path().await, path, "{name} is not sent elsewhere");
        browser.screenshot(name, look).await;
        assert_sound(browser, &format!("{name} {look:?}")).await;
    }
    browser.look(Look::ALL[0]).await;
}

/// No script fails, nothing is missing or against the Content Security Policy, and nothing is cut off at the side.
async fn assert_sound(browser: &Browser, what: &str) {
    assert_eq!(browser.complaints().await, Vec::<String>::new(), "{what}");
    assert_eq!(browser.too_wide().await, Vec::<String>::new(), "{what}");
}
