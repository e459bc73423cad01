use std::sync::Arc;

use seaworthy_catalog::{CatalogError, Recorded};
use seaworthy_protocol::{
    AdminAccess, Build, Check, CheckIn, CheckResult, DrainReport, Figures, Health, HealthStatus,
    InstanceState, LogFilter, Loss, LossReason, Now, Observations, Oldest, OpenConnection, Probes, Process,
    Signal,
};

use crate::database::{Database, noon_plus, on_both_databases};

on_both_databases!(
    everything_that_a_check_in_says_is_kept,
    the_latest_check_in_wins_whatever_the_order_of_arrival,
    of_many_check_ins_at_once_the_latest_stays,
    a_check_in_that_names_nobody_is_refused_and_changes_nothing,
    hostile_texts_are_kept_harmless,
    builds_are_seen_first_and_last,
    what_was_recorded_is_there_after_reopening,
    what_an_instance_is_at_is_the_latest_that_it_told_and_gone_with_it,
    of_what_an_instance_is_at_only_so_much_is_kept,
);

pub(crate) fn check_in(service: &str, instance: &str, sequence: u64) -> CheckIn {
    CheckIn {
        service: service.into(),
        instance: instance.into(),
        environment: "production".into(),
        agent: "seaworthy-agent/0.1.0".into(),
        sequence,
        sent_at: noon_plus(0),
        build: Build { version: "1.8.2".into(), commit: "4f1c2aa".into(), built_at: Some(noon_plus(-3600)) },
        process: Process {
            host: "bar-1".into(),
            pid: u32::MAX,
            started_at: noon_plus(-60),
            admin_address: "127.0.0.1:41873".into(),
        },
        state: InstanceState::Running,
        health: Health::default(),
        figures: Figures::default(),
        losses: Vec::new(),
        observations: Observations::default(),
        commands: Vec::new(),
        now: None,
        drain: None,
    }
}

async fn everything_that_a_check_in_says_is_kept(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let mut sent = check_in("reception", "a", 7);
    sent.state = InstanceState::Stopped;
    sent.health = Health {
        status: HealthStatus::PartiallyAvailable,
        checks: vec![Check {
            name: "orders.db".into(),
            critical: false,
            result: CheckResult::Fail { reason: "no such file: \u{0} \"x\"".into() },
            checked_at: Some(noon_plus(-2)),
            took_ms: 12,
        }],
    };
    sent.figures = Figures { cpu_cores: Some(0.25), memory_bytes: Some(u64::MAX), ..Figures::default() };
    sent.losses = vec![Loss { signal: Signal::Spans, reason: LossReason::QueueFull, count: 3 }];
    sent.observations = Observations {
        worker_threads: Some(4),
        recommended_worker_threads: Some(2),
        admin: Some(AdminAccess::Token),
        runs_as_root: Some(false),
        captures_panics: Some(true),
        counts_log_lines: Some(false),
        log_filter: Some(LogFilter { filter: "debug".into(), until: Some(noon_plus(600)), usual: None }),
        profiles: None,
        probes: Some(Probes { liveness_asked_at: Some(noon_plus(-3)), readiness_asked_at: None }),
    };
    sent.drain = Some(DrainReport {
        in_flight_at_start: 4,
        finished: 3,
        aborted: 1,
        took_ms: 1200,
        deadline_ms: 30_000,
    });

    assert_eq!(catalog.record_check_in(&sent, noon_plus(1)).await.unwrap(), Recorded::Latest);

    let instances = catalog.instances("reception").await.unwrap();
    assert_eq!(instances.len(), 1);
    assert_eq!(instances[0].check_in, sent);
    assert_eq!(instances[0].first_seen_at, noon_plus(1));
    assert_eq!(instances[0].last_seen_at, noon_plus(1));
    assert_eq!(catalog.all_instances().await.unwrap(), instances);
    assert_eq!(catalog.instances("barista").await.unwrap(), []);
}

async fn the_latest_check_in_wins_whatever_the_order_of_arrival(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let mut second = check_in("reception", "a", 2);
    second.state = InstanceState::Draining;
    assert_eq!(catalog.record_check_in(&second, noon_plus(10)).await.unwrap(), Recorded::Latest);
    let first = check_in("reception", "a", 1);
    assert_eq!(catalog.record_check_in(&first, noon_plus(11)).await.unwrap(), Recorded::Overtaken);
    assert_eq!(catalog.record_check_in(&second, noon_plus(12)).await.unwrap(), Recorded::Overtaken);

    let instances = catalog.instances("reception").await.unwrap();
    assert_eq!(instances[0].check_in, second);
    assert_eq!(instances[0].last_seen_at, noon_plus(10));

    let third = check_in("reception", "a", 3);
    assert_eq!(catalog.record_check_in(&third, noon_plus(15)).await.unwrap(), Recorded::Latest);
    let instances = catalog.instances("reception").await.unwrap();
    assert_eq!(instances[0].check_in, third);
    assert_eq!((instances[0].first_seen_at, instances[0].last_seen_at), (noon_plus(10), noon_plus(15)));
}

async fn of_many_check_ins_at_once_the_latest_stays(database: Arc<Database>) {
    let catalog = Arc::new(database.catalog().await);
    let mut all = tokio::task::JoinSet::new();
    for sequence in 1..=40 {
        let catalog = catalog.clone();
        all.spawn(async move {
            catalog.record_check_in(&check_in("reception", "a", sequence), noon_plus(1)).await.unwrap()
        });
    }
    let recorded = all.join_all().await;
    assert!(recorded.contains(&Recorded::Latest));
    let instances = catalog.instances("reception").await.unwrap();
    assert_eq!(instances.len(), 1);
    assert_eq!(instances[0].check_in.sequence, 40);
}

