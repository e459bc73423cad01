//! Speaks HTTP to receivers of messages, and to services that are looked at from outside.

use std::{net::IpAddr, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::Timestamp;
use reqwest::{
    Client, Response,
    dns::{Name, Resolve, Resolving},
    redirect::Policy,
};
use url::{Host, Url};

use super::{
    AddressGuard, RefusedAddress,
    failure::{Failure, FailureKind, causes, root_cause},
};

const CONNECT_PATIENCE: Duration = Duration::from_secs(5);
/// Of what a receiver says when it refuses, so much is read and told.
const REASON_BYTES: usize = 200;
const REASON_PATIENCE: Duration = Duration::from_secs(2);

/// Dials by HTTP what is not guarded.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    guard: Arc<AddressGuard>,
    patience: Duration,
    /// Or why there is none.
    client: Result<Client, String>,
}

impl Http {
    pub(crate) fn new(guard: AddressGuard, patience: Duration) -> Self {
        let guard = Arc::new(guard);
        // Reqwest leaves the choice of a TLS library to the program. An error says that it is made already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(concat!("Seaworthy/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(GuardedResolver(guard.clone()))
            // Who redirects could lead to a guarded address, and a proxy is asked for names instead of addresses.
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_PATIENCE)
            .timeout(patience)
            .build()
            .map_err(|error| root_cause(&error));
        Self { guard, patience, client }
    }

    /// Posts JSON, and is content when the receiver says that it has taken it.
    pub(crate) async fn json(&self, url: &str, headers: HeaderMap, body: Bytes) -> Result<(), Failure> {
        let (client, url, host) = self.dial(url)?;
        let request =
            client.post(url).header(header::CONTENT_TYPE, "application/json").headers(headers).body(body);
        match request.send().await {
            Ok(response) => judge(&host, response).await,
            Err(error) => Err(unsent(&host, self.patience, error)),
        }
    }

    /// Asks for a page within a time, and says with which status it was answered. Redirects are not followed, and the body is
    /// not read. Each time the host is connected to anew: a connection that is kept says nothing of those that others make.
    pub(crate) async fn get(&self, url: &str, patience: Duration) -> Result<StatusCode, Failure> {
        let (client, url, host) = self.dial(url)?;
        let patience = patience.min(self.patience);
        let request = client.get(url).header(header::CONNECTION, "close").timeout(patience);
        match request.send().await {
            Ok(response) => Ok(response.status()),
            Err(error) => Err(unsent(&host, patience, error)),
        }
    }

    /// The client, the address as it is dialled, and its host.
    fn dial(&self, url: &str) -> Result<(&Client, Url, String), Failure> {
        let client = self.client.as_ref().map_err(|error| {
            Failure::passing(format!(
                "nothing can be sent by HTTP: {error}; install the package ca-certificates"
            ))
        })?;
        let url = Url::parse(url)
            .map_err(|error| Failure::hopeless(format!("the address cannot be read: {error}")))?;
        // A name is checked when it is resolved; an address is never resolved.
        if let Some(address) = literal(&url) {
            self.guard.check(address).map_err(|refused| Failure::refused(refused.to_string()))?;
        }
        let host = url.host_str().unwrap_or_default().to_owned();
        Ok((client, url, host))
    }
}

fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(v4) => Some(v4.into()),
        Host::Ipv6(v6) => Some(v6.into()),
        Host::Domain(_) => None,
    }
}

/// Resolves names to those of their addresses that may be dialled. These are then connected to, so that a name which
/// means something else a moment later gains nothing.
struct GuardedResolver(Arc<AddressGuard>);

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.0.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let (mut dialled, mut refused) = (Vec::new(), None);
            for address in found {
                match guard.check(address.ip()) {
                    Ok(()) => dialled.push(address),
                    Err(error) => refused = Some(error),
                }
            }
            match refused {
                Some(refused) if dialled.is_empty() => Err(refused.into()),
                _ => Ok(Box::new(dialled.into_iter()) as reqwest::dns::Addrs),
            }
        })
    }
}

/// What an answer means. The body of a good one is of no interest, however long it may be.
async fn judge(host: &str, response: Response) -> Result<(), Failure> {
    let status = response.status();
    if status.is_success() {
        return Ok(());
    }
    let kind = match status {
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => {
            FailureKind::Passing(wait(response.headers(), Timestamp::now()))
        }
        _ if status.is_server_error() => FailureKind::Passing(wait(response.headers(), Timestamp::now())),
        _ => FailureKind::Refused,
    };
    let hint = if status.is_redirection() {
        "; redirects are not followed: write the final address into the channel".to_owned()
    } else {
        reason(response).await
    };
    Err(Failure { kind, words: format!("{host} answered {status}{hint}") })
}

/// What `Retry-After` says, as seconds or as a date.
fn wait(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER).and_then(|value: &HeaderValue| value.to_str().ok())?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = Timestamp::try_from(httpdate::parse_http_date(text).ok()?).ok()?;
    Some(Duration::try_from(at.duration_since(now)).unwrap_or_default())
}

/// What the receiver says to it: the beginning, in one line.
async fn reason(mut response: Response) -> String {
    let mut body = BytesMut::new();
    let read = async {
        while let Ok(Some(chunk)) = response.chunk().await {
            body.extend_from_slice(chunk.get(..REASON_BYTES).unwrap_or(&chunk));
            if body.len() >= REASON_BYTES {
                break;
            }
        }
    };
    // What came until then is told.
    let _ = tokio::time::timeout(REASON_PATIENCE, read).await;
    let text = String::from_utf8_lossy(&body);
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    let line = words.join(" ");
    match line.get(..line.floor_char_boundary(REASON_BYTES)) {
        Some("") | None => String::new(),
        Some(line) => format!(": {line}"),
    }
}

/// Why there is no answer. The address may be a secret: of it only the host is told.
fn unsent(host: &str, patience: Duration, error: reqwest::Error) -> Failure {
    let error = error.without_url();
    if let Some(refused) = causes(&error).find_map(|cause| cause.downcast_ref::<RefusedAddress>()) {
        return Failure::refused(format!("{host} leads to an address that is guarded: {refused}"));
    }
    if error.is_timeout() {
        let patience = if error.is_connect() { CONNECT_PATIENCE.min(patience) } else { patience };
        return Failure::passing(format!("{host} did not answer within {} s", patience.as_secs()));
    }
    Failure::passing(format!("{host} could not be reached: {}", root_cause(&error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = "2026-11-20T12:00:00Z".parse().unwrap();
        for (text, seconds) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Fri, 20 Nov 2026 12:00:30 GMT", Some(30)),
            ("Fri, 20 Nov 2026 11:00:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
            ("1.5", None),
        ] {
            let headers = HeaderMap::from_iter([(header::RETRY_AFTER, text.parse().unwrap())]);
            assert_eq!(wait(&headers, now), seconds.map(Duration::from_secs), "{text}");
        }
        assert_eq!(wait(&HeaderMap::new(), now), None);
    }

    #[test]
    fn an_address_is_seen_however_it_is_written() {
        for (url, address) in [
            ("http://127.0.0.1/", Some("127.0.0.1")),
            ("http://2130706433/", Some("127.0.0.1")),
            ("http://0x7f.1/", Some("127.0.0.1")),
            ("http://0177.0.0.1:80/", Some("127.0.0.1")),
            ("http://[::ffff:127.0.0.1]/", Some("::ffff:127.0.0.1")),
            ("http://localhost/", None),
        ] {
            let found = literal(&url.parse().unwrap()).map(|address| address.to_string());
            assert_eq!(found.as_deref(), address, "{url}");
        }
    }
}
