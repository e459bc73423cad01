use std::sync::Arc;

use crate::{
    check_ins::check_in,
    database::{Database, noon_plus, on_both_databases},
};

on_both_databases!(
    services_are_listed_by_name_with_first_and_last_seen,
    telemetry_of_a_service_is_noted_twice_a_minute_at_most,
    names_that_no_service_may_have_are_passed_over,
    many_writers_may_note_the_same_services,
);

async fn services_are_listed_by_name_with_first_and_last_seen(database: Arc<Database>) {
    let catalog = database.catalog().await;
    catalog.record_check_in(&check_in("reception", "a", 1), noon_plus(1)).await.unwrap();
    catalog.note_services_seen(&["barista", "barista"], noon_plus(2)).await.unwrap();
    catalog.note_services_seen(&["reception"], noon_plus(3)).await.unwrap();

    let services = catalog.services().await.unwrap();
    let seen: Vec<_> = services.iter().map(|s| (&*s.name, s.first_seen_at, s.last_seen_at)).collect();
    assert_eq!(seen, [("barista", noon_plus(2), noon_plus(2)), ("reception", noon_plus(1), noon_plus(3))]);
    assert_eq!(catalog.service("barista").await.unwrap().as_ref(), services.first());
    assert_eq!(catalog.service("till").await.unwrap(), None);
}

async fn telemetry_of_a_service_is_noted_twice_a_minute_at_most(database: Arc<Database>) {
    let catalog = database.catalog().await;
    for (at, expected) in [(0, 0), (29, 0), (30, 30), (31, 30), (90, 90)] {
        catalog.note_services_seen(&["barista"], noon_plus(at)).await.unwrap();
        let service = catalog.service("barista").await.unwrap().expect("it is known");
        assert_eq!(service.last_seen_at, noon_plus(expected), "after {at} s");
        assert_eq!(service.first_seen_at, noon_plus(0));
    }
}

async fn names_that_no_service_may_have_are_passed_over(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let long = "x".repeat(256);
    catalog.note_services_seen(&["", "a\0b", &long, "till"], noon_plus(0)).await.unwrap();
    catalog.note_services_seen::<&str>(&[], noon_plus(0)).await.unwrap();
    let names: Vec<_> = catalog.services().await.unwrap().into_iter().map(|s| s.name).collect();
    assert_eq!(names, ["till"]);
}

async fn many_writers_may_note_the_same_services(database: Arc<Database>) {
    let mut all = tokio::task::JoinSet::new();
    for portal in 0..2 {
        let catalog = Arc::new(database.catalog().await);
        for round in 0..10 {
            let catalog = catalog.clone();
            all.spawn(async move {
                let names = if round % 2 == 0 { ["a", "b", "c"] } else { ["c", "b", "a"] };
                catalog.note_services_seen(&names, noon_plus(round * 100 + portal)).await.unwrap();
            });
        }
    }
    all.join_all().await;
    assert_eq!(database.catalog().await.services().await.unwrap().len(), 3);
}
