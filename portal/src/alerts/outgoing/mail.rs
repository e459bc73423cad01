//! Speaks SMTP to the server that takes the portal's mail. Whoever runs the portal names it, so it may be anywhere.

use std::time::Duration;

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::Mailbox,
    transport::smtp::{self, extension::ClientId},
};
use tokio::time::timeout;
use url::Url;

use super::failure::{Failure, root_cause};
use crate::alerts::Hidden;

const COMMAND_PATIENCE: Duration = Duration::from_secs(10);

/// Which server takes the portal's mail, and whom it is from.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// In the form that lettre takes.
    url: Hidden,
    host: String,
    from: Mailbox,
}

/// Why mail cannot be sent so. The URL may hold a password and is not repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailSettingsError {
    /// The URL names no server.
    #[error(
        "the mail server's URL must be like smtps://user:password@mail.example:465 (TLS), \
         smtp://user:password@mail.example:587 (STARTTLS) or smtp://relay.example:25"
    )]
    Url,
    /// It asks for TLS as nobody does.
    #[error("tls={0} is unknown; write tls=required, tls=opportunistic or tls=none")]
    Tls(String),
    /// The sender is no address.
    #[error("{0:?} is no sender; write it like Seaworthy <seaworthy@shop.example>")]
    From(String),
}

impl MailSettings {
    /// `url` is `smtps://` or `smtp://` with host, and port, name and password where needed; a password goes over TLS
    /// unless the URL ends with `?tls=none`. `from` is an address, with a name before it or not.
    ///
    /// # Errors
    /// When they are not like that.
    pub fn new(url: &str, from: &str) -> Result<Self, MailSettingsError> {
        let url = Url::parse(url).map_err(|_| MailSettingsError::Url)?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(MailSettingsError::Url)?.to_owned();
        let url = Hidden::new(for_lettre(url)?);
        let from = from.parse().map_err(|_| MailSettingsError::From(from.to_owned()))?;
        Ok(Self { url, host, from })
    }
}

/// To lettre `smtp://` alone means no TLS at all, password or not.
fn for_lettre(mut url: Url) -> Result<String, MailSettingsError> {
    let asked = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, tls)| tls.into_owned());
    let tls = match (url.scheme(), asked.as_deref()) {
        ("smtps", None | Some("required")) | ("smtp", Some("none")) => None,
        ("smtp", None) if url.password().is_some() => Some("required"),
        ("smtp", None) => Some("opportunistic"),
        ("smtp", Some("required")) => Some("required"),
        ("smtp", Some("opportunistic")) => Some("opportunistic"),
        ("smtp" | "smtps", Some(other)) => return Err(MailSettingsError::Tls(other.to_owned())),
        _ => return Err(MailSettingsError::Url),
    };
    url.set_query(tls.map(|tls| format!("tls={tls}")).as_deref());
    // Without it lettre takes 587 wherever there may be TLS.
    if url.scheme() == "smtp" && url.port().is_none() && url.password().is_none() {
        url.set_port(Some(smtp::SMTP_PORT)).map_err(|()| MailSettingsError::Url)?;
    }
    Ok(url.into())
}

/// Sends mail.
#[derive(Clone, Debug)]
pub(crate) struct Mailer {
    settings: MailSettings,
    patience: Duration,
    /// Or why there is none.
    transport: Result<AsyncSmtpTransport<Tokio1Executor>, String>,
}

impl Mailer {
    pub(crate) fn new(settings: MailSettings, patience: Duration) -> Self {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(settings.url.reveal())
            .map(|builder| {
                let hello = ClientId::Domain(settings.from.email.domain().to_owned());
                builder.timeout(Some(COMMAND_PATIENCE)).hello_name(hello).build()
            })
            .map_err(|error| root_cause(&error));
        Self { settings, patience, transport }
    }

    /// Whom mail is from.
    pub(crate) fn from(&self) -> &Mailbox {
        &self.settings.from
    }

    /// Sends a mail, and is content when the server has taken it.
    pub(crate) async fn send(&self, mail: Message) -> Result<(), Failure> {
        let host = &self.settings.host;
        let transport = self.transport.as_ref().map_err(|error| {
            Failure::passing(format!("no mail can be sent through {host}: {error}; see --smtp-url"))
        })?;
        match timeout(self.patience, transport.send(mail)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(unsent(host, &error)),
            Err(_) => Err(Failure::passing(format!(
                "the mail server {host} did not take it within {} s",
                self.patience.as_secs()
            ))),
        }
    }
}

fn unsent(host: &str, error: &smtp::Error) -> Failure {
    match error.status() {
        Some(_) if error.is_permanent() => {
            Failure::refused(format!("the mail server {host} refused it: {error}"))
        }
        Some(_) => Failure::passing(format!("the mail server {host} did not take it: {error}")),
        None if error.is_timeout() => {
            Failure::passing(format!("the mail server {host} did not answer in time"))
        }
        None => Failure::passing(format!("the mail server {host} could not be used: {}", root_cause(error))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_goes_over_tls() {
        for (url, meant) in [
            ("smtps://a:b@mail.example", "smtps://a:b@mail.example"),
            ("smtp://a:b@mail.example:587", "smtp://a:b@mail.example:587?tls=required"),
            ("smtp://a:b@mail.example:587?tls=none", "smtp://a:b@mail.example:587"),
            ("smtp://mail.example", "smtp://mail.example:25?tls=opportunistic"),
            ("smtp://127.0.0.1:2525?tls=none", "smtp://127.0.0.1:2525"),
        ] {
            let settings = MailSettings::new(url, "Seaworthy <seaworthy@shop.example>").unwrap();
            assert_eq!(settings.url.reveal(), meant, "{url}");
            assert!(Mailer::new(settings, COMMAND_PATIENCE).transport.is_ok(), "{url}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused_without_telling_the_password() {
        let from = "seaworthy@shop.example";
        for url in
            ["", "mail.example", "http://a:s3cret@mail.example", "smtp://", "smtp:a:s3cret@mail.example"]
        {
            assert_eq!(MailSettings::new(url, from).err(), Some(MailSettingsError::Url), "{url}");
        }
        let tls = MailSettings::new("smtp://a:s3cret@mail.example?tls=yes", from).unwrap_err();
        assert_eq!(tls, MailSettingsError::Tls("yes".into()));
        assert!(matches!(MailSettings::new("smtp://m.example", "me"), Err(MailSettingsError::From(_))));
        let settings = MailSettings::new("smtp://a:s3cret@mail.example", from).unwrap();
        assert!(!format!("{settings:?}").contains("s3cret"), "{settings:?}");
    }
}
