//! A portal of its own for each test, and browsers that visit it.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Once,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use reqwest::{Method, RequestBuilder, StatusCode, header};
use seaworthy_catalog::{Actor, Person, Role, Scope, Scopes, SessionTerms};
use seaworthy_portal::{Clock, ServeSettings, Server, alerts::OutgoingSettings};
use tempfile::TempDir;

pub(crate) const PASSWORD: &str = "a plain passphrase";

/// A running portal whose clock the test drives.
pub(crate) struct Portal {
    pub(crate) server: Server,
    pub(crate) clock: DrivenClock,
    pub(crate) folder: TempDir,
}

#[derive(Clone)]
pub(crate) struct DrivenClock(Arc<AtomicI64>);

impl DrivenClock {
    fn at_noon() -> Self {
        let noon: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        Self(Arc::new(AtomicI64::new(noon.as_second())))
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap()
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_secs().try_into().unwrap(), Ordering::SeqCst);
    }
}

pub(crate) fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

pub(crate) fn settings(folder: &TempDir) -> ServeSettings {
    ServeSettings {
        listen: "127.0.0.1:0".parse().unwrap(),
        data: folder.path().join("data"),
        database_url: None,
        public_url: None,
        trust_proxy: false,
        retention_days: 14,
        outgoing: OutgoingSettings::default(),
    }
}

impl Portal {
    /// A portal that nobody has set up.
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut ServeSettings)) -> Self {
        let folder = TempDir::new().unwrap();
        let mut settings = settings(&folder);
        change(&mut settings);
        let clock = DrivenClock::at_noon();
        let driven = clock.clone();
        let server = Server::start_by(settings, Clock::driven(move || driven.now())).await.unwrap();
        Self { server, clock, folder }
    }

    /// A portal with its first admin, `ines`.
    pub(crate) async fn set_up() -> Self {
        let portal = Self::new().await;
        portal.make_first_admin().await;
        portal
    }

    pub(crate) async fn make_first_admin(&self) -> Person {
        let app = self.server.app();
        let hash = seaworthy_catalog::Passwords::default().hash(PASSWORD).await.unwrap();
        app.catalog().create_first_admin("Inês", "ines", &hash, &actor(), self.clock.now()).await.unwrap()
    }

    /// Somebody with this role, who has the same password as everybody here.
    pub(crate) async fn member(&self, login: &str, role: Role) -> Person {
        let catalog = self.server.app().catalog();
        let invitation = catalog.invite(login, login, role, &actor(), self.clock.now()).await.unwrap();
        let hash = seaworthy_catalog::Passwords::default().hash(PASSWORD).await.unwrap();
        catalog.accept_invitation(invitation.secret.reveal(), &hash, "", self.clock.now()).await.unwrap();
        invitation.person
    }

    /// A browser in which this person is signed in, without going through the sign-in page.
    pub(crate) async fn signed_in(&self, login: &str) -> Browser {
        let catalog = self.server.app().catalog();
        let credentials = catalog.credentials(login).await.unwrap().unwrap();
        let terms = SessionTerms {
            lasts: minutes(12 * 60),
            idle: minutes(120),
            address: "192.0.2.7".into(),
            user_agent: "test".into(),
        };
        let secret = catalog.start_session(&credentials, &terms, self.clock.now()).await.unwrap().unwrap();
        let mut browser = self.browser();
        browser.cookies.insert("seaworthy-session".into(), secret.reveal().into());
        browser
    }

    /// The portal of the same folder and clock, started once more.
    pub(crate) async fn restarted(self) -> Self {
        let Self { server, clock, folder } = self;
        server.stop().await;
        let driven = clock.clone();
        let clock_of_portal = Clock::driven(move || driven.now());
        let server = Server::start_by(settings(&folder), clock_of_portal).await.unwrap();
        Self { server, clock, folder }
    }

    /// A token that no person has made.
    pub(crate) async fn token(&self, scopes: &[Scope]) -> String {
        self.make_token(scopes, None).await
    }

    /// A token that somebody has made.
    pub(crate) async fn token_of(&self, login: &str, scopes: &[Scope]) -> String {
        let people = self.server.app().catalog().people().await.unwrap();
        let maker = people.iter().find(|person| person.login == login).unwrap();
        self.make_token(scopes, Some(maker.id)).await
    }

    async fn make_token(&self, scopes: &[Scope], maker: Option<i64>) -> String {
        let scopes = Scopes::new(scopes.iter().copied()).unwrap();
        let (catalog, now) = (self.server.app().catalog(), self.clock.now());
        let (_, secret) = catalog.create_token("t", scopes, maker, &actor(), now).await.unwrap();
        secret.reveal().to_owned()
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::at(format!("http://{}", self.server.address()))
    }
}

pub(crate) fn actor() -> Actor {
    Actor { login: "test".into(), address: String::new() }
}

/// Keeps cookies, follows nothing, and asks for HTML.
#[derive(Clone)]
pub(crate) struct Browser {
    client: reqwest::Client,
    pub(crate) base: String,
    pub(crate) cookies: BTreeMap<String, String>,
    /// The form token of the page seen last.
    pub(crate) form_token: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: header::HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn set_cookies(&self) -> Vec<&str> {
        self.headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap()).collect()
    }
}

impl Browser {
    /// A browser for the portal at this URL.
    pub(crate) fn at(base: String) -> Self {
        static TLS: Once = Once::new();
        TLS.call_once(|| {
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { client, base, cookies: BTreeMap::new(), form_token: String::new() }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.as_program(method, path)
            .header(header::ACCEPT, "text/html,*/*;q=0.8")
            .header(header::COOKIE, cookies.join("; "))
    }

    /// A request without cookies, by somebody who does not ask for HTML.
    pub(crate) fn as_program(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    pub(crate) async fn send(&mut self, request: RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let answer = Answer { status, headers, body: response.text().await.unwrap() };
        for cookie in answer.set_cookies() {
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        if let Some(token) = between(&answer.body, "name=\"form_token\" value=\"", "\"") {
            self.form_token = token.to_owned();
        }
        answer
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.get_by(Method::GET, path).await
    }

    pub(crate) async fn get_by(&mut self, method: Method, path: &str) -> Answer {
        let request = self.request(method, path);
        self.send(request).await
    }

    /// Sends a form with the token of the page seen last.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.form_token.clone();
        let mut all = vec![("form_token", token.as_str())];
        all.extend_from_slice(fields);
        let request = self.request(Method::POST, path).form(&all);
        self.send(request).await
    }

    pub(crate) async fn sign_in(&mut self, login: &str, password: &str) -> Answer {
        self.get("/sign-in").await;
        self.post("/sign-in", &[("login", login), ("password", password)]).await
    }
}

/// What stands between two texts, first time.
pub(crate) fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0)
}
