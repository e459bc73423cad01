//! The answer that is being made.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::HttpBody;
use http::Response;
use pin_project_lite::pin_project;

use super::{body::ResponseBody, exchange::Exchange};
use crate::tasks::Tracked;

pin_project! {
    /// The future of a [`ServerService`](super::ServerService). Dropping it before its end counts as cancelled.
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        // Before the exchange, so that what the handler holds is dropped while the request still counts.
        #[pin]
        inner: Tracked<F>,
        exchange: Option<Exchange>,
    }
}

impl<F> ResponseFuture<F> {
    /// None for the exchange where a layer further out has it.
    pub(crate) fn new(inner: Tracked<F>, exchange: Option<Exchange>) -> Self {
        Self { inner, exchange }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: HttpBody,
{
    type Output = Result<Response<ResponseBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let polled = match this.exchange {
            Some(exchange) => exchange.work(|| this.inner.poll(cx)),
            None => this.inner.poll(cx),
        };
        let Poll::Ready(result) = polled else { return Poll::Pending };
        let exchange = this.exchange.take();
        Poll::Ready(match result {
            Ok(response) => Ok(answer(response, exchange)),
            Err(error) => {
                exchange.into_iter().for_each(Exchange::service_failed);
                Err(error)
            }
        })
    }
}

fn answer<B: HttpBody>(
    mut response: Response<B>,
    mut exchange: Option<Exchange>,
) -> Response<ResponseBody<B>> {
    if let Some(exchange) = &mut exchange {
        exchange.answered(response.status());
        exchange.id().insert_into(response.headers_mut());
    }
    let declared = response.headers().get(http::header::CONTENT_LENGTH);
    let declared = declared.and_then(|length| length.to_str().ok()?.parse().ok());
    response.map(|body| ResponseBody::new(body, exchange, declared))
}
