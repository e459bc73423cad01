//! Finds secrets in texts, in one pass.

use std::{borrow::Cow, cell::Cell};

use super::{REDACTED, cards, names::Names, tokens};

/// Bytes of a name that are looked at.
const LONGEST_NAME: usize = 64;
/// Words that are no secret, whatever they are called.
const NOTHING: [&str; 6] = ["None", "false", "nil", "null", "true", REDACTED];
/// What comes between a name and its value, besides a space.
const QUOTES: [u8; 2] = *b"\"'";

/// Bytes that may be looked at again for each byte of a text, and besides. What is beyond is taken for a secret: whoever
/// writes such a text wants it to take long.
const PATIENCE: (usize, usize) = (8, 1_024);

/// A secret in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Secret {
    start: usize,
    end: usize,
    instead: &'static str,
}

impl Secret {
    fn new((start, end): (usize, usize)) -> Self {
        Self { start, end, instead: REDACTED }
    }
}

/// The text without its secrets. `is_query` where it is the query of a URL.
pub(super) fn masked<'a>(text: &'a str, names: &Names, is_query: bool) -> Cow<'a, str> {
    let patience = text.len().saturating_mul(PATIENCE.0).saturating_add(PATIENCE.1);
    let scan = Scan { text, bytes: text.as_bytes(), names, is_query, patience: Cell::new(patience) };
    let Some(mut secret) = scan.next(0) else { return Cow::Borrowed(text) };
    let (mut masked, mut told) = (String::with_capacity(text.len()), 0);
    loop {
        masked.push_str(text.get(told..secret.start).unwrap_or_default());
        masked.push_str(secret.instead);
        told = secret.end;
        match scan.next(told) {
            Some(next) => secret = next,
            None => break,
        }
    }
    masked.push_str(text.get(told..).unwrap_or_default());
    Cow::Owned(masked)
}

/// What a byte can be.
const OF_WORD: u8 = 1;
/// Something that secrets come after, wherever it stands.
const SIGN: u8 = 2;
/// At the beginning of a word, perhaps that of a secret.
const BEGIN: u8 = 4;

static CLASSES: [u8; 256] = {
    let (mut classes, mut at) = ([0; 256], 0);
    while at < classes.len() {
        let byte = at as u8;
        let sign = if matches!(byte, b'=' | b':' | b'-') { SIGN } else { 0 };
        let begin = if byte.is_ascii_digit() || tokens::begins(byte) { BEGIN } else { 0 };
        let of_word = if is_of_word(byte) { OF_WORD } else { 0 };
        classes[at] = sign | begin | of_word;
        at += 1;
    }
    classes
};

struct Scan<'a> {
    text: &'a str,
    bytes: &'a [u8],
    names: &'a Names,
    is_query: bool,
    patience: Cell<usize>,
}

