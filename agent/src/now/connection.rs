//! A connection that a client holds.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Instant,
};

use super::live::Begun;

/// A connection to a server that the agent serves.
#[derive(Debug)]
pub(crate) struct Connection {
    begun: Instant,
    pub(crate) peer: SocketAddr,
    /// The address of the peer as a text, for the span of each request.
    pub(crate) client: Box<str>,
    requests: AtomicU64,
    pub(super) user: User,
}

/// As whom, once somebody has said so.
#[derive(Debug, Default)]
pub(crate) struct User(Mutex<Option<Arc<str>>>);

impl Connection {
    pub(crate) fn new(peer: SocketAddr) -> Self {
        let client = peer.ip().to_string().into();
        Self { begun: Instant::now(), peer, client, requests: AtomicU64::new(0), user: User::default() }
    }

    /// A request has come over it.
    pub(crate) fn carries_request(&self) {
        self.requests.fetch_add(1, Relaxed);
    }

    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Relaxed)
    }
}

impl Begun for Connection {
    fn begun(&self) -> Instant {
        self.begun
    }
}

impl User {
    pub(super) fn set(&self, user: Arc<str>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(user);
    }

    pub(super) fn get(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_deref().map(str::to_owned)
    }
}
