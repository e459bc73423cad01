//! What goes on, for people: one line each, the oldest first.

use std::fmt::Write;

use jiff::Timestamp;
use seaworthy_protocol::{Now, Oldest};

use crate::length::Length;

/// Everything that is listed, each with its age.
pub(crate) fn text(time: Timestamp, now: &Now) -> String {
    let mut text = String::new();
    section(&mut text, "open connections", &now.connections, |open| {
        let user = open.user.as_deref().map(|user| format!(" as {user}")).unwrap_or_default();
        (age(time, open.since), format!("{}{user}, {} requests", open.peer, open.requests))
    });
    section(&mut text, "unfinished requests", &now.requests, |open| {
        let route = open.route.as_deref().unwrap_or("(no route)");
        let peer = open.peer.as_deref().map(|peer| format!(" from {peer}")).unwrap_or_default();
        let user = open.user.as_deref().map(|user| format!(" as {user}")).unwrap_or_default();
        let trace = open.trace_id.as_deref().map(|trace| format!(" trace {trace}")).unwrap_or_default();
        let line = format!("{} {route}{peer}{user} request {}{trace}", open.method, open.request_id);
        (age(time, open.since), line)
    });
    section(&mut text, "unfinished spans", &now.spans, |open| {
        let place = open.place.as_deref().map(|place| format!(" at {place}")).unwrap_or_default();
        let line =
            format!("{} ({}){place} trace {} span {}", open.name, open.target, open.trace_id, open.span_id);
        (age(time, open.since), line)
    });
    text
}

fn section<T>(text: &mut String, what: &str, all: &Oldest<T>, line: impl Fn(&T) -> (String, String)) {
    let shown = match all.oldest.len() as u64 {
        shown if shown < all.count => format!(", the oldest {shown}"),
        _ => String::new(),
    };
    // Writing to a string does not fail.
    let _ = writeln!(text, "{} {what}{shown}", all.count);
    for open in &all.oldest {
        let (age, line) = line(open);
        let _ = writeln!(text, "  {age:>10}  {line}");
    }
    text.push('\n');
}

fn age(time: Timestamp, since: Timestamp) -> String {
    Length(time.duration_since(since).unsigned_abs()).to_string()
}
