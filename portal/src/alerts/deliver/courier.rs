//! Takes a letter to where its channel leads.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::{Letter, email, slack, webhook};
use crate::alerts::{
    Hidden, Target,
    outgoing::{Failure, Outgoing},
};

/// Receivers that know it tell a letter that comes twice from two letters.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Takes a letter to where a channel leads. It has arrived when the receiver says so.
pub(crate) async fn send(outgoing: &Outgoing, target: &Target, letter: &Letter) -> Result<(), Failure> {
    match target {
        Target::Webhook { url, bearer, headers } => {
            let mut sent = HeaderMap::new();
            for (name, value) in headers {
                let name = name.parse::<HeaderName>().map_err(|error| unsendable(&error))?;
                sent.insert(name, secret(value.reveal())?);
            }
            if let Some(bearer) = bearer {
                sent.insert(header::AUTHORIZATION, secret(&format!("Bearer {}", bearer.reveal()))?);
            }
            let body = serde_json::to_vec(&webhook::payload(letter)).map_err(|error| unsendable(&error))?;
            post(outgoing, url, sent, body, letter).await
        }
        Target::Slack { url } => {
            let body = serde_json::to_vec(&slack::message(letter)).map_err(|error| unsendable(&error))?;
            post(outgoing, url, HeaderMap::new(), body, letter).await
        }
        Target::Email { to } => {
            let Some(mailer) = &outgoing.mailer else {
                return Err(Failure::passing(
                    "the portal has no server for mail; start it with --smtp-url and --mail-from",
                ));
            };
            mailer.send(email::mail(letter, mailer.from(), to)?).await
        }
    }
}

async fn post(
    outgoing: &Outgoing,
    url: &Hidden,
    mut headers: HeaderMap,
    body: Vec<u8>,
    letter: &Letter,
) -> Result<(), Failure> {
    let id = HeaderValue::from_str(&letter.id).map_err(|error| unsendable(&error))?;
    headers.insert(IDEMPOTENCY_KEY, id);
    outgoing.http.json(url.reveal(), headers, Bytes::from(body)).await
}

fn secret(value: &str) -> Result<HeaderValue, Failure> {
    let mut value = HeaderValue::from_str(value).map_err(|error| unsendable(&error))?;
    value.set_sensitive(true);
    Ok(value)
}

fn unsendable(error: &dyn std::error::Error) -> Failure {
    Failure::hopeless(format!("nothing can be sent so: {error}; edit the channel"))
}
