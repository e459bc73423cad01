//! Log records, as OpenTelemetry defines them, in the form in which they are stored and shown.

use std::{collections::HashMap, fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::model::{Attributes, Resource, Scope, SpanId, TraceId, UnixNanos, Value, Window};

/// The event name of a record that tells of an exception, and the name of the event by which a span does.
pub const EXCEPTION: &str = "exception";

/// One line of a log, with nothing of what its sender said lost.
#[derive(Clone, Debug, PartialEq)]
pub struct LogRecord {
    /// When it happened; when it was observed, if the sender says only that.
    pub at: UnixNanos,
    /// When it was observed; 0 where the sender does not say.
    pub observed_at: UnixNanos,
    /// OTLP's number of the severity, 1 to 24; 0 where the sender does not say.
    pub severity: u8,
    /// What the sender calls the severity.
    pub severity_text: String,
    /// What kind of event it tells of, such as [`EXCEPTION`]; empty for a plain line.
    pub event_name: String,
    /// The message.
    pub body: Value,
    /// The fields.
    pub attributes: Attributes,
    /// Attributes that the sender dropped.
    pub dropped_attributes: u32,
    /// W3C flags.
    pub flags: u32,
    /// The trace during which it was written.
    pub trace_id: Option<TraceId>,
    /// The span during which it was written.
    pub span_id: Option<SpanId>,
    /// Who sent it.
    pub resource: Arc<Resource>,
    /// Which part of the program wrote it: its name is the target, or logger.
    pub scope: Arc<Scope>,
}

impl LogRecord {
    /// How severe it is.
    pub fn level(&self) -> Level {
        Level::of(self.severity)
    }

    /// Where it stands, as one of several that say just the same: so many of them [came before it](repeats).
    pub fn position(&self, repeat: u32) -> LinePosition {
        LinePosition { at: self.at, id: self.hash(repeat) }
    }

    fn hash(&self, seed: u32) -> u64 {
        let said = (
            (self.at, self.observed_at, self.severity, &self.severity_text, &self.event_name),
            (&self.body, &self.attributes, self.trace_id, self.span_id),
            (&self.resource.service, &self.resource.instance, &self.scope.name),
        );
        // Values nest no deeper than decoding allows, and writing to memory does not fail; if it did, only time tells lines
        // apart.
        xxh3_64_with_seed(&postcard::to_allocvec(&said).unwrap_or_default(), u64::from(seed))
    }
}

/// How many just like it stand before each record of a request: so a line that is logged twice within a nanosecond is two,
/// and a request that is sent twice has each of its lines once.
pub fn repeats<'r>(records: impl IntoIterator<Item = &'r LogRecord>) -> Vec<u32> {
    let mut seen: HashMap<u64, u32> = HashMap::new();
    let repeat = |record: &LogRecord| {
        let count = seen.entry(record.hash(0)).or_default();
        *count += 1;
        *count - 1
    };
    records.into_iter().map(repeat).collect()
}

/// How severe a line is: the ranges of OTLP's numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Level {
    /// The sender did not say.
    #[default]
    Unspecified,
    /// 1 to 4.
    Trace,
    /// 5 to 8.
    Debug,
    /// 9 to 12.
    Info,
    /// 13 to 16.
    Warn,
    /// 17 to 20.
    Error,
    /// 21 to 24.
    Fatal,
}

impl Level {
    /// All of them, the least severe first.
    pub const ALL: [Self; 7] =
        [Self::Unspecified, Self::Trace, Self::Debug, Self::Info, Self::Warn, Self::Error, Self::Fatal];

    /// The level of a severity.
    pub fn of(severity: u8) -> Self {
        Self::ALL[usize::from(severity.min(24)).div_ceil(4)]
    }

    /// The least severity of it.
    pub fn least_severity(self) -> u8 {
        match self as u8 {
            0 => 0,
            place => 4 * place - 3,
        }
    }

    /// Its place in [`Level::ALL`].
    pub fn place(self) -> usize {
        self as usize
    }

    /// `warn`.
    pub fn name(self) -> &'static str {
        ["unspecified", "trace", "debug", "info", "warn", "error", "fatal"][self.place()]
    }

    /// The level of this [name](Self::name).
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }
}

