//! What can be wrong with a record, and the bounds that all of them share.

use std::fmt;

use jiff::Timestamp;
use url::Url;

use crate::markdown;

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The field, as a path: `steps[2].by`. Empty where it is about the whole.
    pub field: String,
    /// What is wrong with it, and what would be right.
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field.as_str() {
            "" => f.write_str(&self.message),
            field => write!(f, "{field}: {}", self.message),
        }
    }
}

/// The longest text of one line: a title, a name, a version. In characters.
pub(crate) const LINE: usize = 200;
/// The longest text of several lines: a note, what was expected. In bytes.
pub(crate) const NOTE_BYTES: usize = 8 * 1024;
/// The longest page: a report, a postmortem. In bytes.
const PAGE_BYTES: usize = 128 * 1024;
/// As many as anybody would write into one list.
pub(crate) const LIST: usize = 200;
/// No browser takes longer addresses for sure.
const ADDRESS_BYTES: usize = 2_000;

/// All that is wrong, as it is found.
#[derive(Default)]
pub(crate) struct Mistakes(Vec<Mistake>);

impl Mistakes {
    pub(crate) fn done(self) -> Result<(), Vec<Mistake>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }

    pub(crate) fn expect(&mut self, right: bool, field: impl Into<String>, message: impl FnOnce() -> String) {
        if !right {
            self.0.push(Mistake { field: field.into(), message: message() });
        }
    }

    /// A text of one line that must say something. `example` is what one could write.
    pub(crate) fn line(&mut self, field: impl Into<String>, text: &str, example: &str) {
        let field = field.into();
        self.expect(!text.trim().is_empty(), field.clone(), || {
            format!("it is empty; write for example {example}")
        });
        self.expect(text.chars().count() <= LINE, field.clone(), || {
            format!("it has more than {LINE} characters; write it shorter")
        });
        self.expect(!text.chars().any(char::is_control), field, || {
            "it holds a line break or another control character; write it in one line".to_owned()
        });
    }

    pub(crate) fn some_line(&mut self, field: impl Into<String>, text: Option<&str>, example: &str) {
        if let Some(text) = text {
            self.line(field, text, example);
        }
    }

    /// A text of several lines; it may be empty.
    pub(crate) fn text(&mut self, field: impl Into<String>, text: &str, most_bytes: usize) {
        let field = field.into();
        self.expect(text.len() <= most_bytes, field.clone(), || {
            format!(
                "it has {} bytes; at most {most_bytes} are kept, so write it shorter or link it",
                text.len()
            )
        });
        self.expect(!text.contains('\0'), field, || "it holds a NUL character; take it out".to_owned());
    }

    /// A page in Markdown that can be shown.
    pub(crate) fn page(&mut self, field: &str, markdown: &str) {
        self.text(field, markdown, PAGE_BYTES);
        if let (true, Err(why)) = (markdown.len() <= PAGE_BYTES, markdown::check(markdown)) {
            self.expect(false, field, || why.to_string());
        }
    }

    pub(crate) fn said(&mut self, field: impl Into<String>, text: &str, example: &str) {
        let field = field.into();
        self.expect(!text.trim().is_empty(), field.clone(), || {
            format!("it is empty; write for example {example}")
        });
        self.text(field, text, NOTE_BYTES);
    }

    pub(crate) fn count<T>(&mut self, field: &str, list: &[T], most: usize) {
        self.expect(list.len() <= most, field, || {
            format!("{} are too many; at most {most} are kept", list.len())
        });
    }

    /// An address of the web.
    pub(crate) fn link(&mut self, field: impl Into<String>, link: Option<&str>) {
        let Some(link) = link else { return };
        let right = link.len() <= ADDRESS_BYTES
            && !link.chars().any(|letter| letter.is_whitespace() || letter.is_control())
            && Url::parse(link).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        self.expect(right, field, || {
            format!(
                "a link is an address such as https://tickets.example/SEA-12, of at most {ADDRESS_BYTES} bytes and \
                 without blanks"
            )
        });
    }

    /// Something ends when it has begun, and not before.
    pub(crate) fn span(
        &mut self,
        (begins, began_at): (&str, Option<Timestamp>),
        (ends, ended_at): (String, Option<Timestamp>),
    ) {
        let Some(ended_at) = ended_at else { return };
        match began_at {
            None => self.expect(false, ends, || format!("it ends without {begins}; give both")),
            Some(began_at) => self.expect(began_at <= ended_at, ends, || {
                format!("{ended_at} is before {begins}, {began_at}; it cannot end before it begins")
            }),
        }
    }

    /// A number of the world: finite and within bounds. `unit` begins with a blank where there is one.
    pub(crate) fn number(&mut self, field: impl Into<String>, number: f64, unit: &str, from: f64, to: f64) {
        self.expect((from..=to).contains(&number), field, || {
            format!("{number}{unit} is out of range; it must be {from}{unit} to {to}{unit}")
        });
    }
}
