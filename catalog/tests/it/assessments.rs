use std::{sync::Arc, time::Duration};

use seaworthy_catalog::{
    Assessed, AssessmentSummary, Catalog, CatalogError, ItemChange, Keep, Lease, LevelPoint, StoredAssessment,
};

use crate::database::{Database, noon_plus, on_both_databases};

on_both_databases!(
    an_assessment_replaces_the_one_before,
    verdict_changes_are_told_latest_first,
    a_level_gets_a_point_only_where_it_or_the_share_changes,
    of_a_wrong_text_nothing_is_recorded,
    who_has_lost_the_lease_records_no_assessment,
    five_hundred_services_are_recorded_at_once,
    old_changes_are_forgotten_and_what_still_holds_is_not,
);

async fn lease(catalog: &Catalog, holder: &str, from: i64) -> Lease {
    let lease = catalog.take_lease("assessor", holder, noon_plus(from + 60), noon_plus(from)).await;
    lease.unwrap().expect("nobody else holds it")
}

fn assessed(service: &str, level: Option<&str>, passing: u32, at: i64) -> Assessed {
    let summary = AssessmentSummary {
        service: service.into(),
        template: "twelve-point".into(),
        template_version: "1".into(),
        build: Some("1.4.2".into()),
        level: level.map(str::to_owned),
        passing,
        applicable: 60,
        points: r#"[["pass",3]]"#.into(),
        assessed_at: noon_plus(at),
    };
    let judgements = format!(r#"[{{"words":"p99 of 24 h: {at} ms 'é'"}}]"#);
    Assessed { assessment: StoredAssessment { summary, judgements }, changes: Vec::new() }
}

fn change(item: &str, from: Option<&str>, to: &str) -> ItemChange {
    let from = from.map(str::to_owned);
    ItemChange { item: item.into(), from, to: to.into(), words: "412 ms (asked: at most 300 ms)".into() }
}

async fn record(catalog: &Catalog, lease: &Lease, found: Assessed) {
    catalog.record_assessments(lease, &[found]).await.unwrap();
}

async fn an_assessment_replaces_the_one_before(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog, "a", 0).await;
    let till = assessed("till", None, 7, 0);
    let mut worker = assessed("reception", Some("gold"), 9, 0);
    worker.assessment.summary.template = "worker".into();
    worker.assessment.summary.build = None;
    let first = [till.clone(), assessed("reception", None, 30, 0), worker.clone()];
    catalog.record_assessments(&lease, &first).await.unwrap();
    let mut second = assessed("reception", Some("bronze"), 31, 60);
    second.assessment.summary.template_version = "2".into();
    record(&catalog, &lease, second.clone()).await;

    let all = [second.assessment, worker.assessment, till.assessment];
    assert_eq!(catalog.assessments(None).await.unwrap(), all);
    assert_eq!(catalog.assessments(Some("reception")).await.unwrap(), all[..2]);
    assert_eq!(catalog.assessments(Some("nobody")).await.unwrap(), []);
    let summaries = catalog.assessment_summaries(None).await.unwrap();
    assert_eq!(summaries, all.clone().map(|assessment| assessment.summary));
    assert_eq!(catalog.assessment_summaries(Some("till")).await.unwrap(), summaries[2..]);

    let gone = [("reception".into(), "worker".into()), ("nobody".into(), "worker".into())];
    catalog.forget_assessments(&lease, &gone).await.unwrap();
    assert_eq!(catalog.assessments(None).await.unwrap(), [all[0].clone(), all[2].clone()]);
}

async fn verdict_changes_are_told_latest_first(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog, "a", 0).await;
    let first = change("timeouts", None, "unknown");
    let second = change("timeouts", Some("unknown"), "pass");
    let third = ItemChange { words: "x".repeat(2_000), ..change("version", Some("pass"), "not applicable") };
    let changes = vec![second.clone(), third.clone()];
    let round = [
        Assessed { changes: vec![first.clone()], ..assessed("till", None, 1, 0) },
        Assessed { changes, ..assessed("reception", None, 1, 0) },
    ];
    catalog.record_assessments(&lease, &round).await.unwrap();
    let all = catalog.verdict_changes(None, 10).await.unwrap();
    let told: Vec<_> = all.iter().map(|change| (&*change.service, &change.change)).collect();
    let cut = ItemChange { words: "x".repeat(1_024), ..third };
    assert_eq!(told, [("reception", &cut), ("reception", &second), ("till", &first)]);
    assert_eq!((&*all[0].template, all[0].at), ("twelve-point", noon_plus(0)));
    assert_eq!(catalog.verdict_changes(Some("till"), 10).await.unwrap(), all[2..]);
    assert_eq!(catalog.verdict_changes(None, 1).await.unwrap(), all[..1]);
}

/// When, level and passing of each point.
async fn levels(catalog: &Catalog, since: i64) -> Vec<(i64, Option<String>, u32)> {
    let history = catalog.level_history("reception", "twelve-point", noon_plus(since)).await.unwrap();
    let told = |p: LevelPoint| ((p.at.as_second() - noon_plus(0).as_second()), p.level, p.passing);
    history.into_iter().map(told).collect()
}

