//! Jaeger's `uber-trace-id`. Source: <https://www.jaegertracing.io/sdk-migration/#propagation-format>.

use super::super::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

/// The context in `{trace-id}:{span-id}:{parent-span-id}:{flags}`. Ids may lack leading zeros; clients of some languages
/// escape the colons.
pub(super) fn parse(value: &str) -> Option<SpanContext> {
    let value = value.trim_matches([' ', '\t']).replace("%3A", ":").replace("%3a", ":");
    let parts: Vec<&str> = value.split(':').collect();
    let &[trace, span, _deprecated_parent, flags] = parts.as_slice() else { return None };
    Some(SpanContext {
        trace_id: TraceId::from_number(hex(trace, 32)?)?,
        span_id: SpanId::from_number(u64::try_from(hex(span, 16)?).ok()?)?,
        // Only its lowest bit means the same as W3C's.
        flags: TraceFlags::default().with_sampled(hex(flags, 2)? & 1 == 1),
        trace_state: TraceState::default(),
    })
}

fn hex(digits: &str, most: usize) -> Option<u128> {
    let valid = digits.len() <= most && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    valid.then(|| u128::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_form_of_jaeger_clients() {
        let trace = "0af7651916cd43dd8448eb211c80319c";
        let cases = [
            (
                format!("{trace}:b7ad6b7169203331:0:1"),
                Some((0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c, true)),
            ),
            (
                format!("{trace}:b7ad6b7169203331:0:0"),
                Some((0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c, false)),
            ),
            ("8448EB211C80319C:7:5:3".into(), Some((0x8448_eb21_1c80_319c, true))),
            ("abc%3A7%3a0%3A01".into(), Some((0xabc, true))),
            ("abc:7:0:2".into(), Some((0xabc, false))),
            ("0:7:0:1".into(), None),
            ("abc:0:0:1".into(), None),
            ("abc:7:1".into(), None),
            ("abc:7:0:1:9".into(), None),
            ("abc:7:0:".into(), None),
            (":7:0:1".into(), None),
            ("abg:7:0:1".into(), None),
            ("+abc:7:0:1".into(), None),
            (format!("{trace}0:7:0:1"), None),
            ("abc:b7ad6b71692033311:0:1".into(), None),
            ("abc:7:0:101".into(), None),
        ];
        for (value, want) in cases {
            let got = parse(&value).map(|context| (context.trace_id, context.is_sampled()));
            assert_eq!(
                got,
                want.map(|(id, sampled)| (TraceId::from_number(id).unwrap(), sampled)),
                "{value}"
            );
        }
    }
}
