//! Host and port as they stand in a URL or a `Host` header.

/// Host and port of an authority: `shop.example:8080`, `[::1]:80`. User and password are left out.
pub(crate) fn host_and_port(authority: &str) -> (&str, Option<u16>) {
    let authority = split_at_last(authority, b'@').map_or(authority, |(_, authority)| authority);
    let (host, port) = match split_at_last(authority, b':') {
        Some((host, port)) if !port.contains(']') => (host, port.parse().ok()),
        _ => (authority, None),
    };
    (host.trim_start_matches('[').trim_end_matches(']'), port)
}

/// `rsplit_once`, which takes longer to set up than these texts to pass.
fn split_at_last(text: &str, byte: u8) -> Option<(&str, &str)> {
    let at = text.bytes().rposition(|other| other == byte)?;
    Some((&text[..at], &text[at + 1..]))
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
