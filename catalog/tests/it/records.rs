use std::sync::Arc;

use seaworthy_catalog::{
    Actor, Catalog, CatalogError, Record, RecordDefinition, RecordFilter, RecordKind, RecordVersion,
};

use crate::{
    accounts::actor,
    database::{Database, noon_plus, on_both_databases},
};

on_both_databases!(
    a_record_is_kept_as_it_was_written,
    every_version_of_a_record_is_kept,
    records_are_found_by_kind_service_state_and_time,
    a_record_that_makes_no_sense_is_refused_with_the_field,
    of_two_changes_at_once_one_is_refused_and_nothing_is_lost,
    everything_done_to_records_is_in_the_audit_log,
);

fn definition(kind: RecordKind, service: &str, title: &str, at: i64) -> RecordDefinition {
    RecordDefinition {
        kind,
        service: service.into(),
        title: title.into(),
        at: noon_plus(at),
        open: false,
        body: r#"{"markdown":"- [ ] Ring the bell \u0000 ☕"}"#.into(),
    }
}

fn runbook() -> RecordDefinition {
    definition(RecordKind::Runbook, "reception", "Orders stand still", 0)
}

async fn make(catalog: &Catalog, definition: &RecordDefinition) -> Record {
    catalog.create_record(definition, &actor(), noon_plus(1)).await.unwrap()
}

async fn a_record_is_kept_as_it_was_written(database: Arc<Database>) {
    let catalog = database.catalog().await;
    for kind in RecordKind::ALL {
        let written = RecordDefinition { open: true, ..definition(kind, "", "A title", -7) };
        let made = make(&catalog, &written).await;
        assert_eq!((&made.definition, made.version), (&written, 1));
        assert_eq!((made.created_at, &*made.created_by), (noon_plus(1), "ines"));
        assert_eq!((made.updated_at, &*made.updated_by), (noon_plus(1), "ines"));
        assert_eq!(catalog.record(made.id).await.unwrap(), Some(made.clone()));
        catalog.delete_record(made.id, &actor(), noon_plus(2)).await.unwrap();
        assert_eq!(catalog.record(made.id).await.unwrap(), None);
        assert_eq!(catalog.record_versions(made.id).await.unwrap(), []);
    }
}

async fn every_version_of_a_record_is_kept(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let first = make(&catalog, &runbook()).await;
    let other = make(&catalog, &runbook()).await;
    let second = RecordDefinition {
        service: String::new(),
        body: "{}".into(),
        open: true,
        at: noon_plus(9),
        ..runbook()
    };
    let third = RecordDefinition { title: "Orders".into(), ..second.clone() };
    let rui = Actor { login: "rui".into(), address: String::new() };
    catalog.update_record(first.id, 1, &second, &rui, noon_plus(10)).await.unwrap();
    let now = catalog.update_record(first.id, 2, &third, &actor(), noon_plus(20)).await.unwrap();
    assert_eq!((now.version, &now.definition), (3, &third));
    assert_eq!((now.created_at, now.updated_at), (noon_plus(1), noon_plus(20)));

    let version = |version, definition: &RecordDefinition, at, by: &str| RecordVersion {
        version,
        definition: definition.clone(),
        at: noon_plus(at),
        by: by.into(),
    };
    assert_eq!(
        catalog.record_versions(first.id).await.unwrap(),
        [version(3, &third, 20, "ines"), version(2, &second, 10, "rui"), version(1, &runbook(), 1, "ines")]
    );
    assert_eq!(catalog.record_versions(other.id).await.unwrap(), [version(1, &runbook(), 1, "ines")]);
    assert_eq!(catalog.record_versions(first.id + 1000).await.unwrap(), []);
}

async fn records_are_found_by_kind_service_state_and_time(database: Arc<Database>) {
    use RecordKind::{Gameday, Incident};
    let catalog = database.catalog().await;
    for (kind, service, title, at, open) in [
        (Gameday, "reception", "a", 10, false),
        (Gameday, "barista", "b", 20, true),
        (Gameday, "", "c", 30, false),
        (Incident, "reception", "d", 40, true),
        (Incident, "reception", "e", 40, false),
    ] {
        make(&catalog, &RecordDefinition { open, ..definition(kind, service, title, at) }).await;
    }
    let all = RecordFilter { limit: 10, ..RecordFilter::default() };
    let of = |service: &str| RecordFilter { service: Some(service.into()), ..all.clone() };
    let cases = [
        (all.clone(), "e d c b a"),
        (RecordFilter { limit: 2, ..all.clone() }, "e d"),
        (RecordFilter::default(), ""),
        (RecordFilter { kind: Some(Gameday), ..all.clone() }, "c b a"),
        (of("reception"), "e d c a"),
        (of("barista"), "c b"),
        (of(""), "c"),
        (RecordFilter { open: Some(true), ..all.clone() }, "d b"),
        (RecordFilter { open: Some(false), ..of("reception") }, "e c a"),
        (RecordFilter { since: Some(noon_plus(20)), ..all.clone() }, "e d c b"),
        (RecordFilter { kind: Some(Gameday), since: Some(noon_plus(11)), ..of("reception") }, "c"),
    ];
    for (filter, expected) in cases {
        let found = catalog.records(&filter).await.unwrap();
        let titles: Vec<_> = found.into_iter().map(|record| record.definition.title).collect();
        assert_eq!(titles.join(" "), expected, "{filter:?}");
    }
}

