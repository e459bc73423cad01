//! Messages of alerts, from the outbox to receivers.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use seaworthy_catalog::{
    AlertChange, AlertOrigin, AlertState, AlertStatus, Channel, DeadLetter, Lease, OutboxMessage,
    RecordedAlert, Severity, WhichAlert,
};
use seaworthy_portal::{
    ServeSettings,
    alerts::{
        AddressGuard, ChannelSettings, Event, Hidden, MailSettings, Notice, NoticeLink, OutgoingSettings,
        Target,
    },
};
use seaworthy_slo::Severity as Urgency;

use crate::{
    portal::{Portal, actor, minutes},
    receivers::{MailServer, Receiver, endless, unfinished},
};

/// A portal that may reach receivers on this machine.
pub(crate) async fn portal() -> Portal {
    portal_with(None).await
}

async fn portal_with(mail: Option<MailSettings>) -> Portal {
    let guard = AddressGuard { allowed: vec!["127.0.0.0/8".parse().unwrap()], refuse_private: false };
    let outgoing = OutgoingSettings { guard, mail, patience: Duration::from_secs(3) };
    portal_like(|settings| {
        settings.outgoing = outgoing;
        settings.public_url = Some("http://seaworthy.example/".parse().unwrap());
    })
    .await
}

async fn portal_like(change: impl FnOnce(&mut ServeSettings)) -> Portal {
    let portal = Portal::with(change).await;
    // The portal's own rounds would find nothing behind the alerts of these tests, and end them.
    while lease(&portal).await.is_none() {
        portal.clock.advance(minutes(5));
    }
    portal
}

async fn lease(portal: &Portal) -> Option<Lease> {
    let now = portal.clock.now();
    let until = now.saturating_add(Duration::from_secs(365 * 86_400)).unwrap();
    portal.server.app().catalog().take_lease("evaluation", "test", until, now).await.unwrap()
}

pub(crate) fn webhook(url: &str) -> Target {
    Target::Webhook { url: Hidden::new(url), bearer: None, headers: Default::default() }
}

pub(crate) async fn channel(portal: &Portal, name: &str, target: Target) -> Channel {
    let settings = ChannelSettings { target, least_severity: Urgency::Ticket, services: vec![] };
    let definition = settings.definition().unwrap();
    let catalog = portal.server.app().catalog();
    catalog.create_channel(name, &definition, &actor(), portal.clock.now()).await.unwrap()
}

fn notice(portal: &Portal, event: Event, title: &str) -> Notice {
    let resolved_at = (event == Event::Resolved).then(|| portal.clock.now());
    Notice {
        event,
        name: "SloBurnRate".into(),
        severity: Urgency::Page,
        service: "reception".into(),
        slo: Some("orders-availability".into()),
        title: title.into(),
        summary: "417 of 2,000 requests failed.".into(),
        started_at: "2026-11-20T11:50:00Z".parse().unwrap(),
        resolved_at,
        links: vec![NoticeLink { title: "Runbook".into(), href: "https://wiki.example/orders".into() }],
    }
}

/// An alert of this name fires, and is to be told in these channels.
pub(crate) async fn fires(portal: &Portal, name: &str, channels: &[i64]) -> RecordedAlert {
    let origin = AlertOrigin {
        key: name.into(),
        slo: Some("orders-availability".into()),
        service: "reception".into(),
        started_at: portal.clock.now(),
    };
    let notice = notice(portal, Event::Fired, name);
    change(portal, WhichAlert::New(origin), AlertState::Firing, &notice, channels).await
}

/// It is over.
pub(crate) async fn resolves(portal: &Portal, alert: RecordedAlert, name: &str, channels: &[i64]) {
    let known = WhichAlert::Known { id: alert.id, version: alert.version };
    let notice = notice(portal, Event::Resolved, name);
    change(portal, known, AlertState::Resolved, &notice, channels).await;
}

async fn change(
    portal: &Portal,
    alert: WhichAlert,
    state: AlertState,
    notice: &Notice,
    channels: &[i64],
) -> RecordedAlert {
    let (catalog, now) = (portal.server.app().catalog(), portal.clock.now());
    let lease = lease(portal).await.unwrap();
    let payload = notice.to_payload().unwrap();
    let status = AlertStatus {
        state,
        severity: Severity::Page,
        fired_at: Some(now),
        acknowledged: None,
        resolved_at: (state == AlertState::Resolved).then_some(now),
        details: "{}".into(),
    };
    let messages = channels.iter().map(|channel| (*channel, payload.clone())).collect();
    let change = AlertChange { alert, status, messages };
    catalog.record_alerts(&lease, &[change], now).await.unwrap()[0].unwrap()
}

