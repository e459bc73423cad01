//! Figures for people: three digits that matter, a unit after a space, thousands apart.

/// `0.92`, `3.31`, `12.4`, `188`, `12,345`.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    let places = match size {
        _ if size.fract() == 0.0 || size >= 99.95 => 0,
        _ if size >= 9.995 => 1,
        _ if size >= 0.9995 => 2,
        _ if size >= 0.0995 => 2,
        _ => 3,
    };
    if size > 0.0 && size < 0.0005 {
        return if value > 0.0 { "<0.001".to_owned() } else { ">-0.001".to_owned() };
    }
    let text = format!("{value:.places$}");
    match text.split_once('.') {
        Some((whole, part)) => format!("{}.{part}", thousands(whole)),
        None => thousands(&text),
    }
}

/// `12,345`.
pub(crate) fn count(value: impl TryInto<u64>) -> String {
    thousands(&value.try_into().unwrap_or(u64::MAX).to_string())
}

fn thousands(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let mut text = sign.to_owned();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 instance`, `2 instances`.
pub(crate) fn plural(value: usize, noun: &str) -> String {
    let noun = if value == 1 { noun.to_owned() } else { many(noun) };
    format!("{} {noun}", count(value as u64))
}

/// `0.23 %`.
pub(crate) fn percent(ratio: f64) -> String {
    match ratio * 100.0 {
        0.0 => "0 %".to_owned(),
        small if small < 0.005 => "<0.01 %".to_owned(),
        // All but all is not all.
        large if large > 99.95 && ratio < 1.0 => ">99.9 %".to_owned(),
        percent => format!("{} %", number((percent * 1e7).round() / 1e7)),
    }
}

/// `188 ms`, `1.24 s`, `2 min 5 s`.
pub(crate) fn seconds(seconds: f64) -> String {
    if seconds >= 59.95 {
        return span(seconds.round() as u64);
    }
    let (value, unit) = match seconds {
        s if s >= 0.9995 => (s, "s"),
        s if s >= 0.000_999_5 => (s * 1e3, "ms"),
        s if s >= 0.000_000_999_5 => (s * 1e6, "µs"),
        s if s > 0.0 => (s * 1e9, "ns"),
        _ => (0.0, "s"),
    };
    format!("{} {unit}", number(value))
}

/// A duration as short as people read it: `236 ms`.
pub(crate) fn nanos(nanos: u64) -> String {
    seconds(nanos as f64 / 1e9)
}

/// A duration to the nanosecond: `52.803417 ms`.
pub(crate) fn exact_nanos(nanos: u64) -> String {
    let (unit, size) = match nanos {
        n if n >= 1_000_000_000 => ("s", 9),
        n if n >= 1_000_000 => ("ms", 6),
        n if n >= 1_000 => ("µs", 3),
        _ => return format!("{nanos} ns"),
    };
    let whole = nanos / 10_u64.pow(size);
    let part = nanos % 10_u64.pow(size);
    format!("{}.{part:0width$} {unit}", thousands(&whole.to_string()), width = size as usize)
}

/// `52 s`, `4 min 12 s`, `4 d 4 h`: the two largest units.
pub(crate) fn span(seconds: u64) -> String {
    let units = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];
    let largest = units.iter().position(|(_, size)| seconds >= *size).unwrap_or(3);
    let (unit, size) = units[largest];
    let mut text = format!("{} {unit}", seconds / size);
    if let Some((unit, next)) = units.get(largest + 1)
        && seconds % size >= *next
    {
        text.push_str(&format!(" {} {unit}", seconds % size / next));
    }
    text
}

/// `2 s ago`: the largest unit.
pub(crate) fn ago(seconds: u64) -> String {
    let (value, unit) = match seconds {
        s if s >= 2 * 86_400 => (s / 86_400, "d"),
        s if s >= 2 * 3_600 => (s / 3_600, "h"),
        s if s >= 2 * 60 => (s / 60, "min"),
        s => (s, "s"),
    };
    format!("{value} {unit} ago")
}

/// `412 MiB`.
pub(crate) fn bytes(bytes: f64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = bytes;
    let mut unit = 0;
    while value >= 1023.5 && unit < UNITS.len() - 1 {
        value /= 1024.0;
        unit += 1;
    }
    format!("{} {}", number(value), UNITS[unit])
}

/// A value of a metric with the unit that OpenTelemetry gave it, as UCUM writes units.
pub(crate) fn in_unit(value: f64, unit: &str) -> String {
    match unit {
        "s" => seconds(value),
        "ms" => seconds(value / 1e3),
        "us" => seconds(value / 1e6),
        "ns" => seconds(value / 1e9),
        "By" => bytes(value),
        "1" | "" => number(value),
        // `{thread}`: an annotation says what is counted.
        unit => {
            let noun = unit.trim_matches(['{', '}']);
            let is_counted = noun != unit && !noun.is_empty() && value != 1.0;
            format!("{} {}", number(value), if is_counted { many(noun) } else { noun.to_owned() })
        }
    }
}

/// `threads`, `queries`, `batches`.
fn many(noun: &str) -> String {
    let before_y = noun.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u']));
    match before_y {
        Some(stem) => format!("{stem}ies"),
        None if ["ch", "sh", "ss", "x"].iter().any(|end| noun.ends_with(end)) => format!("{noun}es"),
        // Some senders write it so already.
        None if noun.ends_with('s') => noun.to_owned(),
        None => format!("{noun}s"),
    }
}

/// A place in code without the folder where its crate, or the standard library, lies: `shop/src/orders.rs:52`.
pub(crate) fn code_place(place: &str) -> &str {
    let after =
        |mark: &str| place.split_once(mark).and_then(|(_, rest)| rest.split_once('/')).map(|(_, rest)| rest);
    if let Some(short) = after("/registry/src/").or_else(|| after("/rustc/")) {
        return short;
    }
    // Of other languages nobody knows what lies beside `src`.
    let sources = place.contains(".rs").then(|| place.rfind("/src/")).flatten();
    let krate = sources.and_then(|at| place.get(..at)?.rfind('/'));
    krate.and_then(|at| place.get(at + 1..)).filter(|_| place.starts_with('/')).unwrap_or(place)
}

/// The same of `reception::brew (/app/shop/src/brew.rs:17)`.
pub(crate) fn call_place(call: &str) -> String {
    match call.rsplit_once(" (") {
        Some((function, place)) => format!("{function} ({}", code_place(place)),
        None => code_place(call).to_owned(),
    }
}

/// The beginning of an id that nobody reads to its end: as much as tells it from its neighbours.
pub(crate) fn short_id(id: &str) -> String {
    id.chars().take(12).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_three_digits_that_matter() {
        for (value, text) in [
            (0.0, "0"),
            (0.0001, "<0.001"),
            (0.0123, "0.012"),
            (0.92, "0.92"),
            (0.9999, "1.00"),
            (3.314, "3.31"),
            (12.44, "12.4"),
            (99.97, "100"),
            (188.4, "188"),
            (1234.5, "1,234"),
            (1_234_567.0, "1,234,567"),
            (-12.44, "-12.4"),
        ] {
            assert_eq!(number(value), text, "{value}");
        }
    }

    #[test]
    fn places_are_told_by_their_crates() {
        for (place, told) in [
            ("/home/ana/coffee/shop/src/faults/stock.rs:32", "shop/src/faults/stock.rs:32"),
            (
                "/root/.cargo/registry/src/index.crates.io-19/tokio-1.54.1/src/sync/mutex.rs:436",
                "tokio-1.54.1/src/sync/mutex.rs:436",
            ),
            ("/rustc/5980/library/core/src/option.rs:2040", "library/core/src/option.rs:2040"),
            ("/src/main.rs:7", "/src/main.rs:7"),
            ("/app/src/main.rs:7", "app/src/main.rs:7"),
            ("shop/src/faults/stock.rs:54", "shop/src/faults/stock.rs:54"),
            ("/home/ana/src/shop/brew.go:12", "/home/ana/src/shop/brew.go:12"),
            ("", ""),
        ] {
            assert_eq!(code_place(place), told, "{place}");
        }
        assert_eq!(call_place("shop::brew (/app/shop/src/brew.rs:17)"), "shop::brew (shop/src/brew.rs:17)");
        assert_eq!(call_place("/app/shop/src/brew.rs:17"), "shop/src/brew.rs:17");
        assert_eq!(call_place("order (/app/shop.py:12)"), "order (/app/shop.py:12)");
    }

    #[test]
    fn a_share_that_is_not_all_never_reads_as_all_nor_one_that_is_not_none_as_none() {
        for (ratio, text) in [
            (0.0, "0 %"),
            (0.000_001, "<0.01 %"),
            (0.0023, "0.23 %"),
            (0.358, "35.8 %"),
            (0.999_9, ">99.9 %"),
            (1.0, "100 %"),
        ] {
            assert_eq!(percent(ratio), text, "{ratio}");
        }
    }

    #[test]
    fn durations_take_the_unit_that_people_would() {
        for (value, text) in [
            (0.0, "0 s"),
            (0.000_000_25, "250 ns"),
            (0.000_412, "412 µs"),
            (0.188, "188 ms"),
            (0.9999, "1.00 s"),
            (1.24, "1.24 s"),
            (59.99, "1 min"),
            (125.0, "2 min 5 s"),
            (90_000.0, "1 d 1 h"),
        ] {
            assert_eq!(seconds(value), text, "{value}");
        }
    }

    #[test]
    fn exact_durations_lose_nothing() {
        for (value, text) in [
            (0, "0 ns"),
            (999, "999 ns"),
            (1_002, "1.002 µs"),
            (52_803_417, "52.803417 ms"),
            (61_000_000_001, "61.000000001 s"),
        ] {
            assert_eq!(exact_nanos(value), text);
        }
    }

    #[test]
    fn ages_and_sizes() {
        assert_eq!(
            (ago(0), ago(119), ago(120), ago(7_200)),
            ("0 s ago".into(), "119 s ago".into(), "2 min ago".into(), "2 h ago".into())
        );
        assert_eq!(
            (span(0), span(252), span(360_000)),
            ("0 s".into(), "4 min 12 s".into(), "4 d 4 h".into())
        );
        assert_eq!((bytes(512.0), bytes(1024.0 * 1024.0 * 412.0)), ("512 B".into(), "412 MiB".into()));
        assert_eq!(in_unit(0.5, "s"), "500 ms");
        assert_eq!(in_unit(3.0, "{thread}"), "3 threads");
        assert_eq!(in_unit(0.25, "{query}"), "0.25 queries");
        assert_eq!(in_unit(0.0, "{batch}"), "0 batches");
        assert_eq!(in_unit(2.0, "{messages}"), "2 messages");
        assert_eq!(in_unit(1.0, "{request}"), "1 request");
        assert_eq!(in_unit(3.0, "Cel"), "3 Cel");
        assert_eq!(in_unit(3.0, "{}"), "3 ");
        assert_eq!(plural(1, "instance") + &plural(1200, "span"), "1 instance1,200 spans");
    }
}
