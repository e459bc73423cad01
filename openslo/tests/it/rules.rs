//! Rules of Prometheus. That Prometheus takes them, and fires when Seaworthy does, is shown where promtool is at hand.

use std::collections::BTreeMap;

use seaworthy_openslo::{Definition, Histograms, to_prometheus};
use seaworthy_slo::{BudgetingSpec, Counter, Scope, Sli, SloSpec};

use crate::{COFFEE, accepted::COMPOSITE, read};

#[test]
fn the_rules_of_an_slo() {
    let coffee = read(COFFEE).unwrap().definitions;
    insta::assert_snapshot!(to_prometheus(&coffee, Histograms::Classic).unwrap(), @r##"
    # Rules of Prometheus, made by Seaworthy. Evaluate them each minute.
    groups:
    - name: slo/coffee-served
      interval: 1m
      rules:
      - record: slo:objective:ratio
        expr: |-
          vector(0.999)
        labels:
          service: barista
          slo: coffee-served
      - record: slo:error_ratio:increase5m
        expr: |-
          (
            sum(increase(http_server_request_duration_seconds_count{job="barista",http_route="/orders",http_request_method="POST",http_response_status_code=~"5..|429"}[5m]) or increase(http_server_request_duration_seconds_count{job="barista",http_route="/orders",http_request_method="POST",http_response_status_code="",error_type!~"|cancelled"}[5m]))
            or 0 * sum(increase(http_server_request_duration_seconds_count{job="barista",http_route="/orders",http_request_method="POST"}[5m]))
          ) / (
            sum(increase(http_server_request_duration_seconds_count{job="barista",http_route="/orders",http_request_method="POST"}[5m])) > 0
          )
        labels:
          service: barista
          slo: coffee-served
      - record: slo:error_ratio:increase1h
        expr: |-
          (
            sum(increase(http_server_request_duration_seconds_count{job="barista",http_route="/orders",http_request_method="POST",http_response_status_code=~"5..|429"}[1h]) or increase(http_server_request_duration_seconds_count{job="barista",http_route="/orders",http_request_method="POST",http_response_status_code="",error_type!~"|cancelled"}[1h]))
            or 0 * sum(increase(http_server_request_duration_seconds_count{job="barista",http_route="/orders",http_request_method="POST"}[1h]))
          ) / (
            sum(increase(http_server_request_duration_seconds_count{job="barista",http_route="/orders",http_request_method="POST"}[1h])) > 0
          )
        labels:
          service: barista
          slo: coffee-served
      - record: slo:errors:increase1h
        expr: |-
          sum(increase(http_server_request_duration_seconds_count{job="barista",http_route="/orders",http_request_method="POST",http_response_status_code=~"5..|429"}[1h]) or increase(http_server_request_duration_seconds_count{job="barista",http_route="/orders",http_request_method="POST",http_response_status_code="",error_type!~"|cancelled"}[1h]))
          or 0 * sum(increase(http_server_request_duration_seconds_count{job="barista",http_route="/orders",http_request_method="POST"}[1h]))
        labels:
          service: barista
          slo: coffee-served
      - alert: SloBurnRate
        expr: |-
          (
            slo:error_ratio:increase1h{slo="coffee-served"} > 0.0144
            and slo:error_ratio:increase5m{slo="coffee-served"} > 0.0144
            and slo:errors:increase1h{slo="coffee-served"} >= 5
          )
        labels:
          service: barista
          severity: page
          slo: coffee-served
        annotations:
          description: "{{ $value | humanizePercentage }} fail, against an objective of 99.9 %. It fires above a burn rate of 14.4 over 1h and 5m."
          summary: "Coffee is served: the error budget burns too fast"
    "##);
}

/// The expression of a recording rule.
fn expression(sli: Sli, budgeting: BudgetingSpec, histograms: Histograms, name: &str) -> String {
    let spec = read(COFFEE).unwrap().definitions[0].spec().unwrap().clone();
    let definition = Definition::new("s", "barista", SloSpec { sli, budgeting, ..spec });
    let rules = to_prometheus(&[definition], histograms).unwrap();
    let rule =
        rules.split("record: ").find(|rule| rule.starts_with(name)).unwrap_or_else(|| panic!("{rules}"));
    let lines = rule.lines().skip(2).take_while(|line| line.trim() != "labels:");
    lines.map(str::trim).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_sli_has_its_series() {
    let counter = |result: &str| Counter {
        metric: "orders.made".into(),
        attributes: BTreeMap::from([("order.result".into(), result.into())]),
    };
    let all = || Counter { metric: "orders".into(), attributes: BTreeMap::new() };
    let latency = |threshold_ms| Sli::Latency {
        scope: Scope { routes: vec!["/a".into(), "/b/{id}".into()], methods: vec![] },
        threshold_ms,
    };
    let (classic, native) = (Histograms::Classic, Histograms::Native);
    let slices = BudgetingSpec::Slices { minutes: 5, target_percent: 99.0 };
    let of =
        |sli, histograms| expression(sli, BudgetingSpec::Occurrences, histograms, "slo:errors:increase1h");
    insta::assert_snapshot!([
        of(latency(300.0), classic),
        of(latency(2_000.0), classic),
        of(latency(300.0), native),
        of(Sli::Availability { scope: Scope::default(), bad_statuses: vec![] }, native),
        of(Sli::Ratio { good: counter("ok \"1\""), total: all() }, classic),
        of(Sli::Failures { bad: counter("lost"), total: all() }, classic),
        expression(latency(300.0), slices.clone(), classic, "slo:slice_bad:bool"),
        expression(latency(300.0), slices.clone(), classic, "slo:errors:increase1h"),
        expression(latency(300.0), slices, classic, "slo:error_ratio:increase5m"),
    ].join("\n"), @r##"
    sum(increase(http_server_request_duration_seconds_count{job="barista",http_route=~"/a|/b/\\{id\\}"}[1h])) - sum(increase(http_server_request_duration_seconds_bucket{job="barista",http_route=~"/a|/b/\\{id\\}",le="0.3"}[1h]))
    sum(increase(http_server_request_duration_seconds_count{job="barista",http_route=~"/a|/b/\\{id\\}"}[1h])) - sum(increase(http_server_request_duration_seconds_bucket{job="barista",http_route=~"/a|/b/\\{id\\}",le=~"2(\\.0)?"}[1h]))
    sum(histogram_count(increase(http_server_request_duration_seconds{job="barista",http_route=~"/a|/b/\\{id\\}"}[1h]))) - histogram_fraction(0, 0.3, sum(increase(http_server_request_duration_seconds{job="barista",http_route=~"/a|/b/\\{id\\}"}[1h]))) * histogram_count(sum(increase(http_server_request_duration_seconds{job="barista",http_route=~"/a|/b/\\{id\\}"}[1h])))
    sum(histogram_count(increase(http_server_request_duration_seconds{job="barista",http_response_status_code=~"5.."}[1h]) or increase(http_server_request_duration_seconds{job="barista",http_response_status_code="",error_type!~"|cancelled"}[1h]))) or 0 * sum(histogram_count(increase(http_server_request_duration_seconds{job="barista"}[1h])))
    clamp_min(sum(increase(orders_total{job="barista"}[1h])) - (sum(increase(orders_made_total{job="barista",order_result="ok \"1\""}[1h])) or 0 * sum(increase(orders_total{job="barista"}[1h]))), 0)
    sum(increase(orders_made_total{job="barista",order_result="lost"}[1h])) or 0 * sum(increase(orders_total{job="barista"}[1h]))
    ( sum(increase(http_server_request_duration_seconds_count{job="barista",http_route=~"/a|/b/\\{id\\}"}[5m])) - sum(increase(http_server_request_duration_seconds_bucket{job="barista",http_route=~"/a|/b/\\{id\\}",le="0.3"}[5m])) ) / ( sum(increase(http_server_request_duration_seconds_count{job="barista",http_route=~"/a|/b/\\{id\\}"}[5m])) > 0 ) > bool 0.01
    sum_over_time(slo:slice_bad:bool{slo="s"}[59m59s]) / 5
    avg_over_time(slo:slice_bad:bool{slo="s"}[4m59s])
    "##);
}

#[test]
fn what_needs_a_hand_or_is_left_out_is_said() {
    let composite = read(COMPOSITE).unwrap().definitions;
    let rules = to_prometheus(&composite, Histograms::Classic).unwrap();
    let name = composite[0].name();
    assert!(rules.contains(&format!("# {name} is left out: Seaworthy does not evaluate it.")), "{rules}");
    let spec = read(COFFEE).unwrap().definitions[0].spec().unwrap().clone();
    let sli = Sli::Latency { scope: Scope::default(), threshold_ms: 300.0 };
    let slow = Definition::new("slow", "barista", SloSpec { sli, ..spec });
    let told = to_prometheus(std::slice::from_ref(&slow), Histograms::Classic).unwrap();
    assert!(told.contains("# slow needs a bucket with the bound 0.3 s"), "{told}");
    let quiet = slow.spec().unwrap().clone();
    assert!(!to_prometheus(&[slow], Histograms::Native).unwrap().contains("needs a bucket"));
    let runbook = Some("https://wiki.example/orders".to_owned());
    let helped = Definition::new("helped", "barista", SloSpec { runbook, ..quiet.clone() });
    let rules = to_prometheus(&[helped], Histograms::Classic).unwrap();
    assert!(rules.contains("runbook_url: https://wiki.example/orders\n"), "{rules}");
    let quiet = Definition::new("quiet", "barista", SloSpec { alerts: vec![], ..quiet });
    let rules = to_prometheus(&[quiet], Histograms::Classic).unwrap();
    assert!(rules.contains("record: slo:error_ratio:increase1h") && !rules.contains("alert:"), "{rules}");
}
