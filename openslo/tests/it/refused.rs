//! Every mistake is named with file, line, field and what would be right.

use seaworthy_openslo::{Source, import};

use crate::{COFFEE, read, without_columns};

fn errors(yaml: &str) -> String {
    match read(yaml) {
        Ok(_) => panic!("accepted:\n{yaml}"),
        Err(refused) => without_columns(&refused.errors).join("\n"),
    }
}

#[test]
fn a_mistake_is_told_with_the_column_of_its_field() {
    for (from, to, told) in [
        ("target: 0.999", "target: 1.01", "slo.yaml:34:7: spec.objectives[0].target: "),
        ("kind: SLO\n", "kind: SLA\n", "slo.yaml:2:1: kind: is"),
        ("service: barista", "service: [", "slo.yaml:"),
        (
            "budgetingMethod: Occurrences",
            "budgetingMethod: Guess",
            "slo.yaml:14:3: spec.budgetingMethod: unknown",
        ),
        ("[500-599, 429]", "[500-599, 5xx]", "slo.yaml:31:38: "),
    ] {
        let told_of = read(&COFFEE.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(told_of.starts_with(told), "{told_of}\n is not\n{told}");
    }
}

#[test]
fn what_is_wrong_is_named_with_line_and_field() {
    for (from, to, told) in [
        ("target: 0.999", "target: 1.01", "slo.yaml:34: spec.objectives[0].target: 1.01 is out of range"),
        (
            "target: 0.999",
            "targetPercent: 101",
            "slo.yaml:34: spec.objectives[0].targetPercent: 101 is out of range",
        ),
        ("target: 0.999", "target: 1", "target: 1 is out of range; it must be above 0 and below 1"),
        ("target: 0.999", "target: 0", "target: 0 is out of range"),
        (
            "target: 0.999",
            "target: high",
            "slo.yaml:34: spec.objectives[0].target: invalid type: string \"high\"",
        ),
        ("target: 0.999", "target: 0.99999999999", "target: an objective of"),
        ("target: 0.999", "target: 0.9\n      targetPercent: 90", "both target and targetPercent"),
        ("      target: 0.999\n", "", "neither target nor targetPercent"),
        ("target: 0.999", "target: 0.9\n    - target: 0.99", "spec.objectives: has 2 objectives"),
        (
            "duration: 30d",
            "duration: 0d",
            "slo.yaml:16: spec.timeWindow[0].duration: \"0d\" has nothing in it",
        ),
        ("duration: 30d", "duration: 30x", "duration: \"30d\" has".replace("30d", "30x").leak()),
        ("duration: 30d", "duration: 1M", "a window of 1M cannot roll"),
        (
            "duration: 30d",
            "duration: 400d",
            "slo.yaml:16: spec.timeWindow[0].duration: a window of 400 d is too long",
        ),
        ("duration: 30d", "duration: 30", "duration: "),
        (
            "isRolling: true",
            "isRolling: true\n    - duration: 7d\n      isRolling: true",
            "slo.yaml:15: spec.timeWindow: has 2 windows",
        ),
        ("isRolling: true", "isRolling: false", "spec.timeWindow[0]: has no calendar"),
        (
            "isRolling: true",
            "calendar: {startTime: 2024-01-01 00:00:00, timeZone: Europe/Atlantis}",
            "spec.timeWindow[0].calendar.timeZone: there is no time zone \"Europe/Atlantis\"",
        ),
        ("isRolling: true", "calendar: {startTime: noon, timeZone: UTC}", "\"noon\" is no date"),
        (
            "isRolling: true",
            "calendar: {startTime: 2024-01-01 00:00:00, timeZone: UTC}",
            "a window of 30d is no unit of the calendar",
        ),
        ("  timeWindow:\n    - duration: 30d\n      isRolling: true\n", "", "spec.timeWindow: is missing"),
        (
            "budgetingMethod: Occurrences",
            "budgetingMethod: Guess",
            "slo.yaml:14: spec.budgetingMethod: unknown variant `Guess`",
        ),
        ("budgetingMethod: Occurrences", "budgetingMethod: Timeslices", "timeSliceWindow: is missing"),
        ("kind: availability", "kind: magic", "spec.kind: is to be availability or latency"),
        ("kind: availability", "kind: latency", "unknown field `badStatuses`"),
        ("[500-599, 429]", "[5xx]", "badStatuses[0]: \"5xx\" is no status"),
        (
            "[500-599, 429]",
            "[700]",
            "slo.yaml:22: spec.indicator.spec.ratioMetric: 700 to 700 are no statuses",
        ),
        ("rawType: success", "rawType: failure", "make rawType success"),
        ("        rawType: success\n", "", "rawType: is missing"),
        (
            "name: coffee-served",
            "name: Coffee Served",
            "slo.yaml:4: metadata.name: \"Coffee Served\" is no name",
        ),
        ("openslo/v1", "openslo/v2alpha", "slo.yaml:1: apiVersion: is \"openslo/v2alpha\""),
        ("kind: SLO\n", "kind: SLA\n", "slo.yaml:2: kind: is \"SLA\"; kinds are SLO, SLI"),
        ("service: barista", "servce: barista", "slo.yaml:13: spec.servce: unknown field `servce`"),
        ("  service: barista\n", "", "spec: missing field `service`"),
        ("tier: gold", "tier: 1", "slo.yaml:8: metadata.labels.tier: invalid type"),
        (
            "threshold: 14.4",
            "threshold: 2000",
            "slo.yaml:52: spec.alertPolicies[0].spec.conditions[0].spec.condition.threshold",
        ),
        ("target: 0.999", "target: 0.9", "it takes one above 93.0556 %"),
        ("lookbackWindow: 1h", "lookbackWindow: 60d", "longer than the SLO's window"),
        ("seaworthy/short-window: 5m", "seaworthy/short-window: 2h", "the short window must be shorter"),
        ("seaworthy/short-window: 5m", "seaworthy/short-window: soon", "\"soon\" is no length of time"),
        ("kind: AlertPolicy", "kind: AlertCondition", "spec.alertPolicies[0]"),
        ("service: barista", "service: barista\n  service: till", "service: is given twice"),
        ("service: barista", "service: [", "the file cannot be read"),
    ] {
        let yaml = COFFEE.replacen(from, to, 1);
        assert_ne!(yaml, COFFEE, "{from} is not there");
        let told_of = errors(&yaml);
        assert!(told_of.contains(told), "{to}:\n{told_of}\n  is not\n{told}");
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let yaml = COFFEE.replace("target: 0.999", "target: 5").replace("isRolling: true", "isRolling: false");
    assert_eq!(errors(&yaml).lines().count(), 2, "{}", errors(&yaml));
}

#[test]
fn references_that_lead_nowhere_are_refused() {
    let start = COFFEE.find("  indicator:").unwrap();
    let end = COFFEE.find("  objectives:").unwrap();
    let referring = |name: &str| format!("{}  indicatorRef: {name}\n{}", &COFFEE[..start], &COFFEE[end..]);
    let told = errors(&referring("gone"));
    assert!(told.contains("slo.yaml:18: spec.indicatorRef: there is no SLI named \"gone\""), "{told}");
    // An SLO cannot be its own indicator, and no kind can refer to its own: so there are no cycles.
    let told = errors(&referring("coffee-served"));
    assert!(told.contains("there is no SLI named \"coffee-served\", only SLO"), "{told}");
    let policy = |reference: &str| {
        format!(
            "apiVersion: openslo/v1\nkind: AlertPolicy\nmetadata: {{name: p}}\nspec:\n  conditions: [{reference}]\n"
        )
    };
    let told = errors(&policy("conditionRef: gone"));
    assert!(
        told.contains("slo.yaml:5: spec.conditions[0].conditionRef: there is no AlertCondition"),
        "{told}"
    );
    let told = errors(&policy("alertPolicyRef: p"));
    assert!(told.contains("unknown field `alertPolicyRef`, expected conditionRef"), "{told}");
    let told =
        errors(&policy("conditionRef: a}, {conditionRef: b").replace("[cond", "[{cond").replace("b]", "b}]"));
    assert!(told.contains("has 2 conditions"), "{told}");
}

#[test]
fn an_indicator_that_nobody_refers_to_is_checked_too() {
    let metric = "{metricSource: {type: Seaworthy, spec: {metric: orders}}}";
    let sli = |ratio: &str| {
        format!(
            "apiVersion: openslo/v1\nkind: SLI\nmetadata: {{name: s}}\nspec:\n  ratioMetric: {{{ratio}}}\n"
        )
    };
    let told = errors(&sli(&format!("good: {metric}, bad: {metric}, total: {metric}")));
    assert!(
        told.contains("slo.yaml:5: spec.ratioMetric: is to have good and total, or bad and total"),
        "{told}"
    );
}

#[test]
fn a_name_given_twice_is_refused_with_both_places() {
    let refused = import(&[Source { file: "a.yaml", yaml: COFFEE }, Source { file: "b.yaml", yaml: COFFEE }]);
    let told = refused.unwrap_err().to_string();
    assert_eq!(
        told,
        "b.yaml:4:3: metadata.name: there are two objects SLO named \"coffee-served\"; the other is at a.yaml:1"
    );
}
