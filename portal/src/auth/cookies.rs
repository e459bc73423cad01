//! The portal's two cookies: the session, and the key that binds forms to a browser before anybody is signed in.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};

use crate::{problem::Problem, state::App};

/// How cookies are named and marked: under TLS `Secure`, with the prefix `__Host-`, which keeps neighbours on the same
/// domain from planting one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cookies {
    secure: bool,
}

impl Cookies {
    /// The cookies of this portal.
    pub(crate) fn of(app: &App) -> Self {
        Self { secure: app.settings().under_tls() }
    }

    /// The session that came with a request.
    pub(crate) fn session(self, headers: &HeaderMap) -> Option<&str> {
        read(headers, self.session_name())
    }

    /// The form key that came with a request.
    pub(crate) fn form_key(self, headers: &HeaderMap) -> Option<&str> {
        read(headers, self.form_key_name())
    }

    /// Sets the session, for as long as `lasts` says or else until the browser is closed.
    pub(crate) fn set_session(self, value: &str, lasts: Option<Duration>) -> Result<HeaderValue, Problem> {
        self.set(self.session_name(), value, lasts)
    }

    /// Takes the session back.
    pub(crate) fn clear_session(self) -> Result<HeaderValue, Problem> {
        self.set(self.session_name(), "", Some(Duration::ZERO))
    }

    /// Sets the form key until the browser is closed.
    pub(crate) fn set_form_key(self, value: &str) -> Result<HeaderValue, Problem> {
        self.set(self.form_key_name(), value, None)
    }

    fn set(self, name: &str, value: &str, lasts: Option<Duration>) -> Result<HeaderValue, Problem> {
        let lasts = lasts.map(|lasts| format!("; Max-Age={}", lasts.as_secs())).unwrap_or_default();
        let secure = if self.secure { "; Secure" } else { "" };
        let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{lasts}");
        HeaderValue::try_from(cookie).map_err(Problem::internal)
    }

    fn session_name(self) -> &'static str {
        if self.secure { "__Host-seaworthy-session" } else { "seaworthy-session" }
    }

    fn form_key_name(self) -> &'static str {
        if self.secure { "__Host-seaworthy-form" } else { "seaworthy-form" }
    }
}

fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    pairs
        .flat_map(|pairs| pairs.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(found, value)| (found == name && !value.is_empty()).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("a=1; xseaworthy-session=no;seaworthy-session=yes"),
        );
        headers.append(header::COOKIE, HeaderValue::from_static("seaworthy-form=key"));
        let plain = Cookies { secure: false };
        assert_eq!(plain.session(&headers), Some("yes"));
        assert_eq!(plain.form_key(&headers), Some("key"));
        assert_eq!(Cookies { secure: true }.session(&headers), None);
    }

    #[test]
    fn cookies_are_marked_for_their_use() {
        let set = |secure, lasts| {
            let value = Cookies { secure }.set_session("abc", lasts).unwrap();
            value.to_str().unwrap().to_owned()
        };
        assert_eq!(set(false, None), "seaworthy-session=abc; Path=/; HttpOnly; SameSite=Lax");
        assert_eq!(
            set(true, Some(Duration::from_secs(60))),
            "__Host-seaworthy-session=abc; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60"
        );
        assert!(Cookies { secure: true }.set_session("a\nb", None).is_err());
    }
}
