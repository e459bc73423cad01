//! A portal to measure, and how what was measured is told.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use jiff::Timestamp;
use reqwest::{Client, StatusCode, header};
use seaworthy_catalog::{Actor, Catalog, Passwords, SessionTerms};
use seaworthy_portal::{Clock, ServeSettings, Server, alerts::OutgoingSettings};
use tempfile::TempDir;

/// A portal on stores of its own, by a clock that the bench drives, at first at noon.
pub(crate) struct Portal {
    pub(crate) server: Server,
    seconds: Arc<AtomicI64>,
    folder: TempDir,
}

impl Portal {
    pub(crate) async fn start() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        println!("{} cores", std::thread::available_parallelism().unwrap());
        let folder = TempDir::new().unwrap();
        let noon: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let seconds = Arc::new(AtomicI64::new(noon.as_second()));
        let settings = ServeSettings {
            listen: "127.0.0.1:0".parse().unwrap(),
            data: folder.path().join("data"),
            database_url: None,
            public_url: None,
            trust_proxy: false,
            outgoing: OutgoingSettings::default(),
            retention_days: 31,
        };
        let driven = seconds.clone();
        let clock = move || Timestamp::from_second(driven.load(Ordering::SeqCst)).unwrap();
        let server = Server::start_by(settings, Clock::driven(clock)).await.unwrap();
        Self { server, seconds, folder }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.server.app().clock().now()
    }

    /// The present minute since the epoch.
    #[allow(dead_code, reason = "not every bench needs it")]
    pub(crate) fn minute(&self) -> i64 {
        self.now().as_second() / 60
    }

    /// Where its stores are.
    #[allow(dead_code, reason = "not every bench needs it")]
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        self.server.app().catalog()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address())
    }

    /// How long a page takes, which must have one of these texts.
    pub(crate) async fn visit(
        &self,
        path: &str,
        cookie: &str,
        times: usize,
        texts: &[&str],
    ) -> Vec<Duration> {
        let (client, url) = (Client::new(), self.url(path));
        let mut visits = Vec::new();
        for _ in 0..times {
            let begun = Instant::now();
            let response = client.get(&url).header(header::COOKIE, cookie).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            let body = response.text().await.unwrap();
            visits.push(begun.elapsed());
            assert!(texts.iter().any(|text| body.contains(text)), "{path} has none of {texts:?}: {body}");
        }
        visits
    }

    /// The cookie of somebody who may look.
    pub(crate) async fn session(&self) -> String {
        let (catalog, now) = (self.catalog(), self.now());
        let hash = Passwords::default().hash("a plain passphrase").await.unwrap();
        catalog.create_first_admin("Inês", "ines", &hash, &actor(), now).await.unwrap();
        let credentials = catalog.credentials("ines").await.unwrap().unwrap();
        let terms = SessionTerms {
            lasts: Duration::from_secs(86_400),
            idle: Duration::from_secs(86_400),
            address: "192.0.2.7".into(),
            user_agent: "bench".into(),
        };
        let session = catalog.start_session(&credentials, &terms, now).await.unwrap().unwrap();
        format!("seaworthy-session={}", session.reveal())
    }

    #[allow(dead_code, reason = "not every bench needs it")]
    pub(crate) fn pass_a_minute(&self) {
        self.seconds.fetch_add(60, Ordering::SeqCst);
    }
}

pub(crate) fn actor() -> Actor {
    Actor { login: "bench".into(), address: String::new() }
}

/// One line of the table: a figure that is to stay within `aim`, where there is one.
pub(crate) fn report(what: &str, mut measured: Vec<Duration>, aim: Option<Duration>) {
    measured.sort_unstable();
    let ms = |duration: Duration| duration.as_secs_f64() * 1e3;
    let (p50, max) = (measured[measured.len() / 2], measured[measured.len() - 1]);
    let verdict =
        aim.map(|aim| format!("aim {:.0} ms: {}", ms(aim), if max <= aim { "met" } else { "missed" }));
    println!("{what:<58} p50 {:>9.1} ms  max {:>9.1} ms  {}", ms(p50), ms(max), verdict.unwrap_or_default());
}