impl Scan<'_> {
    /// The first secret at or after `from`.
    fn next(&self, from: usize) -> Option<Secret> {
        let mut before = from.checked_sub(1).and_then(|at| self.bytes.get(at)).copied().unwrap_or(b' ');
        for (at, byte) in self.bytes.iter().copied().enumerate().skip(from) {
            let begins_word = CLASSES[usize::from(before)] & OF_WORD == 0;
            // Of most bytes there is no more to say than that.
            if CLASSES[usize::from(byte)] & (SIGN | if begins_word { BEGIN } else { 0 }) != 0 {
                if self.patience.get() == 0 {
                    return Some(Secret::new((at, self.bytes.len())));
                }
                let found = self.found(at, byte, before);
                if let Some(found) = found.filter(|found| found.end > found.start.max(from)) {
                    return Some(found);
                }
            }
            before = byte;
        }
        None
    }

    /// The secret that this byte, with that one before it, gives away.
    fn found(&self, at: usize, byte: u8, before: u8) -> Option<Secret> {
        match byte {
            b'=' => self.value_of(at),
            b':' if self.bytes[at..].starts_with(b"://") => self.user(at + 3),
            b':' => self.value_of(at),
            b'-' if before != b'-' => {
                tokens::private_key(self.text, at, |bytes| self.look_at(bytes)).map(Secret::new)
            }
            b'0'..=b'9' if before != b'.' && before != b'-' => {
                cards::end(self.bytes, at).map(|end| Secret::new((at, end)))
            }
            _ if tokens::may_begin(byte, *self.bytes.get(at + 1)?) => {
                tokens::at(self.text, at, |bytes| self.look_at(bytes)).map(Secret::new)
            }
            _ => None,
        }
    }

    fn look_at(&self, bytes: usize) {
        self.patience.set(self.patience.get().saturating_sub(bytes));
    }

    /// User and password of a URL whose authority begins there.
    fn user(&self, start: usize) -> Option<Secret> {
        let rest = self.bytes.get(start..)?;
        let is_end = |byte: &u8| b"/?#\"'<>()".contains(byte) || byte.is_ascii_whitespace();
        let authority = &rest[..rest.iter().position(is_end).unwrap_or(rest.len())];
        self.look_at(authority.len());
        let end = authority.iter().rposition(|byte| *byte == b'@')?;
        let instead = if authority[..end].contains(&b':') { "REDACTED:REDACTED" } else { REDACTED };
        let secret = Secret { start, end: start + end, instead };
        (self.text.get(start..start + end)? != instead).then_some(secret)
    }

    /// The value after `=` or `:` at this place, where the name before it is that of a secret.
    fn value_of(&self, at: usize) -> Option<Secret> {
        let is_colon = self.bytes[at] == b':';
        let next = self.bytes.get(at + 1).copied();
        // A path of modules, or a comparison.
        if matches!((is_colon, next), (true, Some(b':')) | (false, Some(b'=' | b'>'))) {
            return None;
        }
        let (first, end) = self.name_before(at)?;
        let name = self.text.get(first..end)?;
        // A line of a file.
        if is_colon && name.ends_with(".rs") {
            return None;
        }
        let before = first.checked_sub(1).map(|at| self.bytes[at]);
        let is_parameter = matches!(before, Some(b'?' | b'&')) || self.is_query && before.is_none();
        let is_secret = match is_parameter {
            true => self.names.is_secret_parameter(name),
            false => self.names.is_secret(name),
        };
        if !is_secret {
            return None;
        }
        let value = self.value_after(at + 1, is_colon && is_header(name))?;
        let is_listed = first.checked_sub(2).is_some_and(|at| b"{[(,;".contains(&self.bytes[at]));
        let is_sentence = is_colon && before == Some(b' ') && !is_listed && !self.is_quoted(value.0);
        let text = self.text.get(value.0..value.1)?;
        let is_nothing = NOTHING.contains(&text) || is_sentence && !looks_secret(text);
        (!is_nothing).then(|| Secret::new(value))
    }

    /// Where the name that ends before `at` begins and ends.
    fn name_before(&self, at: usize) -> Option<(usize, usize)> {
        let mut end = at;
        while end > 0 && matches!(self.bytes[end - 1], b' ' | b'"' | b'\'' | b'\\') {
            end -= 1;
        }
        let is_of_name = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
        let length = self.bytes[..end].iter().rev().take(LONGEST_NAME).take_while(is_of_name).count();
        self.look_at(at - end + length);
        (length > 0).then_some((end - length, end))
    }

    /// Where the value that comes at `from` begins and ends. That of a header goes to the end of the line.
    fn value_after(&self, from: usize, is_header: bool) -> Option<(usize, usize)> {
        let skipped = |byte: &&u8| matches!(byte, b' ' | b'\t');
        let mut start = from + self.bytes.get(from..)?.iter().take_while(skipped).count();
        // A quote within a text that is quoted itself.
        let is_escaped = self.bytes.get(start) == Some(&b'\\');
        let quote = self.bytes.get(start + usize::from(is_escaped)).copied();
        if let Some(quote) = quote.filter(|quote| QUOTES.contains(quote)) {
            start += 1 + usize::from(is_escaped);
            let end = self.end_of_quoted(start, quote);
            self.look_at(end - from);
            return Some((start, end));
        }
        let mut end = start;
        while let Some(byte) = self.bytes.get(end) {
            match byte {
                b'\n' | b'\r' => break,
                b'"' | b'\'' if is_header => break,
                b'"' | b'\'' => end = self.end_of_quoted(end + 1, *byte),
                b' ' | b'\t' if is_header => {}
                b' ' | b'\t' if self.is_scheme(start, end) => {}
                b' ' | b'\t' | b',' | b';' | b'&' | b')' | b']' | b'}' if !is_header => break,
                _ => {}
            }
            end += 1;
        }
        let end = end.min(self.bytes.len());
        self.look_at(end - from);
        (end > start).then_some((start, end))
    }

    /// Where what is quoted ends: before the quote, or where the text was cut.
    fn end_of_quoted(&self, start: usize, quote: u8) -> usize {
        let mut at = start;
        while let Some(byte) = self.bytes.get(at) {
            match byte {
                b'\\' if self.bytes.get(at + 1) == Some(&quote) && self.bytes.get(at + 2) != Some(&quote) => {
                    // The end of a quote within a quote, or an escaped one: what comes next tells.
                    let goes_on = self.bytes.get(at + 2).is_some_and(|byte| is_of_word(*byte));
                    if !goes_on {
                        return at;
                    }
                    at += 2;
                }
                _ if *byte == quote => return at,
                _ => at += 1,
            }
        }
        self.bytes.len()
    }

    /// Whether a value begins with the name of a scheme: then what follows is the secret.
    fn is_scheme(&self, start: usize, end: usize) -> bool {
        let word = self.text.get(start..end).unwrap_or_default();
        ["basic", "bearer", "digest", "token"].iter().any(|scheme| word.eq_ignore_ascii_case(scheme))
    }

    fn is_quoted(&self, start: usize) -> bool {
        start.checked_sub(1).is_some_and(|at| QUOTES.contains(&self.bytes[at]))
    }
}

const fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Of a header the whole line is the value.
fn is_header(name: &str) -> bool {
    let is_end = |end: &str| {
        let at = name.len().checked_sub(end.len());
        at.and_then(|at| name.get(at..)).is_some_and(|last| last.eq_ignore_ascii_case(end))
    };
    ["authorization", "cookie"].iter().any(|end| is_end(end))
}

/// In a sentence such as `wrong password: too short` the next word is none.
fn looks_secret(value: &str) -> bool {
    value.len() >= 16 || value.bytes().any(|byte| byte.is_ascii_digit() || b"=+/_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(text: &str) -> String {
        masked(text, &Names::new([]), false).into_owned()
    }

    #[test]
    fn secrets_are_found_in_texts() {
        for (before, after) in [
            ("password=hunter2", "password=REDACTED"),
            ("login with password = hunter2, retry", "login with password = REDACTED, retry"),
            (r#"{"user":"ada","password":"a b c","n":1}"#, r#"{"user":"ada","password":"REDACTED","n":1}"#),
            (r#"{\"token\":\"abc def\",\"n\":1}"#, r#"{\"token\":\"REDACTED\",\"n\":1}"#),
            (
                r#"User { name: "ada", password: "x y", pin: 1234 }"#,
                r#"User { name: "ada", password: "REDACTED", pin: REDACTED }"#,
            ),
            (r#"Db { password: Some("a b"), port: 1 }"#, r#"Db { password: REDACTED), port: 1 }"#),
            ("db_password: hunter2\nhost: h", "db_password: REDACTED\nhost: h"),
            ("Authorization: Bearer abc\nhost: h", "Authorization: REDACTED\nhost: h"),
            ("authorization=Bearer abc next", "authorization=REDACTED next"),
            ("Cookie: a=b; c=d", "Cookie: REDACTED"),
            ("sent Bearer dGhpcyBpcyBzZWNyZXQ=, refused", "sent Bearer REDACTED, refused"),
            ("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r.", "got REDACTED."),
            ("postgres://shop:hunter2@db:5432/shop", "postgres://REDACTED:REDACTED@db:5432/shop"),
            ("https://token@git.example/x", "https://REDACTED@git.example/x"),
            (
                "GET https://shop.example/?q=1&sig=abc&access_token=t#top",
                "GET https://shop.example/?q=1&sig=REDACTED&access_token=REDACTED",
            ),
            ("paid with 4111 1111 1111 1111 today", "paid with REDACTED today"),
            ("key ghp_0123456789abcdefghijABCDEFGHIJ012345 used", "key REDACTED used"),
            ("id AKIAIOSFODNN7EXAMPLE", "id REDACTED"),
            (
                "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
                "-----BEGIN RSA PRIVATE KEY-----REDACTED-----END RSA PRIVATE KEY-----",
            ),
            ("wrong password: hunter2hunter2", "wrong password: REDACTED"),
            ("pässword=x token=äöü", "pässword=x token=REDACTED"),
            ("secret=", "secret="),
        ] {
            assert_eq!(text(before), after);
            assert_eq!(text(after), after, "what is masked stays as it is");
        }
    }

    #[test]
    fn what_is_none_stays() {
        for plain in [
            "order taken",
            "wrong password: too short",
            "unexpected token: `}`",
            "secret::Store at src/secret.rs:12:5",
            "token == None, token => next",
            "api_key: None",
            "used 17 tokens: fine",
            "a basic understanding of bearer bonds",
            "http://127.0.0.1:4680/v1/logs",
            "mail to ada@example.com",
            "took 1763752500123456 ns",
            "exit code=3 key=menu",
            "ebony is no eyJ",
            "trace 4bf92f3577b34da6a3ce929d0e0e4736",
        ] {
            assert!(
                matches!(masked(plain, &Names::new([]), false), Cow::Borrowed(_)),
                "{plain}: {}",
                text(plain)
            );
        }
    }

    #[test]
    fn a_text_that_is_made_to_take_long_is_cut_off() {
        let slow = [
            "-eyJ".repeat(20_000),
            "token:".repeat(20_000),
            "\"=".repeat(20_000),
            "://a".repeat(20_000),
            format!("{}=1", "\" ".repeat(20_000)),
            "password=\"\\\" ".repeat(20_000),
            "4".repeat(80_000),
            "-----BEGIN ".repeat(10_000),
            "bearer ".repeat(10_000),
        ];
        for text in slow {
            let begun = std::time::Instant::now();
            let length = masked(&text, &Names::new([]), false).len();
            let took = begun.elapsed();
            assert!(took < std::time::Duration::from_millis(500), "{length} of {}: {took:?}", &text[..20]);
        }
        let plain = "an ordinary text with a=b in it, and c: d; ".repeat(1_000);
        assert!(matches!(masked(&plain, &Names::new([]), false), Cow::Borrowed(_)));
    }

    #[test]
    fn a_query_has_secrets_of_its_own() {
        for (before, after) in [
            ("", ""),
            ("page=2&sort=name", "page=2&sort=name"),
            ("page=2&access_token=abc&sort", "page=2&access_token=REDACTED&sort"),
            ("sig=a%3Db&Signature=x=y", "sig=REDACTED&Signature=REDACTED"),
            ("AWSAccessKeyId=AK&X-Goog-Signature=q", "AWSAccessKeyId=REDACTED&X-Goog-Signature=REDACTED"),
            ("X-Amz-Credential=c&X-Amz-Date=d", "X-Amz-Credential=REDACTED&X-Amz-Date=d"),
            ("monkey=banana&key=k", "monkey=banana&key=REDACTED"),
            ("token", "token"),
            ("client_secret=&a=b", "client_secret=&a=b"),
        ] {
            assert_eq!(masked(before, &Names::new([]), true), after);
        }
    }

    proptest! {
        #[test]
        fn whatever_the_text_masking_ends_and_is_done_once(
            text in "([a-z\u{e4}]{0,3}|password|token|=|: |://|\"|\\\\|'|@|&|\\?| |\n|eyJ|Bearer |4111|-----BEGIN |x1){0,24}"
        ) {
            let names = Names::new([]);
            let once = masked(&text, &names, false).into_owned();
            let twice = masked(&once, &names, false).into_owned();
            // A second pass may find what the first one uncovered, but it comes to an end.
            prop_assert!(twice.len() <= once.len() + REDACTED.len() * 24);
        }

        #[test]
        fn a_password_never_shows(password in "[a-zA-Z0-9]{6,20}", quote in "[\"']?") {
            let text = format!("connect password={quote}{password}{quote} failed");
            let shown = masked(&text, &Names::new([]), false).into_owned();
            prop_assert!(!shown.contains(&password) || NOTHING.contains(&password.as_str()), "{shown}");
        }
    }
}
