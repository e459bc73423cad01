use std::{collections::BTreeMap, sync::Arc, time::Duration};

use seaworthy_catalog::{
    Acknowledgement, Actor, Alert, AlertChange, AlertFilter, AlertOrigin, AlertState, AlertStatus, Catalog,
    CatalogError, Keep, Lease, RecordedAlert, Severity, WhichAlert,
};

use crate::{
    accounts::actor,
    channels::channel,
    database::{Database, noon_plus, on_both_databases},
};

on_both_databases!(
    an_alert_is_followed_from_its_beginning_to_its_end,
    of_a_key_one_alert_at_a_time_is_open,
    a_change_to_what_somebody_else_changed_is_passed_over,
    who_has_lost_the_lease_records_no_alerts,
    an_alert_that_makes_no_sense_is_refused_and_nothing_is_recorded,
    an_alert_is_acknowledged_once_while_it_fires,
    of_an_acknowledgement_and_an_evaluation_at_once_both_are_seen,
    alerts_are_listed_latest_first_by_slo_and_service,
    what_never_fired_or_is_not_over_is_not_past,
    alerts_that_are_long_over_are_forgotten,
);

/// The evaluator's lease.
pub(crate) async fn lease(catalog: &Catalog) -> Lease {
    let lease = catalog.take_lease("evaluator", "a", noon_plus(60), noon_plus(0)).await;
    lease.unwrap().expect("nobody else holds it")
}

pub(crate) fn origin(key: &str) -> AlertOrigin {
    AlertOrigin {
        key: key.into(),
        slo: Some("orders".into()),
        service: "reception".into(),
        started_at: noon_plus(0),
    }
}

pub(crate) fn status(state: AlertState) -> AlertStatus {
    AlertStatus {
        state,
        severity: Severity::Page,
        fired_at: (state != AlertState::Pending).then(|| noon_plus(1)),
        acknowledged: None,
        resolved_at: (state == AlertState::Resolved).then(|| noon_plus(9)),
        details: r#"{"burn": 14.4}"#.into(),
    }
}

pub(crate) fn begins(key: &str, state: AlertState) -> AlertChange {
    AlertChange { alert: WhichAlert::New(origin(key)), status: status(state), messages: BTreeMap::new() }
}

pub(crate) fn becomes(alert: RecordedAlert, state: AlertState) -> AlertChange {
    let alert = WhichAlert::Known { id: alert.id, version: alert.version };
    AlertChange { alert, status: status(state), messages: BTreeMap::new() }
}

/// Records a change that is not passed over.
pub(crate) async fn record(catalog: &Catalog, lease: &Lease, change: AlertChange) -> RecordedAlert {
    let recorded = catalog.record_alerts(lease, &[change], noon_plus(0)).await.unwrap();
    recorded[0].expect("recorded")
}

async fn an_alert_is_followed_from_its_beginning_to_its_end(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog).await;
    let mut alert = record(&catalog, &lease, begins("orders/fast", AlertState::Pending)).await;
    let id = alert.id;
    for (version, state) in
        [(2, AlertState::Firing), (3, AlertState::Silenced), (4, AlertState::Acknowledged)]
    {
        let mut change = becomes(alert, state);
        if state == AlertState::Acknowledged {
            change.status.acknowledged = Some(Acknowledgement { by: "rui".into(), at: noon_plus(5) });
        }
        alert = record(&catalog, &lease, change.clone()).await;
        assert_eq!(alert, RecordedAlert { id, version });
        let stored = Alert { id, version, origin: origin("orders/fast"), status: change.status };
        assert_eq!(catalog.open_alerts().await.unwrap(), std::slice::from_ref(&stored));
        assert_eq!(catalog.alert(id).await.unwrap(), Some(stored));
    }
    let over = becomes(alert, AlertState::Resolved);
    alert = record(&catalog, &lease, over.clone()).await;
    assert_eq!(catalog.open_alerts().await.unwrap(), []);
    assert_eq!(catalog.alert(id).await.unwrap().unwrap().status, over.status);
    assert_eq!(catalog.alert(id + 1).await.unwrap(), None);

    let again = catalog.record_alerts(&lease, &[becomes(alert, AlertState::Firing)], noon_plus(0)).await;
    assert_eq!(again.unwrap(), [None], "over is over");
}

