//! Constants of time in a rule.

use cel::common::ast::{CallExpr, Expr, LiteralValue};
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};

use crate::Type;

/// The type and the microseconds of `duration("300ms")` or `timestamp("2026-01-31T00:00:00Z")`; none for another call.
pub(super) fn of_time(call: &CallExpr) -> Option<Result<(Type, i64), String>> {
    let kind = match call.func_name.as_str() {
        "duration" => Type::Duration,
        "timestamp" => Type::Timestamp,
        _ => return None,
    };
    let (None, [argument]) = (&call.target, call.args.as_slice()) else { return Some(Err(wanted(kind))) };
    let Expr::Literal(LiteralValue::String(text)) = &argument.expr else { return Some(Err(wanted(kind))) };
    let micros = match kind {
        Type::Duration => length_of_time(text.inner()).map(micros),
        _ => text.inner().parse().ok().map(Timestamp::as_microsecond),
    };
    Some(micros.map(|micros| (kind, micros)).ok_or_else(|| wanted(kind)))
}

fn wanted(kind: Type) -> String {
    match kind {
        Type::Duration => {
            "uses duration(…), which wants a length of time, such as \"300ms\", \"10m\" or \"90d\""
        }
        _ => "uses timestamp(…), which wants a moment, such as \"2026-01-31T00:00:00Z\"",
    }
    .to_owned()
}

/// Days have 24 hours; months and years have no length of their own and are not accepted.
pub(crate) fn length_of_time(text: &str) -> Option<SignedDuration> {
    text.parse::<Span>().ok()?.to_duration(SpanRelativeTo::days_are_24_hours()).ok()
}

/// As rules see a length of time; one that is longer than they can see is as long as they can.
pub(crate) fn micros(length: SignedDuration) -> i64 {
    let most = if length.is_negative() { i64::MIN } else { i64::MAX };
    i64::try_from(length.as_micros()).unwrap_or(most)
}
