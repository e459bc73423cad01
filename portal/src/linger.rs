//! Lets senders hear why they are refused.
//!
//! Whoever is answered before its body has been read, and then cut off, fails at writing: all it learns is "broken pipe",
//! and it sends the same again, for ever. So what nobody wanted to read is read to its end and thrown away, within
//! bounds, before the answer goes out. Web servers call it a lingering close.

use std::{
    future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    http::header,
    middleware::Next,
    response::Response,
};
use futures_util::stream;
use http_body_util::StreamBody;
use tokio::time::timeout;

/// Four times the largest body that is taken.
const MOST_BYTES: usize = 256 << 20;
const LONGEST: Duration = Duration::from_secs(10);

/// The layer.
pub(crate) async fn linger(request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    // Whoever waits to be asked for the body has not sent it when it is refused.
    if body.is_end_stream() || head.headers.contains_key(header::EXPECT) {
        return next.run(Request::from_parts(head, body)).await;
    }
    let body = Arc::new(Mutex::new(body));
    let lent = body.clone();
    let lent = stream::poll_fn(move |context| Pin::new(&mut *lock(&lent)).poll_frame(context));
    let response = next.run(Request::from_parts(head, Body::new(StreamBody::new(lent)))).await;
    // Out of time, it is answered and cut off all the same.
    let _ = timeout(LONGEST, discard(&body)).await;
    response
}

/// Reads to the end, an error, or the bound.
async fn discard(body: &Mutex<Body>) {
    let mut left = MOST_BYTES;
    while let Some(Ok(frame)) =
        future::poll_fn(|context| Pin::new(&mut *lock(body)).poll_frame(context)).await
    {
        let bytes = frame.data_ref().map_or(0, |data| data.len());
        match left.checked_sub(bytes) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

fn lock(body: &Mutex<Body>) -> MutexGuard<'_, Body> {
    body.lock().unwrap_or_else(PoisonError::into_inner)
}
