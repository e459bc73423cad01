//! As whom a request was made.

use std::{convert::Infallible, sync::Arc};

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::connection::{Connection, User};

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
pub struct Caller {
    who: Arc<Who>,
}

#[derive(Debug, Default)]
struct Who {
    user: User,
    connection: Option<Arc<Connection>>,
}

impl Caller {
    pub(crate) fn over(connection: Option<Arc<Connection>>) -> Self {
        Self { who: Arc::new(Who { user: User::default(), connection }) }
    }

    /// As whom the request was made: a name, or better a number that says nothing to strangers. At most 128 characters.
    pub fn set_user(&self, user: &str) {
        let user = user.char_indices().nth(MOST_CHARACTERS).map_or(user, |(end, _)| &user[..end]);
        let user = Arc::<str>::from(user);
        if let Some(connection) = &self.who.connection {
            connection.user.set(Arc::clone(&user));
        }
        self.who.user.set(user);
    }

    pub(super) fn user(&self) -> Option<String> {
        self.who.user.get()
    }

    pub(super) fn connection(&self) -> Option<&Connection> {
        self.who.connection.as_deref()
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
    use super::*;

    #[test]
    fn a_caller_that_nobody_listens_to_does_no_harm_and_names_are_bounded() {
        let caller = Caller::default();
        assert_eq!(caller.user(), None);
        caller.set_user("ada");
        caller.set_user(&"é".repeat(500));
        assert_eq!(caller.user().map(|user| user.chars().count()), Some(MOST_CHARACTERS));
    }
}
