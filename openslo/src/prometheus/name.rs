//! Names and texts as Prometheus writes them.

/// A metric: `orders.accepted` is `orders_accepted`.
pub(super) fn metric(name: &str) -> String {
    let mut told = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter {
            letter if letter.is_ascii_alphanumeric() || letter == ':' => told.push(letter),
            _ if told.ends_with('_') => {}
            _ => told.push('_'),
        }
    }
    let told = told.trim_matches('_');
    if told.starts_with(|first: char| first.is_ascii_digit()) { format!("_{told}") } else { told.to_owned() }
}

/// A counter: `orders.accepted` is `orders_accepted_total`.
pub(super) fn counter(name: &str) -> String {
    let name = metric(name);
    if name.ends_with("_total") { name } else { name + "_total" }
}

/// A label: `http.route` is `http_route`.
pub(super) fn label(name: &str) -> String {
    let told: String =
        name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
    if told.starts_with(|first: char| first.is_ascii_digit()) { format!("key_{told}") } else { told }
}

/// A text in quotes. What JSON escapes, Prometheus reads the same.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A length of time: `5m`, `1h30m`, `3d`.
pub(super) fn duration(minutes: u32) -> String {
    let parts = [(minutes / 1440, 'd'), (minutes / 60 % 24, 'h'), (minutes % 60, 'm')];
    parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect()
}

/// What matches these texts and no other, as a pattern of RE2.
pub(super) fn pattern<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let escape = |text: &str| -> String {
        let mut pattern = String::with_capacity(text.len());
        for letter in text.chars() {
            if r"\.+*?()|[]{}^$".contains(letter) {
                pattern.push('\\');
            }
            pattern.push(letter);
        }
        pattern
    };
    texts.map(escape).collect::<Vec<_>>().join("|")
}

/// What matches the numbers from one to another, of three digits each.
pub(super) fn range(from: u16, to: u16) -> Vec<String> {
    let (mut patterns, mut next) = (Vec::new(), from);
    while next <= to {
        let (hundred, ten) = (next / 100, next / 10);
        if next.is_multiple_of(100) && next + 99 <= to {
            patterns.push(format!("{hundred}.."));
            next += 100;
        } else if next.is_multiple_of(10) && next + 9 <= to {
            patterns.push(format!("{ten}."));
            next += 10;
        } else {
            let last = to.min(ten * 10 + 9);
            patterns.push(match last - next {
                0 => format!("{next}"),
                _ => format!("{ten}[{}-{}]", next % 10, last % 10),
            });
            next = last + 1;
        }
    }
    patterns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_prometheus_makes() {
        for (name, told) in [
            ("orders.accepted", "orders_accepted_total"),
            ("a..b-c", "a_b_c_total"),
            ("9.lives", "_9_lives_total"),
        ] {
            assert_eq!(counter(name), told);
        }
        assert_eq!(counter("requests_total"), "requests_total");
        assert_eq!([label("http.route"), label("9"), label("ä")], ["http_route", "key_9", "_"]);
        assert_eq!(quoted("a \"b\\\n"), r#""a \"b\\\n""#);
        assert_eq!([5, 60, 90, 1440, 4320, 1501].map(duration), ["5m", "1h", "1h30m", "1d", "3d", "1d1h1m"]);
        assert_eq!(pattern(["/a", "/o/{id}.x"].into_iter()), r"/a|/o/\{id\}\.x");
    }

    #[test]
    fn patterns_of_a_range_match_what_is_in_it_and_nothing_else() {
        let matches = |pattern: &str, number: u16| {
            let text = number.to_string();
            match pattern.split_once('[') {
                Some((begin, class)) => {
                    let last = text.as_bytes()[2];
                    text.starts_with(begin) && (class.as_bytes()[0]..=class.as_bytes()[2]).contains(&last)
                }
                None => text.chars().zip(pattern.chars()).all(|(a, b)| b == '.' || a == b),
            }
        };
        for from in 100..600 {
            for to in (from..600).step_by(7) {
                let patterns = range(from, to);
                for number in (100..600).step_by(3) {
                    let found = patterns.iter().filter(|pattern| matches(pattern, number)).count();
                    assert_eq!(
                        found,
                        usize::from((from..=to).contains(&number)),
                        "{from} to {to}: {patterns:?}"
                    );
                }
            }
        }
        assert_eq!(range(500, 599), ["5.."]);
        assert_eq!(range(429, 429), ["429"]);
    }
}
