//! The tower layer.

use std::{
    any::type_name,
    fmt::Display,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tower::{Layer, Service};

use super::{Outgoing, call::Call};
use crate::Handle;

/// Measuring clients.
impl Handle {
    /// Measures the requests of a tower client: a client span and `http.client.request.duration` by OpenTelemetry's
    /// semantic conventions. The server gets the context of the span (W3C `traceparent`).
    ///
    /// A call lasts until the head of the answer is there; 4xx, 5xx and a missing answer are errors.
    pub fn client_layer(&self) -> ClientLayer {
        ClientLayer { outgoing: Arc::clone(&self.shared.outgoing) }
    }
}

/// Measures a client; see [`Handle::client_layer`].
#[derive(Clone, Debug)]
pub struct ClientLayer {
    outgoing: Arc<Outgoing>,
}

impl<S> Layer<S> for ClientLayer {
    type Service = ClientService<S>;

    fn layer(&self, inner: S) -> ClientService<S> {
        ClientService { inner, outgoing: Arc::clone(&self.outgoing) }
    }
}

/// A client whose calls are measured; see [`Handle::client_layer`].
#[derive(Clone, Debug)]
pub struct ClientService<S> {
    inner: S,
    outgoing: Arc<Outgoing>,
}

impl<S, A, B> Service<Request<A>> for ClientService<S>
where
    S: Service<Request<A>, Response = Response<B>>,
    S::Error: Display,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ClientFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<A>) -> Self::Future {
        let (method, url) = (request.method().clone(), request.uri().clone());
        let call = Call::begin(&self.outgoing, &method, &url, request.headers_mut());
        let inner = call.span().in_scope(|| self.inner.call(request));
        ClientFuture { inner, call: Some(call) }
    }
}

pin_project! {
    /// The future of a [`ClientService`]. Dropping it before its end counts as cancelled.
    #[derive(Debug)]
    pub struct ClientFuture<F> {
        #[pin]
        inner: F,
        call: Option<Call>,
    }
}

impl<F, B, E> Future for ClientFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    E: Display,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let polled = match this.call {
            Some(call) => call.span().in_scope(|| this.inner.poll(cx)),
            None => this.inner.poll(cx),
        };
        let Poll::Ready(result) = polled else { return Poll::Pending };
        if let Some(call) = this.call.take() {
            match &result {
                Ok(answer) => call.answered(answer.status()),
                Err(error) => call.failed(type_name::<E>(), error),
            }
        }
        Poll::Ready(result)
    }
}
