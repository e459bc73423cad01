//! What is read, and what is said of what is only kept.

use seaworthy_openslo::{Import, Source, import, v1::Use};
use seaworthy_slo::{AlertSpec, BudgetingSpec, Calendar, Severity, Sli, WindowSpec};

use crate::{COFFEE, read};

fn warnings(import: &Import) -> Vec<String> {
    crate::without_columns(&import.warnings)
}

#[test]
fn an_slo_is_read_with_all_that_it_says() {
    let import = read(COFFEE).unwrap();
    assert_eq!(warnings(&import), [""; 0]);
    let coffee = &import.definitions[0];
    assert_eq!((coffee.name(), coffee.service()), ("coffee-served", "barista"));
    assert_eq!(coffee.title(), Some("Coffee is served"));
    assert_eq!(coffee.description(), Some("Whoever orders gets coffee."));
    assert_eq!(coffee.annotations()["example.com/dashboard"], "https://example.com/d/1");
    insta::assert_debug_snapshot!(coffee.labels(), @r#"
    {
        "team": Many(
            [
                "espresso",
                "milk",
            ],
        ),
        "tier": One(
            "gold",
        ),
    }
    "#);
    let spec = serde_json::to_string(coffee.spec().unwrap()).unwrap();
    insta::assert_snapshot!(spec, @r#"{"sli":{"kind":"availability","scope":{"routes":["/orders"],"methods":["POST"]},"bad_statuses":[[500,599],[429,429]]},"objective_percent":99.9,"window":{"kind":"rolling","minutes":43200},"budgeting":{"kind":"occurrences"},"alerts":[{"budget_percent":2.0,"long_minutes":60,"short_minutes":5,"severity":"page"}],"least_failures":5}"#);
    let policy = coffee.policies().next().unwrap();
    let Use::Inline(target) = &policy.spec.notification_targets[0] else { panic!("{policy:?}") };
    assert_eq!((target.metadata.name.as_str(), target.spec.target.as_str()), ("on-call", "pager"));
}

/// The same in parts, in several files and documents.
pub(crate) const SHARED: &str = "\
- apiVersion: openslo/v1
  kind: SLI
  metadata: {name: paid}
  spec:
    ratioMetric:
      counter: true
      bad: {metricSource: {metricSourceRef: ours, spec: {metric: orders.lost, attributes: {shop: north}}}}
      total: {metricSource: {type: OpenTelemetry, spec: {metric: orders}}}
- apiVersion: openslo/v1
  kind: DataSource
  metadata: {name: ours}
  spec: {type: Seaworthy, connectionDetails: {portal: 'https://example.com'}}
";
pub(crate) const POLICIES: &str = "\
apiVersion: openslo/v1
kind: AlertPolicy
metadata: {name: slow}
spec:
  alertWhenResolved: false
  conditions: [conditionRef: three-days]
  notificationTargets: [targetRef: tickets]
---
apiVersion: openslo/v1
kind: AlertNotificationTarget
metadata: {name: tickets}
spec: {target: tracker}
---
apiVersion: openslo/v1
kind: AlertCondition
metadata: {name: three-days}
spec:
  severity: sev3
  condition: {kind: burnrate, op: gte, threshold: 1, lookbackWindow: 3d, alertAfter: 15m}
---
apiVersion: openslo/v1
kind: Service
metadata: {name: till, displayName: Takes money}
";
pub(crate) const REFERRING: &str = "\
apiVersion: openslo/v1
kind: SLO
metadata: {name: paid}
spec:
  service: till
  indicatorRef: paid
  budgetingMethod: Timeslices
  timeWindow:
    - duration: 1M
      calendar: {startTime: 2024-01-01 00:00:00, timeZone: Europe/Berlin}
  objectives:
    - targetPercent: 99.5
      timeSliceTarget: 0.95
      timeSliceWindow: 5
  alertPolicies:
    - alertPolicyRef: slow
";

#[test]
fn objects_refer_to_each_other_across_files() {
    let import = import(&[
        Source { file: "slo.yaml", yaml: REFERRING },
        Source { file: "shared/policies.yaml", yaml: POLICIES },
        Source { file: "shared/indicators.yaml", yaml: SHARED },
    ])
    .unwrap();
    assert_eq!(import.objects.len(), 7);
    let spec = import.definitions[0].spec().unwrap();
    let Sli::Failures { bad, total } = &spec.sli else { panic!("{:?}", spec.sli) };
    assert_eq!((bad.metric.as_str(), total.metric.as_str()), ("orders.lost", "orders"));
    assert_eq!(bad.attributes["shop"], "north");
    assert_eq!(spec.window, WindowSpec::Calendar { unit: Calendar::Month, zone: "Europe/Berlin".to_owned() });
    assert_eq!(spec.budgeting, BudgetingSpec::Slices { minutes: 5, target_percent: 95.0 });
    assert_eq!(spec.objective_percent, 99.5);
    let ticket =
        AlertSpec { budget_percent: 10.0, long_minutes: 4_320, short_minutes: 360, severity: Severity::Page };
    assert_eq!(spec.alerts, [ticket]);
    insta::assert_snapshot!(warnings(&import).join("\n"), @r#"
    shared/policies.yaml:5: spec.alertWhenResolved: is kept; the end of an alert is told of all the same
    shared/policies.yaml:18: spec.severity: is "sev3": kept, and treated as a page; page and ticket are known
    shared/policies.yaml:19: spec.condition: must be above its threshold over 6h as well; the annotation seaworthy/short-window says another length
    shared/policies.yaml:19: spec.condition.op: is kept; an alert fires strictly above the threshold
    shared/policies.yaml:19: spec.condition.alertAfter: is kept; an alert fires at once, not after 15m, and its short window keeps it from flapping
    "#);
}

pub(crate) const COMPOSITE: &str = "\
apiVersion: openslo/v1
kind: SLO
metadata: {name: both}
spec:
  service: till
  budgetingMethod: Occurrences
  objectives:
    - {target: 0.99, indicatorRef: paid, compositeWeight: 2}
    - target: 0.9
      indicator:
        metadata: {name: seen}
        spec:
          thresholdMetric: {metricSource: {type: Redshift, spec: {query: null, region: eu-1}}}
---
apiVersion: openslo/v1
kind: SLI
metadata: {name: paid}
spec:
  ratioMetric:
    rawType: failure
    raw: {metricSource: {type: Datadog, spec: {query: 'sum:a{*}'}}}
";

#[test]
fn what_is_only_kept_is_said() {
    let cases = [
        (
            "a source of others",
            COFFEE.replace("type: Seaworthy", "type: Prometheus").replace("kind: availability", "query: up"),
            "slo.yaml:25: spec.indicator.spec.ratioMetric.raw.metricSource: is of type \"Prometheus\": kept, but what it measures is not evaluated",
        ),
        (
            "a method of budgeting",
            COFFEE
                .replace("Occurrences", "RatioTimeslices")
                .replace("target: 0.999", "target: 0.999\n      timeSliceWindow: 1m"),
            "RatioTimeslices is kept, but the SLO is not evaluated",
        ),
        ("a composite SLO", COMPOSITE.to_owned(), "spec.objectives: are a composite SLO: kept"),
    ];
    for (name, yaml, told) in &cases {
        let import = read(yaml).unwrap_or_else(|refused| panic!("{name}: {refused}"));
        assert!(import.definitions[0].spec().is_none(), "{name}");
        assert!(warnings(&import).join("\n").contains(told), "{name}: {:?}", warnings(&import));
    }
}

#[test]
fn what_is_evaluated_otherwise_than_it_stands_is_said() {
    for (from, to, told) in [
        (
            "op: gt",
            "op: lt",
            "slo.yaml:51: spec.alertPolicies[0].spec.conditions[0].spec.condition.op: asks for a low burn rate",
        ),
        ("alertWhenBreaching: true", "alertWhenBreaching: false", "the policy is kept, but not evaluated"),
        ("alertWhenBreaching: true", "alertWhenNoData: true", "alertWhenNoData: is kept, but not evaluated"),
        ("target: 0.999", "{op: gt, target: 0.999}", "op: is kept; it is for a thresholdMetric"),
        ("                seaworthy/short-window: 5m\n", "                other: x\n", "over 5m as well"),
        (
            "isRolling: true",
            "calendar: {startTime: 2022-01-01 12:00:00, timeZone: UTC}",
            "windows are evaluated from the first of a month",
        ),
    ] {
        let yaml = COFFEE.replace(from, to).replace("displayName: Nearly all\n      {", "{");
        let yaml = if told.contains("first of a month") { yaml.replace("30d", "1M") } else { yaml };
        let import = read(&yaml).unwrap_or_else(|refused| panic!("{to}: {refused}"));
        assert!(import.definitions[0].spec().is_some(), "{to}");
        assert!(warnings(&import).join("\n").contains(told), "{to}: {:?}", warnings(&import));
    }
}

#[test]
fn a_list_and_empty_documents_are_read() {
    let listed: String = COFFEE
        .lines()
        .enumerate()
        .map(|(i, l)| format!("{}{l}\n", if i == 0 { "- " } else { "  " }))
        .collect();
    let import = read(&format!("---\n---\n# nothing\n---\n{listed}")).unwrap();
    assert_eq!(import.definitions, read(COFFEE).unwrap().definitions);
    let problem = import.problem(0, "spec.service", "is closed").unwrap().to_string();
    assert_eq!(problem, "slo.yaml:8:5: spec.service: is closed", "where the name of the SLO stands");
    assert_eq!(read("").unwrap().objects, []);
}

#[test]
fn the_example_is_evaluated_as_it_stands() {
    let import = read(include_str!("../../examples/orders.yaml")).unwrap();
    assert_eq!(warnings(&import), [""; 0]);
    let spec = import.definitions[0].spec().unwrap();
    assert_eq!((spec.objective_percent, spec.alerts.len()), (99.9, 1));
    assert_eq!(spec.runbook.as_deref(), Some("https://wiki.example/orders"));
}