async fn of_a_key_one_alert_at_a_time_is_open(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog).await;
    let both = [begins("a", AlertState::Firing), begins("a", AlertState::Firing)];
    let recorded = catalog.record_alerts(&lease, &both, noon_plus(0)).await.unwrap();
    assert!(recorded[0].is_some() && recorded[1].is_none(), "{recorded:?}");
    record(&catalog, &lease, begins("b", AlertState::Firing)).await;
    record(&catalog, &lease, becomes(recorded[0].unwrap(), AlertState::Resolved)).await;
    let next = record(&catalog, &lease, begins("a", AlertState::Firing)).await;
    assert_eq!(next.version, 1);
    let open = catalog.open_alerts().await.unwrap();
    assert_eq!(open.iter().map(|alert| &*alert.origin.key).collect::<Vec<_>>(), ["b", "a"]);
}

async fn a_change_to_what_somebody_else_changed_is_passed_over(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog).await;
    let seen = record(&catalog, &lease, begins("a", AlertState::Firing)).await;
    catalog.acknowledge_alert(seen.id, &actor(), noon_plus(2)).await.unwrap();
    let unknown = RecordedAlert { id: seen.id + 100, version: 1 };
    let changes = [
        becomes(seen, AlertState::Silenced),
        becomes(unknown, AlertState::Resolved),
        begins("b", AlertState::Pending),
    ];
    let recorded = catalog.record_alerts(&lease, &changes, noon_plus(3)).await.unwrap();
    assert!(matches!(recorded[..], [None, None, Some(_)]), "{recorded:?}");
    let status = catalog.alert(seen.id).await.unwrap().unwrap().status;
    assert_eq!(status.state, AlertState::Acknowledged);
    assert_eq!(status.acknowledged, Some(Acknowledgement { by: "ines".into(), at: noon_plus(2) }));
}

async fn who_has_lost_the_lease_records_no_alerts(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let overtaken = lease(&catalog).await;
    catalog.take_lease("evaluator", "b", noon_plus(120), noon_plus(60)).await.unwrap().unwrap();
    let late = catalog.record_alerts(&overtaken, &[begins("a", AlertState::Firing)], noon_plus(61)).await;
    assert!(matches!(late, Err(CatalogError::LeaseLost(_))), "{late:?}");
    assert_eq!(catalog.open_alerts().await.unwrap(), []);
}

async fn an_alert_that_makes_no_sense_is_refused_and_nothing_is_recorded(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog).await;
    let channel = channel(&database, "on-call").await;
    let changed = |change: fn(&mut AlertChange)| {
        let mut changed = begins("b", AlertState::Firing);
        change(&mut changed);
        changed
    };
    let mut loud = begins("b", AlertState::Firing);
    loud.messages.insert(channel.id, "x".repeat(70_000));
    let cases = [
        (begins("", AlertState::Firing), "key"),
        (
            changed(|change| {
                change.alert = WhichAlert::New(AlertOrigin { service: "".into(), ..origin("b") })
            }),
            "service",
        ),
        (changed(|change| change.status.details = "x".repeat(70_000)), "details"),
        (changed(|change| change.status.resolved_at = Some(noon_plus(0))), "alert"),
        (changed(|change| change.status.state = AlertState::Resolved), "alert"),
        (loud, "payload"),
    ];
    for (change, field) in cases {
        let changes = [begins("a", AlertState::Firing), change];
        let refused = catalog.record_alerts(&lease, &changes, noon_plus(0)).await;
        assert!(
            matches!(&refused, Err(CatalogError::Refused { field: named, .. }) if *named == field),
            "{field}: {refused:?}"
        );
    }
    assert_eq!(catalog.open_alerts().await.unwrap(), []);
}

async fn an_alert_is_acknowledged_once_while_it_fires(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog).await;
    for state in [AlertState::Firing, AlertState::Silenced] {
        let alert = record(&catalog, &lease, begins(state.as_str(), state)).await;
        let acknowledged = catalog.acknowledge_alert(alert.id, &actor(), noon_plus(2)).await.unwrap();
        assert_eq!((acknowledged.version, acknowledged.status.state), (2, AlertState::Acknowledged));
        let rui = Actor { login: "rui".into(), address: String::new() };
        let again = catalog.acknowledge_alert(alert.id, &rui, noon_plus(3)).await.unwrap();
        assert_eq!(again, acknowledged, "it stays with who was first");
    }
    for state in [AlertState::Pending, AlertState::Resolved] {
        let alert = record(&catalog, &lease, begins(state.as_str(), state)).await;
        let refused = catalog.acknowledge_alert(alert.id, &actor(), noon_plus(2)).await;
        assert!(matches!(refused, Err(CatalogError::Refused { field: "alert", .. })), "{refused:?}");
    }
    let unknown = catalog.acknowledge_alert(1000, &actor(), noon_plus(2)).await;
    assert!(matches!(unknown, Err(CatalogError::NotFound("alert"))), "{unknown:?}");
    let log = catalog.audit_log(None, 10).await.unwrap();
    let lines: Vec<_> = log.iter().map(|e| format!("{} {} {}", e.actor, e.action, e.subject)).collect();
    assert_eq!(lines, ["ines acknowledged an alert silenced", "ines acknowledged an alert firing"]);
}

