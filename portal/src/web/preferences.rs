//! How whoever looks at a page likes to see it. Their browser keeps it in two cookies that hold nothing secret; a
//! script sets them, and without one there is UTC and the theme of the system.

use axum::http::{HeaderMap, header};
use jiff::tz::TimeZone;

/// Zone and theme.
#[derive(Clone, Debug)]
pub(crate) struct Preferences {
    /// The zone in which times are told.
    pub(crate) zone: TimeZone,
    /// `light` or `dark`; none for the theme of the system.
    pub(crate) theme: Option<&'static str>,
}

impl Default for Preferences {
    fn default() -> Self {
        Self { zone: TimeZone::UTC, theme: None }
    }
}

impl Preferences {
    /// What the cookies of a request say, as far as they can be understood.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut found = Self::default();
        let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
        for (name, value) in
            cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.split_once('='))
        {
            match (name.trim(), value) {
                ("seaworthy-zone", name) => found.zone = TimeZone::get(name).unwrap_or(found.zone),
                ("seaworthy-theme", "light") => found.theme = Some("light"),
                ("seaworthy-theme", "dark") => found.theme = Some("dark"),
                _ => {}
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn cookies_say_zone_and_theme_and_nonsense_says_nothing() {
        for (cookie, zone, theme) in [
            ("seaworthy-zone=Europe/Berlin; seaworthy-theme=dark", "Europe/Berlin", Some("dark")),
            ("a=b;seaworthy-theme=light", "UTC", Some("light")),
            ("seaworthy-zone=Atlantis/Capital; seaworthy-theme=pink", "UTC", None),
            ("seaworthy-zone=../../etc/passwd", "UTC", None),
            ("", "UTC", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_static(cookie));
            let found = Preferences::of(&headers);
            assert_eq!((found.zone.iana_name(), found.theme), (Some(zone), theme), "{cookie}");
        }
    }
}