async fn message(portal: &Portal, alert: RecordedAlert) -> OutboxMessage {
    portal.server.app().catalog().alert_messages(alert.id).await.unwrap().remove(0)
}

async fn dead(portal: &Portal) -> Vec<DeadLetter> {
    portal.server.app().catalog().dead_letters(100).await.unwrap()
}

/// Lets time pass in steps, and delivers after each.
async fn pass(portal: &Portal, time: Duration, step: Duration) {
    let mut passed = Duration::ZERO;
    while passed < time {
        portal.clock.advance(step);
        portal.server.deliver().await.unwrap();
        passed += step;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_gets_what_alertmanager_would_send() {
    let (portal, receiver) = (portal().await, Receiver::new().await);
    let target = Target::Webhook {
        url: Hidden::new(receiver.url()),
        bearer: Some(Hidden::new("s3cret")),
        headers: [("X-Team".to_owned(), Hidden::new("shop"))].into(),
    };
    let on_call = channel(&portal, "on-call", target).await.id;
    let alert = fires(&portal, "orders", &[on_call]).await;
    portal.clock.advance(minutes(7));
    resolves(&portal, alert, "orders", &[on_call]).await;
    portal.server.deliver().await.unwrap();

    let [fired, resolved] = &receiver.received()[..] else { panic!("{:?}", receiver.received()) };
    for (name, value) in [
        ("authorization", "Bearer s3cret"),
        ("x-team", "shop"),
        ("content-type", "application/json"),
        ("user-agent", concat!("Seaworthy/", env!("CARGO_PKG_VERSION"))),
    ] {
        assert_eq!(fired.header(name), value);
    }
    assert_ne!(fired.header("idempotency-key"), resolved.header("idempotency-key"));
    let fields = |body: &serde_json::Value| {
        let [name, status, version, receiver] = ["receiver", "status", "version", "externalURL"]
            .map(|field| body[field].as_str().unwrap().to_owned());
        (name, status, version, receiver)
    };
    let url = "http://seaworthy.example".to_owned();
    assert_eq!(fields(&fired.body), ("on-call".into(), "firing".into(), "4".into(), url.clone()));
    assert_eq!(fields(&resolved.body), ("on-call".into(), "resolved".into(), "4".into(), url.clone()));
    let told = &fired.body["alerts"][0];
    assert_eq!(told["generatorURL"], format!("{url}/alerts/{}", alert.id));
    assert_eq!(told["annotations"]["runbook_url"], "https://wiki.example/orders");
    let acknowledge = told["annotations"]["acknowledge_url"].as_str().unwrap();
    assert!(acknowledge.starts_with(&format!("{url}/ack/{}.{on_call}.", alert.id)), "{acknowledge}");
    assert!(message(&portal, alert).await.delivered_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_was_down_for_an_hour_gets_everything_in_order() {
    let portal = portal().await;
    let address = Receiver::nobody().await;
    let on_call = channel(&portal, "on-call", webhook(&format!("http://{address}/"))).await.id;
    let mut open = Vec::new();
    for minute in 0..60 {
        let name = format!("alert-{minute}");
        open.push((fires(&portal, &name, &[on_call]).await, name));
        pass(&portal, minutes(1), minutes(1)).await;
        if minute % 3 == 0 {
            let (alert, name) = open.remove(0);
            resolves(&portal, alert, &name, &[on_call]).await;
        }
    }
    assert_eq!(dead(&portal).await, []);
    let error = message(&portal, open[0].0).await.last_error.unwrap();
    assert!(error.contains("could not be reached") || error.contains("waits until"), "{error}");

    let receiver = Receiver::at(address).await;
    pass(&portal, minutes(12), Duration::from_secs(20)).await;
    let (titles, states) = (receiver.told("/commonAnnotations/summary"), receiver.told("/status"));
    for minute in 0..60 {
        let name = format!("alert-{minute}");
        let of = titles.iter().zip(&states).filter(|(title, _)| **title == name);
        let states: Vec<&str> = of.map(|(_, state)| &**state).collect();
        let expected: &[&str] = if minute < 20 { &["firing", "resolved"] } else { &["firing"] };
        assert_eq!(states, expected, "{name}");
    }
    assert_eq!(titles.len(), 80);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_comes_twice_has_the_same_id() {
    let (portal, receiver) = (portal().await, Receiver::new().await);
    let on_call = channel(&portal, "on-call", webhook(&receiver.url())).await.id;
    // It took the letter, and says that it did not.
    receiver.will(|| StatusCode::BAD_GATEWAY);
    fires(&portal, "orders", &[on_call]).await;
    pass(&portal, minutes(1), Duration::from_secs(5)).await;
    let ids: Vec<_> = receiver.received().iter().map(|r| r.header("idempotency-key").to_owned()).collect();
    assert!(ids.len() == 2 && ids[0] == ids[1] && !ids[0].is_empty(), "{ids:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_receiver_refuses_is_soon_a_dead_letter_and_what_comes_after_it_is_told() {
    let (portal, receiver) = (portal().await, Receiver::new().await);
    let on_call = channel(&portal, "on-call", webhook(&receiver.url())).await.id;
    for _ in 0..5 {
        receiver.will(|| (StatusCode::NOT_FOUND, "no_service\nfor you"));
    }
    let alert = fires(&portal, "orders", &[on_call]).await;
    resolves(&portal, alert, "orders", &[on_call]).await;
    pass(&portal, minutes(2), Duration::from_secs(5)).await;
    let [letter] = &dead(&portal).await[..] else { panic!("{:?}", dead(&portal).await) };
    let error = letter.message.last_error.clone().unwrap();
    assert_eq!(error, "127.0.0.1 answered 404 Not Found: no_service for you");
    assert_eq!(receiver.told("/status"), ["firing", "firing", "firing", "firing", "firing", "resolved"]);
    assert!(letter.overtaken);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_asks_for_time_gets_it() {
    let (portal, receiver) = (portal().await, Receiver::new().await);
    let on_call = channel(&portal, "on-call", webhook(&receiver.url())).await.id;
    receiver.will(|| (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "600")]));
    fires(&portal, "orders", &[on_call]).await;
    pass(&portal, minutes(9), minutes(1)).await;
    assert_eq!(receiver.received().len(), 1);
    pass(&portal, minutes(2), minutes(1)).await;
    assert_eq!(receiver.received().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn this_machine_is_no_receiver_unless_its_operator_says_so() {
    let (portal, receiver) = (portal_like(|_| {}).await, Receiver::new().await);
    let port = receiver.address.port();
    for (name, url, told) in [
        ("literal", format!("http://127.0.0.1:{port}/"), "127.0.0.1 is a loopback address"),
        ("decimal", format!("http://2130706433:{port}/"), "127.0.0.1 is a loopback address"),
        ("mapped", format!("http://[::ffff:127.0.0.1]:{port}/"), "127.0.0.1 is a loopback address"),
        ("name", format!("http://localhost:{port}/"), "is a loopback address"),
        ("unspecified", format!("http://0.0.0.0:{port}/"), "0.0.0.0 is no address to send to"),
        ("metadata", "http://169.254.169.254/latest".into(), "169.254.169.254 is a link-local address"),
    ] {
        let id = channel(&portal, name, webhook(&url)).await.id;
        let alert = fires(&portal, name, &[id]).await;
        portal.server.deliver().await.unwrap();
        let error = message(&portal, alert).await.last_error.unwrap();
        assert!(error.contains(told) && error.contains("--allow-outgoing "), "{name}: {error}");
    }
    pass(&portal, minutes(2), Duration::from_secs(10)).await;
    assert_eq!(dead(&portal).await.len(), 6);
    assert!(receiver.received().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sent_elsewhere() {
    let (portal, receiver, elsewhere) = (portal().await, Receiver::new().await, Receiver::new().await);
    let on_call = channel(&portal, "on-call", webhook(&receiver.url())).await.id;
    let to = elsewhere.url();
    receiver.will(move || (StatusCode::TEMPORARY_REDIRECT, [("location", to)]));
    let alert = fires(&portal, "orders", &[on_call]).await;
    portal.server.deliver().await.unwrap();
    let error = message(&portal, alert).await.last_error.unwrap();
    assert!(error.contains("307") && error.contains("redirects are not followed"), "{error}");
    assert!(elsewhere.received().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_without_end_do_no_harm() {
    let (portal, receiver) = (portal().await, Receiver::new().await);
    let on_call = channel(&portal, "on-call", webhook(&receiver.url())).await.id;
    receiver.will(endless);
    receiver.will(unfinished);
    receiver.will(|| vec![b'x'; 10_000_000]);
    receiver.will(|| (StatusCode::BAD_REQUEST, endless()));
    receiver.will(|| (StatusCode::BAD_REQUEST, unfinished()));
    receiver.will(|| (StatusCode::BAD_REQUEST, vec![b'\0'; 10_000_000]));
    let began = Instant::now();
    let mut errors = Vec::new();
    for index in 0..6 {
        let alert = fires(&portal, &format!("a{index}"), &[on_call]).await;
        portal.server.deliver().await.unwrap();
        let message = message(&portal, alert).await;
        assert_eq!(message.delivered_at.is_some(), index < 3, "{index}");
        errors.extend(message.last_error);
    }
    assert!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
    assert_eq!(errors[0], format!("127.0.0.1 answered 400 Bad Request: {}", "x".repeat(200)));
    assert_eq!(errors[1], "127.0.0.1 answered 400 Bad Request: wait");
    assert_eq!(errors[2], "127.0.0.1 answered 400 Bad Request");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_hangs_holds_up_no_other() {
    let (portal, receiver) = (portal().await, Receiver::new().await);
    // Connections are taken, and nothing is ever said.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hung = webhook(&format!("http://{}/", silent.local_addr().unwrap()));
    let hung = channel(&portal, "hung", hung).await.id;
    let fine = channel(&portal, "fine", webhook(&receiver.url())).await.id;
    for index in 0..60 {
        fires(&portal, &format!("hung-{index}"), &[hung]).await;
    }
    let began = Instant::now();
    portal.server.deliver().await.unwrap();
    // All that were under way at once are given up at once, and then one at a time is tried.
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    for index in 0..5 {
        fires(&portal, &format!("fine-{index}"), &[fine]).await;
    }
    portal.clock.advance(minutes(10));
    let began = Instant::now();
    let delivery = portal.server.deliver();
    let arrival =
        crate::receivers::until("the other receiver has its letters", || receiver.received().len() == 5);
    let (delivered, ()) = tokio::join!(delivery, async {
        arrival.await;
        assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    });
    delivered.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn slack_gets_a_message() {
    let (portal, receiver) = (portal().await, Receiver::new().await);
    let team = channel(&portal, "team", Target::Slack { url: Hidden::new(receiver.url()) }).await.id;
    fires(&portal, "orders", &[team]).await;
    portal.server.deliver().await.unwrap();
    assert_eq!(receiver.told("/attachments/0/title"), ["Page: orders"]);
    let text = receiver.told("/attachments/0/text").remove(0);
    assert!(
        text.contains("|Acknowledge>") && text.contains("<https://wiki.example/orders|Runbook>"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_of_an_alert_is_one_conversation() {
    let server = MailServer::new(&["451 greylisted, come again"]).await;
    let url = format!("smtp://{}", server.address);
    let portal = portal_with(Some(MailSettings::new(&url, "Seaworthy <sea@shop.example>").unwrap())).await;
    let to = vec!["a@shop.example".into(), "b@shop.example".into()];
    let mail = channel(&portal, "mail", Target::Email { to }).await.id;
    let alert = fires(&portal, "orders", &[mail]).await;
    portal.server.deliver().await.unwrap();
    let error = message(&portal, alert).await.last_error.unwrap();
    assert!(error.contains("did not take it") && error.contains("greylisted"), "{error}");
    resolves(&portal, alert, "orders", &[mail]).await;
    pass(&portal, minutes(1), Duration::from_secs(10)).await;

    let [fired, resolved] = &server.mails()[..] else { panic!("{:?}", server.mails()) };
    assert!(fired.starts_with("MAIL FROM:<sea@shop.example>"), "{fired}");
    assert!(fired.contains("RCPT TO:<a@shop.example>\r\nRCPT TO:<b@shop.example>\r\n"), "{fired}");
    let header = |mail: &str, name: &str| {
        let line = mail.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")).map(str::to_owned));
        line.unwrap_or_else(|| panic!("{name} is not in {mail}"))
    };
    assert_eq!(header(fired, "Subject"), "Page: orders");
    assert_eq!(header(resolved, "Subject"), "Resolved: orders");
    assert_eq!(header(fired, "References"), header(resolved, "References"));
    assert_ne!(header(fired, "Message-ID"), header(resolved, "Message-ID"));
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_without_a_server_waits_for_one_and_mail_that_is_refused_does_not() {
    let portal = portal().await;
    let mail = |name: &'static str| {
        let target = Target::Email { to: vec!["a@shop.example".into()] };
        let portal = &portal;
        async move { channel(portal, name, target).await.id }
    };
    let alert = fires(&portal, "orders", &[mail("mail").await]).await;
    pass(&portal, minutes(10), minutes(1)).await;
    let message = message(&portal, alert).await;
    assert!(message.dead_at.is_none() && message.last_error.unwrap().contains("--smtp-url"));

    let server = MailServer::new(&["550 no such person"; 5]).await;
    let url = format!("smtp://{}", server.address);
    let portal = portal_with(Some(MailSettings::new(&url, "sea@shop.example").unwrap())).await;
    let target = Target::Email { to: vec!["nobody@shop.example".into()] };
    let id = channel(&portal, "mail", target).await.id;
    fires(&portal, "orders", &[id]).await;
    pass(&portal, minutes(2), Duration::from_secs(5)).await;
    let letter = dead(&portal).await.remove(0);
    assert!(letter.message.last_error.unwrap().contains("550"), "{:?}", letter.alert_key);
}
