//! OpenSLO in and out.

// The helpers of a test are a test too, though clippy cannot know.
#![allow(clippy::unwrap_used)]

mod accepted;
mod bounds;
mod refused;
mod round_trip;
mod rules;

use seaworthy_openslo::{Import, Problem, Refused, Source, import};

/// One file.
fn read(yaml: &str) -> Result<Import, Refused> {
    import(&[Source { file: "slo.yaml", yaml }])
}

/// What is told, without columns.
fn without_columns(problems: &[Problem]) -> Vec<String> {
    let line = |problem: &Problem| problem.to_string().replacen(&format!(":{}: ", problem.column), ": ", 1);
    problems.iter().map(line).collect()
}

/// An SLO of our own. Cases spoil or change it in one way.
const COFFEE: &str = "\
apiVersion: openslo/v1
kind: SLO
metadata:
  name: coffee-served
  displayName: Coffee is served
  labels:
    team: [espresso, milk]
    tier: gold
  annotations:
    example.com/dashboard: https://example.com/d/1
spec:
  description: Whoever orders gets coffee.
  service: barista
  budgetingMethod: Occurrences
  timeWindow:
    - duration: 30d
      isRolling: true
  indicator:
    metadata:
      name: orders-answered
    spec:
      ratioMetric:
        rawType: success
        raw:
          metricSource:
            type: Seaworthy
            spec:
              kind: availability
              routes: [/orders]
              methods: [POST]
              badStatuses: [500-599, 429]
  objectives:
    - displayName: Nearly all
      target: 0.999
  alertPolicies:
    - kind: AlertPolicy
      metadata:
        name: fast
      spec:
        alertWhenBreaching: true
        conditions:
          - kind: AlertCondition
            metadata:
              name: fast
              annotations:
                seaworthy/short-window: 5m
            spec:
              severity: page
              condition:
                kind: burnrate
                op: gt
                threshold: 14.4
                lookbackWindow: 1h
        notificationTargets:
          - kind: AlertNotificationTarget
            metadata:
              name: on-call
            spec:
              target: pager
";