/// Where a line stands among all lines: by its time, and among those of one nanosecond by what it says. Written as
/// `18e9…-5f…`, both in hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinePosition {
    /// Its time.
    pub at: UnixNanos,
    /// A hash of it.
    pub id: u64,
}

impl fmt::Display for LinePosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{:x}", self.at, self.id)
    }
}

/// A text that is not a [`LinePosition`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a position among lines is two hexadecimal numbers with a hyphen between them")]
pub struct InvalidPosition;

impl FromStr for LinePosition {
    type Err = InvalidPosition;

    fn from_str(text: &str) -> Result<Self, InvalidPosition> {
        let (at, id) = text.split_once('-').ok_or(InvalidPosition)?;
        let number = |text: &str| u64::from_str_radix(text, 16).map_err(|_| InvalidPosition);
        Ok(Self { at: number(at)?, id: number(id)? })
    }
}

/// Asks for lines. Every condition that is given must be met.
#[derive(Clone, Debug, PartialEq)]
pub struct LogQuery {
    /// The time of the line.
    pub window: Window,
    /// `service.name` of the line.
    pub service: Option<String>,
    /// Only lines of this [severity](LogRecord::severity) at least.
    pub least_severity: u8,
    /// What the message or a field must hold, each piece of it in any of them, upper and lower case alike. A piece
    /// matches whole words; `order*` finds what begins like that, and `*` before it, or anywhere in it, stands for any characters.
    pub text: Vec<String>,
    /// The target (name of the scope), or one that it lies within: `shop::till` finds `shop::till::drawer`.
    pub target: Option<String>,
    /// Kind of event, exactly.
    pub event_name: Option<String>,
    /// The trace during which it was written.
    pub trace: Option<TraceId>,
    /// Fields (of the line or of its resource) that must be there with just this value, compared as text.
    pub attributes: Vec<(String, String)>,
    /// Only lines that stand before this one.
    pub before: Option<LinePosition>,
    /// At most so many lines.
    pub limit: usize,
}

impl LogQuery {
    /// Asks for all lines of a time, latest first.
    pub fn all(window: Window, limit: usize) -> Self {
        Self {
            window,
            service: None,
            least_severity: 0,
            text: Vec::new(),
            target: None,
            event_name: None,
            trace: None,
            attributes: Vec::new(),
            before: None,
            limit,
        }
    }
}

/// A line that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct LogLine {
    /// Where it stands: asked for [`before`](LogQuery::before) it, older lines follow.
    pub position: LinePosition,
    /// What it says.
    pub record: LogRecord,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogsFound {
    /// The lines, latest first.
    pub lines: Vec<LogLine>,
    /// From where to go on, if older lines may match as well.
    pub older: Option<LinePosition>,
    /// Whether the search ended for lack of time. It goes on from [`older`](Self::older).
    pub incomplete: bool,
    /// Whether something that might have matched is damaged on disk and was passed over.
    pub unreadable: bool,
}

/// How many lines of a level there were in a step of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogCount {
    /// First nanosecond of the step.
    pub from: UnixNanos,
    /// How severe they are.
    pub level: Level,
    /// How many.
    pub lines: u64,
    /// How many of them name a trace.
    pub traced: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severities_have_levels() {
        let cases = [(0, "unspecified"), (1, "trace"), (4, "trace"), (5, "debug"), (9, "info"), (13, "warn")];
        for (severity, level) in
            cases.into_iter().chain([(17, "error"), (21, "fatal"), (24, "fatal"), (255, "fatal")])
        {
            assert_eq!(Level::of(severity).name(), level, "{severity}");
        }
        for level in Level::ALL {
            assert_eq!(Level::of(level.least_severity()), level);
            assert_eq!(Level::named(level.name()), Some(level));
        }
    }

    #[test]
    fn a_position_is_read_as_it_is_written() {
        let position = LinePosition { at: 1_795_176_000_000_000_000, id: u64::MAX };
        assert_eq!(position.to_string().parse(), Ok(position));
        for wrong in ["", "5", "5-", "-5", "5-g", "1-2-3"] {
            assert_eq!(wrong.parse::<LinePosition>(), Err(InvalidPosition), "{wrong}");
        }
    }
}