async fn a_check_in_that_names_nobody_is_refused_and_changes_nothing(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let long = "x".repeat(256);
    let cases = [
        ("", "a", "service"),
        ("reception", " ", "instance"),
        (&*long, "a", "service"),
        ("a\0b", "a", "service"),
    ];
    for (service, instance, field) in cases {
        let error = catalog.record_check_in(&check_in(service, instance, 1), noon_plus(0)).await.unwrap_err();
        assert!(matches!(error, CatalogError::Refused { field: named, .. } if named == field), "{error}");
    }
    let error =
        catalog.record_check_in(&check_in("reception", "a", u64::MAX), noon_plus(0)).await.unwrap_err();
    assert!(matches!(error, CatalogError::Refused { field: "sequence", .. }), "{error}");
    assert_eq!(catalog.services().await.unwrap(), []);
    assert_eq!(catalog.all_instances().await.unwrap(), []);
}

async fn hostile_texts_are_kept_harmless(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let mut sent = check_in("'; DROP TABLE services; --", "<script>", 1);
    sent.environment = format!("a\0b{}", "x".repeat(5000));
    sent.build.version = "\0".into();
    catalog.record_check_in(&sent, noon_plus(1)).await.unwrap();

    let instances = catalog.instances("'; DROP TABLE services; --").await.unwrap();
    assert_eq!(instances[0].check_in.instance, "<script>");
    assert_eq!(instances[0].check_in.environment, format!("ab{}", "x".repeat(1021)));
    assert_eq!(instances[0].check_in.build.version, "");
}

async fn builds_are_seen_first_and_last(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let mut newer = check_in("reception", "b", 1);
    newer.build.version = "1.9.0".into();
    catalog.record_check_in(&check_in("reception", "a", 1), noon_plus(1)).await.unwrap();
    catalog.record_check_in(&newer, noon_plus(5)).await.unwrap();
    catalog.record_check_in(&check_in("reception", "a", 2), noon_plus(9)).await.unwrap();
    catalog.record_check_in(&check_in("barista", "c", 1), noon_plus(9)).await.unwrap();

    let builds = catalog.builds("reception").await.unwrap();
    let seen: Vec<_> = builds.iter().map(|b| (&*b.build.version, b.first_seen_at, b.last_seen_at)).collect();
    assert_eq!(seen, [("1.9.0", noon_plus(5), noon_plus(5)), ("1.8.2", noon_plus(1), noon_plus(9))]);
    assert_eq!(builds[1].build, check_in("reception", "a", 1).build);
}

async fn what_was_recorded_is_there_after_reopening(database: Arc<Database>) {
    let catalog = database.catalog().await;
    catalog.record_check_in(&check_in("reception", "a", 1), noon_plus(1)).await.unwrap();
    catalog.close().await;
    assert!(catalog.services().await.is_err(), "a closed catalog answers");
    let catalog = database.catalog().await;
    assert_eq!(catalog.instances("reception").await.unwrap()[0].check_in, check_in("reception", "a", 1));
}

fn connected(peers: &[&str]) -> Now {
    let open = |peer: &&str| OpenConnection {
        since: noon_plus(-60),
        peer: (*peer).to_owned(),
        requests: 3,
        user: Some("a\0da".into()),
    };
    let oldest = peers.iter().map(open).collect();
    Now { connections: Oldest { count: 1_000, oldest }, ..Now::default() }
}

async fn what_an_instance_is_at_is_the_latest_that_it_told_and_gone_with_it(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let tell = async |instance: &str, sequence, now| {
        let told = CheckIn { now, ..check_in("reception", instance, sequence) };
        catalog.record_check_in(&told, noon_plus(1)).await.unwrap()
    };
    tell("a", 1, Some(connected(&["192.0.2.7:1"]))).await;
    tell("b", 1, None).await;
    let nows = catalog.nows("reception").await.unwrap();
    assert_eq!(nows.into_iter().collect::<Vec<_>>(), [("a".to_owned(), connected(&["192.0.2.7:1"]))]);
    assert_eq!(catalog.nows("barista").await.unwrap().len(), 0);

    tell("a", 3, Some(connected(&["192.0.2.8:1"]))).await;
    assert_eq!(tell("a", 2, Some(connected(&["192.0.2.9:1"]))).await, Recorded::Overtaken);
    let peers = catalog.nows("reception").await.unwrap()["a"].connections.oldest[0].peer.clone();
    assert_eq!(peers, "192.0.2.8:1");

    let stopped = CheckIn { state: InstanceState::Stopped, ..check_in("reception", "a", 4) };
    catalog.record_check_in(&stopped, noon_plus(2)).await.unwrap();
    assert_eq!(catalog.nows("reception").await.unwrap().len(), 0);
}

async fn of_what_an_instance_is_at_only_so_much_is_kept(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let (many, long) = (vec!["192.0.2.7:1"; 500], "x".repeat(70_000));
    for (sequence, peers, kept) in [(1, many, 20), (2, vec![&*long], 0)] {
        let told = CheckIn { now: Some(connected(&peers)), ..check_in("reception", "a", sequence) };
        catalog.record_check_in(&told, noon_plus(1)).await.unwrap();
        let connections = catalog.nows("reception").await.unwrap()["a"].connections.clone();
        assert_eq!((connections.oldest.len(), connections.count), (kept, 1_000));
    }
}
