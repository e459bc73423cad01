//! Carries the context of a span from one process to the next: W3C Trace Context, and Jaeger's own header on the way in.

mod jaeger;
mod traceparent;
mod tracestate;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::SpanContext;

/// As they are written in headers.
const PARENTS: [&str; 2] = ["traceparent", "uber-trace-id"];
const TRACEPARENT: HeaderName = HeaderName::from_static(PARENTS[0]);
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
const UBER_TRACE_ID: HeaderName = HeaderName::from_static(PARENTS[1]);

/// Whether a header of this name tells the context that [`extract`] finds.
pub(crate) fn is_parent(name: &str) -> bool {
    PARENTS.contains(&name)
}

/// The context that came with a request: W3C's `traceparent` and `tracestate`, else Jaeger's `uber-trace-id`.
///
/// None where there is none, or where it is malformed: then a new trace begins, and nothing breaks.
pub fn extract(headers: &HeaderMap) -> Option<SpanContext> {
    let w3c = only(headers, &TRACEPARENT).and_then(traceparent::parse);
    let Some(mut context) = w3c else { return only(headers, &UBER_TRACE_ID).and_then(jaeger::parse) };
    let lines = headers.get_all(TRACESTATE).iter().map(|line| line.to_str().ok());
    context.trace_state =
        lines.collect::<Option<Vec<_>>>().and_then(|lines| tracestate::join(&lines)).unwrap_or_default();
    Some(context)
}

/// Sends the context along with a request, as W3C Trace Context has it.
pub fn inject(context: &SpanContext, headers: &mut HeaderMap) {
    let Ok(parent) = HeaderValue::from_bytes(&traceparent::format(context)) else { return };
    headers.insert(TRACEPARENT, parent);
    // One trace's state must not travel with another's parent.
    headers.remove(TRACESTATE);
    let state = context.trace_state.as_str();
    if !state.is_empty()
        && let Ok(state) = HeaderValue::from_str(state)
    {
        headers.insert(TRACESTATE, state);
    }
}

/// The value of a header that must come once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    values.next().is_none().then(|| first.to_str().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        lines.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    fn passed_on(lines: &[(&'static str, &str)]) -> Vec<(String, String)> {
        let mut out = HeaderMap::new();
        if let Some(context) = extract(&headers(lines)) {
            inject(&context, &mut out);
        }
        out.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect()
    }

    #[test]
    fn passes_on_parent_and_state_as_they_came() {
        insta::assert_debug_snapshot!(
            passed_on(&[("traceparent", PARENT), ("tracestate", "foo=1,bar=2"), ("tracestate", "rojo=00f067aa0ba902b7")]), @r#"
        [
            (
                "traceparent",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            ),
            (
                "tracestate",
                "foo=1,bar=2,rojo=00f067aa0ba902b7",
            ),
        ]
        "#);
    }

    #[test]
    fn a_malformed_state_does_not_cost_the_parent() {
        assert_eq!(
            passed_on(&[("traceparent", PARENT), ("tracestate", "FOO=1")]),
            [("traceparent".into(), PARENT.into())]
        );
    }

    #[test]
    fn state_without_parent_is_nothing() {
        assert_eq!(extract(&headers(&[("tracestate", "foo=1")])), None);
    }

    #[test]
    fn two_parents_are_none() {
        assert_eq!(extract(&headers(&[("traceparent", PARENT), ("traceparent", PARENT)])), None);
    }

    #[test]
    fn bytes_that_are_no_text_are_no_parent() {
        let mut lines = HeaderMap::new();
        lines.insert("traceparent", HeaderValue::from_bytes(b"00-\xff").unwrap());
        assert_eq!(extract(&lines), None);
    }

    #[test]
    fn jaeger_is_heard_where_w3c_says_nothing() {
        let jaeger = ("uber-trace-id", "abc:def:0:1");
        assert_eq!(
            passed_on(&[jaeger]),
            [("traceparent".into(), "00-00000000000000000000000000000abc-0000000000000def-01".into())]
        );
        assert_eq!(passed_on(&[jaeger, ("traceparent", PARENT)]), [("traceparent".into(), PARENT.into())]);
    }

    #[test]
    fn injecting_replaces_what_was_there() {
        let mut lines = headers(&[("traceparent", "old"), ("tracestate", "old=1")]);
        inject(&traceparent::parse(PARENT).unwrap(), &mut lines);
        assert_eq!(lines, headers(&[("traceparent", PARENT)]));
    }
}
