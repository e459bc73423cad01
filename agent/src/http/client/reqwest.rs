//! The extension of reqwest.

use http::Uri;
use reqwest::{Error, RequestBuilder, Response};
use tracing::Instrument;

use super::call::Call;
use crate::Handle;

/// Sends requests of a [`reqwest::Client`] so that they are traced and measured.
pub trait SendTraced: Sized {
    /// Sends the request as `send` does, with a client span whose context the server gets, and measured as
    /// `http.client.request.duration`. See [`Handle::client_layer`] for what counts as an error.
    ///
    /// ```no_run
    /// use seaworthy_agent::http::SendTraced;
    /// # async fn order(agent: seaworthy_agent::Handle, http: reqwest::Client) -> reqwest::Result<()> {
    /// http.post("http://barista.example/brews").body("espresso").send_traced(&agent).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Those of `send`.
    fn send_traced(self, agent: &Handle) -> impl Future<Output = Result<Response, Error>> + Send;
}

impl SendTraced for RequestBuilder {
    async fn send_traced(self, agent: &Handle) -> Result<Response, Error> {
        let (http, request) = self.build_split();
        let mut request = request?;
        let (method, url) = (request.method().clone(), request.url().as_str().parse::<Uri>());
        // What reqwest takes for a URL but http does not is sent all the same, and measured as going nowhere.
        let url = url.unwrap_or_default();
        let call = Call::begin(&agent.shared.outgoing, &method, &url, request.headers_mut());
        let result = http.execute(request).instrument(call.span().clone()).await;
        match &result {
            Ok(answer) => call.answered(answer.status()),
            Err(error) => call.failed(error_type(error), &without_url(error)),
        }
        result
    }
}

/// Few words, because every one is a series of its own.
fn error_type(error: &Error) -> &'static str {
    if error.is_timeout() {
        "timeout"
    } else if error.is_connect() {
        "connect"
    } else if error.is_redirect() {
        "redirect"
    } else if error.is_body() {
        "body"
    } else {
        "_OTHER"
    }
}

/// The causes alone: reqwest's own text has the whole URL in it, with the secrets of its query.
fn without_url(error: &Error) -> String {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    let causes: Vec<String> = causes.map(ToString::to_string).collect();
    if causes.is_empty() { error_type(error).to_owned() } else { causes.join(": ") }
}
