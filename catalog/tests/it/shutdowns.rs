use std::sync::Arc;

use seaworthy_catalog::{DeployedBuild, Keep, Shutdown};
use seaworthy_protocol::{CheckIn, DrainReport, InstanceState};

use crate::{
    check_ins::check_in,
    database::{Database, noon_plus, on_both_databases},
};

on_both_databases!(
    how_an_instance_ended_is_kept,
    a_drain_is_clean_only_if_it_was_told_of_and_nothing_was_aborted,
    what_was_thought_lost_and_then_stops_has_stopped,
    shutdowns_are_found_by_service_and_by_time,
);

fn drained(aborted: u64) -> Option<DrainReport> {
    Some(DrainReport { in_flight_at_start: 4, finished: 4, aborted, took_ms: 1200, deadline_ms: 25_000 })
}

fn stopped(service: &str, instance: &str, drain: Option<DrainReport>) -> CheckIn {
    CheckIn { state: InstanceState::Stopped, drain, ..check_in(service, instance, 9) }
}

async fn how_an_instance_ended_is_kept(database: Arc<Database>) {
    let catalog = database.catalog().await;
    for name in ["a", "b", "c"] {
        catalog.record_check_in(&check_in("reception", name, 1), noon_plus(0)).await.unwrap();
    }
    assert_eq!(catalog.shutdowns("reception", 10).await.unwrap(), []);
    catalog.record_check_in(&stopped("reception", "a", drained(0)), noon_plus(5)).await.unwrap();
    let draining = CheckIn { state: InstanceState::Draining, ..check_in("reception", "b", 2) };
    catalog.record_check_in(&draining, noon_plus(6)).await.unwrap();
    catalog.record_check_in(&check_in("reception", "c", 2), noon_plus(20)).await.unwrap();
    assert_eq!(catalog.note_lost_instances(noon_plus(20), noon_plus(36)).await.unwrap(), 1);

    let a = Shutdown {
        service: "reception".into(),
        instance: "a".into(),
        environment: "production".into(),
        build: DeployedBuild { version: "1.8.2".into(), commit: "4f1c2aa".into() },
        at: noon_plus(5),
        lost: false,
        clean: true,
        aborted: 0,
        took_ms: Some(1200),
    };
    let killed = Shutdown {
        instance: "b".into(),
        at: noon_plus(6),
        lost: true,
        clean: false,
        took_ms: None,
        ..a.clone()
    };
    assert_eq!(catalog.shutdowns("reception", 10).await.unwrap(), [killed.clone(), a.clone()]);

    catalog.prune(noon_plus(7 * 24 * 3600), Keep::default()).await.unwrap();
    let all = catalog.shutdowns("reception", 10).await.unwrap();
    let c = Shutdown { instance: "c".into(), at: noon_plus(20), ..killed.clone() };
    assert_eq!(all, [c, killed, a], "what was forgotten without having been noted is noted");
}

async fn a_drain_is_clean_only_if_it_was_told_of_and_nothing_was_aborted(database: Arc<Database>) {
    let catalog = database.catalog().await;
    for (at, drain, expected) in
        [(1, drained(0), (true, 0)), (2, drained(3), (false, 3)), (3, None, (false, 0))]
    {
        let last = stopped("reception", &at.to_string(), drain);
        catalog.record_check_in(&last, noon_plus(at)).await.unwrap();
        let latest = catalog.shutdowns("reception", 1).await.unwrap().remove(0);
        assert_eq!((latest.clean, latest.aborted), expected, "{drain:?}");
        assert_eq!(latest.took_ms.is_some(), drain.is_some());
    }
}

async fn what_was_thought_lost_and_then_stops_has_stopped(database: Arc<Database>) {
    let catalog = database.catalog().await;
    catalog.record_check_in(&check_in("reception", "a", 1), noon_plus(0)).await.unwrap();
    catalog.note_lost_instances(noon_plus(20), noon_plus(36)).await.unwrap();
    assert!(catalog.shutdowns("reception", 10).await.unwrap()[0].lost);
    catalog.record_check_in(&stopped("reception", "a", drained(0)), noon_plus(40)).await.unwrap();
    let all = catalog.shutdowns("reception", 10).await.unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].lost, all[0].clean, all[0].at), (false, true, noon_plus(40)));
    assert_eq!(catalog.note_lost_instances(noon_plus(900), noon_plus(900)).await.unwrap(), 0);
}

async fn shutdowns_are_found_by_service_and_by_time(database: Arc<Database>) {
    let catalog = database.catalog().await;
    for (at, service) in [(1, "reception"), (2, "barista"), (3, "reception")] {
        let last = stopped(service, &at.to_string(), drained(0));
        catalog.record_check_in(&last, noon_plus(at)).await.unwrap();
    }
    let names = |all: Vec<Shutdown>| all.into_iter().map(|one| one.instance).collect::<Vec<_>>().join(" ");
    assert_eq!(names(catalog.shutdowns("reception", 10).await.unwrap()), "3 1");
    assert_eq!(names(catalog.shutdowns("reception", 1).await.unwrap()), "3");
    assert_eq!(names(catalog.shutdowns_since(noon_plus(2), 10).await.unwrap()), "3 2");
    assert_eq!(names(catalog.shutdowns_since(noon_plus(0), 2).await.unwrap()), "3 2");
}
