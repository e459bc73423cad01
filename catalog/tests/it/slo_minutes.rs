use std::{collections::BTreeMap, sync::Arc, time::Duration};

use seaworthy_catalog::{Catalog, CatalogError, Evaluated, Keep, Lease, Minutes, SloHour, StoredSlo};

use crate::{
    accounts::actor,
    database::{Database, noon_plus, on_both_databases},
    slos::{definition, slo},
};

on_both_databases!(
    minutes_are_kept_by_the_hour_and_replaced,
    an_slo_without_data_is_evaluated_all_the_same,
    slos_that_were_changed_or_deleted_meanwhile_are_passed_over,
    minutes_counted_by_another_rule_are_forgotten,
    who_has_lost_the_lease_records_nothing,
    more_hours_than_a_statement_holds_are_recorded_at_once,
    old_hours_are_forgotten,
);

/// The hour and the minute at which `noon_plus(0)` lies.
const NOON_HOUR: i64 = 498_660;
const NOON: i64 = NOON_HOUR * 60;

async fn lease(catalog: &Catalog, holder: &str, from: i64) -> Lease {
    let lease = catalog.take_lease("evaluator", holder, noon_plus(from + 60), noon_plus(from)).await;
    lease.unwrap().expect("nobody else holds it")
}

fn evaluated(slo: &StoredSlo, to: i64, hours: &[(i64, &[u8])]) -> Evaluated {
    Evaluated {
        slo_id: slo.id,
        version: slo.version,
        evaluated_to: to,
        standing: "{}".to_owned(),
        hours: hours.iter().map(|(hour, packed)| (*hour, packed.to_vec())).collect(),
    }
}

async fn hours(catalog: &Catalog, slo: &StoredSlo, from: i64) -> Vec<(i64, Vec<u8>)> {
    let hours = catalog.slo_hours(slo.id, from).await.unwrap();
    hours.into_iter().map(|SloHour { hour, packed }| (hour, packed)).collect()
}

async fn minutes_are_kept_by_the_hour_and_replaced(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog, "a", 0).await;
    let (a, b) = (slo(&database, "a").await, slo(&database, "b").await);
    let first = [
        evaluated(&a, NOON, &[(NOON_HOUR - 1, &[0, 1, 255]), (NOON_HOUR, b"before")]),
        evaluated(&b, NOON - 5, &[(NOON_HOUR, b"")]),
    ];
    assert!(catalog.record_minutes(&lease, &first).await.unwrap().is_empty());
    let second = [evaluated(&a, NOON + 1, &[(NOON_HOUR, b"after"), (-1, b"long ago")])];
    assert!(catalog.record_minutes(&lease, &second).await.unwrap().is_empty());

    let all = [(-1, b"long ago".to_vec()), (NOON_HOUR - 1, vec![0, 1, 255]), (NOON_HOUR, b"after".to_vec())];
    assert_eq!(hours(&catalog, &a, i64::MIN).await, all);
    assert_eq!(hours(&catalog, &a, NOON_HOUR).await, all[2..]);
    assert_eq!(hours(&catalog, &a, NOON_HOUR + 1).await, []);
    assert_eq!(hours(&catalog, &b, 0).await, [(NOON_HOUR, vec![])]);
    assert_eq!(catalog.evaluated_to(a.id).await.unwrap(), Some(NOON + 1));
    assert_eq!(catalog.evaluated_to(b.id).await.unwrap(), Some(NOON - 5));
    assert_eq!(catalog.slo("a").await.unwrap().unwrap().evaluated_to, Some(NOON + 1));
}

async fn an_slo_without_data_is_evaluated_all_the_same(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog, "a", 0).await;
    let slo = slo(&database, "a").await;
    assert_eq!(catalog.evaluated_to(slo.id).await.unwrap(), None);
    assert!(catalog.record_minutes(&lease, &[]).await.unwrap().is_empty());
    catalog.record_minutes(&lease, &[evaluated(&slo, NOON, &[])]).await.unwrap();
    assert_eq!(catalog.evaluated_to(slo.id).await.unwrap(), Some(NOON));
    assert_eq!(hours(&catalog, &slo, 0).await, []);
}

async fn slos_that_were_changed_or_deleted_meanwhile_are_passed_over(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog, "a", 0).await;
    let (kept, changed, gone) =
        (slo(&database, "kept").await, slo(&database, "changed").await, slo(&database, "gone").await);
    catalog
        .update_slo("changed", 1, &definition("till"), Minutes::Keep, &actor(), noon_plus(1))
        .await
        .unwrap();
    catalog.delete_slo("gone", &actor(), noon_plus(1)).await.unwrap();

    let found = [&kept, &changed, &gone].map(|slo| evaluated(slo, NOON, &[(NOON_HOUR, b"x")]));
    let passed_over = catalog.record_minutes(&lease, &found).await.unwrap();
    assert_eq!(passed_over, [changed.id, gone.id]);
    assert_eq!(hours(&catalog, &kept, 0).await.len(), 1);
    assert_eq!(hours(&catalog, &changed, 0).await, []);
    assert_eq!(catalog.evaluated_to(changed.id).await.unwrap(), None);
}

