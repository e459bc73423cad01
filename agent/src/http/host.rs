//! Host and port as they stand in a URL or a `Host` header.

/// Host and port of an authority: `shop.example:8080`, `[::1]:80`. User and password are left out.
pub(crate) fn host_and_port(authority: &str) -> (&str, Option<u16>) {
    // Byte by byte and from the end, for these are short: a search would be set up for a long text.
    let bytes = authority.as_bytes();
    let start = bytes.iter().rposition(|byte| *byte == b'@').map_or(0, |at| at + 1);
    let authority = &authority[start..];
    let last = authority.bytes().rposition(|byte| matches!(byte, b':' | b']'));
    let (host, port) = match last.map(|at| (at, authority.as_bytes()[at])) {
        Some((at, b':')) => (&authority[..at], authority[at + 1..].parse().ok()),
        _ => (authority, None),
    };
    let literal = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    (literal.unwrap_or(host), port)
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
