//! Where a person goes after signing in: only ever to a page of this portal.

use std::fmt;

use axum::http::Uri;
use serde::{Deserialize, Deserializer};
use url::{Url, form_urlencoded};

/// A path on this portal, with its query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next(String);

impl Default for Next {
    fn default() -> Self {
        Self("/".to_owned())
    }
}

impl Next {
    /// The path and query of a request.
    pub fn from_uri(uri: &Uri) -> Self {
        Self::from_text(uri.path_and_query().map_or("/", |path| path.as_str()))
    }

    /// The path in a text from the network, or `/` for whatever a browser might take for another place. It is asked
    /// the way a browser asks: by resolving the text against this portal, backslashes and stray tabs included.
    pub fn from_text(text: &str) -> Self {
        Self::within(text).unwrap_or_default()
    }

    fn within(text: &str) -> Option<Self> {
        let here = Url::parse("http://portal.invalid/").ok()?;
        let there = here.join(text).ok()?;
        let path = match there.query() {
            Some(query) => format!("{}?{query}", there.path()),
            None => there.path().to_owned(),
        };
        // Resolving `/.//host` leaves the path `//host`, which a browser would take for a host.
        (there.origin() == here.origin() && text.starts_with('/') && !path.starts_with("//"))
            .then_some(Self(path))
    }

    /// The path itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The sign-in page that leads there.
    pub fn sign_in(&self) -> String {
        if self.0 == "/" {
            return "/sign-in".to_owned();
        }
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", &self.0).finish();
        format!("/sign-in?{query}")
    }
}

impl fmt::Display for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Next {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from_text(&String::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_this_portal_is_kept() {
        for path in ["/", "/traces?service=reception&min=5ms", "/services/Z%C3%BCrich"] {
            assert_eq!(Next::from_text(path).as_str(), path);
        }
    }

    #[test]
    fn any_other_place_becomes_the_first_page() {
        for elsewhere in [
            "https://evil.example/",
            "//evil.example/",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "\n//evil.example",
            "/.//evil.example",
            "/x/..//evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "http:evil.example",
            "evil",
            "",
        ] {
            assert_eq!(Next::from_text(elsewhere).as_str(), "/", "{elsewhere:?}");
        }
    }

    #[test]
    fn the_sign_in_page_carries_it() {
        assert_eq!(Next::from_text("/traces?a=1&b=2").sign_in(), "/sign-in?next=%2Ftraces%3Fa%3D1%26b%3D2");
        assert_eq!(Next::default().sign_in(), "/sign-in");
    }
}
