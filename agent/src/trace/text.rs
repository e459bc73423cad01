//! Texts of a span, side by side in one buffer.

use std::fmt::{self, Write};

use super::limits::Limits;

/// Where a text is in its buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    start: u32,
    end: u32,
}

impl Text {
    /// Adds a text to the buffer, cut at the limit of characters. None when the buffer is full.
    #[inline]
    pub(crate) fn write(buffer: &mut String, limits: &Limits, text: &str) -> Option<Self> {
        Self::append(buffer, limits, |bounded| bounded.write_str(text))
    }

    /// Adds what is formatted to the buffer. Formatting stops where the limit is reached, however much would come.
    pub(crate) fn format(buffer: &mut String, limits: &Limits, what: fmt::Arguments<'_>) -> Option<Self> {
        Self::append(buffer, limits, |bounded| bounded.write_fmt(what))
    }

    fn append(
        buffer: &mut String,
        limits: &Limits,
        write: impl FnOnce(&mut Bounded<'_>) -> fmt::Result,
    ) -> Option<Self> {
        let start = buffer.len();
        if start >= Limits::TEXT_BYTES {
            return None;
        }
        // An error says that the text was cut, or that the host could not format it; what is there is kept.
        let _ = write(&mut Bounded { buffer, most: limits.text_chars, counted_to: start, chars: 0 });
        Some(Self { start: u32::try_from(start).ok()?, end: u32::try_from(buffer.len()).ok()? })
    }

    /// The text, given the buffer it is in.
    pub(crate) fn of(self, buffer: &str) -> &str {
        buffer.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// Takes text until a limit is reached, and says so by an error.
struct Bounded<'a> {
    buffer: &'a mut String,
    /// Characters.
    most: usize,
    /// Up to this byte of the buffer, so many characters of the text have been counted. Those that follow are at most as many as
    /// their bytes, which is all that most texts need to know.
    counted_to: usize,
    chars: usize,
}

impl Write for Bounded<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = Limits::TEXT_BYTES.saturating_sub(self.buffer.len());
        let bytes = if self.chars + self.buffer.len() - self.counted_to + text.len() <= self.most {
            text.len()
        } else {
            self.chars += self.buffer[self.counted_to..].chars().count();
            self.counted_to = self.buffer.len();
            bytes_of_chars(text, self.most - self.chars)
        };
        let kept = &text[..text.floor_char_boundary(bytes.min(room))];
        self.buffer.push_str(kept);
        if kept.len() < text.len() { Err(fmt::Error) } else { Ok(()) }
    }
}

/// How many bytes the first `chars` characters take.
fn bytes_of_chars(text: &str, chars: usize) -> usize {
    text.char_indices().nth(chars).map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(text_chars: usize) -> Limits {
        Limits { text_chars, ..Limits::default() }
    }

    #[test]
    fn cuts_at_characters_not_at_bytes() {
        let cases = [
            ("crème brûlée", 5, "crème"),
            ("crème", 5, "crème"),
            ("", 5, ""),
            ("abc", 0, ""),
            ("日本語", 2, "日本"),
        ];
        for (text, chars, want) in cases {
            let mut buffer = String::from("before");
            let at = Text::write(&mut buffer, &limits(chars), text).unwrap();
            assert_eq!(at.of(&buffer), want, "{text} cut to {chars}");
        }
    }

    #[test]
    fn formatting_stops_at_the_limit() {
        struct Endless;
        impl fmt::Debug for Endless {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                loop {
                    f.write_str("ab")?;
                }
            }
        }
        let mut buffer = String::new();
        let text = Text::format(&mut buffer, &limits(5), format_args!("{Endless:?}")).unwrap();
        assert_eq!(text.of(&buffer), "ababa");
    }

    #[test]
    fn a_full_buffer_takes_no_more_and_stays_whole_characters() {
        let mut buffer = "x".repeat(Limits::TEXT_BYTES - 1);
        let cut = Text::write(&mut buffer, &limits(100), "éé").unwrap();
        assert_eq!(cut.of(&buffer), "");
        buffer.push('x');
        assert_eq!(Text::write(&mut buffer, &limits(100), "more"), None);
    }
}