async fn a_level_gets_a_point_only_where_it_or_the_share_changes(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog, "a", 0).await;
    assert_eq!(levels(&catalog, 0).await, []);
    let (bronze, silver) = (Some("bronze"), Some("silver"));
    for (at, level, passing) in [(0, bronze, 30), (60, bronze, 30), (120, silver, 30), (180, silver, 31)] {
        record(&catalog, &lease, assessed("reception", level, passing, at)).await;
        record(&catalog, &lease, assessed("till", None, 1, at)).await;
    }
    let mut last = assessed("reception", None, 31, 240);
    last.assessment.summary.applicable = 59;
    record(&catalog, &lease, last).await;
    let point = |at, level: Option<&str>, passing| (at, level.map(str::to_owned), passing);
    let all = [point(0, bronze, 30), point(120, silver, 30), point(180, silver, 31), point(240, None, 31)];
    assert_eq!(levels(&catalog, -60).await, all);
    for (since, first) in [(0, 0), (119, 0), (120, 1), (239, 2), (240, 3), (9_999, 3)] {
        assert_eq!(levels(&catalog, since).await, all[first..], "since {since}");
    }
    let history = catalog.level_history("reception", "twelve-point", noon_plus(240)).await.unwrap();
    assert_eq!((history[0].applicable, &*history[0].template_version), (59, "1"));
    assert_eq!(history[0].build.as_deref(), Some("1.4.2"));
}

async fn of_a_wrong_text_nothing_is_recorded(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog, "a", 0).await;
    type Spoil = fn(&mut Assessed);
    let cases: [(&str, Spoil); 8] = [
        ("service", |found| found.assessment.summary.service.clear()),
        ("template", |found| found.assessment.summary.template = "a\0".into()),
        ("level", |found| found.assessment.summary.level = Some(" ".into())),
        ("points", |found| found.assessment.summary.points = "x".repeat(65_537)),
        ("judgements", |found| found.assessment.judgements = "x".repeat(1_048_577)),
        ("item", |found| found.changes[0].item.clear()),
        ("verdict", |found| found.changes[0].to.clear()),
        ("verdict", |found| found.changes[0].from = Some(String::new())),
    ];
    for (field, spoil) in cases {
        let fine = Assessed { changes: vec![change("a", None, "pass")], ..assessed("till", None, 1, 0) };
        let mut wrong = Assessed { changes: fine.changes.clone(), ..assessed("reception", None, 1, 0) };
        spoil(&mut wrong);
        let refused = catalog.record_assessments(&lease, &[fine, wrong]).await;
        assert!(
            matches!(&refused, Err(CatalogError::Refused { field: named, .. }) if *named == field),
            "{field}: {refused:?}"
        );
    }
    assert_eq!(catalog.assessments(None).await.unwrap(), []);
    assert_eq!(catalog.verdict_changes(None, 10).await.unwrap(), []);
}

async fn who_has_lost_the_lease_records_no_assessment(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let overtaken = lease(&catalog, "a", 0).await;
    let held = lease(&catalog, "b", 60).await;
    record(&catalog, &held, assessed("reception", None, 1, 60)).await;
    let late = Assessed { changes: vec![change("a", None, "pass")], ..assessed("reception", None, 2, 61) };
    let lost = catalog.record_assessments(&overtaken, &[late]).await;
    assert!(matches!(&lost, Err(CatalogError::LeaseLost(name)) if name == "assessor"), "{lost:?}");
    let lost = catalog.forget_assessments(&overtaken, &[("reception".into(), "twelve-point".into())]).await;
    assert!(matches!(&lost, Err(CatalogError::LeaseLost(_))), "{lost:?}");
    assert_eq!(catalog.assessment_summaries(None).await.unwrap()[0].passing, 1);
    assert_eq!(catalog.verdict_changes(None, 10).await.unwrap(), []);
    assert_eq!(levels(&catalog, 0).await, [(60, None, 1)]);
}

async fn five_hundred_services_are_recorded_at_once(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog, "a", 0).await;
    let round = |at| {
        let services = (0..500).flat_map(|n| (0..3).map(move |t| (n, t)));
        let found = services.map(|(service, template)| {
            let changes = (0..5).map(|item| change(&format!("item-{item}"), None, "pass")).collect();
            let mut found =
                Assessed { changes, ..assessed(&format!("service-{service:03}"), None, service, at) };
            found.assessment.summary.template = format!("template-{template}");
            found
        });
        found.collect::<Vec<_>>()
    };
    for at in [0, 60] {
        let found = round(at);
        catalog.record_assessments(&lease, &found).await.unwrap();
        let stored = catalog.assessments(None).await.unwrap();
        assert!(stored.iter().eq(found.iter().map(|found| &found.assessment)), "{} stored", stored.len());
    }
    let all = catalog.verdict_changes(None, 100_000).await.unwrap();
    assert_eq!(all.len(), 2 * 1_500 * 5);
    let history = catalog.level_history("service-499", "template-2", noon_plus(0)).await.unwrap();
    assert_eq!(history.len(), 1);
}

async fn old_changes_are_forgotten_and_what_still_holds_is_not(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog, "a", 0).await;
    for (at, passing) in [(0, 1), (60, 2), (120, 3)] {
        let changes = vec![change("timeouts", None, "pass")];
        record(&catalog, &lease, Assessed { changes, ..assessed("reception", None, passing, at) }).await;
    }
    let keep = Keep { readiness: Duration::from_secs(3_600), ..Keep::default() };
    // At 61 s two changes are old, and one of two points: the other holds until 120 s.
    for (at, pruned) in [(0, 0), (1, 1), (61, 2), (61, 0), (9_999, 2), (99_999, 0)] {
        assert_eq!(catalog.prune(noon_plus(3_600 + at), keep).await.unwrap().readiness, pruned, "{at} s");
    }
    assert_eq!(levels(&catalog, 0).await, [(120, None, 3)]);
    assert_eq!(catalog.verdict_changes(None, 10).await.unwrap(), []);
    assert_eq!(catalog.assessments(None).await.unwrap().len(), 1);
    assert_eq!(Keep::default().readiness, Duration::from_secs(400 * 24 * 3600));
}
