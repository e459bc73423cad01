//! Reads bodies within bounds: of one body, and of all that are read at once.

use std::{io::Read, sync::Arc};

use axum::{
    body::Body,
    http::{HeaderMap, StatusCode, header},
};
use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::format::Refusal;

/// The largest body, as sent and as inflated.
pub(super) const LARGEST: usize = 64 << 20;
/// What a request may take in memory once it is decoded.
const LARGEST_DECODED: usize = 384 << 20;
/// Bytes of all bodies in memory at once, as sent, inflated and decoded.
const AT_ONCE: usize = 1 << 30;
/// The budget is counted in pages, so that a body of any size fits into a permit count.
const PAGE: usize = 4096;
/// Bodies from here on are inflated and decoded where they do not hold up other requests.
pub(super) const LARGE: usize = 128 << 10;

/// The memory that bodies may take.
#[derive(Clone, Debug)]
pub(crate) struct Intake(Arc<Semaphore>);

impl Default for Intake {
    fn default() -> Self {
        Self::of(AT_ONCE)
    }
}

/// A body, inflated, and the share of the budget that it holds.
#[derive(Debug)]
pub(super) struct Payload {
    pub(super) bytes: Bytes,
    /// Given back when the body has been dealt with.
    _held: Vec<OwnedSemaphorePermit>,
}

impl Intake {
    fn of(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes / PAGE)))
    }

    fn hold(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Refusal> {
        let pages = u32::try_from(bytes.div_ceil(PAGE)).unwrap_or(u32::MAX);
        self.0.clone().try_acquire_many_owned(pages).map_err(|_| {
            Refusal::later(StatusCode::TOO_MANY_REQUESTS, "too many large requests at once; send again", 1)
        })
    }

    /// Makes room for a request of this weight, for as long as what is returned is held.
    pub(super) fn room_to_decode(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Refusal> {
        if bytes > LARGEST_DECODED {
            return Err(Refusal::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!(
                    "the request takes {} MiB once decoded, of {} MiB that it may take; send smaller batches",
                    bytes >> 20,
                    LARGEST_DECODED >> 20
                ),
            ));
        }
        self.hold(bytes)
    }

    /// Reads a body to its end and inflates it if it is said to be gzip.
    pub(super) async fn read(&self, headers: &HeaderMap, body: Body) -> Result<Payload, Refusal> {
        let gzip = is_gzip(headers)?;
        let mut held = Vec::new();
        let sent = self.collect(headers, body, &mut held).await?;
        if !gzip {
            return Ok(Payload { bytes: sent, _held: held });
        }
        let intake = self.clone();
        let inflating = move || intake.inflate(&sent, held);
        // The size of what is inside is not known before.
        tokio::task::spawn_blocking(inflating).await.map_err(|error| {
            Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, format!("inflating failed: {error}"))
        })?
    }

    async fn collect(
        &self,
        headers: &HeaderMap,
        mut body: Body,
        held: &mut Vec<OwnedSemaphorePermit>,
    ) -> Result<Bytes, Refusal> {
        let announced = headers
            .get(header::CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok()?.parse::<usize>().ok())
            .unwrap_or_default();
        if announced > LARGEST {
            return Err(too_large("as sent"));
        }
        let mut collected = Vec::with_capacity(announced);
        // Not for what is announced: senders that say much and send nothing would keep out all others.
        let mut budget = 0;
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| {
                Refusal::new(StatusCode::BAD_REQUEST, format!("the body ended before its time: {error}"))
            })?;
            let Ok(part) = frame.into_data() else { continue };
            if collected.len() + part.len() > LARGEST {
                return Err(too_large("as sent"));
            }
            if collected.len() + part.len() > budget {
                held.push(self.hold(LARGE.max(part.len()))?);
                budget += LARGE.max(part.len());
            }
            collected.extend_from_slice(&part);
        }
        Ok(collected.into())
    }

    fn inflate(&self, sent: &[u8], mut held: Vec<OwnedSemaphorePermit>) -> Result<Payload, Refusal> {
        let mut decoder = MultiGzDecoder::new(sent);
        let mut inflated = Vec::new();
        loop {
            held.push(self.hold(LARGE)?);
            let read = decoder.by_ref().take(LARGE as u64).read_to_end(&mut inflated).map_err(|error| {
                Refusal::new(StatusCode::BAD_REQUEST, format!("the body is not valid gzip: {error}"))
            })?;
            if inflated.len() > LARGEST {
                return Err(too_large("when inflated"));
            }
            if read < LARGE {
                return Ok(Payload { bytes: inflated.into(), _held: held });
            }
        }
    }
}

fn is_gzip(headers: &HeaderMap) -> Result<bool, Refusal> {
    match headers.get(header::CONTENT_ENCODING).map(|encoding| encoding.as_bytes().to_ascii_lowercase()) {
        None => Ok(false),
        Some(encoding) if encoding == b"identity" => Ok(false),
        Some(encoding) if encoding == b"gzip" => Ok(true),
        Some(other) => Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!(
                "the content encoding {:?} is not known; send gzip or none",
                String::from_utf8_lossy(&other)
            ),
        )),
    }
}

fn too_large(what: &str) -> Refusal {
    Refusal::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("the body is larger than {} MiB {what}; send smaller batches", LARGEST >> 20),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bodies_share_the_room_and_give_it_back() {
        let intake = Intake::of(4 * LARGE);
        let (none, body) = (HeaderMap::new(), || Body::from(vec![0; 3 * LARGE]));
        let first = intake.read(&none, body()).await.unwrap();
        let refused = intake.read(&none, body()).await.unwrap_err();
        assert_eq!((refused.status, refused.retry_after), (StatusCode::TOO_MANY_REQUESTS, Some(1)));
        assert_eq!(intake.room_to_decode(2 * LARGE).unwrap_err().status, StatusCode::TOO_MANY_REQUESTS);
        drop(first);
        intake.read(&none, body()).await.unwrap();
        drop(intake.room_to_decode(2 * LARGE).unwrap());
    }

    #[tokio::test]
    async fn a_body_that_is_announced_and_not_sent_takes_no_room() {
        let intake = Intake::of(4 * LARGE);
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_LENGTH, LARGEST.into());
        let silent = Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
        let mut reading = Box::pin(intake.read(&headers, silent));
        assert!(futures_util::poll!(&mut reading).is_pending());
        intake.read(&HeaderMap::new(), Body::from(vec![0; 3 * LARGE])).await.unwrap();
    }
}
