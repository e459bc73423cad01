use std::sync::Arc;

use seaworthy_catalog::{Actor, CatalogError, Minutes, SloChange, SloDefinition, StoredSlo};

use crate::{
    accounts::actor,
    database::{Database, noon_plus, on_both_databases},
};

on_both_databases!(
    an_slo_is_kept_as_it_was_written,
    an_slo_of_which_a_text_is_wrong_is_refused_with_the_field,
    a_name_is_taken_once,
    of_two_who_make_an_slo_one_succeeds,
    a_change_to_what_somebody_else_changed_is_refused,
    of_two_who_change_an_slo_one_succeeds,
    everything_done_to_slos_is_in_the_audit_log,
    many_changes_are_made_or_none,
);

pub(crate) fn definition(service: &str) -> SloDefinition {
    SloDefinition {
        service: service.into(),
        title: "Orders are taken".into(),
        description: "First line\nsecond line\t'quoted'".into(),
        team: Some("bar".into()),
        spec: r#"{"objective_percent": 99.9}"#.into(),
        openslo: Some("kind: SLO\n".into()),
    }
}

/// An SLO of this name.
pub(crate) async fn slo(database: &Database, name: &str) -> StoredSlo {
    let catalog = database.catalog().await;
    catalog.create_slo(name, &definition("reception"), &actor(), noon_plus(0)).await.unwrap()
}

async fn an_slo_is_kept_as_it_was_written(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let second = slo(&database, "orders-latency").await;
    let first = slo(&database, "orders-availability").await;
    assert_eq!((first.definition.clone(), first.version), (definition("reception"), 1));
    assert_eq!((first.created_at, &*first.created_by), (noon_plus(0), "ines"));
    assert_eq!(catalog.slos().await.unwrap(), [first.clone(), second.clone()]);
    assert_eq!(catalog.slo("orders-latency").await.unwrap(), Some(second));
    assert_eq!(catalog.slo("orders").await.unwrap(), None);

    let mut changed = definition(" till ");
    changed.team = Some(" ".into());
    changed.spec = "{}".into();
    let other = Actor { login: "rui".into(), address: String::new() };
    let after =
        catalog.update_slo(&first.name, 1, &changed, Minutes::Keep, &other, noon_plus(9)).await.unwrap();
    let expected = StoredSlo {
        definition: SloDefinition { service: "till".into(), team: None, ..changed },
        version: 2,
        updated_at: noon_plus(9),
        updated_by: "rui".into(),
        ..first
    };
    assert_eq!(after, expected);
    assert_eq!(catalog.slo("orders-availability").await.unwrap(), Some(expected));
}

async fn an_slo_of_which_a_text_is_wrong_is_refused_with_the_field(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let fine = definition("reception");
    let long = || "x".repeat(70_000);
    let cases = [
        ("Orders", fine.clone(), "name"),
        ("", fine.clone(), "name"),
        ("orders", SloDefinition { service: " ".into(), ..fine.clone() }, "service"),
        ("orders", SloDefinition { title: "a\0".into(), ..fine.clone() }, "title"),
        ("orders", SloDefinition { description: long(), ..fine.clone() }, "description"),
        ("orders", SloDefinition { team: Some(long()), ..fine.clone() }, "team"),
        ("orders", SloDefinition { spec: long(), ..fine.clone() }, "spec"),
        ("orders", SloDefinition { spec: "\0".into(), ..fine.clone() }, "spec"),
        ("orders", SloDefinition { openslo: Some(long()), ..fine.clone() }, "openslo"),
    ];
    for (name, definition, field) in cases {
        let refused = catalog.create_slo(name, &definition, &actor(), noon_plus(0)).await;
        assert!(
            matches!(&refused, Err(CatalogError::Refused { field: named, .. }) if *named == field),
            "{field}: {refused:?}"
        );
    }
    assert_eq!(catalog.slos().await.unwrap(), []);
    assert_eq!(catalog.audit_log(None, 10).await.unwrap(), []);
}

async fn a_name_is_taken_once(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let first = slo(&database, "orders").await;
    let taken = catalog.create_slo("orders", &definition("till"), &actor(), noon_plus(1)).await.unwrap_err();
    assert_eq!(taken.to_string(), "the SLO orders exists already; choose another name, or change that one");
    catalog.delete_slo("orders", &actor(), noon_plus(2)).await.unwrap();
    assert_eq!(catalog.slos().await.unwrap(), []);
    let second = slo(&database, "orders").await;
    assert!(second.id != first.id, "another SLO, though of the same name");
}

