//! What a rule may say, and what it comes to.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use seaworthy_checklist::{
    Fact, Facts, MAX_ENTRIES, MAX_RULE_BYTES, MAX_RULE_COST, MAX_TEXT_BYTES, Outcome, Rule, Source, Value,
};

fn now() -> Timestamp {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

/// What a quiet service with three routes is known to be.
fn facts() -> Facts {
    let millis = |millis| Value::from(SignedDuration::from_millis(millis));
    let known = [
        ("dependencies", Value::from(2)),
        ("health_checks", Value::from(0)),
        ("error_share_24h", Value::from(0.25)),
        ("peak_requests_per_second_7d", Value::from(70.0)),
        ("capacity_requests_per_second", Value::from(100.0)),
        ("latency_received", Value::from(true)),
        ("traffic_received", Value::from(false)),
        ("versions", Value::list(["1.8.2", "1.8.1"])),
        ("profile_kinds", Value::list(["cpu", "heap"])),
        ("slos_without_budget_left", Value::list::<&str>([])),
        ("p99_24h", millis(412)),
        ("route_p99_24h", Value::map([("/menu", millis(12)), ("/orders", millis(412))])),
        ("latest_deploy_at", Value::from("2026-11-20T10:00:00Z".parse::<Timestamp>().unwrap())),
    ];
    let mut facts = Facts::default();
    for (name, value) in known {
        facts.insert(name, Fact::new(value, now(), Source::Telemetry)).unwrap();
    }
    facts
}

#[test]
fn a_rule_comes_to_what_its_facts_say() {
    use Outcome::{Is, Unknown};
    let cases = [
        ("dependencies == 2", Is(true)),
        ("dependencies + 1 > 3", Is(false)),
        ("dependencies * 3 % 4 == 2 && -dependencies < 0", Is(true)),
        ("dependencies < 2.5", Is(true)),
        ("double(dependencies) / 4.0 == 0.5 && int(0.9) == 0 && dependencies > 0", Is(true)),
        ("error_share_24h <= 0.25", Is(true)),
        ("peak_requests_per_second_7d <= 0.7 * capacity_requests_per_second", Is(true)),
        ("latency_received && !traffic_received", Is(true)),
        ("traffic_received ? dependencies > 5 : dependencies > 1", Is(true)),
        ("size(versions) == 2 && versions.size() == 2", Is(true)),
        ("versions[0] == '1.8.2'", Is(true)),
        ("'heap' in profile_kinds && !('tasks' in profile_kinds)", Is(true)),
        ("versions.all(v, v.startsWith('1.8.'))", Is(true)),
        ("versions.exists(v, v.endsWith('.1')) && versions.exists_one(v, v.contains('2'))", Is(true)),
        ("size(slos_without_budget_left) == 0", Is(true)),
        ("slos_without_budget_left.exists(s, s == 'x')", Is(false)),
        ("dependencies in [1, 2]", Is(true)),
        ("p99_24h <= duration('300ms')", Is(false)),
        ("p99_24h == duration('412ms') && p99_24h + p99_24h > duration('0.8s')", Is(true)),
        ("route_p99_24h['/menu'] < duration('20ms') && '/orders' in route_p99_24h", Is(true)),
        ("route_p99_24h.all(route, route_p99_24h[route] <= duration('1s'))", Is(true)),
        ("size(route_p99_24h) == 2 && has(route_p99_24h.menu)", Is(false)),
        ("now - latest_deploy_at == duration('24h')", Is(true)),
        (
            "latest_deploy_at + duration('2d') > now && latest_deploy_at < timestamp('2026-11-21T00:00:00Z')",
            Is(true),
        ),
        // What is not known decides only where it matters.
        ("instances > 0", Unknown),
        ("health_checks > 0 || instances > 0", Unknown),
        ("dependencies > 0 || instances > 0", Is(true)),
        ("instances > 0 || dependencies > 0", Is(true)),
        ("instances > 0 && health_checks > 0", Is(false)),
        ("health_checks > 0 && instances > 0", Is(false)),
        ("dependencies > 0 && instances > 0", Unknown),
        ("!(instances > 0)", Unknown),
        ("size(environments) == 0", Unknown),
        ("environments.all(e, e == 'production')", Unknown),
        ("versions.all(v, v == 'x' || instances > 0)", Unknown),
        // What has no value.
        ("10 / health_checks > 1", Outcome::Failed("it divides by zero".to_owned())),
        ("dependencies % health_checks == 1", Outcome::Failed("it divides by zero".to_owned())),
        ("versions[2] == 'x'", Outcome::Failed("it takes an entry that is not there".to_owned())),
        (
            "route_p99_24h['/x'] < duration('1s')",
            Outcome::Failed("it takes the entry /x, which is not there".to_owned()),
        ),
        (
            "dependencies * 9223372036854775807 > 0",
            Outcome::Failed("a number in it grows too large".to_owned()),
        ),
    ];
    for (text, expected) in cases {
        let rule = Rule::new(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(rule.outcome(&facts(), now()), expected, "{text}");
    }
}

#[test]
fn what_a_rule_cannot_say_is_told_before_it_is_run() {
    let cases = [
        ("dependency == 0", "refers to dependency, which is not a known fact; dependencies is"),
        ("weather == 'fine'", "refers to weather, which is not a known fact"),
        ("service.dependencies > 0", "refers to service, which is not a known fact"),
        ("dependencies", "is a whole number; a rule is true or false"),
        ("true", "refers to no fact, and so says nothing about a service"),
        ("now > timestamp('2026-01-01T00:00:00Z')", "refers to no fact, and so says nothing about a service"),
        ("dependencies == 'two'", "uses == on a whole number and a text, which it is not for"),
        ("dependencies && true", "uses && on a whole number and true or false, which it is not for"),
        (
            "dependencies * 1.5 > 3.0",
            "uses * on a whole number and a number with a fraction, which it is not for; write 2.0 for 2, or double(…) around a whole number",
        ),
        ("size(dependencies) == 0", "uses size on a whole number, which it is not for"),
        ("dependencies.size() == 0", "uses size on a whole number, which it is not for"),
        ("latency_received > false", "uses > on true or false and true or false, which it is not for"),
        ("'a' + 'b' == versions[0]", "uses + on a text and a text, which it is not for"),
        (
            "versions + ['a'] == versions",
            "uses + on a list, each entry a text and a list, each entry a text, which it is not for",
        ),
        ("2 in versions", "uses in on a whole number and a list, each entry a text, which it is not for"),
        ("versions['a'] == ''", "uses [] on a list, each entry a text and a text, which it is not for"),
        ("dependencies.count > 0", "takes .count of a whole number; only a map has such"),
        (
            "traffic_received ? 1 : 2.0",
            "uses ?: on true or false and a whole number and a number with a fraction, which it is not for; write 2.0 for 2, or double(…) around a whole number",
        ),
        (
            "versions.map(v, v) == versions",
            "builds a list with map or filter, which rules cannot; use all, exists or exists_one",
        ),
        (
            "size(versions.filter(v, v == 'x')) == 0",
            "builds a list with map or filter, which rules cannot; use all, exists or exists_one",
        ),
        ("dependencies.all(d, d > 0)", "goes through a whole number; only lists and maps have entries"),
        ("versions.all(v, 1)", "asks a whole number of each entry; true or false is wanted"),
        ("versions.all(now, now == '')", "calls an entry now, which is the name of a fact"),
        ("versions.all(dependencies, true)", "calls an entry dependencies, which is the name of a fact"),
        ("versions.all(v, true) && v == ''", "refers to v, which is not a known fact"),
        ("versions.matches('.*')", "calls matches, which rules do not know"),
        ("string(dependencies) == '2'", "calls string, which rules do not know"),
        ("type(dependencies) == int", "calls type, which rules do not know"),
        ("dependencies == null", "has null; a fact that nobody has observed is unknown by itself"),
        ("dependencies == 2u", "has a number with the suffix u; leave it out"),
        ("versions[0] == b'x'", "has bytes; no fact is made of them"),
        ("versions == []", "has a list without entries; use size(…) == 0 to ask for one"),
        ("dependencies in [1, 'a']", "has a list of a whole number and a text; its entries are of one type"),
        ("versions in [[versions]]", "has a list of lists, which rules cannot read"),
        ("{'a': 1}['a'] == dependencies", "builds a map, which rules cannot"),
        ("Fact{name: 'a'} == dependencies", "builds a map, which rules cannot"),
        ("p99_24h < 300", "uses < on a length of time and a whole number, which it is not for"),
        (
            "p99_24h < duration('soon')",
            "uses duration(…), which wants a length of time, such as \"300ms\", \"10m\" or \"90d\"",
        ),
        (
            "p99_24h < duration(versions[0])",
            "uses duration(…), which wants a length of time, such as \"300ms\", \"10m\" or \"90d\"",
        ),
        (
            "now > timestamp('2026-01')",
            "uses timestamp(…), which wants a moment, such as \"2026-01-31T00:00:00Z\"",
        ),
        ("dependencies >", "cannot be read at column 15: "),
        ("dependencies > 0 and true", "cannot be read at column 18: mismatched input 'and' expecting <EOF>"),
        ("dependencies >\n(1", "cannot be read at its line 2, column 3: "),
        ("(request_trace_id) = 0.99)", "cannot be read at column 20: "),
        ("dependencies = 0", "cannot be read at column 14: "),
        ("versions[?0] == ''", "cannot be read at column 9: unsupported syntax '?'"),
        ("has(dependencies)", "cannot be read at column 5: invalid argument to has() macro"),
    ];
    for (text, expected) in cases {
        let message = Rule::new(text).map_err(|error| error.to_string());
        let expected = format!("line 1: rule {expected}");
        let Err(message) = message else { panic!("{text}: accepted") };
        if expected.ends_with(": ") {
            assert!(message.starts_with(&expected), "{text}: {message}");
        } else {
            assert_eq!(message, expected, "{text}");
        }
    }
}

/// Tests run on threads with 2 MiB of stack, as the workers of a runtime do.
#[test]
fn no_rule_exhausts_the_stack_or_takes_long() {
    let shapes = [
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("{1:", "1", "}"),
        ("!", "latency_received", ""),
        ("- ", "dependencies", ""),
        ("", "dependencies", "+1"),
        ("", "latency_received", "==true"),
        ("true?true:", "latency_received", ""),
        ("true?", "latency_received", ":true"),
        ("", "versions", "[0]"),
        ("", "versions", ".a"),
        ("", "versions", ".size()"),
        ("size(", "versions", ")"),
        ("has(", "versions.a", ")"),
        ("versions.all(v,", "latency_received", ")"),
        ("versions.exists(v,versions.all(w,", "v==w", "))"),
        ("A{a:", "1", "}"),
        ("'", "", "\\n"),
        ("a(", "", ""),
        ("[", "", ""),
        (".", "", ""),
        ("?", "", ""),
        ("\u{1}", "", ""),
        ("\u{1f980}", "", ""),
    ];
    for (open, inner, close) in shapes {
        let times = (MAX_RULE_BYTES - inner.len()) / (open.len() + close.len());
        for times in [1, 5, 14, 16, 18, 40, times] {
            let text = format!("{}{inner}{}", open.repeat(times), close.repeat(times));
            let began = Instant::now();
            let outcome = Rule::new(&text).map(|rule| rule.outcome(&facts(), now()));
            // A chain of ! folds into one or none.
            if times > 40 && open != "!" {
                let error = outcome.expect_err(&text).to_string();
                assert!(error.len() < 400, "{error}");
            }
            assert!(began.elapsed() < Duration::from_secs(2), "{text}: {:?}", began.elapsed());
        }
    }
    let wide = format!("latency_received{}", " && latency_received".repeat(40));
    assert_eq!(Rule::new(&wide).unwrap().outcome(&facts(), now()), Outcome::Is(true));
    let long = Rule::new(&" ".repeat(MAX_RULE_BYTES + 1)).unwrap_err().to_string();
    assert_eq!(long, "line 1: rule has 1001 bytes; at most 1000 are accepted");
    let deep = Rule::new(&format!("dependencies > 0{}", "+1".repeat(30))).unwrap_err().to_string();
    assert_eq!(
        deep,
        "line 1: rule is nested more than 16 levels deep; use && and ||, which do not nest, or two items"
    );
}

#[test]
fn what_a_rule_may_cost_is_known_before_it_is_run() {
    let cost = |text: &str| Rule::new(text).unwrap().cost();
    assert_eq!(cost("dependencies > 0"), 3);
    assert_eq!(cost("'cpu' in profile_kinds"), 1_003);
    assert_eq!(cost("dependencies in [1, 2, 3]"), 9);
    let once = cost("versions.all(v, v == 'x')");
    assert!((3_000..MAX_RULE_COST).contains(&once), "{once}");
    let within = Rule::new("versions.all(v, versions.exists(w, v == w))").unwrap_err().to_string();
    assert!(within.ends_with("steps on lists of 1000; at most 50000 are accepted"), "{within}");
    assert!(Rule::new("['a', 'b'].all(v, versions.exists(w, v == w))").is_ok());
}

/// On lists as long, and texts as long, as a fact may be.
#[test]
fn the_dearest_rule_is_soon_over() {
    let entry = |number: usize| format!("{number}{}", "v".repeat(MAX_TEXT_BYTES - 8));
    let mut facts = facts();
    let value = Value::list((0..MAX_ENTRIES).map(entry));
    facts.insert("versions", Fact::new(value, now(), Source::CheckIn)).unwrap();
    let duration = |number: usize| (entry(number), Value::from(SignedDuration::from_millis(412)));
    let value = Value::map((0..MAX_ENTRIES).map(duration));
    facts.insert("route_p99_24h", Fact::new(value, now(), Source::Telemetry)).unwrap();
    let rules = [
        "['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p'].all(v, !(v in versions))",
        "versions.all(v, v.contains('vvvvvvvv') && v.endsWith('vv') && !v.startsWith('v'))",
        "route_p99_24h.all(r, route_p99_24h[r] < duration('1s') && r in route_p99_24h)",
        "versions == versions && !(versions != versions)",
    ];
    for text in rules {
        let rule = Rule::new(text).unwrap();
        let began = Instant::now();
        assert_eq!(rule.outcome(&facts, now()), Outcome::Is(true), "{text}");
        println!("{text}: {:?} for {} steps", began.elapsed(), rule.cost());
        assert!(began.elapsed() < Duration::from_secs(2), "{text}: {:?}", began.elapsed());
    }
}

const TOKENS: &[&str] = &[
    "dependencies",
    "error_share_24h",
    "versions",
    "route_p99_24h",
    "p99_24h",
    "latency_received",
    "instances",
    "now",
    "v",
    "all",
    "exists",
    "exists_one",
    "map",
    "filter",
    "has",
    "size",
    "duration",
    "timestamp",
    "int",
    "double",
    "in",
    "startsWith",
    "contains",
    "true",
    "false",
    "null",
    "0",
    "1",
    "-1",
    "9223372036854775807",
    "-9223372036854775808",
    "1.5",
    "1e308",
    "0u",
    "'a'",
    "'10m'",
    "b'a'",
    "\"",
    "'",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ".",
    ",",
    ":",
    "?",
    "!",
    "-",
    "+",
    "*",
    "/",
    "%",
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "&&",
    "||",
    " ",
    "\n",
    "//",
    "\\",
    "`",
    "é",
    "@result",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// Whatever is written as a rule is run or refused.
    #[test]
    fn no_rule_panics(tokens in prop::collection::vec(prop::sample::select(TOKENS), 0..24)) {
        let text = tokens.concat();
        match Rule::new(&text) {
            Ok(rule) => _ = rule.outcome(&facts(), now()),
            Err(error) => prop_assert!(error.to_string().len() < 600, "{}", error),
        }
    }

    /// Numbers at the ends of their ranges have a value or none, and no arithmetic panics.
    #[test]
    fn no_number_panics(
        numbers in prop::collection::vec(prop::sample::select(vec![i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX]), 3),
        operators in prop::collection::vec(prop::sample::select(vec!["+", "-", "*", "/", "%"]), 3),
    ) {
        let mut facts = facts();
        facts.insert("dependencies", Fact::new(numbers[0], now(), Source::CheckIn)).unwrap();
        facts.insert("instances", Fact::new(numbers[1], now(), Source::CheckIn)).unwrap();
        let [a, b, c] = [operators[0], operators[1], operators[2]];
        let text = format!("-dependencies {a} instances {b} dependencies {c} ({}) > 0", numbers[2]);
        let rule = Rule::new(&text).unwrap();
        prop_assert!(rule.outcome(&facts, now()) != Outcome::Unknown);
    }
}
