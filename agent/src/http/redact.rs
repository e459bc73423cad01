//! Keeps secrets in URLs out of spans: layers of the service's own may show them as well.

use crate::mask::{Mask, REDACTED};

/// `url.full` of a request: without user and password, without secrets in the query, without fragment.
pub(crate) fn url(
    mask: &Mask,
    scheme: &str,
    authority: &str,
    path: &str,
    parameters: Option<&str>,
) -> String {
    let authority = match authority.rsplit_once('@') {
        Some((_, host)) => format!("{REDACTED}:{REDACTED}@{host}"),
        None => authority.to_owned(),
    };
    let parameters = parameters.map(|parameters| format!("?{}", mask.query(parameters))).unwrap_or_default();
    format!("{scheme}://{authority}{path}{parameters}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_loses_user_and_password() {
        let mask = Mask::default();
        assert_eq!(
            url(&mask, "https", "me:pw@shop.example:8443", "/orders", Some("q=1&token=t")),
            "https://REDACTED:REDACTED@shop.example:8443/orders?q=1&token=REDACTED"
        );
        assert_eq!(url(&mask, "http", "shop.example", "/", None), "http://shop.example/");
    }
}
