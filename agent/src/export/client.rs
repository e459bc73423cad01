//! Speaks HTTP to the portal, or to any other OTLP backend.

use std::{path::Path, time::SystemTime};

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};

use super::{
    Answer, Compression, Endpoint, Payload,
    tls::{self, Trust, UnusableCertificate},
};

/// More of an answer than this is not read.
const LONGEST_ANSWER: usize = 64 << 10;

/// Posts requests. Its own doings are not traced, because it is used on the agent's own thread only.
#[derive(Clone, Debug)]
pub(crate) struct Client(reqwest::Client);

impl Client {
    /// A client for these endpoints. `authorities` is a file of certificates to trust instead of the system's.
    pub(crate) fn new(
        endpoints: &[&Endpoint],
        authorities: Option<&Path>,
    ) -> Result<Self, UnusableCertificate> {
        let trust = match authorities {
            Some(path) => Trust::of_file(path)?,
            None if endpoints.iter().any(|endpoint| endpoint.url.scheme() == "https") => Trust::System,
            None => Trust::Nobody,
        };
        let unusable = |error: &dyn std::fmt::Display| UnusableCertificate(error.to_string());
        let tls = tls::config(trust).map_err(|error| unusable(&error))?;
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")));
        // A proxy for the outside world is not meant for this machine.
        if endpoints.iter().all(|endpoint| endpoint.is_loopback()) {
            builder = builder.no_proxy();
        }
        Ok(Self(builder.build().map_err(|error| unusable(&error))?))
    }

    /// Tries once. Whatever keeps the request from arriving may be over later.
    pub(crate) async fn post(&self, endpoint: &Endpoint, payload: &Payload) -> Answer {
        match self.exchange(endpoint, payload).await {
            Ok(answer) => answer,
            Err(error) => Answer::Later { after: None, why: chain(&error.without_url()) },
        }
    }

    async fn exchange(&self, endpoint: &Endpoint, payload: &Payload) -> reqwest::Result<Answer> {
        let mut request = self
            .0
            .post(endpoint.url.clone())
            .timeout(endpoint.timeout)
            .headers(endpoint.headers.clone())
            .header(CONTENT_TYPE, payload.content.media_type());
        if payload.compression == Compression::Gzip {
            request = request.header(CONTENT_ENCODING, "gzip");
        }
        let mut response = request.body(payload.body.clone()).send().await?;
        let body = beginning(&mut response).await?;
        Ok(Answer::of(response.status(), response.headers(), body, SystemTime::now()))
    }
}

async fn beginning(response: &mut reqwest::Response) -> reqwest::Result<Bytes> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await? {
        let room = LONGEST_ANSWER - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == LONGEST_ANSWER {
            break;
        }
    }
    Ok(body.freeze())
}

/// An error with its causes, because the outermost only says that sending failed.
fn chain(error: &dyn std::error::Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        said = format!("{said}: {inner}");
        cause = inner.source();
    }
    said
}
