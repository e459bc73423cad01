//! The address that a request came from.

use std::{
    convert::Infallible,
    fmt,
    net::{IpAddr, Ipv6Addr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{Extensions, HeaderMap, request::Parts},
};

use crate::state::App;

/// The address that a request came from, as far as it is known. Behind a proxy that whoever runs the portal trusts, it
/// is what that proxy wrote last into `X-Forwarded-For`; all before it could be made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(Option<IpAddr>);

impl ClientAddress {
    pub(super) fn of(headers: &HeaderMap, extensions: &Extensions, app: &App) -> Self {
        let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let forwarded = if app.settings().trust_proxy { forwarded_for(headers) } else { None };
        Self(forwarded.or(peer).map(|address| address.to_canonical()))
    }

    /// What throttling counts by. One customer of a provider has a whole /64 of IPv6 addresses.
    pub fn throttled_as(&self) -> String {
        match self.0 {
            Some(IpAddr::V6(address)) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(address) => address.fmt(f),
            None => f.write_str("unknown"),
        }
    }
}

impl FromRequestParts<App> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers, &parts.extensions, app))
    }
}

fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").into_iter().next_back()?.to_str().ok()?;
    let last = last.rsplit(',').next()?.trim();
    last.parse().ok().or_else(|| last.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_proxy_has_the_word() {
        let mut headers = HeaderMap::new();
        assert_eq!(forwarded_for(&headers), None);
        headers.append("x-forwarded-for", "192.0.2.1, 192.0.2.2".parse().unwrap());
        assert_eq!(forwarded_for(&headers), Some([192, 0, 2, 2].into()));
        headers.append("x-forwarded-for", "[2001:db8::1]:443".parse().unwrap());
        assert_eq!(forwarded_for(&headers), "2001:db8::1".parse().ok());
        headers.append("x-forwarded-for", "somebody".parse().unwrap());
        assert_eq!(forwarded_for(&headers), None);
    }

    #[test]
    fn one_customer_counts_once() {
        let as_throttled = |text: &str| ClientAddress(text.parse().ok()).throttled_as();
        assert_eq!(as_throttled("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(as_throttled("192.0.2.1"), "192.0.2.1");
        assert_eq!(as_throttled("nowhere"), "unknown");
    }
}
