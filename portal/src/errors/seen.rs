//! Errors in what came in.

use std::{collections::BTreeMap, sync::Arc};

use seaworthy_catalog::SeenErrors;
use seaworthy_telemetry::{
    log::{EXCEPTION, LogRecord, repeats},
    model::{Event, Span, UnixNanos, Value, text_attribute},
};

use sha2::{Digest, Sha256};

use super::{
    fingerprint::{Told, fingerprint},
    frames::{Frame, frames},
};
use crate::{
    attributes::{code_file, code_place},
    view::range::timestamp,
};

/// The attribute in which the portal notes the group of an exception, so that its occurrences are found.
pub(crate) const GROUP: &str = "seaworthy.error.group";
/// The attribute that says how an exception was noticed.
const ORIGIN: &str = "seaworthy.error.origin";
/// How many of the same kind and place an agent of ours has not told of lately, as too many at a time.
const SUPPRESSED: &str = "seaworthy.error.suppressed";
/// More of those nobody has within minutes.
const MOST_SUPPRESSED: i64 = 10_000_000;
/// `FATAL` is not said by spans.
const ERROR: u8 = 17;
const HOUR: UnixNanos = 3_600_000_000_000;

/// The errors of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Noted {
    /// Tells them from those of every other request; the same when the request is sent again.
    pub(crate) request: String,
    /// By group and build.
    pub(crate) seen: Vec<SeenErrors>,
}

/// Notes with each record that tells of an exception to which group it belongs, and gives the groups. What a sender
/// itself says of groups does not count.
pub(crate) fn note_groups(records: &mut [LogRecord]) -> Noted {
    let seen = note_each(records);
    // The records that were noted are those that carry a group now.
    let is_noted = |record: &&LogRecord| record.attributes.iter().any(|(key, _)| key == GROUP);
    let noted: Vec<&LogRecord> = records.iter().filter(is_noted).collect();
    Noted { request: request(&noted), seen }
}

/// Made of the positions of its errors among lines, by which lines that are sent again are recognised.
fn request(errors: &[&LogRecord]) -> String {
    let mut hasher = Sha256::new();
    for (error, repeat) in errors.iter().zip(repeats(errors.iter().copied())) {
        let position = error.position(repeat);
        hasher.update(position.at.to_le_bytes());
        hasher.update(position.id.to_le_bytes());
    }
    hex::encode(&hasher.finalize()[..16])
}

fn note_each(records: &mut [LogRecord]) -> Vec<SeenErrors> {
    let mut seen = BTreeMap::new();
    for record in records {
        record.attributes.retain(|(key, _)| key != GROUP);
        if !tells_of_exception(record) {
            continue;
        }
        let group = note(record, &mut seen);
        record.attributes.push((GROUP.to_owned(), Value::String(group)));
    }
    seen.into_values().collect()
}

/// By the name of the event, or as SDKs did before events had names.
fn tells_of_exception(record: &LogRecord) -> bool {
    record.event_name == EXCEPTION
        || ["exception.type", "exception.message"]
            .iter()
            .any(|name| text_attribute(&record.attributes, name).is_some_and(|text| !text.is_empty()))
}

fn note(record: &LogRecord, seen: &mut BTreeMap<(String, String), SeenErrors>) -> String {
    let of = |name| text_attribute(&record.attributes, name).unwrap_or_default();
    let body = record.body.as_text().unwrap_or_default();
    let kind = match of("exception.type") {
        "" => "exception",
        kind => kind,
    };
    let message = match of("exception.message") {
        "" => &body,
        message => message,
    };
    let stack = of("exception.stacktrace");
    let frames = frames(stack);
    let file = code_file(&record.attributes);
    let service = &record.resource.service;
    let told = Told { service, kind, message, stack, place: file.as_deref().unwrap_or(&record.scope.name) };
    let group = fingerprint(&told);
    let at = timestamp(record.at);
    let build = text_attribute(&record.resource.attributes, "service.version").unwrap_or_default();
    let errors = seen.entry((group.clone(), build.to_owned())).or_insert_with(|| SeenErrors {
        group: group.clone(),
        service: service.clone(),
        kind: kind.to_owned(),
        message: message.to_owned(),
        place: String::new(),
        build: build.to_owned(),
        first_at: at,
        last_at: at,
        hours: BTreeMap::new(),
    });
    if at >= errors.last_at {
        errors.last_at = at;
        errors.message = message.to_owned();
        errors.place = place(&frames).or_else(|| code_place(&record.attributes)).unwrap_or_default();
    }
    errors.first_at = errors.first_at.min(at);
    *errors.hours.entry((record.at / HOUR) as i64).or_default() += 1 + suppressed(record);
    group
}

fn suppressed(record: &LogRecord) -> u64 {
    let told = record.attributes.iter().find_map(|(key, value)| match value {
        Value::Int(suppressed) if key == SUPPRESSED => Some(*suppressed),
        _ => None,
    });
    told.unwrap_or_default().clamp(0, MOST_SUPPRESSED).unsigned_abs()
}

/// The innermost call of the service itself.
fn place(frames: &[Frame]) -> Option<String> {
    let frame = frames.iter().find(|frame| frame.own).or(frames.first())?;
    let file = match frame.line {
        Some(line) if !frame.file.is_empty() => format!("{}:{line}", frame.file),
        _ => frame.file.clone(),
    };
    Some(match (frame.function.as_str(), file.as_str()) {
        ("", file) => file.to_owned(),
        (function, "") => function.to_owned(),
        (function, file) => format!("{function} ({file})"),
    })
}

