//! Searching in texts: by words, which the filters know, and by patterns, which only the text itself can tell.

/// So much of each value is searched: what is longer is a document and not a message.
const SEARCHED: usize = 16 << 10;
/// Longer words are cut; ids and hashes are shorter.
const LONGEST_WORD: usize = 64;

/// Calls `found` with each word of a text: runs of letters and digits in lower case, and what such a run is made of where
/// capitals show it, so that `timeout` finds `TimeoutError`.
pub(super) fn words(text: &str, mut found: impl FnMut(&str)) {
    for run in runs(searched(text)) {
        found(&lowered(run));
        let mut begin = 0;
        let parts = humps(run);
        if parts.len() > 1 {
            for end in parts {
                found(&lowered(&run[begin..end]));
                begin = end;
            }
        }
    }
}

fn runs(text: &str) -> impl Iterator<Item = &str> {
    let runs = text.split(|c: char| !c.is_alphanumeric()).filter(|run| !run.is_empty());
    runs.map(|run| &run[..run.floor_char_boundary(LONGEST_WORD)])
}

/// Where the parts of `HttpServer2xx` end: before each capital that follows or precedes a small letter.
fn humps(run: &str) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut before: Option<char> = None;
    let mut chars = run.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next_is_small = chars.peek().is_some_and(|(_, next)| next.is_lowercase());
        let begins = c.is_uppercase()
            && before.is_some_and(|before| before.is_lowercase() || (before.is_uppercase() && next_is_small));
        if begins {
            ends.push(at);
        }
        before = Some(c);
    }
    ends.push(run.len());
    ends
}

fn searched(text: &str) -> &str {
    &text[..text.floor_char_boundary(SEARCHED)]
}

fn lowered(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.to_lowercase() }
}

/// One piece of what is searched for.
pub(super) struct Piece {
    /// Words that the text must have.
    words: Vec<String>,
    /// Parts that the text must hold, one after the other.
    parts: Vec<String>,
    /// Whether the first part begins a word, and whether the last one ends one.
    bounds: (bool, bool),
}

impl Piece {
    pub(super) fn new(piece: &str) -> Self {
        let parts = piece.split('*').filter(|part| !part.is_empty()).map(lowered).collect();
        if piece.contains('*') {
            return Self {
                words: Vec::new(),
                parts,
                bounds: (!piece.starts_with('*'), !piece.ends_with('*')),
            };
        }
        Self { words: runs(piece).map(lowered).collect(), parts, bounds: (false, false) }
    }

    /// What filters are asked for. A word beside a star may be part of a longer one, of which filters know nothing.
    pub(super) fn words(&self) -> &[String] {
        &self.words
    }

    /// Whether a text holds it.
    pub(super) fn is_in(&self, text: &str) -> bool {
        // Most texts do not hold it at all, and that is cheap to see.
        self.holds_parts(&lowered(searched(text))) && self.has_words(text)
    }

    fn has_words(&self, text: &str) -> bool {
        let mut missing: Vec<&String> = self.words.iter().collect();
        if !missing.is_empty() {
            words(text, |word| missing.retain(|wanted| *wanted != word));
        }
        missing.is_empty()
    }

    fn holds_parts(&self, text: &str) -> bool {
        let Some((first, rest)) = self.parts.split_first() else { return true };
        text.match_indices(first.as_str()).any(|(at, _)| {
            (!self.bounds.0 || !text[..at].ends_with(char::is_alphanumeric))
                && self.holds_rest(&text[at + first.len()..], rest)
        })
    }

    fn holds_rest(&self, mut text: &str, rest: &[String]) -> bool {
        let ends = |text: &str| !self.bounds.1 || !text.starts_with(char::is_alphanumeric);
        let Some((last, between)) = rest.split_last() else { return ends(text) };
        for part in between {
            let Some((_, after)) = text.split_once(part.as_str()) else { return false };
            text = after;
        }
        text.match_indices(last.as_str()).any(|(at, _)| ends(&text[at + last.len()..]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words_in(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        words(text, |word| found.push(word.to_owned()));
        found
    }

    #[test]
    fn words_are_runs_and_their_humps() {
        let cases: [(&str, &[&str]); 6] = [
            ("no milk left", &["no", "milk", "left"]),
            ("order_id=17", &["order", "id", "17"]),
            ("TimeoutError", &["timeouterror", "timeout", "error"]),
            ("HTTPServer GET", &["httpserver", "http", "server", "get"]),
            ("Grüße", &["grüße"]),
            ("--", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(words_in(text), expected, "{text}");
        }
    }

    #[test]
    fn a_piece_finds_words_and_with_stars_what_is_within_them() {
        let cases = [
            ("milk", "No Milk left", true),
            ("milk", "milkshake", false),
            ("milk*", "milkshake", true),
            ("*shake", "milkshake", true),
            ("shake*", "milkshake", false),
            ("*ksh*", "milkshake", true),
            ("m*shake", "milkshake", true),
            ("m*shak", "milkshake", false),
            ("timeout", "TimeoutError: late", true),
            ("error", "TimeoutError: late", true),
            ("out", "TimeoutError: late", false),
            ("timeouterror", "TimeoutError: late", true),
            ("no milk", "there is no milk", true),
            ("no milk", "milk: no", false),
            ("order-17", "order-17 is late", true),
            ("order-17", "order-178 is late", false),
            ("/menu", "GET /menu", true),
            ("grüße", "GRÜßE von hier", true),
            ("servererror", "HttpServerError", false),
            ("*", "anything", true),
            ("17", "at 1.17", true),
        ];
        for (piece, text, expected) in cases {
            assert_eq!(Piece::new(piece).is_in(text), expected, "{piece} in {text}");
        }
    }
}
