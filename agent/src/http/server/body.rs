//! The body of the answer: a request lasts until its last byte.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::HttpBody;
use bytes::Buf;
use hyper::body::{Frame, SizeHint};
use pin_project_lite::pin_project;

use super::exchange::Exchange;

pin_project! {
    /// The body of an answer. Dropping it before its end counts as cancelled.
    #[derive(Debug)]
    pub struct ResponseBody<B>
    where
        B: HttpBody,
    {
        // Before the exchange, as in the future.
        #[pin]
        inner: B,
        exchange: Option<Exchange>,
        // Bytes that the answer's head has promised, and that have not come yet.
        missing: Option<u64>,
    }

    impl<B> PinnedDrop for ResponseBody<B>
    where
        B: HttpBody,
    {
        fn drop(this: Pin<&mut Self>) {
            // A server that has all it needs does not ask for the end of the body, but drops it.
            let this = this.project();
            let is_all = this.inner.is_end_stream() || *this.missing == Some(0);
            this.exchange.take_if(|exchange| is_all || exchange.has_no_body()).into_iter().for_each(Exchange::complete);
        }
    }
}

impl<B: HttpBody> ResponseBody<B> {
    pub(crate) fn new(inner: B, exchange: Option<Exchange>, declared: Option<u64>) -> Self {
        Self { inner, exchange, missing: declared }
    }
}

impl<B: HttpBody> HttpBody for ResponseBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let mut this = self.project();
        let polled = match this.exchange {
            Some(exchange) => exchange.work(|| this.inner.as_mut().poll_frame(cx)),
            None => this.inner.as_mut().poll_frame(cx),
        };
        match &polled {
            Poll::Pending => {}
            Poll::Ready(None) => this.exchange.take().into_iter().for_each(Exchange::complete),
            Poll::Ready(Some(Err(_))) => this.exchange.take().into_iter().for_each(Exchange::body_failed),
            Poll::Ready(Some(Ok(frame))) => {
                let length = frame.data_ref().map_or(0, |data| data.remaining() as u64);
                *this.missing = this.missing.map(|missing| missing.saturating_sub(length));
                if this.inner.is_end_stream() {
                    this.exchange.take().into_iter().for_each(Exchange::complete);
                }
            }
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
