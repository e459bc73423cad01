//! A portal that answers as it is told, and remembers what it took.

use std::{
    collections::{HashMap, VecDeque},
    io::Read,
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex, MutexGuard},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use opentelemetry_proto::tonic::collector::{
    logs::v1::ExportLogsServiceRequest, metrics::v1::ExportMetricsServiceRequest,
    trace::v1::ExportTraceServiceRequest,
};
use prost::Message;
use seaworthy_protocol::CheckIn;
use tokio::sync::oneshot;

pub(crate) const TRACES: &str = "/v1/traces";
pub(crate) const METRICS: &str = "/v1/metrics";
pub(crate) const LOGS: &str = "/v1/logs";
pub(crate) const CHECK_IN: &str = "/api/v1/check-in";
pub(crate) const PROFILES: &str = "/api/v1/profiles";

/// How a request is answered. Only what is taken is remembered as taken.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Take,
    TakeSaying(Vec<u8>),
    Status(u16),
    StatusRetryAfter(u16, String),
    Never,
    AfterTaking(Duration),
}

/// One request, whatever became of it.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) at: Instant,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) traces: Vec<ExportTraceServiceRequest>,
    pub(crate) metrics: Vec<ExportMetricsServiceRequest>,
    pub(crate) logs: Vec<ExportLogsServiceRequest>,
    pub(crate) check_ins: Vec<CheckIn>,
    /// Bodies of profiles.
    pub(crate) profiles: Vec<Vec<u8>>,
    /// Answers yet to be given, by path. When there are none left, everything is taken.
    script: HashMap<&'static str, VecDeque<Reply>>,
    /// Answers given again and again, by path.
    always: HashMap<&'static str, Reply>,
}

/// A running portal; ends when it is dropped.
pub(crate) struct Portal {
    address: SocketAddr,
    memory: Arc<Mutex<Memory>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Portal {
    pub(crate) fn start() -> Self {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    pub(crate) fn start_at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        listener.set_nonblocking(true).unwrap();
        let (address, memory) = (listener.local_addr().unwrap(), Arc::<Mutex<Memory>>::default());
        let (stop, stopped) = oneshot::channel();
        let router = Router::new().fallback(answer).with_state(memory.clone());
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                tokio::select! {
                    served = async { axum::serve(listener, router).await } => served.unwrap(),
                    _ = stopped => {}
                }
            });
        });
        Self { address, memory, stop: Some(stop), thread: Some(thread) }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap()
    }

    /// The next requests to this path are answered so.
    pub(crate) fn script(&self, path: &'static str, replies: impl IntoIterator<Item = Reply>) {
        self.memory().script.insert(path, replies.into_iter().collect());
    }

    /// Every request to this path is answered so.
    pub(crate) fn always(&self, path: &'static str, reply: Reply) {
        self.memory().always.insert(path, reply);
    }

    pub(crate) fn attempts(&self, path: &str) -> Vec<Attempt> {
        self.memory().attempts.iter().filter(|attempt| attempt.path == path).cloned().collect()
    }

    /// Names of the spans that were taken, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        crate::shown::spans(&self.memory().traces).into_iter().map(|span| span.name).collect()
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

async fn answer(
    State(memory): State<Arc<Mutex<Memory>>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path().to_owned();
    let attempt = Attempt {
        path: path.clone(),
        query: uri.query().unwrap_or_default().to_owned(),
        at: Instant::now(),
        headers: headers.clone(),
        body: body.clone(),
    };
    let reply = {
        let mut memory = memory.lock().unwrap();
        memory.attempts.push(attempt);
        let scripted = memory.script.get_mut(path.as_str()).and_then(VecDeque::pop_front);
        scripted.or_else(|| memory.always.get(path.as_str()).cloned()).unwrap_or(Reply::Take)
    };
    match reply {
        Reply::Take => take(&memory, &path, &headers, &body, Vec::new()),
        Reply::TakeSaying(words) => take(&memory, &path, &headers, &body, words),
        Reply::AfterTaking(wait) => {
            let taken = take(&memory, &path, &headers, &body, Vec::new());
            tokio::time::sleep(wait).await;
            taken
        }
        Reply::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Reply::StatusRetryAfter(status, after) => {
            (StatusCode::from_u16(status).unwrap(), [("retry-after", after)]).into_response()
        }
        Reply::Never => std::future::pending().await,
    }
}

fn take(memory: &Mutex<Memory>, path: &str, headers: &HeaderMap, body: &[u8], words: Vec<u8>) -> Response {
    let body = match headers.get("content-encoding").map(|it| it.to_str().unwrap()) {
        None => body.to_vec(),
        Some("gzip") => {
            let mut plain = Vec::new();
            flate2::read::GzDecoder::new(body).read_to_end(&mut plain).unwrap();
            plain
        }
        Some(other) => panic!("{other}"),
    };
    let mut memory = memory.lock().unwrap();
    match path {
        TRACES => memory.traces.push(Message::decode(&*body).unwrap()),
        METRICS => memory.metrics.push(Message::decode(&*body).unwrap()),
        LOGS => memory.logs.push(Message::decode(&*body).unwrap()),
        CHECK_IN => memory.check_ins.push(serde_json::from_slice(&body).unwrap()),
        PROFILES => memory.profiles.push(body),
        other => panic!("nothing is served at {other}"),
    }
    words.into_response()
}
