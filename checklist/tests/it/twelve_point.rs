//! The default template. Answers, waivers and history hang on the ids of its items: who changes one here loses them.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use seaworthy_checklist::{Basis, InvalidTemplate, Item, Level, Mark, TWELVE_POINT, Template};

#[test]
fn it_asks_the_twelve_points() -> Result<(), InvalidTemplate> {
    let template = Template::from_yaml(TWELVE_POINT)?;
    let lines = template.points.iter().zip(1..).flat_map(|(point, number)| {
        let title = format!("{number} {}", point.title);
        std::iter::once(title).chain(point.items.iter().map(|item| format!("  {}", summary(item))))
    });
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r"
    1 Monitoring and alerts
      golden-signals bronze evidence 10m
      availability-alert bronze evidence
      error-rate-alert silver evidence
      latency-alert silver evidence
      alert-delivered silver evidence 90d
      on-call silver answer 90d link
      escalation silver answer 180d link
      alerts-beat-users gold evidence where it applies
    2 Debugging facilities
      request-tracing silver evidence
      trace-continuity gold evidence where it applies
      request-logs bronze evidence
      no-debug-in-production bronze evidence
      error-tracking bronze evidence
      profiles silver evidence build
    3 Protection
      rate-limiting silver evidence claim
      circuit-breaking silver evidence
      timeouts bronze evidence
      load-shedding gold evidence
      feature-flags gold evidence 90d
    4 Deploys and rollback
      version bronze evidence
      deploy-documented bronze answer 365d link
      deploy-known silver evidence 90d
      rollback-practised silver evidence 180d
      clean-drain silver evidence build
      configuration bronze answer 365d link
    5 Load testing
      capacity-known silver evidence 90d
      load-test-fresh gold evidence build
      headroom silver evidence 90d
      right-sized bronze evidence
    6 Gamedays
      gameday silver evidence 180d
      dependency-loss gold evidence
      remediation silver evidence
    7 Runbooks
      runbook bronze evidence
      runbook-per-alert silver evidence
      runbook-fresh silver evidence
      runbook-used gold evidence 180d
    8 Capacity
      limits-known bronze evidence
      forecast silver evidence
      capacity-alert silver evidence
      autoscaling-sane gold answer 180d
    9 Service levels
      availability-slo bronze evidence
      latency-slo silver evidence
      budget-left silver evidence where it applies
      slo-reviewed gold evidence where it applies
      sla-agreed gold answer 365d link
    10 Uptime and performance
      status-check bronze evidence
      probes bronze evidence 10m
      uptime-probe silver evidence 10m
      percentiles bronze evidence
      supporting-components gold evidence
    11 Security
      assessment silver answer 365d link
      private-admin bronze evidence
      not-root bronze evidence
      dependencies-listed silver evidence build
      advisories gold evidence
    12 Incident training
      commander silver answer 365d
      responders-trained silver answer 180d
      drill gold evidence
    ");
    Ok(())
}

#[test]
fn its_items_are_as_many_as_were_agreed() -> Result<(), InvalidTemplate> {
    let template = Template::from_yaml(TWELVE_POINT)?;
    let of_level = |level| template.items().filter(|item| item.level == level).count();
    assert_eq!((template.points.len(), template.items().count()), (12, 58));
    assert_eq!(Level::ALL.map(of_level), [18, 27, 13]);
    assert_eq!(template.items().filter(|item| item.basis == Basis::Answer).count(), 9);
    assert_eq!(template.items().filter(|item| item.marks.contains(&Mark::Build)).count(), 4);
    Ok(())
}

#[test]
fn no_two_items_share_a_text() -> Result<(), InvalidTemplate> {
    let template = Template::from_yaml(TWELVE_POINT)?;
    let mut seen = BTreeSet::new();
    for item in template.items() {
        for text in [&item.id, &item.question, &item.why, &item.how] {
            assert!(seen.insert(text), "{}: {text:?} stands elsewhere too", item.id);
        }
    }
    Ok(())
}

fn summary(item: &Item) -> String {
    let kind = match item.basis {
        Basis::Evidence(_) => "evidence",
        Basis::Answer => "answer",
    };
    let mut words = vec![item.id.clone(), item.level.as_str().to_owned(), kind.to_owned()];
    words.extend(item.max_age.map(age));
    words.extend(item.marks.iter().map(|mark| format!("{mark:?}").to_lowercase()));
    words.extend(item.applies.as_ref().map(|_| "where it applies".to_owned()));
    words.join(" ")
}

fn age(age: SignedDuration) -> String {
    match age.as_hours() {
        0 => format!("{}m", age.as_mins()),
        hours => format!("{}d", hours / 24),
    }
}