/// Whichever comes first: the acknowledgement is never overwritten by what did not know of it.
async fn of_an_acknowledgement_and_an_evaluation_at_once_both_are_seen(database: Arc<Database>) {
    let catalog = Arc::new(database.catalog().await);
    let other = Arc::new(database.catalog().await);
    let lease = lease(&catalog).await;
    for round in 0..10 {
        let alert = record(&catalog, &lease, begins(&format!("{round}"), AlertState::Firing)).await;
        let evaluation = tokio::spawn({
            let (catalog, lease) = (catalog.clone(), lease.clone());
            async move {
                let change = becomes(alert, AlertState::Firing);
                catalog.record_alerts(&lease, &[change], noon_plus(1)).await.unwrap()[0]
            }
        });
        let person = tokio::spawn({
            let other = other.clone();
            async move { other.acknowledge_alert(alert.id, &actor(), noon_plus(1)).await.unwrap() }
        });
        let (evaluated, acknowledged) = (evaluation.await.unwrap(), person.await.unwrap());
        let stored = catalog.alert(alert.id).await.unwrap().unwrap();
        assert_eq!(stored, acknowledged, "round {round}");
        assert_eq!(stored.version, if evaluated.is_some() { 3 } else { 2 }, "round {round}");
    }
}

async fn alerts_are_listed_latest_first_by_slo_and_service(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog).await;
    for (key, slo, service) in
        [("a", Some("orders"), "till"), ("b", None, "till"), ("c", Some("orders"), "bar"), ("d", None, "bar")]
    {
        let mut change = begins(key, AlertState::Firing);
        change.alert = WhichAlert::New(AlertOrigin {
            slo: slo.map(str::to_owned),
            service: service.into(),
            ..origin(key)
        });
        let alert = record(&catalog, &lease, change).await;
        record(&catalog, &lease, becomes(alert, AlertState::Resolved)).await;
    }
    let some = |text: &str| Some(text.to_owned());
    let cases = [
        (AlertFilter::default(), "dcba"),
        (AlertFilter { slo: some("orders"), ..AlertFilter::default() }, "ca"),
        (AlertFilter { service: some("till"), ..AlertFilter::default() }, "ba"),
        (AlertFilter { slo: some("orders"), service: some("bar"), past: true }, "c"),
        (AlertFilter { slo: some("x"), ..AlertFilter::default() }, ""),
    ];
    for (filter, expected) in cases {
        let found = catalog.alerts(&filter, None, 10).await.unwrap();
        let keys: String = found.iter().map(|alert| &*alert.origin.key).collect();
        assert_eq!(keys, expected, "{filter:?}");
    }
    let all = catalog.alerts(&AlertFilter::default(), None, 10).await.unwrap();
    let page = catalog.alerts(&AlertFilter::default(), Some(all[1].id), 1).await.unwrap();
    assert_eq!(page, all[2..3]);
}

async fn what_never_fired_or_is_not_over_is_not_past(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog).await;
    for (key, state) in [
        ("pending", AlertState::Pending),
        ("firing", AlertState::Firing),
        ("silenced", AlertState::Silenced),
        ("over", AlertState::Resolved),
    ] {
        record(&catalog, &lease, begins(key, state)).await;
    }
    let mut never = begins("never", AlertState::Resolved);
    never.status.fired_at = None;
    record(&catalog, &lease, never).await;
    let past = AlertFilter { past: true, ..AlertFilter::default() };
    let found = catalog.alerts(&past, None, 10).await.unwrap();
    assert_eq!(found.iter().map(|alert| &*alert.origin.key).collect::<Vec<_>>(), ["over"]);
    assert_eq!(catalog.firing_alerts().await.unwrap(), 1);
}

async fn alerts_that_are_long_over_are_forgotten(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog).await;
    record(&catalog, &lease, begins("open", AlertState::Firing)).await;
    record(&catalog, &lease, begins("over", AlertState::Resolved)).await;
    let keep = Keep { resolved: Duration::from_secs(100), ..Keep::default() };
    assert_eq!(catalog.prune(noon_plus(109), keep).await.unwrap().resolved, 0);
    assert_eq!(catalog.prune(noon_plus(110), keep).await.unwrap().resolved, 1);
    let left = catalog.alerts(&AlertFilter::default(), None, 10).await.unwrap();
    assert_eq!(left.iter().map(|alert| &*alert.origin.key).collect::<Vec<_>>(), ["open"]);
}
