use reqwest::StatusCode;
use seaworthy_catalog::Role;

use crate::portal::{PASSWORD, Portal, between, minutes};

fn code_in(url: &str) -> &str {
    url.split_once("code=").unwrap().1
}

fn fields<'a>(code: &'a str, login: &'a str) -> [(&'static str, &'a str); 5] {
    [("code", code), ("name", "Inês"), ("login", login), ("password", PASSWORD), ("again", PASSWORD)]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_on_the_terminal_makes_the_first_admin_once() {
    let portal = Portal::new().await;
    let url = portal.server.set_up_url().await.unwrap().unwrap();
    let mut browser = portal.browser();
    let path = url.strip_prefix(&browser.base).expect("a URL of this portal").to_owned();
    let shown = browser.get(&path).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(shown.body.contains(&format!("value=\"{}\"", code_in(&url))), "the link fills in the code");

    let answer = browser.post("/set-up", &fields(code_in(&url), "Ines")).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/"), "{}", answer.body);
    assert_eq!(browser.get("/settings/people").await.status, StatusCode::OK, "signed in, as an admin");
    let people = portal.server.app().catalog().people().await.unwrap();
    assert_eq!(people.iter().map(|p| (&*p.login, p.role)).collect::<Vec<_>>(), [("ines", Role::Admin)]);

    assert_eq!(portal.server.set_up_url().await.unwrap(), None);
    let mut second = portal.browser();
    assert_eq!(second.get(&path).await.header("location"), "/sign-in");
    second.get("/sign-in").await;
    let answer = second.post("/set-up", &fields(code_in(&url), "eve")).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(portal.server.app().catalog().people().await.unwrap().len(), 1);
    assert_eq!(portal.browser().sign_in("ines", PASSWORD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_set_ups_that_race_one_makes_an_admin() {
    let portal = Portal::new().await;
    let url = portal.server.set_up_url().await.unwrap().unwrap();
    let mut browsers = [portal.browser(), portal.browser(), portal.browser(), portal.browser()];
    for browser in &mut browsers {
        browser.get("/set-up").await;
    }
    let mut all = tokio::task::JoinSet::new();
    for (n, mut browser) in browsers.into_iter().enumerate() {
        let code = code_in(&url).to_owned();
        all.spawn(async move { browser.post("/set-up", &fields(&code, &format!("racer{n}"))).await.status });
    }
    let mut statuses = all.join_all().await;
    statuses.sort_unstable();
    let conflict = StatusCode::CONFLICT;
    assert_eq!(statuses, [StatusCode::SEE_OTHER, conflict, conflict, conflict]);
    assert_eq!(portal.server.app().catalog().people().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_code_makes_nobody_and_guessing_it_is_slowed_down() {
    let portal = Portal::new().await;
    let url = portal.server.set_up_url().await.unwrap().unwrap();
    let mut browser = portal.browser();
    browser.get("/set-up").await;
    for n in 0..20 {
        let guess = if n == 0 { "" } else { "AAAA-BBBB-CCCC" };
        let answer = browser.post("/set-up", &fields(guess, "eve")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(answer.body.contains("This is not the code"), "{}", answer.body);
    }
    let answer = browser.post("/set-up", &fields(code_in(&url), "eve")).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "even the right code waits");
    assert!(portal.server.app().catalog().needs_set_up().await.unwrap());
    portal.clock.advance(minutes(1));
    let answer = browser.post("/set-up", &fields(code_in(&url), "ines")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_comes_back_beside_its_field_without_passwords() {
    let portal = Portal::new().await;
    let url = portal.server.set_up_url().await.unwrap().unwrap();
    let code = code_in(&url);
    let mut browser = portal.browser();
    browser.get("/set-up").await;
    for (field, changed, message) in [
        (
            "password",
            vec![("password", "short pass"), ("again", "short pass")],
            "must be at least 12 characters long",
        ),
        ("again", vec![("again", "another passphrase")], "The two passwords differ"),
        ("name", vec![("name", "  ")], "must be 1 to 255 bytes long"),
        ("login", vec![("login", "in es")], "must not hold white space"),
        ("login", vec![("login", "")], "must be 1 to 255 bytes long"),
    ] {
        let mut sent = fields(code, "<b>ines</b>");
        for (name, value) in &mut sent {
            if let Some((_, new)) = changed.iter().find(|(changed, _)| changed == name) {
                *value = new;
            }
        }
        let answer = browser.post("/set-up", &sent).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        let error = between(&answer.body, &format!("id=\"{field}-error\""), "</p>").unwrap_or_default();
        assert!(error.contains(message), "{field}: {error} in {}", answer.body);
        let input = between(&answer.body, &format!("<input id=\"{field}\""), ">").unwrap();
        assert!(
            input.contains("aria-invalid=\"true\"") && input.contains(&format!("{field}-error")),
            "{input}"
        );
        assert!(!answer.body.contains(PASSWORD) && !answer.body.contains("short pass"));
        assert!(!answer.body.contains("<b>ines"), "what was typed is text, not markup");
        assert!(answer.body.contains(code), "what was typed is kept");
        assert!(portal.server.app().catalog().people().await.unwrap().is_empty());
    }
}
