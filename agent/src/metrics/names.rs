//! OpenTelemetry's names as Prometheus writes them.
//!
//! Source: OpenTelemetry specification, "Prometheus and OpenMetrics Compatibility".

use std::{borrow::Cow, collections::BTreeMap};

use super::{attributes::Attributes, instrument::Kind};

/// Endings that Prometheus keeps for the series of a histogram; `promtool` refuses them elsewhere.
const OF_HISTOGRAMS: [&str; 3] = ["_count", "_sum", "_bucket"];

/// Name of a metric, with its unit and, for counters, `_total`.
pub(crate) fn metric_name(name: &str, unit: &str, kind: Kind) -> String {
    let mut full = sanitised(name);
    let unit = unit_suffix(unit, kind);
    if !unit.is_empty() && !full.ends_with(&format!("_{unit}")) {
        full = format!("{}_{unit}", full.trim_end_matches("_total"));
    }
    if kind == Kind::Counter && !full.ends_with("_total") {
        full.push_str("_total");
    }
    if kind != Kind::Histogram && OF_HISTOGRAMS.iter().any(|ending| full.ends_with(ending)) {
        full.push_str("_value");
    }
    full
}

/// Labels in order of their names. Attributes whose names become the same share one label, as the
/// specification says: a name twice would make the whole page unreadable.
pub(crate) fn labels(attributes: &Attributes) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::<String, String>::new();
    for (key, value) in attributes.iter() {
        let value = value.to_string();
        labels.entry(sanitised(key)).and_modify(|known| *known = format!("{known};{value}")).or_insert(value);
    }
    labels
}

/// What is not a letter or a digit becomes one `_`.
pub(crate) fn sanitised(name: &str) -> String {
    let mut clean = String::with_capacity(name.len() + 1);
    for c in name.chars() {
        match c.is_ascii_alphanumeric() {
            true if clean.is_empty() && c.is_ascii_digit() => clean.extend(['_', c]),
            true => clean.push(c),
            false if clean.ends_with('_') => {}
            false => clean.push('_'),
        }
    }
    clean
}

/// The words for a UCUM unit; empty for none and for annotations such as `{request}`.
fn unit_suffix(unit: &str, kind: Kind) -> String {
    if unit == "1" {
        return if kind == Kind::Gauge { "ratio".into() } else { String::new() };
    }
    match unit.split_once('/') {
        Some((what, per)) if !per.starts_with('{') => {
            format!("{}_per_{}", unit_word(what), singular(per)).trim_start_matches('_').to_owned()
        }
        Some((what, _)) => unit_word(what).into_owned(),
        None => unit_word(unit).into_owned(),
    }
}

fn unit_word(unit: &str) -> Cow<'static, str> {
    Cow::Borrowed(match unit {
        "d" => "days",
        "h" => "hours",
        "min" => "minutes",
        "s" => "seconds",
        "ms" => "milliseconds",
        "us" => "microseconds",
        "ns" => "nanoseconds",
        "By" => "bytes",
        "KiBy" => "kibibytes",
        "MiBy" => "mebibytes",
        "GiBy" => "gibibytes",
        "kBy" => "kilobytes",
        "MBy" => "megabytes",
        "GBy" => "gigabytes",
        "m" => "meters",
        "g" => "grams",
        "Cel" => "celsius",
        "Hz" => "hertz",
        "%" => "percent",
        other if other.starts_with('{') => "",
        other => return Cow::Owned(sanitised(other).trim_matches('_').to_owned()),
    })
}

fn singular(unit: &str) -> Cow<'static, str> {
    Cow::Borrowed(match unit {
        "s" => "second",
        "min" => "minute",
        "h" => "hour",
        "d" => "day",
        other => return unit_word(other),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_their_unit() {
        for (name, unit, kind, expected) in [
            ("http.server.request.duration", "s", Kind::Histogram, "http_server_request_duration_seconds"),
            ("http.server.active_requests", "{request}", Kind::UpDownCounter, "http_server_active_requests"),
            ("process.cpu.time", "s", Kind::Counter, "process_cpu_time_seconds_total"),
            ("process.memory.usage", "By", Kind::UpDownCounter, "process_memory_usage_bytes"),
            ("process.thread.count", "{thread}", Kind::UpDownCounter, "process_thread_count_value"),
            ("shop.count", "", Kind::Counter, "shop_count_total"),
            ("shop.orders", "", Kind::Counter, "shop_orders_total"),
            ("shop.orders.total", "{order}", Kind::Counter, "shop_orders_total"),
            ("wait.seconds", "s", Kind::Gauge, "wait_seconds"),
            ("pool.used", "1", Kind::Gauge, "pool_used_ratio"),
            ("net.rate", "By/s", Kind::Gauge, "net_rate_bytes_per_second"),
            ("cpu.load", "{cpu}", Kind::Gauge, "cpu_load"),
            ("9.lives//left", "", Kind::Gauge, "_9_lives_left"),
        ] {
            assert_eq!(metric_name(name, unit, kind), expected);
        }
    }

    #[test]
    fn attributes_that_become_one_label_share_it() {
        let attributes = Attributes::from([("a.b", "x"), ("a_b", "y"), ("c", "z")]);
        let labels: Vec<_> = labels(&attributes).into_iter().collect();
        assert_eq!(labels, [("a_b".into(), "x;y".into()), ("c".into(), "z".into())]);
    }
}
