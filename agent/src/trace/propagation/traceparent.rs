//! W3C `traceparent`. Source: <https://www.w3.org/TR/trace-context-2/#traceparent-header>.

use super::super::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

/// Characters of a `traceparent` of version 00. Later versions may only add to it.
const LENGTH: usize = 55;

/// The context in a header value, without its `tracestate`. None for every malformed form.
pub(super) fn parse(value: &str) -> Option<SpanContext> {
    let value = value.trim_matches([' ', '\t']);
    let (known, more) = value.split_at_checked(LENGTH)?;
    let bytes = known.as_bytes();
    if [2, 35, 52].iter().any(|&at| bytes.get(at) != Some(&b'-')) {
        return None;
    }
    let version = number(known.get(..2)?)?;
    // Version ff is forbidden; what a later version adds must be set off.
    if version == 0xff || !(more.is_empty() || version > 0 && more.starts_with('-')) {
        return None;
    }
    Some(SpanContext {
        trace_id: TraceId::from_number(number(known.get(3..35)?)?)?,
        span_id: SpanId::from_number(u64::try_from(number(known.get(36..52)?)?).ok()?)?,
        flags: TraceFlags::from_byte(u8::try_from(number(known.get(53..)?)?).ok()?),
        trace_state: TraceState::default(),
    })
}

/// As the header is written.
pub(super) fn format(context: &SpanContext) -> [u8; LENGTH] {
    let mut header = [b'-'; LENGTH];
    header[..2].copy_from_slice(b"00");
    header[3..35].copy_from_slice(&context.trace_id.digits());
    header[36..52].copy_from_slice(&context.span_id.digits());
    // Fails only where there is no room for them.
    let _ = hex::encode_to_slice([context.flags.to_byte()], &mut header[53..]);
    header
}

/// W3C allows lower case only.
fn number(digits: &str) -> Option<u128> {
    let lower = digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    lower.then(|| u128::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    const SPAN: &str = "b7ad6b7169203331";

    #[test]
    fn accepts_what_w3c_accepts() {
        let cases = [
            (format!("00-{TRACE}-{SPAN}-01"), "01"),
            (format!("00-{TRACE}-{SPAN}-00"), "00"),
            (format!("00-{TRACE}-{SPAN}-03"), "03"),
            // Flags that nobody has defined are not passed on.
            (format!("00-{TRACE}-{SPAN}-ff"), "03"),
            (format!("00-{TRACE}-{SPAN}-08"), "00"),
            // White space around a header value is not part of it.
            (format!(" \t00-{TRACE}-{SPAN}-01 \t"), "01"),
            // A later version is read as far as version 00 goes.
            (format!("cc-{TRACE}-{SPAN}-01"), "01"),
            (format!("cc-{TRACE}-{SPAN}-01-what-the-future-will-be-like"), "01"),
            (format!("cc-{TRACE}-{SPAN}-01-"), "01"),
        ];
        for (value, flags) in cases {
            let context = parse(&value).unwrap_or_else(|| panic!("{value}"));
            assert_eq!(
                str::from_utf8(&super::format(&context)).unwrap(),
                format!("00-{TRACE}-{SPAN}-{flags}"),
                "{value}"
            );
        }
    }

    /// The cases of <https://github.com/w3c/trace-context/blob/main/test/test.py>.
    #[test]
    fn rejects_every_malformed_form() {
        let zero_trace = "0".repeat(32);
        let zero_span = "0".repeat(16);
        let cases = [
            String::new(),
            "00".into(),
            "foobar".into(),
            format!("00-{TRACE}-{SPAN}-01-what-the-future-will-be-like"),
            format!("00-{TRACE}-{SPAN}-01-"),
            format!("00-{TRACE}-{SPAN}-01."),
            format!("cc-{TRACE}-{SPAN}-01.what-the-future-will-not-be-like"),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!(".0-{TRACE}-{SPAN}-01"),
            format!("0.-{TRACE}-{SPAN}-01"),
            format!("0-{TRACE}-{SPAN}-01"),
            format!("000-{TRACE}-{SPAN}-01"),
            format!("00-{zero_trace}-{SPAN}-01"),
            format!("00-{TRACE}-{zero_span}-01"),
            format!("00-.{}-{SPAN}-01", &TRACE[1..]),
            format!("00-{}.-{SPAN}-01", &TRACE[1..]),
            format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            format!("00-{TRACE}-{}-01", SPAN.to_uppercase()),
            format!("00-{}-{SPAN}-01", &TRACE[1..]),
            format!("00-{TRACE}0-{SPAN}-01"),
            format!("00-{TRACE}-{}-01", &SPAN[1..]),
            format!("00-{TRACE}-{SPAN}0-01"),
            format!("00-{TRACE}-.{}-01", &SPAN[1..]),
            format!("00-{TRACE}-{SPAN}-.0"),
            format!("00-{TRACE}-{SPAN}-0."),
            format!("00-{TRACE}-{SPAN}-0"),
            format!("00-{TRACE}-{SPAN}-001"),
            format!("00-{TRACE}-{SPAN}-0A"),
            format!("00-{TRACE}-{SPAN}"),
            format!("00_{TRACE}_{SPAN}_01"),
            format!("00-+{}-{SPAN}-01", &TRACE[1..]),
            format!("00-é{}-{SPAN}-01", &TRACE[2..]),
            format!("00-{TRACE}-{SPAN}-0é"),
        ];
        for value in cases {
            assert_eq!(parse(&value), None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(trace in 1_u128.., span in 1_u64.., flags in 0_u8..4) {
            let context = SpanContext {
                trace_id: TraceId::from_number(trace).unwrap(),
                span_id: SpanId::from_number(span).unwrap(),
                flags: TraceFlags::from_byte(flags),
                trace_state: TraceState::default(),
            };
            prop_assert_eq!(parse(str::from_utf8(&super::format(&context)).unwrap()), Some(context));
        }

        #[test]
        fn never_panics(value in ".{0,80}") {
            parse(&value);
        }
    }
}