/// An agent of ours tells of it in a log record, and says so.
fn is_told_apart(event: &Event) -> bool {
    text_attribute(&event.attributes, ORIGIN).is_some()
}

/// The exceptions that spans tell of in their events, as log records.
pub(crate) fn of_spans(spans: &[Span]) -> Vec<LogRecord> {
    let mut records = Vec::new();
    for span in spans {
        for event in span.events.iter().filter(|event| event.name == EXCEPTION && !is_told_apart(event)) {
            let mut attributes = event.attributes.clone();
            attributes.push((ORIGIN.to_owned(), Value::String("span".to_owned())));
            records.push(LogRecord {
                // The span was found to be of a time that is kept.
                at: event.at.clamp(span.start, span.end),
                observed_at: 0,
                severity: ERROR,
                severity_text: "ERROR".to_owned(),
                event_name: EXCEPTION.to_owned(),
                body: Value::Empty,
                attributes,
                dropped_attributes: event.dropped_attributes,
                flags: span.flags,
                trace_id: Some(span.trace_id),
                span_id: Some(span.span_id),
                resource: Arc::clone(&span.resource),
                scope: Arc::clone(&span.scope),
            });
        }
    }
    records
}

#[cfg(test)]
mod tests {
    use seaworthy_telemetry::model::{Attributes, Resource, Scope};

    use super::*;

    const AT: UnixNanos = 1_795_176_000_000_000_000;

    fn text(key: &str, value: &str) -> (String, Value) {
        (key.to_owned(), Value::String(value.to_owned()))
    }

    fn record(at: UnixNanos, event_name: &str, attributes: Attributes) -> LogRecord {
        let resource = Resource {
            service: "shop".into(),
            instance: String::new(),
            attributes: vec![text("service.version", "1.8.2")],
        };
        LogRecord {
            at,
            observed_at: 0,
            severity: ERROR,
            severity_text: String::new(),
            event_name: event_name.into(),
            body: Value::String("it failed".into()),
            attributes,
            dropped_attributes: 0,
            flags: 0,
            trace_id: None,
            span_id: None,
            resource: Arc::new(resource),
            scope: Arc::new(Scope::default()),
        }
    }

    #[test]
    fn exceptions_are_grouped_and_other_lines_are_not() {
        let no_milk = |message: &str| {
            vec![
                text("exception.type", "NoMilk"),
                text("exception.message", message),
                text("exception.stacktrace", "   0: shop::brew\n             at src/brew.rs:17:3\n"),
            ]
        };
        let mut records = vec![
            record(AT, EXCEPTION, no_milk("order 1")),
            record(AT + HOUR, EXCEPTION, no_milk("order 2")),
            record(AT, "", no_milk("order 0")),
            record(AT, "", vec![text(GROUP, "forged")]),
            record(AT, EXCEPTION, vec![]),
        ];
        let seen = note_groups(&mut records).seen;
        assert_eq!(seen.len(), 2);
        let group = |record: &LogRecord| text_attribute(&record.attributes, GROUP).map(str::to_owned);
        let groups: Vec<_> = records.iter().map(group).collect();
        assert!(groups[0].is_some() && groups[0] == groups[1] && groups[1] == groups[2]);
        assert_eq!(groups[3], None);
        assert!(groups[4].is_some() && groups[4] != groups[0]);
        let errors = seen.iter().find(|errors| Some(&errors.group) == groups[0].as_ref()).unwrap();
        assert_eq!((errors.kind.as_str(), errors.message.as_str()), ("NoMilk", "order 2"));
        assert_eq!((errors.place.as_str(), errors.build.as_str()), ("shop::brew (src/brew.rs:17)", "1.8.2"));
        assert_eq!(errors.hours.values().copied().collect::<Vec<_>>(), [2, 1]);
        assert_eq!((errors.first_at, errors.last_at), (timestamp(AT), timestamp(AT + HOUR)));
        let plain = seen.iter().find(|errors| Some(&errors.group) == groups[4].as_ref()).unwrap();
        assert_eq!((plain.kind.as_str(), plain.message.as_str()), ("exception", "it failed"));
    }

    #[test]
    fn those_that_were_too_many_to_be_told_of_count_too() {
        let after = |suppressed| {
            let attributes =
                vec![text("exception.type", "NoMilk"), (SUPPRESSED.to_owned(), Value::Int(suppressed))];
            record(AT, EXCEPTION, attributes)
        };
        let seen = note_groups(&mut [after(0), after(40), after(-7), after(i64::MAX)]).seen;
        let counts: Vec<_> = seen.iter().flat_map(|errors| errors.hours.values()).copied().collect();
        assert_eq!(counts, [4 + 40 + 10_000_000]);
    }

    #[test]
    fn a_request_that_is_sent_again_is_known_by_its_errors() {
        let no_milk = |at| record(at, EXCEPTION, vec![text("exception.type", "NoMilk")]);
        let noted = |records: &[LogRecord]| note_groups(&mut records.to_vec());
        let first = noted(&[no_milk(AT), record(AT, "", vec![]), no_milk(AT)]);
        assert_eq!(first, noted(&[no_milk(AT), record(AT, "", vec![]), no_milk(AT)]));
        for other in [vec![no_milk(AT)], vec![no_milk(AT), no_milk(AT + 1)], vec![no_milk(AT); 3]] {
            assert_ne!(first.request, noted(&other).request, "{other:?}");
        }
    }
}
