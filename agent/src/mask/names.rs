//! By which names secrets go.

use std::{
    cell::RefCell,
    collections::HashMap,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use foldhash::fast::FixedState;

/// A name that holds one of these is that of a secret. Case, and what joins words, does not matter.
const PARTS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "authorization",
    "cookie",
    "credential",
    "apikey",
    "accesskey",
    "privatekey",
    "signingkey",
    "encryptionkey",
];
/// A name whose last part is this is that of a secret.
const WHOLE: &[&str] = &["auth", "cvc", "cvv", "jwt", "otp", "pass", "pin", "pwd", "ssn"];
/// In queries of URLs, where values are for programs.
const QUERY_PARTS: &[&str] = &["signature", "auth", "session"];
const QUERY_WHOLE: &[&str] = &["sig", "key", "code", "sid"];
/// Numbers of tokens are no secret: what language models read and write.
const PLURAL: &str = "tokens";

/// Longer names are judged by their beginning.
const LONGEST: usize = 64;
/// Names of fields whose verdict a thread remembers.
const REMEMBERED: usize = 1_024;

thread_local! {
    static KNOWN: RefCell<Known> = const { RefCell::new(Known::with_hasher(FixedState::with_seed(0))) };
}

/// Whether fields are secrets.
type Known = HashMap<Field, bool, FixedState>;

/// The name of a field, by a list. The names are constants: where one lies in memory tells it from others.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Field {
    by: u64,
    address: usize,
    length: usize,
}

/// By which names secrets go.
#[derive(Clone, Debug)]
pub(super) struct Names {
    /// Tells lists apart; never 0.
    id: u64,
    parts: Vec<Part>,
    whole: Vec<String>,
    query_parts: Vec<Part>,
    query_whole: Vec<String>,
}

/// What the name of a secret holds.
#[derive(Clone, Debug)]
struct Part {
    text: String,
    letters: u32,
}

/// A name in lower case, without what joins its words.
struct Compact {
    text: [u8; LONGEST],
    length: usize,
    letters: u32,
}

impl Compact {
    fn of(name: &str) -> Self {
        let mut compact = Self { text: [0; LONGEST], length: 0, letters: 0 };
        let bytes = name.bytes().filter(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii());
        for (slot, byte) in compact.text.iter_mut().zip(bytes) {
            *slot = byte.to_ascii_lowercase();
            compact.letters |= letter(*slot);
            compact.length += 1;
        }
        compact
    }

    fn text(&self) -> &[u8] {
        self.text.get(..self.length).unwrap_or_default()
    }

    /// Most names lack a letter of most parts. Of several tokens there is a number; of one, its text.
    fn holds(&self, part: &Part) -> bool {
        let (text, part_text) = (self.text(), part.text.as_bytes());
        self.letters & part.letters == part.letters
            && (0..text.len()).any(|at| {
                let rest = text.get(at..).unwrap_or_default();
                rest.starts_with(part_text) && (part.text != "token" || !rest.starts_with(PLURAL.as_bytes()))
            })
    }
}

impl From<String> for Part {
    fn from(text: String) -> Self {
        let letters = text.bytes().fold(0, |letters, byte| letters | letter(byte));
        Self { text, letters }
    }
}

/// A bit for each letter, and one for all that are none.
fn letter(byte: u8) -> u32 {
    if byte.is_ascii_lowercase() { 1 << (byte - b'a') } else { 1 << 31 }
}