async fn a_record_that_makes_no_sense_is_refused_with_the_field(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let cases = [
        (RecordDefinition { title: " ".into(), ..runbook() }, "title"),
        (RecordDefinition { title: "x".repeat(256), ..runbook() }, "title"),
        (RecordDefinition { title: "a\nb".into(), ..runbook() }, "title"),
        (RecordDefinition { service: "x".repeat(256), ..runbook() }, "service"),
        (RecordDefinition { service: "a\0".into(), ..runbook() }, "service"),
        (RecordDefinition { body: String::new(), ..runbook() }, "body"),
        (RecordDefinition { body: "# Orders".into(), ..runbook() }, "body"),
        (RecordDefinition { body: format!("\"{}\"", "x".repeat(256 << 10)), ..runbook() }, "body"),
    ];
    let made = make(&catalog, &runbook()).await;
    let update = |definition| async {
        let definition: RecordDefinition = definition;
        catalog.update_record(made.id, 1, &definition, &actor(), noon_plus(2)).await
    };
    for (definition, field) in cases {
        let refused =
            [catalog.create_record(&definition, &actor(), noon_plus(2)).await, update(definition).await];
        for refused in refused {
            assert!(
                matches!(&refused, Err(CatalogError::Refused { field: named, .. }) if *named == field),
                "{field}: {refused:?}"
            );
        }
    }
    let other = update(RecordDefinition { kind: RecordKind::Incident, ..runbook() }).await;
    assert!(matches!(other, Err(CatalogError::Refused { field: "kind", .. })), "{other:?}");
    let all = catalog.records(&RecordFilter { limit: 10, ..RecordFilter::default() }).await.unwrap();
    assert_eq!(all, [made]);

    let longest = format!("\"{}\"", "x".repeat((256 << 10) - 2));
    make(&catalog, &RecordDefinition { body: longest, ..runbook() }).await;
}

async fn of_two_changes_at_once_one_is_refused_and_nothing_is_lost(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let made = make(&catalog, &runbook()).await;
    let [hers, his] = ["Hers", "His"].map(|title| RecordDefinition { title: title.into(), ..runbook() });
    let author = actor();
    let (first, second) = tokio::join!(
        catalog.update_record(made.id, 1, &hers, &author, noon_plus(2)),
        catalog.update_record(made.id, 1, &his, &author, noon_plus(2)),
    );
    let (saved, refused) = match (first, second) {
        (Ok(saved), Err(refused)) | (Err(refused), Ok(saved)) => (saved, refused),
        both => panic!("{both:?}"),
    };
    let name = saved.definition.title.clone();
    assert!(
        matches!(&refused, CatalogError::Changed { what: "runbook", name: told, .. } if *told == name),
        "{refused:?}"
    );
    assert_eq!(catalog.record(made.id).await.unwrap(), Some(saved));
    assert_eq!(catalog.record_versions(made.id).await.unwrap().len(), 2);

    catalog.delete_record(made.id, &author, noon_plus(3)).await.unwrap();
    let late = catalog.update_record(made.id, 2, &his, &author, noon_plus(4)).await;
    assert!(matches!(late, Err(CatalogError::NotFound("record"))), "{late:?}");
    let again = catalog.delete_record(made.id, &author, noon_plus(5)).await;
    assert!(matches!(again, Err(CatalogError::NotFound("record"))), "{again:?}");
}

async fn everything_done_to_records_is_in_the_audit_log(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let made = make(&catalog, &definition(RecordKind::Incident, "", "Flood", 0)).await;
    let dry = definition(RecordKind::Incident, "reception", "Dry again", 0);
    catalog.update_record(made.id, 1, &dry, &actor(), noon_plus(2)).await.unwrap();
    catalog.delete_record(made.id, &actor(), noon_plus(3)).await.unwrap();
    let log = catalog.audit_log(None, 10).await.unwrap();
    let lines: Vec<_> = log.iter().map(|e| format!("{} {}: {}", e.actor, e.action, e.subject)).collect();
    assert_eq!(
        lines,
        [
            "ines deleted an incident: Dry again, of reception",
            "ines changed an incident: Dry again, of reception",
            "ines wrote an incident: Flood, of all services",
        ]
    );
}
