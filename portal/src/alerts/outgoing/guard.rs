//! Which addresses the portal dials for a channel or a service's URL.
//!
//! Whoever may write such an address could otherwise have the portal speak to what only its host can reach: its own
//! loopback, the link, or the metadata service of a cloud, which gives away credentials. Private addresses are dialled:
//! receivers and services in the same network are what most people have.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// Metadata services of clouds that are not link-local: Alibaba's, Oracle's, and Amazon's of IPv6.
const METADATA: [IpAddr; 3] = [
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
];

/// Which addresses the portal dials.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressGuard {
    /// Dialled whatever they are.
    pub allowed: Vec<IpNet>,
    /// Whether private addresses are refused too.
    pub refuse_private: bool,
}

/// An address that the portal does not dial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{address} is {what}, which the portal does not dial; whoever runs it can allow it: --allow-outgoing {address}/{0} or \
     SEAWORTHY_ALLOW_OUTGOING={address}/{0}", if address.is_ipv4() { 32 } else { 128 }
)]
pub struct RefusedAddress {
    /// The address.
    pub address: IpAddr,
    what: &'static str,
}

impl AddressGuard {
    /// Whether the portal dials this address.
    ///
    /// # Errors
    /// When it does not, with the reason.
    pub fn check(&self, address: IpAddr) -> Result<(), RefusedAddress> {
        let meant = meant(address);
        if self.allowed.iter().any(|network| network.contains(&address) || network.contains(&meant)) {
            return Ok(());
        }
        match special(meant)
            .or_else(|| (self.refuse_private && private(meant)).then_some("a private address"))
        {
            Some(what) => Err(RefusedAddress { address: meant, what }),
            None => Ok(()),
        }
    }
}

/// Where packets to an address end up: some addresses of IPv6 are another way to write one of IPv4.
fn meant(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    let [a, b, c, d, e, f, g, h] = v6.segments();
    let v4 = |high: u16, low: u16| IpAddr::V4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)));
    match [a, b, c, d, e, f] {
        // `::ffff:a.b.c.d` is mapped; `::a.b.c.d` is what came before it, save `::` and `::1`.
        [0, 0, 0, 0, 0, 0xffff] => v4(g, h),
        [0, 0, 0, 0, 0, 0] if g != 0 => v4(g, h),
        // NAT64, RFC 6052, and for local use, RFC 8215.
        [0x64, 0xff9b, 0, 0, 0, 0] | [0x64, 0xff9b, 1, ..] => v4(g, h),
        // 6to4, RFC 3056.
        [0x2002, high, low, ..] => v4(high, low),
        _ => address,
    }
}

/// What no receiver of messages is.
fn special(address: IpAddr) -> Option<&'static str> {
    if METADATA.contains(&address) {
        return Some("the metadata service of a cloud");
    }
    match address {
        IpAddr::V4(v4) => match v4.octets() {
            [0, ..] => Some("no address to send to"),
            [127, ..] => Some("a loopback address"),
            [169, 254, ..] => Some("a link-local address"),
            [224..=239, ..] => Some("a multicast address"),
            [240..=255, ..] => Some("no address to send to"),
            _ => None,
        },
        IpAddr::V6(v6) if v6.is_unspecified() => Some("no address to send to"),
        IpAddr::V6(v6) if v6.is_loopback() => Some("a loopback address"),
        IpAddr::V6(v6) if v6.is_unicast_link_local() => Some("a link-local address"),
        IpAddr::V6(v6) if v6.is_multicast() => Some("a multicast address"),
        IpAddr::V6(_) => None,
    }
}

/// RFC 1918, RFC 6598 (shared by carriers), RFC 4193 and what came before it.
fn private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || matches!(v4.octets(), [100, 64..=127, ..]),
        IpAddr::V6(v6) => {
            v6.is_unique_local() || v6.segments().first().is_some_and(|first| first & 0xffc0 == 0xfec0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(guard: &AddressGuard, address: &str) -> Option<&'static str> {
        guard.check(address.parse().unwrap()).err().map(|refused| refused.what)
    }

    #[test]
    fn what_is_no_receiver_is_refused_however_it_is_written() {
        for (address, what) in [
            ("127.0.0.1", "a loopback address"),
            ("127.255.3.4", "a loopback address"),
            ("::1", "a loopback address"),
            ("::ffff:127.0.0.1", "a loopback address"),
            ("::127.0.0.1", "a loopback address"),
            ("64:ff9b::127.0.0.1", "a loopback address"),
            ("64:ff9b:1::7f00:1", "a loopback address"),
            ("2002:7f00:1::", "a loopback address"),
            ("169.254.169.254", "a link-local address"),
            ("::ffff:169.254.169.254", "a link-local address"),
            ("fe80::1", "a link-local address"),
            ("febf::1", "a link-local address"),
            ("0.0.0.0", "no address to send to"),
            ("0.1.2.3", "no address to send to"),
            ("::", "no address to send to"),
            ("::ffff:0.0.0.0", "no address to send to"),
            ("255.255.255.255", "no address to send to"),
            ("240.0.0.1", "no address to send to"),
            ("224.0.0.1", "a multicast address"),
            ("239.1.2.3", "a multicast address"),
            ("ff02::1", "a multicast address"),
            ("::ffff:224.0.0.1", "a multicast address"),
            ("fd00:ec2::254", "the metadata service of a cloud"),
            ("100.100.100.200", "the metadata service of a cloud"),
        ] {
            assert_eq!(refused(&AddressGuard::default(), address), Some(what), "{address}");
        }
    }

    #[test]
    fn private_addresses_are_dialled_unless_they_are_refused() {
        let strict = AddressGuard { refuse_private: true, ..AddressGuard::default() };
        for private in
            ["10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fd12::1", "fec0::1", "::ffff:10.0.0.1"]
        {
            assert_eq!(refused(&AddressGuard::default(), private), None, "{private}");
            assert_eq!(refused(&strict, private), Some("a private address"), "{private}");
        }
        for public in
            ["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2002:101:101::", "64:ff9b::101:101"]
        {
            assert_eq!(refused(&strict, public), None, "{public}");
        }
    }

    #[test]
    fn what_the_operator_allows_is_dialled() {
        let allowed = ["127.0.0.1/32", "fe80::/10", "10.0.0.0/8"].map(|network| network.parse().unwrap());
        let guard = AddressGuard { allowed: allowed.to_vec(), refuse_private: true };
        for address in ["127.0.0.1", "::ffff:127.0.0.1", "fe80::7", "10.9.8.7"] {
            assert_eq!(refused(&guard, address), None, "{address}");
        }
        for address in ["127.0.0.2", "::1", "192.168.0.1"] {
            assert!(refused(&guard, address).is_some(), "{address}");
        }
    }

    #[test]
    fn the_error_names_the_address_and_the_flag() {
        let told =
            |address: &str| AddressGuard::default().check(address.parse().unwrap()).unwrap_err().to_string();
        assert_eq!(
            told("::ffff:127.0.0.1"),
            "127.0.0.1 is a loopback address, which the portal does not dial; whoever runs it can allow it: --allow-outgoing \
             127.0.0.1/32 or SEAWORTHY_ALLOW_OUTGOING=127.0.0.1/32"
        );
        assert!(told("fe80::1").contains("--allow-outgoing fe80::1/128 or"));
    }
}
