use reqwest::{Method, StatusCode};
use seaworthy_catalog::Role;

use crate::portal::{PASSWORD, Portal, between, minutes};

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_sees_pages_and_signs_out() {
    let portal = Portal::set_up().await;
    let mut browser = portal.browser();
    let answer = browser.get("/account").await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (StatusCode::SEE_OTHER, "/sign-in?next=%2Faccount")
    );

    let answer = browser.sign_in(" INES ", PASSWORD).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/"));
    let cookies = answer.set_cookies();
    let session = browser.cookies["seaworthy-session"].clone();
    assert_eq!(cookies, [format!("seaworthy-session={session}; Path=/; HttpOnly; SameSite=Lax")]);

    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
    let answer = browser.get("/sign-in?next=/account").await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (StatusCode::SEE_OTHER, "/account"),
        "is signed in"
    );

    browser.get("/account").await;
    let answer = browser.post("/sign-out", &[]).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/sign-in"));
    assert_eq!(answer.set_cookies(), ["seaworthy-session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"]);
    browser.cookies.insert("seaworthy-session".into(), session);
    assert_eq!(browser.get("/account").await.status, StatusCode::SEE_OTHER, "the session itself has ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn under_tls_cookies_are_secure_and_bound_to_the_host() {
    let portal = Portal::with(|s| s.public_url = Some("https://seaworthy.example/".parse().unwrap())).await;
    portal.make_first_admin().await;
    let mut browser = portal.browser();
    let shown = browser.get("/sign-in").await;
    assert_eq!(shown.header("strict-transport-security"), "max-age=31536000");
    assert!(shown.set_cookies()[0].starts_with("__Host-seaworthy-form="), "{:?}", shown.set_cookies());
    let answer = browser.post("/sign-in", &[("login", "ines"), ("password", PASSWORD), ("stay", "on")]).await;
    let cookie = answer.set_cookies()[0];
    assert!(cookie.starts_with("__Host-seaworthy-session="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=1209600"), "{cookie}");
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);

    let session = browser.cookies.remove("__Host-seaworthy-session").unwrap();
    browser.cookies.insert("seaworthy-session".into(), session);
    assert_eq!(
        browser.get("/account").await.status,
        StatusCode::SEE_OTHER,
        "a planted cookie is not looked at"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_after_two_idle_hours_and_after_twelve_at_most() {
    let portal = Portal::set_up().await;
    let mut browser = portal.browser();
    browser.sign_in("ines", PASSWORD).await;
    portal.clock.advance(minutes(119));
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
    portal.clock.advance(minutes(119));
    assert_eq!(browser.get("/account").await.status, StatusCode::OK, "use keeps it alive");
    portal.clock.advance(minutes(120));
    assert_eq!(browser.get("/account").await.status, StatusCode::SEE_OTHER, "idle for two hours");

    browser.sign_in("ines", PASSWORD).await;
    for _ in 0..11 {
        portal.clock.advance(minutes(60));
        assert_eq!(browser.get("/account").await.status, StatusCode::OK);
    }
    portal.clock.advance(minutes(60));
    assert_eq!(browser.get("/account").await.status, StatusCode::SEE_OTHER, "twelve hours are the most");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stays_signed_in_stays_for_fourteen_days() {
    let portal = Portal::set_up().await;
    let mut browser = portal.browser();
    browser.get("/sign-in").await;
    browser.post("/sign-in", &[("login", "ines"), ("password", PASSWORD), ("stay", "on")]).await;
    portal.clock.advance(minutes(14 * 24 * 60 - 1));
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
    portal.clock.advance(minutes(1));
    assert_eq!(browser.get("/account").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_sent_after_the_session_has_ended_changes_nothing_and_says_so() {
    let portal = Portal::set_up().await;
    let mut browser = portal.browser();
    browser.sign_in("ines", PASSWORD).await;
    browser.get("/settings/tokens").await;
    portal.clock.advance(minutes(120));
    let answer = browser.post("/settings/tokens", &[("name", "ci"), ("read", "on")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.body.contains("You are not signed in any more"), "{}", answer.body);
    assert_eq!(portal.server.app().catalog().tokens().await.unwrap(), []);

    let request = browser.request(Method::GET, "/account").header("hx-request", "true");
    let answer = browser.send(request).await;
    assert_eq!((answer.status, answer.header("hx-redirect")), (StatusCode::UNAUTHORIZED, "/sign-in"));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_signing_in_a_person_goes_to_pages_of_this_portal_only() {
    let portal = Portal::set_up().await;
    for (next, expected) in [
        ("/traces?service=reception", "/traces?service=reception"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/x\r\nSet-Cookie: a=b", "/xSet-Cookie:%20a=b"),
    ] {
        let mut browser = portal.browser();
        browser.get("/sign-in").await;
        let fields = [("login", "ines"), ("password", PASSWORD), ("next", next)];
        let answer = browser.post("/sign-in", &fields).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, expected), "{next:?}");
        assert_eq!(answer.set_cookies().len(), 1, "{next:?}");
    }
    let answer = portal.browser().get("/sign-in?next=%22%3E%3Cscript%3E").await;
    assert!(!answer.body.contains("<script>"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_wrong_the_answer_is_the_same() {
    let portal = Portal::set_up().await;
    let rui = portal.member("rui", Role::Viewer).await;
    let catalog = portal.server.app().catalog();
    catalog.disable_person(rui.id, &crate::portal::actor(), portal.clock.now()).await.unwrap();
    catalog.invite("Eva", "eva", Role::Viewer, &crate::portal::actor(), portal.clock.now()).await.unwrap();

    let mut answers = Vec::new();
    for (login, password) in
        [("ines", "a wrong passphrase"), ("nobody", PASSWORD), ("rui", PASSWORD), ("eva", ""), ("", "")]
    {
        let mut browser = portal.browser();
        let answer = browser.sign_in(login, password).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{login}");
        assert!(!browser.cookies.contains_key("seaworthy-session"), "{login}");
        assert_eq!(between(&answer.body, "id=\"login\"", "required").map(|f| f.contains(login)), Some(true));
        answers.push(
            answer
                .body
                .replace(&browser.form_token, "")
                .replace(&format!("\"username\" value=\"{login}\""), ""),
        );
    }
    assert!(
        answers[0].contains("Name or password is wrong. 4 tries left before a pause of 1 min."),
        "{}",
        answers[0]
    );
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    assert!(!answers[0].contains("a wrong passphrase"));
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_slowed_down_by_name_known_or_not() {
    let portal = Portal::set_up().await;
    for login in ["ines", "nobody"] {
        let mut browser = portal.browser();
        for left in ["4 tries left", "3 tries left", "2 tries left", "1 try left", "possible in 1 min"] {
            let answer = browser.sign_in(login, "wrong").await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN);
            assert!(answer.body.contains(left), "{left}: {}", answer.body);
        }
        let answer = browser.sign_in(login, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "even the right password waits");
        assert_eq!(answer.header("retry-after"), "60");
        assert!(answer.body.contains("Too many tries"), "{}", answer.body);
    }
    portal.clock.advance(minutes(1));
    let answer = portal.browser().sign_in("nobody", "wrong").await;
    assert!(answer.body.contains("possible in 2 min"), "the pause doubles: {}", answer.body);
    assert_eq!(portal.browser().sign_in("ines", PASSWORD).await.status, StatusCode::SEE_OTHER);
    for _ in 0..4 {
        let answer = portal.browser().sign_in("ines", "wrong").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "starts anew");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_guesses_at_once_do_not_slip_through() {
    let portal = Portal::set_up().await;
    let mut browser = portal.browser();
    browser.get("/sign-in").await;
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..30 {
        let mut browser = browser.clone();
        all.spawn(async move {
            browser.post("/sign-in", &[("login", "ines"), ("password", "wrong")]).await.status
        });
    }
    let statuses = all.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == StatusCode::FORBIDDEN).count(), 5, "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_slowed_down_by_address_whatever_the_names() {
    let portal = Portal::with(|s| s.trust_proxy = true).await;
    portal.make_first_admin().await;
    let mut browser = portal.browser();
    browser.get("/sign-in").await;
    for n in 0..21 {
        let token = browser.form_token.clone();
        let form = [("form_token", token), ("login", format!("name{n}")), ("password", "wrong".into())];
        // What a stranger writes into the header stands before what the proxy adds.
        let forged = format!("198.51.100.{n}, 203.0.113.5");
        let request = browser.request(Method::POST, "/sign-in").header("x-forwarded-for", forged).form(&form);
        let expected = if n < 20 { StatusCode::FORBIDDEN } else { StatusCode::TOO_MANY_REQUESTS };
        assert_eq!(browser.send(request).await.status, expected, "try {n}");
    }
    assert_eq!(portal.browser().sign_in("ines", PASSWORD).await.status, StatusCode::SEE_OTHER, "others may");
    let log = portal.server.app().catalog().audit_log(None, 2).await.unwrap();
    assert_eq!(log[0].action, "signed in");
    assert_eq!(
        (&*log[1].action, &*log[1].subject, &*log[1].address),
        ("failed to sign in", "unknown", "203.0.113.5")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_trusted_proxy_nobody_chooses_their_address() {
    let portal = Portal::set_up().await;
    let mut browser = portal.browser();
    browser.get("/sign-in").await;
    let form = [("form_token", browser.form_token.as_str()), ("login", "ines"), ("password", "wrong")];
    let request =
        browser.request(Method::POST, "/sign-in").header("x-forwarded-for", "198.51.100.1").form(&form);
    browser.send(request).await;
    let log = portal.server.app().catalog().audit_log(None, 1).await.unwrap();
    assert_eq!(log[0].address, "127.0.0.1");
}
