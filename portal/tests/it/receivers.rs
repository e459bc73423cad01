//! Receivers of messages, owned by the test: an HTTP server, and a server for mail.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What came.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

type Answer = Box<dyn FnOnce() -> Response + Send>;

/// An HTTP server that keeps what it gets, and answers 200 unless it is told otherwise.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    inbox: Inbox,
    serving: JoinHandle<()>,
}

#[derive(Clone, Default)]
struct Inbox {
    received: Arc<Mutex<Vec<Received>>>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
}

impl Receiver {
    pub(crate) async fn new() -> Self {
        Self::at("127.0.0.1:0".parse().unwrap()).await
    }

    pub(crate) async fn at(address: SocketAddr) -> Self {
        let inbox = Inbox::default();
        let router = Router::new().fallback(take).with_state(inbox.clone());
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, inbox, serving }
    }

    /// Where nobody listens, until somebody does.
    pub(crate) async fn nobody() -> SocketAddr {
        TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// Answers the next message in this way.
    pub(crate) fn will<R: IntoResponse>(&self, answer: impl FnOnce() -> R + Send + 'static) {
        self.inbox.answers.lock().unwrap().push_back(Box::new(|| answer().into_response()));
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.inbox.received.lock().unwrap().clone()
    }

    /// Of each message that came, what `pointer` points to.
    pub(crate) fn told(&self, pointer: &str) -> Vec<String> {
        let text =
            |received: Received| received.body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        self.received().into_iter().map(|received| text(received).unwrap_or_default()).collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn take(State(inbox): State<Inbox>, headers: HeaderMap, body: Bytes) -> Response {
    let body = serde_json::from_slice(&body).unwrap();
    inbox.received.lock().unwrap().push(Received { headers, body });
    let answer = inbox.answers.lock().unwrap().pop_front();
    answer.map_or_else(|| StatusCode::OK.into_response(), |answer| answer())
}

/// An answer of which there is ever more.
pub(crate) fn endless() -> Body {
    Body::from_stream(futures_util::stream::repeat_with(|| {
        Ok::<_, std::convert::Infallible>(Bytes::from_static(&[b'x'; 8192]))
    }))
}

/// An answer of which the rest never comes.
pub(crate) fn unfinished() -> Body {
    use futures_util::StreamExt;
    let begins = futures_util::stream::iter([Ok::<_, std::convert::Infallible>(Bytes::from_static(b"wait"))]);
    Body::from_stream(begins.chain(futures_util::stream::pending()))
}

/// A server for mail that takes everything, save what it is told to refuse.
pub(crate) struct MailServer {
    pub(crate) address: SocketAddr,
    mails: Arc<Mutex<Vec<String>>>,
    serving: JoinHandle<()>,
}

impl MailServer {
    /// `refusals` are said instead of `250` to `RCPT`, one a session.
    pub(crate) async fn new(refusals: &[&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mails = Arc::new(Mutex::new(Vec::new()));
        let (kept, mut refusals) = (mails.clone(), VecDeque::from(refusals.to_vec()));
        let serving = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(session(stream, kept.clone(), refusals.pop_front()));
            }
        });
        Self { address, mails, serving }
    }

    /// The mails as they came, each after its envelope.
    pub(crate) fn mails(&self) -> Vec<String> {
        self.mails.lock().unwrap().clone()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn session(stream: TcpStream, mails: Arc<Mutex<Vec<String>>>, refusal: Option<&'static str>) {
    let mut stream = BufReader::new(stream);
    let mut mail = String::new();
    stream.write_all(b"220 sink\r\n").await.unwrap();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap() == 0 {
            return;
        }
        let verb = line.split([' ', '\r']).next().unwrap().to_ascii_uppercase();
        let reply = match (&*verb, refusal) {
            ("EHLO", _) => "250-sink\r\n250 8BITMIME".to_owned(),
            ("RCPT", Some(refusal)) => refusal.to_owned(),
            ("MAIL" | "RCPT", _) => {
                mail.push_str(&line);
                "250 fine".to_owned()
            }
            ("DATA", _) => {
                stream.write_all(b"354 go on\r\n").await.unwrap();
                while !mail.ends_with("\r\n.\r\n") {
                    stream.read_line(&mut mail).await.unwrap();
                }
                mails.lock().unwrap().push(std::mem::take(&mut mail));
                "250 taken".to_owned()
            }
            ("QUIT", _) => "221 bye".to_owned(),
            _ => "250 fine".to_owned(),
        };
        stream.write_all(format!("{reply}\r\n").as_bytes()).await.unwrap();
    }
}

/// Waits until something is so.
pub(crate) async fn until(what: &str, so: impl Fn() -> bool) {
    for _ in 0..200 {
        if so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("in ten seconds, {what} has not come to be");
}
