//! Lines for people.

use std::{
    error::Error,
    fmt::{self, Write},
};

use tracing::{
    Event, Level,
    field::{Field, Visit},
};

use crate::{
    logs::Origin,
    mask::{Mask, REDACTED},
    trace::{
        fields::Chain,
        record::{Attribute, Record, Value},
    },
};

const MESSAGE: &str = "message";

/// One line, with its end.
pub(super) fn line(
    time: &str,
    event: &Event<'_>,
    spans: impl Iterator<Item = (&'static str, String)>,
    origin: &Origin,
    mask: &Mask,
    colours: bool,
) -> String {
    let metadata = event.metadata();
    let mut line = String::with_capacity(256);
    let (dim, plain) = if colours { ("\u{1b}[2m", "\u{1b}[0m") } else { ("", "") };
    // Into a String writing never fails.
    let _ = write!(line, "{dim}{time}{plain} {} ", Shown { level: *metadata.level(), colours });
    let mut is_within = false;
    for (name, fields) in spans {
        is_within = true;
        let _ = match fields.as_str() {
            "" => write!(line, "{name}:"),
            fields => write!(line, "{name}{{{fields}}}:"),
        };
    }
    if is_within {
        line.push(' ');
    }
    let _ = write!(line, "{dim}{}:{plain}", metadata.target());
    let mut visitor = Fields { to: line, mask, colours };
    event.record(&mut visitor);
    let mut line = visitor.to;
    if let Some(request) = &origin.request {
        let _ = write!(line, " {dim}request_id={}{plain}", request.as_str());
    }
    if let Some(within) = &origin.trace {
        let _ = write!(line, " {dim}trace_id={}{plain}", within.trace_id);
    }
    line.push('\n');
    line
}

/// The fields of a span.
pub(super) fn fields(of_span: &Record, mask: &Mask, colours: bool) -> String {
    let mut fields = Fields { to: String::new(), mask, colours };
    for &Attribute { key, value } in &of_span.attributes {
        match value {
            Value::Bool(value) => fields.plain(key, value),
            Value::Int(value) => fields.number(key, value),
            Value::Unsigned(value) => fields.number(key, value),
            Value::Double(value) => fields.number(key, value),
            Value::Text(text) => fields.quoted(key, text.of(&of_span.texts)),
            Value::Formatted(text) => fields.text(key, text.of(&of_span.texts)),
        }
    }
    fields.to
}

struct Shown {
    level: Level,
    colours: bool,
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let colour = match self.level {
            _ if !self.colours => return write!(f, "{:>5}", self.level.as_str()),
            Level::TRACE => 35,
            Level::DEBUG => 34,
            Level::INFO => 32,
            Level::WARN => 33,
            Level::ERROR => 31,
        };
        write!(f, "\u{1b}[{colour}m{:>5}\u{1b}[0m", self.level.as_str())
    }
}

struct Fields<'a> {
    to: String,
    mask: &'a Mask,
    colours: bool,
}

impl Fields<'_> {
    fn name(&mut self, name: &str) {
        if !self.to.is_empty() {
            self.to.push(' ');
        }
        if name != MESSAGE {
            let (italic, plain) = if self.colours { ("\u{1b}[3m", "\u{1b}[0m") } else { ("", "") };
            let _ = write!(self.to, "{italic}{name}{plain}=");
        }
    }

    fn text(&mut self, name: &'static str, text: &str) {
        self.name(name);
        // What comes from outside must not write to the terminal what it likes.
        for character in self.mask.value(name, text).chars() {
            match character {
                '\n' | '\t' => self.to.push(character),
                control if control.is_control() => self.to.extend(control.escape_default()),
                other => self.to.push(other),
            }
        }
    }

    fn quoted(&mut self, name: &'static str, text: &str) {
        if name == MESSAGE {
            return self.text(name, text);
        }
        // Masked before it is quoted, or quotes within would stand in the way.
        let masked = self.mask.value(name, text);
        self.text(name, &format!("{masked:?}"));
    }

    fn plain(&mut self, name: &str, value: impl fmt::Display) {
        self.name(name);
        let _ = write!(self.to, "{value}");
    }

    fn number(&mut self, name: &'static str, number: impl fmt::Display) {
        match self.mask.is_secret(name) {
            true => self.plain(name, REDACTED),
            false => self.plain(name, number),
        }
    }
}

impl Visit for Fields<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.number(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.number(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.number(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.plain(field.name(), value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.quoted(field.name(), value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.text(field.name(), &Chain(value).to_string());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field.name(), &format!("{value:?}"));
    }
}