async fn minutes_counted_by_another_rule_are_forgotten(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog, "a", 0).await;
    let (slo, other) = (slo(&database, "a").await, slo(&database, "other").await);
    let found = [&slo, &other].map(|slo| evaluated(slo, NOON, &[(NOON_HOUR, b"x")]));
    catalog.record_minutes(&lease, &found).await.unwrap();
    let change = definition("till");
    let kept = catalog.update_slo("a", 1, &change, Minutes::Keep, &actor(), noon_plus(1)).await.unwrap();
    assert_eq!((kept.evaluated_to, hours(&catalog, &slo, 0).await.len()), (Some(NOON), 1));
    let forgot = catalog.update_slo("a", 2, &change, Minutes::Forget, &actor(), noon_plus(2)).await.unwrap();
    assert_eq!((forgot.evaluated_to, hours(&catalog, &slo, 0).await.len()), (None, 0));
    assert_eq!(hours(&catalog, &other, 0).await.len(), 1);
}

async fn who_has_lost_the_lease_records_nothing(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let slo = slo(&database, "a").await;
    let overtaken = lease(&catalog, "a", 0).await;
    // Run out, but nobody else's yet.
    catalog.record_minutes(&overtaken, &[evaluated(&slo, NOON, &[(NOON_HOUR, b"a")])]).await.unwrap();
    let held = lease(&catalog, "b", 60).await;
    catalog.record_minutes(&held, &[evaluated(&slo, NOON + 2, &[(NOON_HOUR, b"b")])]).await.unwrap();
    let late = catalog.record_minutes(&overtaken, &[evaluated(&slo, NOON + 1, &[(NOON_HOUR, b"a")])]).await;
    assert!(matches!(&late, Err(CatalogError::LeaseLost(name)) if name == "evaluator"), "{late:?}");
    assert_eq!(hours(&catalog, &slo, 0).await, [(NOON_HOUR, b"b".to_vec())]);
    assert_eq!(catalog.evaluated_to(slo.id).await.unwrap(), Some(NOON + 2));
}

async fn more_hours_than_a_statement_holds_are_recorded_at_once(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog, "a", 0).await;
    let mut slos = Vec::new();
    for n in 0..3 {
        slos.push(slo(&database, &format!("slo-{n}")).await);
    }
    let hours: BTreeMap<i64, Vec<u8>> = (0..4_000).map(|hour| (hour, vec![1, 2, 3])).collect();
    let found: Vec<_> =
        slos.iter().map(|slo| Evaluated { hours: hours.clone(), ..evaluated(slo, NOON, &[]) }).collect();
    assert!(catalog.record_minutes(&lease, &found).await.unwrap().is_empty());
    for slo in &slos {
        assert_eq!(catalog.slo_hours(slo.id, 0).await.unwrap().len(), 4_000);
    }
}

async fn old_hours_are_forgotten(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog, "a", 0).await;
    let slo = slo(&database, "a").await;
    let found = evaluated(&slo, NOON, &[(NOON_HOUR - 3, b"x"), (NOON_HOUR - 2, b"x"), (NOON_HOUR, b"x")]);
    catalog.record_minutes(&lease, &[found]).await.unwrap();
    let keep = Keep { slo_hours: Duration::from_secs(2 * 3600), ..Keep::default() };
    for (at, pruned) in [(-1, 0), (0, 1), (3599, 0), (3600, 1), (3600, 0)] {
        assert_eq!(catalog.prune(noon_plus(at), keep).await.unwrap().slo_hours, pruned, "{at} s");
    }
    assert_eq!(hours(&catalog, &slo, 0).await, [(NOON_HOUR, b"x".to_vec())]);
    let later = NOON_HOUR + 100;
    let found = evaluated(&slo, NOON, &[(NOON_HOUR + 23, b"x"), (NOON_HOUR + 24, b"x"), (later, b"x")]);
    catalog.record_minutes(&lease, &[found]).await.unwrap();
    for pruned in [2, 1, 0] {
        let at = noon_plus(102 * 3600);
        assert_eq!(catalog.prune(at, keep).await.unwrap().slo_hours, pruned, "a day at a time");
    }
    assert_eq!(Keep::default().slo_hours, Duration::from_secs(400 * 24 * 3600));
}
