//! What somebody wrote, as messages repeat it.

/// Enough to recognise what was written.
const MOST: usize = 200;

/// A text that is harmless on a terminal: control characters become �.
pub fn printable(text: &str) -> String {
    text.chars().map(plain).collect()
}

/// The same, cut off after 200 letters.
pub fn shown(text: &str) -> String {
    let mut letters = text.chars();
    let mut shown: String = letters.by_ref().take(MOST).map(plain).collect();
    if letters.next().is_some() {
        shown.push('…');
    }
    shown
}

/// What [`shown`] shows, in quotation marks.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", shown(text))
}

fn plain(letter: char) -> char {
    if letter.is_control() { char::REPLACEMENT_CHARACTER } else { letter }
}
