//! One connection to the portal, kept open.

use anyhow::Context;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    HeaderMap, Request, StatusCode,
    client::conn::http1::{SendRequest, handshake},
    header,
    http::request::Builder,
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, task::JoinHandle};

use super::portal::Door;

pub(super) struct Client {
    requests: SendRequest<Full<Bytes>>,
    connection: JoinHandle<()>,
    door: Door,
}

pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Client {
    pub(super) async fn connect(door: &Door) -> anyhow::Result<Self> {
        let stream =
            TcpStream::connect(door.address).await.context("the portal does not take connections")?;
        stream.set_nodelay(true)?;
        let (requests, connection) = handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(async move {
            // Whoever waits for an answer is told as well.
            let _ = connection.await;
        });
        Ok(Self { requests, connection, door: door.clone() })
    }

    pub(super) async fn get(&mut self, path: &str) -> anyhow::Result<Answer> {
        self.send(Request::get(path), Bytes::new()).await
    }

    /// Posts protobuf.
    pub(super) async fn post(&mut self, path: &str, gzip: bool, body: Bytes) -> anyhow::Result<Answer> {
        let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/x-protobuf");
        if gzip {
            request = request.header(header::CONTENT_ENCODING, "gzip");
        }
        self.send(request, body).await
    }

    async fn send(&mut self, request: Builder, body: Bytes) -> anyhow::Result<Answer> {
        let request = request
            .header(header::HOST, self.door.address.to_string())
            .header(header::AUTHORIZATION, format!("Bearer {}", self.door.token))
            .body(Full::new(body))?;
        self.requests.ready().await?;
        let (head, body) = self.requests.send_request(request).await?.into_parts();
        Ok(Answer { status: head.status, headers: head.headers, body: body.collect().await?.to_bytes() })
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.connection.abort();
    }
}
