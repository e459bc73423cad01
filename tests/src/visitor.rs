//! A person at the portal's forms.

use std::collections::BTreeMap;

use reqwest::{Method, RequestBuilder, StatusCode, header};

use crate::{Answer, Client};

/// What a browser does for forms, and no more: keeps cookies, and the form token of the page seen last.
#[derive(Clone, Debug)]
pub struct Visitor {
    client: Client,
    /// By name.
    pub cookies: BTreeMap<String, String>,
    /// The form token of the page seen last.
    pub form_token: String,
}

impl Visitor {
    /// Somebody who has never been there.
    pub fn new(base: &str) -> Self {
        Self { client: Client::new(base, None), cookies: BTreeMap::new(), form_token: String::new() }
    }

    /// Looks at a page.
    pub async fn get(&mut self, path: &str) -> Answer {
        let request = self.request(Method::GET, path);
        self.send(request).await
    }

    /// Sends a form, with the token of the page seen last.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.form_token.clone();
        let fields: Vec<_> = [("form_token", token.as_str())].iter().chain(fields).copied().collect();
        let request = self.request(Method::POST, path).form(&fields);
        self.send(request).await
    }

    /// Signs in, which must work.
    pub async fn sign_in(&mut self, login: &str, password: &str) {
        self.get("/sign-in").await;
        let answer = self.post("/sign-in", &[("login", login), ("password", password)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    }

    /// Makes the first admin with the code from the terminal, and is signed in as them.
    pub async fn set_up(&mut self, code: &str, login: &str, password: &str) {
        self.get("/set-up").await;
        let person = [("name", "Inês Prata"), ("login", login), ("password", password), ("again", password)];
        let fields: Vec<_> = [("code", code)].into_iter().chain(person).collect();
        let answer = self.post("/set-up", &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    }

    /// Makes a token with this scope (`ingest` or `read`) and reads it from the page.
    pub async fn make_token(&mut self, scope: &str) -> String {
        self.get("/settings/tokens").await;
        let answer = self.post("/settings/tokens", &[("name", "tests"), (scope, "on")]).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let page = answer.text();
        let (_, shown) = page.split_once("id=\"new-token\"").expect("the token is shown");
        between(shown, ">", "<").expect("the token stands in an element").to_owned()
    }

    /// A request with the cookies, to add to.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.client
            .request(method, path)
            .header(header::ACCEPT, "text/html")
            .header(header::COOKIE, cookies.join("; "))
    }

    /// Sends it, and keeps what a browser would keep.
    pub async fn send(&mut self, request: RequestBuilder) -> Answer {
        let answer = Answer::to(request).await;
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), rest.split(';').next().unwrap().to_owned());
        }
        if let Some(token) = between(&answer.text(), "name=\"form_token\" value=\"", "\"") {
            self.form_token = token.to_owned();
        }
        answer
    }
}

/// What stands between two texts, first time.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0)
}
