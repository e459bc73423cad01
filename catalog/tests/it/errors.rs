use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use seaworthy_catalog::{
    Actor, Catalog, CatalogError, ErrorFilter, ErrorGroup, ErrorState, Keep, Regression, ResolvedIn,
    SeenErrors,
};

use crate::database::{Database, noon_plus, on_both_databases};

on_both_databases!(
    errors_are_counted_by_group_build_and_hour,
    a_resolved_group_that_comes_again_where_it_should_not_has_regressed,
    a_muted_group_is_open_again_when_its_time_is_over,
    what_people_do_is_noted_and_nobody_else_has_a_say,
    kinds_without_number_become_one,
    errors_that_came_no_more_are_forgotten,
    two_writers_count_every_error,
    a_request_is_counted_once_however_often_it_is_sent,
    a_request_that_could_not_be_counted_is_when_it_is_sent_again,
);

fn ines() -> Actor {
    Actor { login: "ines".into(), address: "192.0.2.7".into() }
}

fn seen(group: &str, build: &str, at: i64, count: u64) -> SeenErrors {
    let at = noon_plus(at);
    SeenErrors {
        group: group.into(),
        service: "shop".into(),
        kind: "NoMilk".into(),
        message: format!("said at {at}"),
        place: "src/brew.rs:17".into(),
        build: build.into(),
        first_at: at,
        last_at: at,
        hours: BTreeMap::from([(at.as_second() / 3600, count)]),
    }
}

/// Counts the errors of a request that nobody has sent before.
async fn record(catalog: &Catalog, seen: &[SeenErrors]) {
    static REQUESTS: AtomicU64 = AtomicU64::new(0);
    let request = REQUESTS.fetch_add(1, Ordering::Relaxed).to_string();
    catalog.record_errors(&request, seen, noon_plus(0)).await.unwrap();
}

fn all() -> ErrorFilter {
    ErrorFilter { limit: 100, ..ErrorFilter::default() }
}

async fn group(catalog: &Catalog, id: &str, now: Timestamp) -> ErrorGroup {
    catalog.error_group(id, now).await.unwrap().unwrap()
}

async fn errors_are_counted_by_group_build_and_hour(database: Arc<Database>) {
    let catalog = database.catalog().await;
    record(&catalog, &[]).await;
    record(&catalog, &[seen("a", "1", 0, 2), seen("b", "1", 60, 1)]).await;
    record(&catalog, &[seen("a", "2", 3600, 3), seen("a", "1", -60, 1)]).await;
    let now = noon_plus(7200);
    let groups = catalog.error_groups(&all(), now).await.unwrap();
    assert_eq!(
        groups.iter().map(|group| (group.id.as_str(), group.count)).collect::<Vec<_>>(),
        [("a", 6), ("b", 1)]
    );
    let a = &groups[0];
    assert_eq!((a.first_seen_at, a.last_seen_at), (noon_plus(-60), noon_plus(3600)));
    assert_eq!(a.message, format!("said at {}", noon_plus(3600)), "that of the latest");
    assert_eq!((a.state.clone(), a.regressed.clone()), (ErrorState::Open, None));
    let ids = ["a".to_owned(), "b".to_owned()];
    let builds = catalog.error_builds(&ids).await.unwrap();
    let told: Vec<_> = builds.iter().map(|one| (one.group.as_str(), one.build.as_str(), one.count)).collect();
    assert_eq!(told, [("a", "2", 3), ("a", "1", 3), ("b", "1", 1)]);
    assert_eq!((builds[1].first_seen_at, builds[1].last_seen_at), (noon_plus(-60), noon_plus(0)));
    let noon = noon_plus(0).as_second() / 3600;
    let hours = catalog.error_hours(&ids, noon).await.unwrap();
    let told: Vec<_> = hours.iter().map(|one| (one.group.as_str(), one.hour - noon, one.count)).collect();
    assert_eq!(told, [("a", 0, 2), ("a", 1, 3), ("b", 0, 1)]);
    let of_other = ErrorFilter { service: Some("till".into()), ..all() };
    assert_eq!(catalog.error_groups(&of_other, now).await.unwrap(), []);
    let since = ErrorFilter { since: Some(noon_plus(61)), ..all() };
    assert_eq!(catalog.error_groups(&since, now).await.unwrap().len(), 1);
    assert_eq!(catalog.error_group("c", now).await.unwrap(), None);
}