async fn of_two_who_make_an_slo_one_succeeds(database: Arc<Database>) {
    let mut all = tokio::task::JoinSet::new();
    for n in 0..4 {
        let catalog = database.catalog().await;
        let definition = definition(&format!("service {n}"));
        all.spawn(async move { catalog.create_slo("orders", &definition, &actor(), noon_plus(0)).await });
    }
    let (made, refused): (Vec<_>, Vec<_>) = all.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!(made.len(), 1);
    for refused in refused {
        assert!(matches!(&refused, Err(CatalogError::Taken { name, .. }) if name == "orders"), "{refused:?}");
    }
}

async fn a_change_to_what_somebody_else_changed_is_refused(database: Arc<Database>) {
    let catalog = database.catalog().await;
    slo(&database, "orders").await;
    let hers = definition("hers");
    catalog.update_slo("orders", 1, &hers, Minutes::Keep, &actor(), noon_plus(1)).await.unwrap();
    let his =
        catalog.update_slo("orders", 1, &definition("his"), Minutes::Keep, &actor(), noon_plus(2)).await;
    assert_eq!(
        his.unwrap_err().to_string(),
        "ines changed the SLO orders at 2026-11-20T12:00:01Z, after you had opened it; see what it says now, and save \
         your changes again"
    );
    let stored = catalog.slo("orders").await.unwrap().unwrap();
    assert_eq!((stored.version, stored.definition), (2, hers));

    catalog.delete_slo("orders", &actor(), noon_plus(3)).await.unwrap();
    let late =
        catalog.update_slo("orders", 2, &definition("his"), Minutes::Keep, &actor(), noon_plus(4)).await;
    assert!(matches!(late, Err(CatalogError::NotFound("SLO"))), "{late:?}");
}

async fn of_two_who_change_an_slo_one_succeeds(database: Arc<Database>) {
    slo(&database, "orders").await;
    let mut all = tokio::task::JoinSet::new();
    for n in 0..4 {
        let catalog = database.catalog().await;
        let mine = definition(&format!("service {n}"));
        all.spawn(async move {
            catalog.update_slo("orders", 1, &mine, Minutes::Keep, &actor(), noon_plus(n)).await
        });
    }
    let (changed, refused): (Vec<_>, Vec<_>) = all.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!(changed.len(), 1);
    for refused in refused {
        assert!(matches!(&refused, Err(CatalogError::Changed { .. })), "{refused:?}");
    }
    assert_eq!(database.catalog().await.slo("orders").await.unwrap().unwrap().version, 2);
}

async fn everything_done_to_slos_is_in_the_audit_log(database: Arc<Database>) {
    let catalog = database.catalog().await;
    slo(&database, "orders").await;
    let other = definition("till");
    catalog.update_slo("orders", 1, &other, Minutes::Forget, &actor(), noon_plus(1)).await.unwrap();
    assert!(catalog.update_slo("orders", 1, &other, Minutes::Keep, &actor(), noon_plus(1)).await.is_err());
    catalog.delete_slo("orders", &actor(), noon_plus(2)).await.unwrap();
    let gone = catalog.delete_slo("orders", &actor(), noon_plus(3)).await;
    assert!(matches!(gone, Err(CatalogError::NotFound("SLO"))), "{gone:?}");
    let log = catalog.audit_log(None, 10).await.unwrap();
    let lines: Vec<_> = log.iter().map(|e| format!("{} {} {}", e.actor, e.action, e.subject)).collect();
    assert_eq!(
        lines,
        ["ines deleted an SLO orders", "ines changed an SLO orders", "ines made an SLO orders"]
    );
}

async fn many_changes_are_made_or_none(database: Arc<Database>) {
    let catalog = database.catalog().await;
    slo(&database, "old").await;
    slo(&database, "kept").await;
    let make = |name: &str| SloChange::Make { name: name.into(), definition: definition("till") };
    let change = |expected| SloChange::Change {
        name: "kept".into(),
        expected,
        definition: definition("till"),
        minutes: Minutes::Keep,
    };
    let delete = |expected| SloChange::Delete { name: "old".into(), expected };
    let names = async || -> Vec<(String, i64)> {
        catalog.slos().await.unwrap().into_iter().map(|slo| (slo.name, slo.version)).collect()
    };
    let before = names().await;
    for wrong in [change(2), delete(7), make("kept"), make("No Name")] {
        let refused = catalog.apply_slos(&[make("new"), delete(1), wrong], &actor(), noon_plus(1)).await;
        assert!(refused.is_err());
        assert_eq!(names().await, before);
    }
    catalog.apply_slos(&[make("new"), change(1), delete(1)], &actor(), noon_plus(1)).await.unwrap();
    assert_eq!(names().await, [("kept".into(), 2), ("new".into(), 1)]);
    assert!(definition("till").check("new").is_ok() && definition(" ").check("new").is_err());
}
