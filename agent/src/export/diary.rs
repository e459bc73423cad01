//! Says in the host's log how delivery goes: once per change, not once per attempt.

use super::Endpoint;

/// How delivery to one endpoint goes.
#[derive(Debug)]
pub(crate) struct Diary {
    endpoint: String,
    trouble: Option<String>,
}

impl Diary {
    pub(crate) fn new(endpoint: &Endpoint) -> Self {
        // A URL may hold a password.
        let mut shown = endpoint.url.clone();
        let _ = shown.set_password(None);
        let _ = shown.set_username("");
        Self { endpoint: shown.into(), trouble: None }
    }

    pub(crate) fn delivered(&mut self) {
        if self.trouble.take().is_some() {
            tracing::info!(target: "seaworthy", endpoint = self.endpoint, "the portal takes telemetry again");
        }
    }

    pub(crate) fn unreachable(&mut self, why: &str) {
        if self.is_new(why) {
            tracing::warn!(
                target: "seaworthy",
                endpoint = self.endpoint,
                why,
                "cannot deliver to the portal; keeps what fits into memory and tries again"
            );
        }
    }

    pub(crate) fn refused(&mut self, why: &str) {
        if self.is_new(why) {
            tracing::warn!(
                target: "seaworthy",
                endpoint = self.endpoint,
                why,
                "the portal refuses telemetry; check SEAWORTHY_PORTAL and SEAWORTHY_TOKEN"
            );
        }
    }

    fn is_new(&mut self, trouble: &str) -> bool {
        let known = self.trouble.as_deref() == Some(trouble);
        self.trouble = Some(trouble.to_owned());
        !known
    }
}
