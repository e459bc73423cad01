//! As whom a request was made.

use std::{convert::Infallible, sync::Arc};

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::{connection::Connection, request::Request};

/// Longer names of users are cut off.
const MOST_CHARACTERS: usize = 128;

/// Whoever sent a request. A handler, or a middleware that has checked who it is, says as whom, and `/connections` and the
/// portal show it with the request and its connection for as long as they last. Nothing else keeps it.
///
/// ```
/// use seaworthy_agent::http::Caller;
///
/// async fn account(caller: Caller) -> &'static str {
///     caller.set_user("ada"); // From the session, once it was checked.
///     "Ada's account"
/// }
/// # let router: axum::Router = axum::Router::new().route("/account", axum::routing::get(account));
/// ```
///
/// Found as an extractor and as an extension of every request that [`Handle::layer`](crate::Handle::layer) measures. Elsewhere
/// the extractor gives one that nobody listens to.
#[derive(Clone, Debug, Default)]
pub struct Caller(Known);

/// What is known of a request so far.
#[derive(Clone, Debug, Default)]
enum Known {
    /// Nobody listens.
    #[default]
    Nothing,
    /// No layer has seen it yet.
    Connection(Arc<Connection>),
    Request(Arc<Request>),
}

impl Caller {
    /// Whoever holds this connection.
    pub(crate) fn on(connection: Arc<Connection>) -> Self {
        Self(Known::Connection(connection))
    }

    /// Whoever sent this request.
    pub(crate) fn of(request: Arc<Request>) -> Self {
        Self(Known::Request(request))
    }

    /// The connection they hold, where the agent serves it.
    pub(crate) fn connection(&self) -> Option<&Arc<Connection>> {
        match &self.0 {
            Known::Nothing => None,
            Known::Connection(connection) => Some(connection),
            Known::Request(request) => request.connection.as_ref(),
        }
    }

    /// What they sent; none where nobody listens.
    pub(crate) fn request(&self) -> Option<&Request> {
        match &self.0 {
            Known::Request(request) => Some(request),
            Known::Nothing | Known::Connection(_) => None,
        }
    }

    /// As whom the request was made: a name, or better a number that says nothing to strangers. At most 128 characters.
    pub fn set_user(&self, user: &str) {
        let Some(request) = self.request() else { return };
        let user = user.char_indices().nth(MOST_CHARACTERS).map_or(user, |(end, _)| &user[..end]);
        let user = Arc::<str>::from(user);
        if let Some(connection) = &request.connection {
            connection.user.set(Arc::clone(&user));
        }
        request.user.set(user);
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().cloned().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use tracing::Span;

    use super::*;
    use crate::http::RequestId;

    #[test]
    fn a_caller_that_nobody_listens_to_does_no_harm_and_names_are_bounded() {
        Caller::default().set_user("ada");
        let request = Arc::new(Request {
            begun: Instant::now(),
            method: "GET",
            route: Arc::default(),
            late_route: Default::default(),
            id: RequestId::of(None),
            span: Span::none(),
            peer: None,
            connection: None,
            user: Default::default(),
        });
        let caller = Caller::of(Arc::clone(&request));
        assert_eq!(request.user.get(), None);
        caller.set_user("ada");
        assert_eq!(request.user.get().as_deref(), Some("ada"));
        caller.set_user(&"é".repeat(500));
        assert_eq!(request.user.get().map(|user| user.chars().count()), Some(MOST_CHARACTERS));
    }
}
