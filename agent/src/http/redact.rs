//! Keeps secrets in URLs out of spans: layers of the service's own may show them as well.

use std::fmt;

use http::Uri;

use crate::mask::{Mask, REDACTED};

/// `url.full` of a request: without user and password, without secrets in the query, without fragment. Written only where somebody
/// wants it.
pub(crate) struct Redacted<'a> {
    pub(crate) url: &'a Uri,
    pub(crate) mask: &'a Mask,
}

impl fmt::Display for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let authority = self.url.authority().map_or("", http::uri::Authority::as_str);
        write!(f, "{}://", self.url.scheme_str().unwrap_or("http"))?;
        match authority.rsplit_once('@') {
            Some((_, host)) => write!(f, "{REDACTED}:{REDACTED}@{host}")?,
            None => f.write_str(authority)?,
        }
        f.write_str(self.url.path())?;
        match self.url.query() {
            Some(query) => write!(f, "?{}", self.mask.query(query)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_loses_user_and_password() {
        for (url, told) in [
            (
                "https://me:pw@shop.example:8443/orders?q=1&token=t",
                "https://REDACTED:REDACTED@shop.example:8443/orders?q=1&token=REDACTED",
            ),
            ("http://shop.example/", "http://shop.example/"),
        ] {
            let redacted = Redacted { url: &url.parse().unwrap(), mask: &Mask::default() };
            assert_eq!(redacted.to_string(), told);
        }
    }
}
