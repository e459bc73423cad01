//! What goes out comes in again, without loss.

use std::collections::BTreeMap;

use proptest::{collection::vec, option, prelude::*};
use seaworthy_openslo::{Definition, Source, import, to_yaml, v1::Label};
use seaworthy_slo::{AlertSpec, BudgetingSpec, Calendar, Counter, Scope, Severity, Sli, SloSpec, WindowSpec};

use crate::{
    COFFEE,
    accepted::{COMPOSITE, POLICIES, REFERRING, SHARED},
    read,
};

#[test]
fn every_object_comes_back_with_all_that_is_kept() {
    let shared = [REFERRING, POLICIES, SHARED].map(|yaml| Source { file: "a.yaml", yaml });
    let datadog = COFFEE.replace("type: Seaworthy", "type: Datadog\n            metricSourceRef: elsewhere");
    let nothing = COMPOSITE.replace("{query: null, region: eu-1}", "null");
    for first in [import(&shared), read(COFFEE), read(COMPOSITE), read(&datadog), read(&nothing)] {
        let first = first.unwrap();
        let yaml = to_yaml(&first.objects).unwrap();
        let second = read(&yaml).unwrap_or_else(|refused| panic!("{refused}\n{yaml}"));
        assert_eq!((&second.objects, &second.definitions), (&first.objects, &first.definitions));
        assert_eq!(second.warnings.len(), first.warnings.len());
    }
}

#[test]
fn a_definition_by_itself_needs_no_other_object() {
    let shared = [REFERRING, POLICIES, SHARED].map(|yaml| Source { file: "a.yaml", yaml });
    for first in [import(&shared), read(COFFEE), read(COMPOSITE)] {
        let definitions = first.unwrap().definitions;
        let objects: Vec<_> = definitions.iter().map(Definition::object).collect();
        assert_eq!(read(&to_yaml(&objects).unwrap()).unwrap().definitions, definitions);
    }
}

#[test]
fn what_is_changed_is_said_anew_and_the_rest_stays() {
    let coffee = read(COFFEE).unwrap().definitions.remove(0);
    let before = coffee.spec().unwrap().clone();
    assert_eq!(coffee.clone().with_spec(before.clone()), coffee, "nothing has changed");
    let ticket = AlertSpec {
        budget_percent: 10.0,
        long_minutes: 1_440,
        short_minutes: 120,
        severity: Severity::Ticket,
    };
    let spec = SloSpec { objective_percent: 99.5, alerts: vec![ticket, before.alerts[0]], ..before };
    let changed = coffee.with_spec(spec.clone());
    let yaml = to_yaml(&[changed.object()]).unwrap();
    assert!(yaml.contains("displayName: Nearly all\n    targetPercent: 99.5\n"), "{yaml}");
    let names: Vec<_> = changed.policies().map(|policy| policy.metadata.name.as_str()).collect();
    assert_eq!(names, ["ticket-1d-2h", "fast"], "the new one before the one that was kept");
    let read = read(&yaml).unwrap().definitions.remove(0);
    assert_eq!((read.spec(), &read), (Some(&spec), &changed));
}

/// Texts that YAML could take for something else.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~äß😀\n\t\u{7f}\u{85}\u{2028}]{1,40}",
        prop::sample::select(vec![
            "yes",
            "no",
            "on",
            "null",
            "~",
            "1e3",
            "0x1f",
            "012",
            "1_000",
            ".nan",
            "- a",
            "a: b",
            "# a",
            "&a",
            "*a",
            "!!str a",
            "%a",
            "@a",
            "`a",
            "<<",
            "=",
            "---",
            "...",
            "'",
            "\"",
            "\\",
            " a",
            "a ",
            "2024-01-01",
            "12:30",
            "true",
            "[",
            "{",
            "|",
            ">",
            "a #b",
            "a:",
            "?",
            "\r\n",
            "\n\na\n",
        ])
        .prop_map(str::to_owned),
    ]
}

fn name() -> impl Strategy<Value = String> {
    "[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?"
}

fn scope() -> impl Strategy<Value = Scope> {
    let names = || vec(text().prop_filter("not empty", |text| !text.trim().is_empty()), 0..3);
    (names(), names()).prop_map(|(routes, methods)| Scope { routes, methods })
}

fn counter() -> impl Strategy<Value = Counter> {
    ("[a-z][a-z0-9._]{0,20}", prop::collection::btree_map(text(), text(), 0..3))
        .prop_map(|(metric, attributes)| Counter { metric, attributes })
}

