//! How the portal reaches receivers of messages and what it looks at from outside: by HTTP and by mail, within limits of time
//! and place.

mod failure;
mod guard;
mod http;
mod mail;

use std::time::Duration;

pub use guard::{AddressGuard, RefusedAddress};
pub use mail::{MailSettings, MailSettingsError};

pub(crate) use failure::{Failure, FailureKind};
pub(crate) use http::Http;
pub(crate) use mail::Mailer;

/// What whoever runs the portal says of where it may send, and how.
#[derive(Clone, Debug)]
pub struct OutgoingSettings {
    /// Which addresses are dialled for channels and URLs of services.
    pub guard: AddressGuard,
    /// The server that takes mail; without one, there is no mail.
    pub mail: Option<MailSettings>,
    /// A receiver that has not taken a message after so long has not taken it. At most 25 s: a message is claimed for
    /// 30 s, and then another portal delivers it.
    pub patience: Duration,
}

impl Default for OutgoingSettings {
    fn default() -> Self {
        Self { guard: AddressGuard::default(), mail: None, patience: Duration::from_secs(15) }
    }
}

/// Sends messages, and looks from outside.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    pub(crate) http: Http,
    pub(crate) mailer: Option<Mailer>,
}

impl Outgoing {
    pub(crate) fn new(settings: &OutgoingSettings) -> Self {
        let OutgoingSettings { guard, mail, patience } = settings.clone();
        Self { http: Http::new(guard, patience), mailer: mail.map(|mail| Mailer::new(mail, patience)) }
    }
}
