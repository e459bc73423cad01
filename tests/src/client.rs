//! A program that speaks HTTP to the portal, with a token or without.

use std::sync::Once;

use prost::Message;
use reqwest::{Method, RequestBuilder, StatusCode, header::HeaderMap};
use serde_json::Value;

/// reqwest asks for it even where there is none to speak.
pub(crate) fn provide_tls() {
    static TLS: Once = Once::new();
    TLS.call_once(|| {
        // Another part of this process may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

/// Calls the portal. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
}

impl Client {
    /// A client for the portal at this URL: `http://127.0.0.1:4680`.
    pub fn new(base: impl Into<String>, token: Option<&str>) -> Self {
        provide_tls();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { http, base: base.into(), token: token.map(str::to_owned) }
    }

    /// A request to add to.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// What is at this path, whatever it is.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::to(self.request(Method::GET, path)).await
    }

    /// The JSON at this path, which must be there.
    pub async fn json(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
        answer.json()
    }

    /// Sends a body of this content type.
    pub async fn post(&self, path: &str, content_type: &str, body: impl Into<reqwest::Body>) -> Answer {
        let request = self.request(Method::POST, path).header("content-type", content_type);
        Answer::to(request.body(body)).await
    }

    /// Sends an OTLP message in protobuf. An error is one of the connection, not an answer.
    pub async fn export(&self, path: &str, message: &impl Message) -> Result<Answer, reqwest::Error> {
        let request = self.request(Method::POST, path).header("content-type", "application/x-protobuf");
        Answer::or_error(request.body(message.encode_to_vec())).await
    }
}

impl Answer {
    /// The answer to a request, which must come.
    pub async fn to(request: RequestBuilder) -> Self {
        Self::or_error(request).await.unwrap()
    }

    async fn or_error(request: RequestBuilder) -> Result<Self, reqwest::Error> {
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Self { status, headers, body: response.bytes().await?.to_vec() })
    }

    /// A header, empty where it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}
