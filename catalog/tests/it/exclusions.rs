use std::sync::Arc;

use seaworthy_catalog::{Actor, CatalogError, Exclusion, ExclusionDefinition, ExclusionKind, Weekly};

use crate::{
    accounts::actor,
    database::{Database, noon_plus, on_both_databases},
};

on_both_databases!(
    an_exclusion_is_kept_as_it_was_written,
    an_exclusion_that_makes_no_sense_is_refused_with_the_field,
    exclusions_are_found_by_the_time_that_they_touch,
    a_change_to_an_exclusion_that_somebody_else_changed_is_refused,
    everything_done_to_exclusions_is_in_the_audit_log,
);

const DAY: i64 = 24 * 3600;

/// Maintenance of the reception between two times.
fn maintenance(from: i64, to: i64) -> ExclusionDefinition {
    ExclusionDefinition {
        kind: ExclusionKind::Maintenance,
        service: Some("reception".into()),
        starts_at: noon_plus(from),
        ends_at: noon_plus(to),
        weekly: None,
        reason: "new disks".into(),
    }
}

fn weekly(until: Option<i64>) -> Option<Weekly> {
    Some(Weekly { zone: "Europe/Berlin".into(), until: until.map(noon_plus) })
}

async fn make(database: &Database, definition: &ExclusionDefinition) -> Exclusion {
    database.catalog().await.create_exclusion(definition, &actor(), noon_plus(0)).await.unwrap()
}

async fn an_exclusion_is_kept_as_it_was_written(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let load_test = ExclusionDefinition {
        kind: ExclusionKind::LoadTest,
        service: None,
        weekly: weekly(Some(70 * DAY)),
        ..maintenance(100, 200)
    };
    let first = make(&database, &maintenance(-50, -10)).await;
    let second = make(&database, &load_test).await;
    assert_eq!((&second.definition, second.version), (&load_test, 1));
    assert_eq!((second.created_at, &*second.created_by), (noon_plus(0), "ines"));
    assert_eq!(catalog.exclusions().await.unwrap(), [second.clone(), first.clone()]);

    let endless = ExclusionDefinition { weekly: weekly(None), ..load_test };
    let rui = Actor { login: "rui".into(), address: String::new() };
    let changed = catalog.update_exclusion(second.id, 1, &endless, &rui, noon_plus(7)).await.unwrap();
    let expected = Exclusion {
        definition: endless,
        version: 2,
        updated_at: noon_plus(7),
        updated_by: "rui".into(),
        ..second
    };
    assert_eq!(changed, expected);
    assert_eq!(catalog.exclusions().await.unwrap(), [expected, first.clone()]);
    catalog.delete_exclusion(changed.id, &actor(), noon_plus(8)).await.unwrap();
    assert_eq!(catalog.exclusions().await.unwrap(), [first]);
}

async fn an_exclusion_that_makes_no_sense_is_refused_with_the_field(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let fine = maintenance(0, 60);
    let zone = |zone: &str| Some(Weekly { zone: zone.into(), until: None });
    let cases = [
        (maintenance(60, 60), "end"),
        (maintenance(60, 0), "end"),
        (ExclusionDefinition { weekly: weekly(None), ..maintenance(0, 7 * DAY) }, "end"),
        (ExclusionDefinition { weekly: weekly(Some(0)), ..fine.clone() }, "end of the repetition"),
        (ExclusionDefinition { weekly: zone("Europe/Atlantis"), ..fine.clone() }, "time zone"),
        (ExclusionDefinition { weekly: zone(""), ..fine.clone() }, "time zone"),
        (ExclusionDefinition { service: Some(" ".into()), ..fine.clone() }, "service"),
        (ExclusionDefinition { reason: " ".into(), ..fine.clone() }, "reason"),
        (ExclusionDefinition { reason: "x".repeat(256), ..fine.clone() }, "reason"),
    ];
    let made = make(&database, &fine).await;
    for (definition, field) in cases {
        let refused = [
            catalog.create_exclusion(&definition, &actor(), noon_plus(0)).await,
            catalog.update_exclusion(made.id, 1, &definition, &actor(), noon_plus(0)).await,
        ];
        for refused in refused {
            assert!(
                matches!(&refused, Err(CatalogError::Refused { field: named, .. }) if *named == field),
                "{definition:?}: {refused:?}"
            );
        }
    }
    assert_eq!(catalog.exclusions().await.unwrap(), [made]);
    make(&database, &maintenance(0, 30 * DAY)).await;
}

