use std::{sync::Arc, time::Duration};

use seaworthy_catalog::{Actor, Keep, Pruned};
use seaworthy_protocol::InstanceState;

use crate::{
    check_ins::check_in,
    database::{Database, noon_plus, on_both_databases},
};

on_both_databases!(
    instances_are_forgotten_some_time_after_they_stopped_or_fell_silent,
    old_lines_of_the_audit_log_are_forgotten,
);

const KEEP: Keep = Keep {
    stopped: Duration::from_secs(60),
    silent: Duration::from_secs(600),
    audit: Duration::from_secs(3600),
    slo_hours: Duration::from_secs(3600),
    delivered: Duration::from_secs(3600),
    resolved: Duration::from_secs(3600),
    deploys: Duration::from_secs(3600),
    readiness: Duration::from_secs(3600),
    commands: Duration::from_secs(3600),
    errors: Duration::from_secs(7200),
    error_hours: Duration::from_secs(3600),
    error_requests: Duration::from_secs(6 * 3600),
};

async fn instances_are_forgotten_some_time_after_they_stopped_or_fell_silent(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let mut stopped = check_in("reception", "stopped", 9);
    stopped.state = InstanceState::Stopped;
    catalog.record_check_in(&stopped, noon_plus(0)).await.unwrap();
    catalog.record_check_in(&check_in("reception", "silent", 1), noon_plus(0)).await.unwrap();

    for (at, pruned, left) in [
        (60, 0, &["silent", "stopped"][..]),
        (61, 1, &["silent"]),
        (600, 0, &["silent"]),
        (601, 1, &[]),
        (601, 0, &[]),
    ] {
        assert_eq!(
            catalog.prune(noon_plus(at), KEEP).await.unwrap(),
            Pruned { instances: pruned, ..Pruned::default() },
            "{at} s"
        );
        let mut names: Vec<_> =
            catalog.instances("reception").await.unwrap().into_iter().map(|i| i.check_in.instance).collect();
        names.sort_unstable();
        assert_eq!(names, left, "after {at} s");
    }
    assert_eq!(catalog.builds("reception").await.unwrap().len(), 1, "what ran is remembered");
}

async fn old_lines_of_the_audit_log_are_forgotten(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let actor = Actor { login: "ines".into(), address: "192.0.2.7".into() };
    catalog.note(&actor, "failed to sign in", "ines", noon_plus(0)).await.unwrap();
    catalog.note(&actor, "failed to sign in", "ines", noon_plus(100)).await.unwrap();
    assert_eq!(catalog.prune(noon_plus(3600), KEEP).await.unwrap().audit, 0);
    assert_eq!(catalog.prune(noon_plus(3601), KEEP).await.unwrap().audit, 1);
    assert_eq!(catalog.audit_log(None, 10).await.unwrap()[0].at, noon_plus(100));
}
