//! Starting and stopping.

use std::{fs, net::TcpListener};

use seaworthy_portal::{ServeSettings, Server};
use tempfile::TempDir;

use crate::portal::{PASSWORD, Portal, settings};

async fn refused(change: impl FnOnce(&mut ServeSettings)) -> String {
    let folder = TempDir::new().unwrap();
    let mut settings = settings(&folder);
    change(&mut settings);
    format!("{:#}", Server::start(settings).await.map(|_| ()).unwrap_err())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_a_portal_from_starting_is_told_with_its_remedy() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let error = refused(|s| s.listen = address).await;
    assert!(error.contains(&address.to_string()) && error.contains("--listen"), "{error}");

    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let error = refused(|s| s.data = folder.path().join("file")).await;
    assert!(error.contains("/file") && error.contains("--data"), "{error}");

    let error = refused(|s| s.database_url = Some("mysql://u:secret@h/d".into())).await;
    assert!(error.contains("--database-url") && error.contains("postgres://"), "{error}");
    assert!(!error.contains("secret"), "{error}");

    let portal = Portal::new().await;
    let error = refused(|s| s.data = portal.folder.path().join("data")).await;
    assert!(error.contains("used by another portal") && error.contains("--data"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_entered_is_there_after_a_restart_and_sessions_go_on() {
    let portal = Portal::set_up().await;
    let mut browser = portal.signed_in("ines").await;
    let Portal { server, clock, folder } = portal;
    server.stop().await;

    let driven = clock.clone();
    let again = seaworthy_portal::Clock::driven(move || driven.now());
    let server = Server::start_by(settings(&folder), again).await.unwrap();
    assert_eq!(server.set_up_url().await.unwrap(), None);
    let portal = Portal { server, clock, folder };
    browser.base = portal.browser().base;
    assert_eq!(browser.get("/account").await.status, 200);
    assert_eq!(portal.browser().sign_in("ines", PASSWORD).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_that_has_stopped_answers_nobody() {
    let portal = Portal::set_up().await;
    let address = portal.server.address();
    portal.server.stop().await;
    assert!(std::net::TcpStream::connect(address).is_err());
}
