//! Host and port as they stand in a URL or a `Host` header.

/// Host and port of an authority: `shop.example:8080`, `[::1]:80`. User and password are left out.
pub(crate) fn host_and_port(authority: &str) -> (&str, Option<u16>) {
    // Byte by byte, for these are short: a search would be set up for a long text.
    let (mut start, mut colon) = (0, None);
    for (at, byte) in authority.bytes().enumerate() {
        match byte {
            b'@' => (start, colon) = (at + 1, None),
            b':' => colon = Some(at),
            _ => {}
        }
    }
    let host_and_port = colon.map(|at| (&authority[start..at], &authority[at + 1..]));
    let (host, port) = match host_and_port {
        Some((host, port)) if !port.contains(']') => (host, port.parse().ok()),
        _ => (&authority[start..], None),
    };
    (host.trim_start_matches('[').trim_end_matches(']'), port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_names_and_addresses() {
        for (authority, expected) in [
            ("shop.example", ("shop.example", None)),
            ("shop.example:8080", ("shop.example", Some(8080))),
            ("me:secret@shop.example:8080", ("shop.example", Some(8080))),
            ("[::1]:80", ("::1", Some(80))),
            ("[::1]", ("::1", None)),
            ("shop.example:99999", ("shop.example", None)),
            ("", ("", None)),
        ] {
            assert_eq!(host_and_port(authority), expected, "{authority}");
        }
    }
}