async fn a_resolved_group_that_comes_again_where_it_should_not_has_regressed(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let next = ResolvedIn::Next;
    let in_2 = ResolvedIn::Build("2".into());
    // Resolved in, build and time of what comes then, and whether that is a regression.
    let cases = [
        ("old-build", &next, "1", 200, false),
        ("next-build", &next, "2", 200, true),
        ("late-line", &next, "2", 50, false),
        ("still-old", &in_2, "1", 200, false),
        ("in-that-build", &in_2, "2", 200, true),
        ("in-a-later-build", &in_2, "3", 200, true),
        ("unknown-build", &next, "", 200, true),
    ];
    for (id, in_build, build, at, regressed) in cases {
        record(&catalog, &[seen(id, "1", 0, 1)]).await;
        if build.is_empty() {
            record(&catalog, &[seen(id, "", 0, 1)]).await;
        }
        catalog.resolve_error(id, in_build, &ines(), noon_plus(100)).await.unwrap();
        let stands = group(&catalog, id, noon_plus(100)).await.state;
        let resolved =
            ErrorState::Resolved { at: noon_plus(100), by: "ines".into(), in_build: in_build.clone() };
        assert_eq!(stands, resolved, "{id}");
        record(&catalog, &[seen(id, build, at, 1)]).await;
        let after = group(&catalog, id, noon_plus(300)).await;
        let expected = regressed.then(|| Regression { at: noon_plus(at), build: build.into() });
        assert_eq!(after.regressed, expected, "{id}");
        assert_eq!(after.state, if regressed { ErrorState::Open } else { resolved }, "{id}");
    }
    // Whoever looks after it again has seen to the regression.
    catalog.resolve_error("next-build", &next, &ines(), noon_plus(400)).await.unwrap();
    let unresolved = ErrorFilter { unresolved: true, ..all() };
    let left = catalog.error_groups(&unresolved, noon_plus(400)).await.unwrap();
    assert!(left.iter().all(|group| group.state == ErrorState::Open) && left.len() == 3, "{left:?}");
    assert_eq!(group(&catalog, "next-build", noon_plus(400)).await.regressed, None);
    record(&catalog, &[seen("next-build", "2", 500, 1)]).await;
    assert_eq!(group(&catalog, "next-build", noon_plus(500)).await.regressed, None, "build 2 had it before");
}

async fn a_muted_group_is_open_again_when_its_time_is_over(database: Arc<Database>) {
    let catalog = database.catalog().await;
    record(&catalog, &[seen("a", "1", 0, 1)]).await;
    catalog.mute_error("a", noon_plus(100), &ines(), noon_plus(10)).await.unwrap();
    record(&catalog, &[seen("a", "2", 50, 1)]).await;
    let muted = ErrorState::Muted { at: noon_plus(10), by: "ines".into(), until: noon_plus(100) };
    assert_eq!(group(&catalog, "a", noon_plus(99)).await.state, muted);
    assert_eq!(group(&catalog, "a", noon_plus(100)).await.state, ErrorState::Open);
    catalog.reopen_error("a", &ines(), noon_plus(60)).await.unwrap();
    assert_eq!(group(&catalog, "a", noon_plus(60)).await.state, ErrorState::Open);
    let refused = catalog.mute_error("a", noon_plus(60), &ines(), noon_plus(60)).await;
    assert!(matches!(refused, Err(CatalogError::Refused { field: "until", .. })), "{refused:?}");
}

async fn what_people_do_is_noted_and_nobody_else_has_a_say(database: Arc<Database>) {
    let catalog = database.catalog().await;
    record(&catalog, &[seen("a", "1", 0, 1), seen("ab", "1", 0, 1)]).await;
    catalog.mute_error("a", noon_plus(100), &ines(), noon_plus(1)).await.unwrap();
    catalog.resolve_error("a", &ResolvedIn::Build("2".into()), &ines(), noon_plus(2)).await.unwrap();
    catalog.reopen_error("a", &ines(), noon_plus(3)).await.unwrap();
    catalog.reopen_error("ab", &ines(), noon_plus(4)).await.unwrap();
    let acts = catalog.error_acts("a").await.unwrap();
    let told: Vec<_> = acts.iter().map(|act| (act.at, act.action.as_str())).collect();
    let until = noon_plus(100);
    assert_eq!(
        told,
        [
            (noon_plus(3), "reopened an error"),
            (noon_plus(2), "resolved an error in build 2"),
            (noon_plus(1), &*format!("muted an error until {until}")),
        ]
    );
    assert_eq!(acts[0].subject, "error a: NoMilk of shop");
    let gone = catalog.reopen_error("c", &ines(), noon_plus(5)).await;
    assert!(matches!(gone, Err(CatalogError::NotFound("error"))), "{gone:?}");
}