impl Names {
    pub(super) fn new<'a>(named: impl IntoIterator<Item = &'a str>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let (mut added, mut removed) = (Vec::new(), Vec::new());
        for name in named.into_iter().map(str::trim) {
            match name.strip_prefix('-') {
                Some(name) => removed.push(compact(name)),
                None => added.push(compact(name)),
            }
        }
        let but = |names: &[&str]| -> Vec<String> {
            let names = names.iter().filter(|name| removed.iter().all(|removed| removed != *name));
            names.map(|name| (*name).to_owned()).collect()
        };
        let added = added.into_iter().filter(|name: &String| !name.is_empty());
        Self {
            id: NEXT.fetch_add(1, Relaxed),
            parts: but(PARTS).into_iter().chain(added).map(Part::from).collect(),
            whole: but(WHOLE),
            query_parts: but(QUERY_PARTS).into_iter().map(Part::from).collect(),
            query_whole: but(QUERY_WHOLE),
        }
    }

    /// Tells lists apart.
    pub(super) fn id(&self) -> u64 {
        self.id
    }

    /// Whether this is the name of a secret.
    pub(super) fn is_secret(&self, name: &str) -> bool {
        has(&self.parts, &self.whole, name)
    }

    /// The same of a parameter in a query.
    pub(super) fn is_secret_parameter(&self, name: &str) -> bool {
        self.is_secret(name) || has(&self.query_parts, &self.query_whole, name)
    }

    /// The same of a field, whose name comes again and again.
    pub(super) fn is_secret_field(&self, name: &'static str) -> bool {
        let field = Field { by: self.id, address: name.as_ptr().addr(), length: name.len() };
        let known = |known: &RefCell<Known>| {
            let mut known = known.try_borrow_mut().ok()?;
            if let Some(is_secret) = known.get(&field) {
                return Some(*is_secret);
            }
            let is_secret = self.is_secret(name);
            if known.len() < REMEMBERED {
                known.insert(field, is_secret);
            }
            Some(is_secret)
        };
        KNOWN.try_with(known).ok().flatten().unwrap_or_else(|| self.is_secret(name))
    }
}

fn has(parts: &[Part], whole: &[String], name: &str) -> bool {
    let compact = Compact::of(name);
    let last = name.rsplit(['.', '_', '-']).next().unwrap_or_default();
    parts.iter().any(|part| compact.holds(part)) || whole.iter().any(|whole| whole.eq_ignore_ascii_case(last))
}

/// In lower case, without what joins words.
fn compact(name: &str) -> String {
    String::from_utf8_lossy(Compact::of(name).text()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_by_many_names() {
        let names = Names::new([]);
        for secret in [
            "password",
            "db.password",
            "DB_PASSWORD",
            "userPassword",
            "http.request.header.authorization",
            "proxy-authorization",
            "set-cookie",
            "access_token",
            "accessToken",
            "token",
            "csrf-token",
            "api_key",
            "x-api-key",
            "AWS_SECRET_ACCESS_KEY",
            "client_secret",
            "credentials",
            "private_key",
            "user.pin",
            "card.cvv",
            "pwd",
        ] {
            assert!(names.is_secret(secret) && names.is_secret_parameter(secret), "{secret}");
        }
        for plain in [
            "http.route",
            "author",
            "gen_ai.usage.input_tokens",
            "max_tokens",
            "key",
            "code",
            "session.id",
            "pinned",
            "compass",
            "monkey",
            "status",
            "",
        ] {
            assert!(!names.is_secret(plain), "{plain}");
        }
        for only_in_queries in ["sig", "key", "X-Goog-Signature", "session_id", "code", "oauth_nonce"] {
            assert!(!names.is_secret(only_in_queries), "{only_in_queries}");
            assert!(names.is_secret_parameter(only_in_queries), "{only_in_queries}");
        }
    }

    #[test]
    fn the_list_is_the_services() {
        let names = Names::new(["email", " Card-Holder ", "-cookie", "", "-key"]);
        for secret in ["user.email", "email_address", "card_holder", "password"] {
            assert!(names.is_secret(secret), "{secret}");
        }
        assert!(!names.is_secret("cookie") && !names.is_secret_parameter("key") && !names.is_secret("page"));
    }

    #[test]
    fn a_verdict_is_remembered_by_list() {
        let (usual, other) = (Names::new([]), Names::new(["-token", "route"]));
        for _ in 0..2 {
            assert!(usual.is_secret_field("token") && !usual.is_secret_field("route"));
            assert!(!other.is_secret_field("token") && other.is_secret_field("route"));
        }
    }
}
