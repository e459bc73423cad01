//! W3C `tracestate`. Source: <https://www.w3.org/TR/trace-context-2/#tracestate-header>.

use super::super::TraceState;

const MAX_MEMBERS: usize = 32;

/// The list members of all header lines as one. None if one of them is malformed or there are too many: then the whole
/// list is dropped, as W3C wants it.
pub(super) fn join(lines: &[&str]) -> Option<TraceState> {
    let members: Vec<&str> = lines
        .iter()
        .flat_map(|line| line.split(','))
        .map(|member| member.trim_matches([' ', '\t']))
        .filter(|member| !member.is_empty())
        .collect();
    let valid = members.len() <= MAX_MEMBERS && members.iter().all(|member| is_member(member));
    valid.then(|| TraceState::new(&members.join(",")))
}

fn is_member(member: &str) -> bool {
    member.split_once('=').is_some_and(|(key, value)| is_key(key) && is_value(value))
}

/// A simple key, or a tenant and a system.
fn is_key(key: &str) -> bool {
    match key.split_once('@') {
        None => is_part(key, 256),
        Some((tenant, system)) => {
            is_part(tenant, 241) && is_part(system, 14) && !system.starts_with(|c: char| c.is_ascii_digit())
        }
    }
}

fn is_part(part: &str, longest: usize) -> bool {
    let first = part.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    let every = part.bytes().all(|c| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/'));
    first && every && part.len() <= longest
}

fn is_value(value: &str) -> bool {
    let every = value.bytes().all(|c| matches!(c, b' '..=b'~') && c != b',' && c != b'=');
    every && !value.is_empty() && value.len() <= 256
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cases of <https://github.com/w3c/trace-context/blob/main/test/test.py>.
    #[test]
    fn keeps_the_valid_and_drops_the_malformed() {
        let long = |length: usize| "z".repeat(length);
        let many = |count: usize| (0..count).map(|i| format!("bar{i:02}=1")).collect::<Vec<_>>().join(",");
        let cases: &[(&[&str], Option<&str>)] = &[
            (&[], Some("")),
            (&[""], Some("")),
            (&["foo=1"], Some("foo=1")),
            (&["foo=1,", "bar=2"], Some("foo=1,bar=2")),
            (&["foo=1 \t , \t bar=2, \t baz=3"], Some("foo=1,bar=2,baz=3")),
            (&["foo=1,bar=2", "", "rojo=3"], Some("foo=1,bar=2,rojo=3")),
            (&["foo=a  b"], Some("foo=a  b")),
            (&["foo-_*/bar=4"], Some("foo-_*/bar=4")),
            (&["t@system=1"], Some("t@system=1")),
            (&["0=1"], Some("0=1")),
            (&["foo"], None),
            (&["foo="], None),
            (&["=1"], None),
            (&["foo =1"], None),
            (&["FOO=1"], None),
            (&["foo.bar=1"], None),
            (&["foo@=1,bar=2"], None),
            (&["@foo=1,bar=2"], None),
            (&["foo@@bar=1,bar=2"], None),
            (&["foo@bar@baz=1,bar=2"], None),
            (&["foo=bar=baz"], None),
            (&["foo=bär"], None),
            (&["foo=\t1", "bar=2"], None),
            (&[&many(32)], Some(&many(32))),
            (&[&many(33)], None),
            (&[&format!("{}=1", long(256))], Some(&format!("{}=1", long(256)))),
            (&[&format!("{}=1", long(257))], None),
            (&[&format!("{}@{}=1", long(241), long(14))], Some(&format!("{}@{}=1", long(241), long(14)))),
            (&[&format!("{}@v=1", long(242))], None),
            (&[&format!("t@{}=1", long(15))], None),
            (&[&format!("foo={}", long(256))], Some(&format!("foo={}", long(256)))),
            (&[&format!("foo={}", long(257))], None),
        ];
        for (lines, want) in cases {
            let joined = join(lines);
            assert_eq!(joined.as_ref().map(TraceState::as_str), *want, "{lines:?}");
        }
    }
}
