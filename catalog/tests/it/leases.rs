use std::sync::Arc;

use seaworthy_catalog::CatalogError;

use crate::database::{Database, noon_plus, on_both_databases};

on_both_databases!(
    a_lease_has_one_holder_until_it_runs_out,
    a_lease_is_given_back_by_its_holder_only,
    of_many_who_want_a_lease_one_gets_it,
    a_lease_needs_a_name_and_a_holder,
);

async fn a_lease_has_one_holder_until_it_runs_out(database: Arc<Database>) {
    let (a, b) = (database.catalog().await, database.catalog().await);
    let steps = [
        // (who, at, until, whether they get it)
        (&a, "a", 0, 30, true),
        (&b, "b", 29, 60, false),
        (&a, "a", 20, 50, true),
        (&b, "b", 49, 80, false),
        (&b, "b", 50, 80, true),
        (&a, "a", 51, 90, false),
    ];
    for (catalog, holder, at, until, gets) in steps {
        let taken = catalog.take_lease("evaluator", holder, noon_plus(until), noon_plus(at)).await.unwrap();
        assert_eq!(taken.is_some(), gets, "{holder} at {at} s");
    }
    let other = a.take_lease("delivery", "a", noon_plus(90), noon_plus(51)).await.unwrap();
    assert!(other.is_some(), "another name is another lease");
}

async fn a_lease_is_given_back_by_its_holder_only(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let take = |holder, at| catalog.take_lease("evaluator", holder, noon_plus(at + 10), noon_plus(at));
    let overtaken = take("a", 0).await.unwrap().unwrap();
    let held = take("b", 10).await.unwrap().unwrap();
    catalog.release_lease(overtaken).await.unwrap();
    assert_eq!(take("a", 11).await.unwrap(), None, "b still holds it");
    catalog.release_lease(held).await.unwrap();
    assert!(take("a", 12).await.unwrap().is_some());
}

async fn of_many_who_want_a_lease_one_gets_it(database: Arc<Database>) {
    for round in 0..5 {
        let mut all = tokio::task::JoinSet::new();
        for portal in 0..4 {
            let catalog = database.catalog().await;
            all.spawn(async move {
                let holder = format!("{round} {portal}");
                let (now, until) = (noon_plus(round * 10), noon_plus(round * 10 + 10));
                catalog.take_lease("evaluator", &holder, until, now).await.unwrap().is_some()
            });
        }
        let got = all.join_all().await;
        assert_eq!(got.iter().filter(|got| **got).count(), 1, "round {round}: {got:?}");
    }
}

async fn a_lease_needs_a_name_and_a_holder(database: Arc<Database>) {
    let catalog = database.catalog().await;
    for (name, holder, field) in [("", "a", "lease"), ("evaluator", "", "holder")] {
        let refused = catalog.take_lease(name, holder, noon_plus(1), noon_plus(0)).await;
        assert!(
            matches!(&refused, Err(CatalogError::Refused { field: named, .. }) if *named == field),
            "{refused:?}"
        );
    }
}
