//! Texts that are secrets by the look of them.

/// Beginnings by which issuers mark their tokens, and how long these are at least.
const MARKED: &[(&str, usize)] = &[
    ("AIza", 35),
    ("AKIA", 20),
    ("ASIA", 20),
    ("eyJ", 20),
    ("ghp_", 36),
    ("gho_", 36),
    ("ghs_", 36),
    ("ghu_", 36),
    ("github_pat_", 40),
    ("glpat-", 20),
    ("rk_live_", 20),
    ("sk-ant-", 20),
    ("sk_live_", 20),
    ("xoxb-", 20),
    ("xoxp-", 20),
];
const SCHEMES: [&str; 2] = ["bearer ", "basic "];
/// Shorter words may follow `basic` in a sentence.
const LONG: usize = 20;
const SHORTEST: usize = 6;
const KEY_BEGINS: &str = "-----BEGIN ";
const LONGEST_LABEL: usize = 64;
const KEY_ENDS: &str = "-----END";

/// For each byte that a secret can begin with, a bit for each that can come second.
static BEGINNINGS: [u128; 128] = {
    let (mut beginnings, mut at) = ([0; 128], 0);
    while at < MARKED.len() {
        let mark = MARKED[at].0.as_bytes();
        beginnings[mark[0] as usize] |= 1 << mark[1];
        at += 1;
    }
    at = 0;
    while at < SCHEMES.len() {
        let scheme = SCHEMES[at].as_bytes();
        let seconds = 1 << scheme[1] | 1 << scheme[1].to_ascii_uppercase();
        beginnings[scheme[0] as usize] |= seconds;
        beginnings[scheme[0].to_ascii_uppercase() as usize] |= seconds;
        at += 1;
    }
    beginnings
};

/// Whether a secret can begin with this byte.
pub(super) const fn begins(first: u8) -> bool {
    first.is_ascii() && BEGINNINGS[first as usize] != 0
}

/// Whether a secret can begin with these two bytes; that much can be said of most words at once.
pub(super) fn may_begin(first: u8, second: u8) -> bool {
    begins(first) && second.is_ascii() && BEGINNINGS[usize::from(first)] >> second & 1 == 1
}

/// Where a secret begins and ends, if one begins with the word at `start`. `look` hears how many bytes are looked at.
pub(super) fn at(text: &str, start: usize, look: impl Fn(usize)) -> Option<(usize, usize)> {
    let rest = text.get(start..)?;
    marked(rest, &look)
        .map(|length| (start, start + length))
        .or_else(|| of_scheme(rest, &look).map(|(begin, end)| (start + begin, start + end)))
}

/// A private key in PEM.
pub(super) fn private_key(text: &str, start: usize, look: impl Fn(usize)) -> Option<(usize, usize)> {
    let rest = text.get(start..)?.strip_prefix(KEY_BEGINS)?;
    look(rest.len().min(LONGEST_LABEL));
    let label_end = rest.bytes().take(LONGEST_LABEL).position(|byte| byte == b'-')?;
    let (label, body) = rest.split_at(label_end);
    let body = body.strip_prefix("-----")?;
    if !label.ends_with("PRIVATE KEY") {
        return None;
    }
    let begin = start + KEY_BEGINS.len() + label.len() + "-----".len();
    Some((begin, begin + body.find(KEY_ENDS).unwrap_or(body.len())))
}

fn marked(rest: &str, look: &impl Fn(usize)) -> Option<usize> {
    let first = rest.as_bytes().first()?;
    let mut marks = MARKED.iter().filter(|(mark, _)| mark.as_bytes().first() == Some(first));
    let (mark, shortest) = marks.find(|(mark, _)| rest.starts_with(mark))?;
    let length = length_of(rest);
    look(length);
    // Of a JSON Web Token, all three parts; without a dot it is something else in base64.
    let is_whole = *mark != "eyJ" || rest.get(..length)?.matches('.').count() >= 2;
    (length >= *shortest && is_whole).then_some(length)
}

fn of_scheme(rest: &str, look: &impl Fn(usize)) -> Option<(usize, usize)> {
    let is_begin =
        |scheme: &&&str| rest.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme));
    let begin = SCHEMES.iter().find(is_begin)?.len();
    let length = length_of(rest.get(begin..)?);
    look(length);
    let secret = rest.get(begin..begin + length)?;
    let is_secret = length >= LONG
        || length >= SHORTEST && secret.bytes().any(|byte| byte.is_ascii_digit() || b"=+/".contains(&byte));
    is_secret.then_some((begin, begin + length))
}

/// Of what tokens are made of.
fn length_of(text: &str) -> usize {
    let is_of_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(byte);
    let length = text.bytes().take_while(|byte| is_of_token(byte)).count();
    // The end of a sentence is none of its last word.
    length - usize::from(text[..length].ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_secret_begins_with_is_told_at_once() {
        for begin in ["AKIA", "eyJ", "github_pat_", "xoxb-", "bearer ", "Bearer ", "BASIC "] {
            let [first, second, ..] = *begin.as_bytes() else { panic!("{begin}") };
            assert!(begins(first) && may_begin(first, second), "{begin}");
        }
        for word in ["order", "eat", "Ak", "é", "be\u{301}"] {
            let [first, second, ..] = *word.as_bytes() else { panic!("{word}") };
            assert_eq!(may_begin(first, second), word.starts_with("be"), "{word}");
        }
    }
}