async fn kinds_without_number_become_one(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let many: Vec<SeenErrors> = (0..1_010).map(|number| seen(&format!("g{number:04}"), "1", 0, 1)).collect();
    record(&catalog, &many).await;
    record(&catalog, &many).await;
    let filter = ErrorFilter { limit: 10_000, ..ErrorFilter::default() };
    let groups = catalog.error_groups(&filter, noon_plus(1)).await.unwrap();
    assert_eq!(groups.len(), 1_001);
    assert_eq!(groups.iter().map(|group| group.count).sum::<u64>(), 2_020, "none is lost");
    let rest = group(&catalog, "rest-shop", noon_plus(1)).await;
    assert_eq!((rest.kind.as_str(), rest.count), ("further errors", 20));
}

async fn errors_that_came_no_more_are_forgotten(database: Arc<Database>) {
    let catalog = database.catalog().await;
    record(&catalog, &[seen("old", "1", 0, 1), seen("new", "1", 7200, 1), seen("new", "1", 0, 1)]).await;
    let keep =
        Keep { errors: Duration::from_secs(3600), error_hours: Duration::from_secs(3600), ..Keep::default() };
    let pruned = catalog.prune(noon_plus(7201), keep).await.unwrap();
    assert_eq!(pruned.errors, 1);
    assert_eq!(catalog.error_group("old", noon_plus(7201)).await.unwrap(), None);
    let ids = ["old".to_owned(), "new".to_owned()];
    assert_eq!(catalog.error_builds(&ids).await.unwrap().len(), 1, "builds go with their group");
    assert_eq!(catalog.error_hours(&ids, 0).await.unwrap().len(), 1);
}

async fn two_writers_count_every_error(database: Arc<Database>) {
    let catalog = Arc::new(database.catalog().await);
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let catalog = catalog.clone();
            tokio::spawn(async move {
                for _ in 0..10 {
                    record(&catalog, &[seen("b", "1", 0, 1), seen("a", "1", 0, 1)]).await;
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    for id in ["a", "b"] {
        assert_eq!(group(&catalog, id, noon_plus(1)).await.count, 40);
        assert_eq!(catalog.error_builds(&[id.to_owned()]).await.unwrap()[0].count, 40);
    }
}

async fn a_request_is_counted_once_however_often_it_is_sent(database: Arc<Database>) {
    let catalog = Arc::new(database.catalog().await);
    let senders: Vec<_> = (0..4)
        .map(|number| {
            let catalog = catalog.clone();
            let errors = [seen("a", "1", 0, 2)];
            tokio::spawn(
                async move { catalog.record_errors("r1", &errors, noon_plus(number)).await.unwrap() },
            )
        })
        .collect();
    for sender in senders {
        sender.await.unwrap();
    }
    catalog.record_errors("r2", &[seen("a", "1", 0, 1)], noon_plus(10)).await.unwrap();
    assert_eq!(group(&catalog, "a", noon_plus(10)).await.count, 3);
    // What was resolved stays so: nothing came again.
    catalog.resolve_error("a", &ResolvedIn::Next, &ines(), noon_plus(20)).await.unwrap();
    catalog.record_errors("r2", &[seen("a", "2", 30, 1)], noon_plus(30)).await.unwrap();
    let after = group(&catalog, "a", noon_plus(30)).await;
    assert_eq!((after.count, after.regressed), (3, None));

    let keep = Keep { error_requests: Duration::from_secs(60), ..Keep::default() };
    assert_eq!(catalog.prune(noon_plus(69), keep).await.unwrap().error_requests, 1);
    catalog.record_errors("r2", &[seen("a", "1", 0, 1)], noon_plus(69)).await.unwrap();
    assert_eq!(group(&catalog, "a", noon_plus(69)).await.count, 3, "it is still known");
}

async fn a_request_that_could_not_be_counted_is_when_it_is_sent_again(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let unnamed = SeenErrors { service: String::new(), ..seen("b", "1", 0, 1) };
    let failed = catalog.record_errors("r1", &[seen("a", "1", 0, 1), unnamed], noon_plus(0)).await;
    assert!(failed.is_err());
    assert_eq!(catalog.error_group("a", noon_plus(1)).await.unwrap(), None, "all or none");
    catalog.record_errors("r1", &[seen("a", "1", 0, 1)], noon_plus(2)).await.unwrap();
    assert_eq!(group(&catalog, "a", noon_plus(3)).await.count, 1);
}
