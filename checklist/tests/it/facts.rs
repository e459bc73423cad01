//! What may become a fact, and what is known of it beforehand.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use seaworthy_checklist::{Fact, Facts, KnownFact, MAX_ENTRIES, MAX_TEXT_BYTES, Source, Type, Value};

fn refused(name: &str, value: impl Into<Value>) -> Option<String> {
    let fact = Fact::new(value, Timestamp::UNIX_EPOCH, Source::Telemetry);
    Facts::default().insert(name, fact).err().map(|error| error.to_string())
}

#[test]
fn a_fact_is_what_the_catalogue_says() {
    let durations = Value::map([("/menu", SignedDuration::from_millis(12))]);
    let mixed = Value::map([("/menu", Value::from(1)), ("/orders", Value::from("slow"))]);
    let nested = Value::map([("/menu", Value::list(["a"]))]);
    let cases = [
        ("dependencies", Value::from(2), None),
        ("error_share_24h", Value::from(0.01), None),
        ("latency_received", Value::from(true), None),
        ("versions", Value::list(["1.8.2"]), None),
        ("versions", Value::list::<&str>([]), None),
        ("route_p99_24h", durations, None),
        ("route_p99_24h", Value::map::<&str, Value>([]), None),
        ("p99_24h", Value::from(SignedDuration::from_millis(412)), None),
        ("latest_deploy_at", Value::from(Timestamp::UNIX_EPOCH), None),
        ("dependencies", Value::from(2.0), Some("dependencies is not a whole number, which it has to be")),
        (
            "error_share_24h",
            Value::from(0),
            Some("error_share_24h is not a number with a fraction, which it has to be"),
        ),
        (
            "versions",
            Value::from("1.8.2"),
            Some("versions is not a list, each entry a text, which it has to be"),
        ),
        (
            "route_p99_24h",
            mixed,
            Some("route_p99_24h is not a map, each value a length of time, which it has to be"),
        ),
        (
            "route_p99_24h",
            nested,
            Some("route_p99_24h is not a map, each value a length of time, which it has to be"),
        ),
        ("error_share_24h", Value::from(f64::NAN), Some("error_share_24h is NaN, which no rule can judge")),
        (
            "speed",
            Value::from(1),
            Some("speed is not a known fact; the known ones are in seaworthy_checklist::KnownFact::all()"),
        ),
    ];
    for (name, value, expected) in cases {
        assert_eq!(refused(name, value.clone()), expected.map(str::to_owned), "{name} {value:?}");
    }
}

#[test]
fn a_fact_is_no_larger_than_rules_can_afford() {
    let entries = |many| Value::list((0..many).map(|n| n.to_string()));
    assert_eq!(refused("versions", entries(MAX_ENTRIES)), None);
    let message = "versions has 1001 entries; at most 1000 are accepted";
    assert_eq!(refused("versions", entries(MAX_ENTRIES + 1)).as_deref(), Some(message));
    assert_eq!(refused("versions", Value::list(["v".repeat(MAX_TEXT_BYTES)])), None);
    let message = "versions has a text of more than 1024 bytes";
    assert_eq!(refused("versions", Value::list(["v".repeat(MAX_TEXT_BYTES + 1)])).as_deref(), Some(message));
}

#[test]
fn the_latest_fact_of_a_name_is_kept() {
    let mut facts = Facts::default();
    for value in [1, 2] {
        facts.insert("dependencies", Fact::new(value, Timestamp::UNIX_EPOCH, Source::CheckIn)).unwrap();
    }
    assert_eq!(
        facts.iter().map(|(name, fact)| (name, fact.value.clone())).collect::<Vec<_>>(),
        [("dependencies", Value::Int(2))]
    );
    facts.remove("dependencies");
    assert_eq!(facts, Facts::default());
}

#[test]
fn known_facts_are_told_apart_and_told_in_full() {
    let (mut names, mut labels, mut abouts) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for known in KnownFact::all() {
        let name = known.name;
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'), "{name}");
        assert!(names.insert(name), "{name}: twice");
        assert!(labels.insert(known.label), "{name}: {:?} stands elsewhere too", known.label);
        assert!(abouts.insert(known.about), "{name}: {:?} stands elsewhere too", known.about);
        assert!(known.about.ends_with('.') && known.about.starts_with(char::is_uppercase), "{name}");
        assert!(!known.label.is_empty() && !known.label.ends_with('.'), "{name}");
        assert!(!name.contains("_share") || known.kind == Type::Float, "{name}: a share is from 0.0 to 1.0");
    }
}

#[test]
fn a_fact_survives_json() {
    let seen_at = "2026-11-21T10:00:00Z".parse().unwrap();
    let value = Value::map([("/menu", SignedDuration::from_millis(12))]);
    let fact = Fact::new(value, seen_at, Source::CheckIn).of(7).build("1.8.2").link("/x");
    let json = serde_json::to_string(&fact).unwrap();
    insta::assert_snapshot!(json, @r#"{"value":{"type":"map","value":{"/menu":{"type":"duration","value":"PT0.012S"}}},"seen_at":"2026-11-21T10:00:00Z","source":"check_in","of":7,"build":"1.8.2","link":"/x"}"#);
    assert_eq!(serde_json::from_str::<Fact>(&json).unwrap(), fact);
}