fn sli() -> impl Strategy<Value = Sli> {
    let statuses = (100_u16..600, 0_u16..100).prop_map(|(from, more)| (from, (from + more).min(599)));
    prop_oneof![
        (scope(), vec(statuses, 0..3))
            .prop_map(|(scope, bad_statuses)| Sli::Availability { scope, bad_statuses }),
        (scope(), 1e-6..86_400_000.0).prop_map(|(scope, threshold_ms)| Sli::Latency { scope, threshold_ms }),
        (counter(), counter()).prop_map(|(good, total)| Sli::Ratio { good, total }),
        (counter(), counter()).prop_map(|(bad, total)| Sli::Failures { bad, total }),
    ]
}

fn window() -> impl Strategy<Value = WindowSpec> {
    let units = vec![Calendar::Week, Calendar::Month, Calendar::Quarter, Calendar::Year];
    let zones = vec!["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"];
    prop_oneof![
        (1_u32..=366 * 24 * 60).prop_map(|minutes| WindowSpec::Rolling { minutes }),
        (prop::sample::select(units), prop::sample::select(zones))
            .prop_map(|(unit, zone)| WindowSpec::Calendar { unit, zone: zone.to_owned() }),
    ]
}

fn budgeting() -> impl Strategy<Value = BudgetingSpec> {
    let minutes = prop::sample::select(vec![1_u8, 2, 5, 10, 12, 15, 30, 60]);
    prop_oneof![
        Just(BudgetingSpec::Occurrences),
        (minutes, percent())
            .prop_map(|(minutes, target_percent)| BudgetingSpec::Slices { minutes, target_percent }),
    ]
}

/// To the seven decimals that objectives have.
fn percent() -> impl Strategy<Value = f64> {
    (1_u64..1_000_000_000).prop_map(|parts| parts as f64 / 1e7)
}

/// To the millionth of a budget that burn rules count in.
fn alert() -> impl Strategy<Value = AlertSpec> {
    let severity = prop_oneof![Just(Severity::Page), Just(Severity::Ticket)];
    (1_u32..=1_000_000, 2_u32..10_000, 1_u32..10_000, severity).prop_map(|(share, long, short, severity)| {
        AlertSpec {
            budget_percent: f64::from(share) / 1e4,
            long_minutes: long,
            short_minutes: short.min(long - 1),
            severity,
        }
    })
}

/// Whatever `check` has nothing against.
fn spec() -> impl Strategy<Value = SloSpec> {
    let least_failures = prop_oneof![Just(5), any::<u64>()];
    let runbook = option::of("https://[a-z]{1,9}/[!-Z]{0,9}");
    (sli(), percent(), window(), budgeting(), vec(alert(), 0..4), least_failures, runbook)
        .prop_map(|(sli, objective_percent, window, budgeting, alerts, least_failures, runbook)| {
            let spec = SloSpec {
                sli,
                objective_percent,
                window,
                budgeting,
                alerts: vec![],
                least_failures,
                runbook,
            };
            let fires = |alert: &AlertSpec| SloSpec { alerts: vec![*alert], ..spec.clone() }.check().is_ok();
            SloSpec { alerts: alerts.into_iter().filter(fires).collect(), ..spec }
        })
        .prop_filter("an SLO", |spec| spec.check().is_ok())
}

fn labels() -> impl Strategy<Value = BTreeMap<String, Label>> {
    let label = prop_oneof![text().prop_map(Label::One), vec(text(), 0..3).prop_map(Label::Many)];
    prop::collection::btree_map(text(), label, 0..3)
}

fn definition() -> impl Strategy<Value = Definition> {
    let words = (option::of(text()), option::of(text()));
    let annotations = prop::collection::btree_map(text(), text(), 0..3);
    (name(), text(), spec(), words, labels(), annotations).prop_map(
        |(name, service, spec, (title, description), labels, annotations)| {
            Definition::new(name, service, spec)
                .with_title(&title.unwrap_or_default())
                .with_description(&description.unwrap_or_default())
                .with_labels(labels)
                .with_annotations(annotations)
        },
    )
}

proptest! {
    #[test]
    fn any_definition_comes_back(definition in definition()) {
        let yaml = to_yaml(&[definition.object()]).unwrap();
        let import = read(&yaml);
        prop_assert!(import.is_ok(), "{}\n{yaml}", import.unwrap_err());
        let import = import.unwrap();
        prop_assert!(import.warnings.is_empty(), "{:?}\n{yaml}", import.warnings);
        prop_assert_eq!(&import.definitions, &[definition], "{}", yaml);
    }

    #[test]
    fn any_change_of_what_is_evaluated_is_said(before in definition(), spec in spec()) {
        let after = before.with_spec(spec.clone());
        let yaml = to_yaml(&[after.object()]).unwrap();
        let read = read(&yaml).unwrap().definitions.remove(0);
        prop_assert_eq!(read.spec(), Some(&spec), "{}", yaml);
    }
}