async fn exclusions_are_found_by_the_time_that_they_touch(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let named = |reason: &str, definition| ExclusionDefinition { reason: reason.into(), ..definition };
    for definition in [
        named("once", maintenance(0, 60)),
        named("endless", ExclusionDefinition { weekly: weekly(None), ..maintenance(10, 70) }),
        named("ending", ExclusionDefinition { weekly: weekly(Some(14 * DAY)), ..maintenance(20, 80) }),
    ] {
        make(&database, &definition).await;
    }
    let cases = [
        (-100, 0, &[][..]),
        (-100, 1, &["once"]),
        (59, 60, &["ending", "endless", "once"]),
        (60, 100, &["ending", "endless"]),
        (14 * DAY + 50, 15 * DAY, &["ending", "endless"]),
        (21 * DAY, 22 * DAY, &["endless"]),
    ];
    for (from, to, expected) in cases {
        let found = catalog.exclusions_within(noon_plus(from)..noon_plus(to)).await.unwrap();
        let found: Vec<_> = found.into_iter().map(|exclusion| exclusion.definition.reason).collect();
        assert_eq!(found, expected, "{from} to {to}");
    }
}

async fn a_change_to_an_exclusion_that_somebody_else_changed_is_refused(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let made = make(&database, &maintenance(0, 60)).await;
    let hers = maintenance(0, 70);
    catalog.update_exclusion(made.id, 1, &hers, &actor(), noon_plus(1)).await.unwrap();
    let his = catalog.update_exclusion(made.id, 1, &maintenance(0, 80), &actor(), noon_plus(2)).await;
    assert!(matches!(&his, Err(CatalogError::Changed { name, .. }) if name == "new disks"), "{his:?}");
    assert_eq!(catalog.exclusions().await.unwrap()[0].definition, hers);

    catalog.delete_exclusion(made.id, &actor(), noon_plus(3)).await.unwrap();
    let late = catalog.update_exclusion(made.id, 2, &hers, &actor(), noon_plus(4)).await;
    assert!(matches!(late, Err(CatalogError::NotFound("exclusion"))), "{late:?}");
    let again = catalog.delete_exclusion(made.id, &actor(), noon_plus(5)).await;
    assert!(matches!(again, Err(CatalogError::NotFound("exclusion"))), "{again:?}");
}

async fn everything_done_to_exclusions_is_in_the_audit_log(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let made = make(&database, &maintenance(0, 60)).await;
    let all = ExclusionDefinition { service: None, weekly: weekly(None), ..maintenance(0, 60) };
    catalog.update_exclusion(made.id, 1, &all, &actor(), noon_plus(1)).await.unwrap();
    catalog.delete_exclusion(made.id, &actor(), noon_plus(2)).await.unwrap();
    let log = catalog.audit_log(None, 10).await.unwrap();
    let lines: Vec<_> = log.iter().map(|e| format!("{} {} {}", e.actor, e.action, e.subject)).collect();
    let times = "2026-11-20T12:00:00Z to 2026-11-20T12:01:00Z";
    assert_eq!(
        lines,
        [
            format!(
                "ines deleted an exclusion maintenance of all services, {times} and weekly from then on: new disks"
            ),
            format!(
                "ines changed an exclusion maintenance of all services, {times} and weekly from then on: new disks"
            ),
            format!("ines made an exclusion maintenance of reception, {times}: new disks"),
        ]
    );
}
