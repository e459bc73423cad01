use std::sync::Arc;

use sea_orm_migration::sea_orm::{ConnectionTrait, Statement};
use seaworthy_catalog::{Catalog, CatalogError, DeclaredDeploy, Deploy, DeployKind, Keep, Recorded};
use seaworthy_protocol::{CheckIn, InstanceState};

use crate::{
    accounts::actor,
    check_ins::check_in,
    database::{Database, noon_plus, on_both_databases},
};

on_both_databases!(
    a_rolling_deploy_is_one_and_ends_with_the_last_of_the_old_build,
    a_deploy_that_is_taken_back_is_a_rollback,
    a_rollback_after_the_end_is_one,
    environments_and_services_have_deploys_of_their_own,
    instances_without_a_version_and_late_words_are_no_deploys,
    a_deploy_ends_when_the_last_of_the_old_build_is_lost_and_goes_on_when_it_is_not,
    a_portal_that_was_away_recognises_what_happened,
    a_clock_that_is_ahead_hides_no_later_deploy,
    of_many_check_ins_at_once_one_begins_the_deploy,
    a_check_in_that_says_nothing_new_turns_nothing,
    a_declared_deploy_is_the_one_that_is_seen_later,
    a_declared_deploy_is_the_one_that_was_seen_before,
    what_is_far_apart_or_differs_is_another_deploy,
    a_declaration_that_makes_no_sense_is_refused_with_the_field,
    old_deploys_are_forgotten_and_the_latest_of_each_environment_is_not,
);

/// An instance of the reception in production, whose process started two seconds before noon plus `started`.
fn instance(name: &str, version: &str, started: i64) -> CheckIn {
    let mut check_in = check_in("reception", name, 1);
    check_in.build.version = version.into();
    check_in.process.started_at = noon_plus(started - 2);
    check_in
}

/// Sends what an instance says at a second; of two words of an instance the later one counts.
async fn say(catalog: &Catalog, instance: &CheckIn, state: InstanceState, at: i64) {
    let check_in = CheckIn {
        sequence: u64::try_from(at + 1_000_000).unwrap(),
        sent_at: instance.sent_at.max(noon_plus(at)),
        state,
        ..instance.clone()
    };
    assert_eq!(catalog.record_check_in(&check_in, noon_plus(at)).await.unwrap(), Recorded::Latest);
}

async fn runs(catalog: &Catalog, instance: &CheckIn, at: i64) {
    say(catalog, instance, InstanceState::Running, at).await;
}

async fn stops(catalog: &Catalog, instance: &CheckIn, at: i64) {
    say(catalog, instance, InstanceState::Stopped, at).await;
}

/// What the portal does every now and then: looks for who was not heard of for 16 s.
async fn upkeep(catalog: &Catalog, at: i64) -> u64 {
    catalog.note_lost_instances(noon_plus(at - 16), noon_plus(at)).await.unwrap()
}

/// Every deploy, latest first: `1>2 50-60`, `1>2 50-` while it is under way, with ` back` behind a rollback and ` by ines`
/// where it was declared.
fn tell(deploys: &[Deploy]) -> String {
    let second = |at: jiff::Timestamp| at.duration_since(noon_plus(0)).as_secs();
    let tell = |deploy: &Deploy| {
        let from = deploy.from.as_ref().map_or("", |from| from.version.as_str());
        let until = deploy.ended_at.map(|at| second(at).to_string()).unwrap_or_default();
        let back = if deploy.kind == DeployKind::Rollback { " back" } else { "" };
        let by = deploy.declared.as_ref().map(|said| format!(" by {}", said.by)).unwrap_or_default();
        let version = &deploy.build.version;
        format!("{from}>{version} {}-{until}{back}{by}", second(deploy.started_at))
    };
    deploys.iter().map(tell).collect::<Vec<_>>().join(", ")
}

async fn told(catalog: &Catalog) -> String {
    tell(&catalog.deploys(None, 100).await.unwrap())
}

async fn a_rolling_deploy_is_one_and_ends_with_the_last_of_the_old_build(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let [a1, a2, a3] = [("a1", 0), ("a2", 0), ("a3", 65)].map(|(name, at)| instance(name, "1", at));
    let [b1, b2] = [("b1", 50), ("b2", 70)].map(|(name, at)| instance(name, "2", at));
    runs(&catalog, &a1, 0).await;
    runs(&catalog, &a2, 1).await;
    assert_eq!(told(&catalog).await, "", "the first build is no deploy");
    runs(&catalog, &b1, 50).await;
    assert_eq!(told(&catalog).await, "1>2 50-");
    for at in [55, 60] {
        for instance in [&a1, &a2, &b1] {
            runs(&catalog, instance, at).await;
        }
    }
    stops(&catalog, &a1, 62).await;
    runs(&catalog, &a3, 65).await;
    runs(&catalog, &b2, 70).await;
    say(&catalog, &a2, InstanceState::Draining, 75).await;
    stops(&catalog, &a2, 80).await;
    assert_eq!(told(&catalog).await, "1>2 50-");
    stops(&catalog, &a3, 90).await;
    assert_eq!(told(&catalog).await, "1>2 50-90");
    assert_eq!(upkeep(&catalog, 100).await, 2, "the new build crashes");
    assert_eq!(told(&catalog).await, "1>2 50-90");

    let deploy = catalog.deploys(Some("reception"), 1).await.unwrap().remove(0);
    assert_eq!((&*deploy.service, &*deploy.environment), ("reception", "production"));
    assert_eq!((deploy.from.unwrap().commit, deploy.build.commit), ("4f1c2aa".into(), "4f1c2aa".into()));
    assert_eq!((deploy.seen_at, deploy.declared), (Some(noon_plus(50)), None));
    assert_eq!(catalog.deploys(Some("barista"), 1).await.unwrap(), []);
}

async fn a_deploy_that_is_taken_back_is_a_rollback(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let (a1, a2, b1) = (instance("a1", "1", 0), instance("a2", "1", 90), instance("b1", "2", 50));
    runs(&catalog, &a1, 0).await;
    runs(&catalog, &b1, 50).await;
    runs(&catalog, &a2, 90).await;
    stops(&catalog, &b1, 95).await;
    runs(&catalog, &a1, 150).await;
    runs(&catalog, &a2, 150).await;
    upkeep(&catalog, 154).await;
    assert_eq!(told(&catalog).await, "1>2 50-", "it may come again");
    upkeep(&catalog, 155).await;
    assert_eq!(told(&catalog).await, "2>1 90-95 back, 1>2 50-90");
}

async fn a_rollback_after_the_end_is_one(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let (a1, a2, b1) = (instance("a1", "1", 0), instance("a2", "1", 80), instance("b1", "2", 50));
    runs(&catalog, &a1, 0).await;
    stops(&catalog, &a1, 48).await;
    runs(&catalog, &b1, 50).await;
    stops(&catalog, &b1, 78).await;
    runs(&catalog, &a2, 80).await;
    assert_eq!(told(&catalog).await, "2>1 80-80 back, 1>2 50-50");
    let b2 = instance("b2", "2", 900);
    runs(&catalog, &b2, 900).await;
    stops(&catalog, &a2, 905).await;
    assert_eq!(told(&catalog).await, "1>2 900-905, 2>1 80-80 back, 1>2 50-50", "it was the newer one");
}

async fn environments_and_services_have_deploys_of_their_own(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let of = |environment: &str, name: &str, version, started| CheckIn {
        environment: environment.into(),
        ..instance(name, version, started)
    };
    runs(&catalog, &of("staging", "s1", "1", 0), 0).await;
    runs(&catalog, &of("", "p1", "1", 0), 0).await;
    runs(&catalog, &of("staging", "s2", "2", 10), 10).await;
    runs(&catalog, &of("staging", "s3", "3", 20), 20).await;
    runs(&catalog, &of("", "p3", "3", 30), 30).await;
    let barista = CheckIn { service: "barista".into(), ..instance("b", "7", 31) };
    runs(&catalog, &barista, 31).await;
    // It was in staging before 3 was, but is new to production.
    runs(&catalog, &of("", "p2", "2", 40), 40).await;
    let deploys = catalog.deploys(None, 10).await.unwrap();
    assert_eq!(tell(&deploys), "3>2 40-, 1>3 30-40, 2>3 20-, 1>2 10-20");
    let environments: Vec<_> = deploys.iter().map(|deploy| &*deploy.environment).collect();
    assert_eq!(environments, ["", "", "staging", "staging"]);
    assert_eq!(tell(&catalog.deploys(Some("reception"), 2).await.unwrap()), "3>2 40-, 1>3 30-40");
}

async fn instances_without_a_version_and_late_words_are_no_deploys(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let (a1, b1) = (instance("a1", "1", 0), instance("b1", "2", 50));
    runs(&catalog, &a1, 0).await;
    for (name, version) in [("x", ""), ("y", " "), ("z", "\0")] {
        runs(&catalog, &instance(name, version, 10), 10).await;
    }
    runs(&catalog, &b1, 50).await;
    stops(&catalog, &a1, 60).await;
    assert_eq!(told(&catalog).await, "1>2 50-60");

    // An earlier word of one that has said more since, and the first word of one that started long before.
    let overtaken = CheckIn { sequence: 1, ..a1.clone() };
    assert_eq!(catalog.record_check_in(&overtaken, noon_plus(70)).await.unwrap(), Recorded::Overtaken);
    assert_eq!(told(&catalog).await, "1>2 50-60");
    let late = CheckIn { sent_at: noon_plus(20), ..instance("a0", "1", 5) };
    assert_eq!(catalog.record_check_in(&late, noon_plus(900)).await.unwrap(), Recorded::Latest);
    assert_eq!(told(&catalog).await, "1>2 50-", "it is there, but nobody has put it there again");
}

async fn a_deploy_ends_when_the_last_of_the_old_build_is_lost_and_goes_on_when_it_is_not(
    database: Arc<Database>,
) {
    let catalog = database.catalog().await;
    let (a1, b1) = (instance("a1", "1", 0), instance("b1", "2", 50));
    runs(&catalog, &a1, 0).await;
    runs(&catalog, &b1, 50).await;
    runs(&catalog, &a1, 55).await;
    runs(&catalog, &b1, 70).await;
    assert_eq!(upkeep(&catalog, 71).await, 0);
    assert_eq!(told(&catalog).await, "1>2 50-");
    assert_eq!(upkeep(&catalog, 72).await, 1);
    assert_eq!(told(&catalog).await, "1>2 50-55");
    assert_eq!(upkeep(&catalog, 73).await, 0, "it is lost once");
    runs(&catalog, &a1, 300).await;
    runs(&catalog, &b1, 300).await;
    assert_eq!(told(&catalog).await, "1>2 50-");
    assert_eq!(catalog.shutdowns("reception", 10).await.unwrap(), []);
    stops(&catalog, &a1, 310).await;
    assert_eq!(told(&catalog).await, "1>2 50-310");
}

async fn a_portal_that_was_away_recognises_what_happened(database: Arc<Database>) {
    const DAY: i64 = 24 * 3600;
    let catalog = database.catalog().await;
    runs(&catalog, &instance("a1", "1", 0), 0).await;
    runs(&catalog, &instance("b1", "2", 50), 50).await;
    // Two days later everything has changed, and the portal begins by forgetting.
    catalog.prune(noon_plus(2 * DAY), Keep::default()).await.unwrap();
    assert_eq!(catalog.instances("reception").await.unwrap(), []);
    assert_eq!(told(&catalog).await, "1>2 50-50");
    assert_eq!(catalog.shutdowns("reception", 10).await.unwrap().len(), 2);
    // What is newest speaks first, what it replaces next, and one of old that is there still.
    runs(&catalog, &instance("d1", "4", 2 * DAY - 100), 2 * DAY + 1).await;
    runs(&catalog, &instance("c1", "3", DAY), 2 * DAY + 2).await;
    runs(&catalog, &instance("b2", "2", 60), 2 * DAY + 3).await;
    let start = 2 * DAY + 1;
    assert_eq!(told(&catalog).await, format!("2>4 {start}-, 1>2 50-50"));
}

async fn a_clock_that_is_ahead_hides_no_later_deploy(database: Arc<Database>) {
    let catalog = database.catalog().await;
    // By a clock that is an hour ahead.
    let ahead = CheckIn { sent_at: noon_plus(3600), ..instance("a1", "1", 3600) };
    runs(&catalog, &ahead, 0).await;
    runs(&catalog, &instance("b1", "2", 50), 50).await;
    assert_eq!(told(&catalog).await, "1>2 50-");
}

async fn of_many_check_ins_at_once_one_begins_the_deploy(database: Arc<Database>) {
    let catalog = Arc::new(database.catalog().await);
    runs(&catalog, &instance("a", "1", 0), 0).await;
    let mut all = tokio::task::JoinSet::new();
    for number in 0..20 {
        let catalog = catalog.clone();
        all.spawn(async move { runs(&catalog, &instance(&format!("b{number}"), "2", 50), 50).await });
    }
    all.join_all().await;
    assert_eq!(told(&catalog).await, "1>2 50-");
}

async fn a_check_in_that_says_nothing_new_turns_nothing(database: Arc<Database>) {
    let (catalog, raw) = (database.catalog().await, database.raw().await);
    let turned = || async {
        let sql = "SELECT turned_sequence FROM instances";
        let row = raw.query_one_raw(Statement::from_string(raw.get_database_backend(), sql)).await.unwrap();
        row.unwrap().try_get::<i64>("", "turned_sequence").unwrap() - 1_000_000
    };
    let mut a = instance("a", "1", 0);
    for (at, state, expected) in [
        (0, InstanceState::Running, 0),
        (5, InstanceState::Running, 0),
        (10, InstanceState::Draining, 10),
        (15, InstanceState::Draining, 10),
    ] {
        say(&catalog, &a, state, at).await;
        assert_eq!(turned().await, expected, "{at}");
    }
    upkeep(&catalog, 100).await;
    say(&catalog, &a, InstanceState::Draining, 105).await;
    assert_eq!(turned().await, 105, "it is back");
    a.build.commit = "other".into();
    say(&catalog, &a, InstanceState::Draining, 110).await;
    assert_eq!(turned().await, 110);
    raw.execute_unprepared("UPDATE instances SET turned_sequence = 0").await.unwrap();
    say(&catalog, &a, InstanceState::Draining, 115).await;
    assert_eq!(turned().await, 115, "it was there before anybody looked");
}

fn declaration() -> DeclaredDeploy {
    DeclaredDeploy {
        service: "reception".into(),
        environment: "production".into(),
        version: "2".into(),
        commit: "4f1c".into(),
        started_at: None,
        ended_at: None,
        link: "https://ci.example.com/7".into(),
    }
}

async fn declare(catalog: &Catalog, declared: &DeclaredDeploy, at: i64) -> Deploy {
    catalog.declare_deploy(declared, &actor(), noon_plus(at)).await.unwrap()
}

async fn a_declared_deploy_is_the_one_that_is_seen_later(database: Arc<Database>) {
    let catalog = database.catalog().await;
    runs(&catalog, &instance("a1", "1", 0), 0).await;
    let declared = declare(&catalog, &declaration(), 40).await;
    assert_eq!(told(&catalog).await, "1>2 40- by ines");
    assert_eq!((declared.seen_at, &*declared.build.commit), (None, "4f1c"));
    assert_eq!(declared.declared.unwrap().link, "https://ci.example.com/7");

    runs(&catalog, &instance("b1", "2", 50), 50).await;
    stops(&catalog, &instance("a1", "1", 0), 60).await;
    assert_eq!(told(&catalog).await, "1>2 40-60 by ines");
    let seen = catalog.deploys(None, 1).await.unwrap().remove(0);
    assert_eq!((seen.id, seen.seen_at, &*seen.build.commit), (declared.id, Some(noon_plus(50)), "4f1c2aa"));

    // The pipeline says when it is done.
    let end = DeclaredDeploy { ended_at: Some(noon_plus(90)), link: String::new(), ..declaration() };
    let ended = declare(&catalog, &end, 95).await;
    assert_eq!(ended.declared.unwrap().link, "https://ci.example.com/7", "what is not said again stays");
    assert_eq!(told(&catalog).await, "1>2 40-90 by ines");
    let log = catalog.audit_log(None, 10).await.unwrap();
    let lines: Vec<_> = log.iter().map(|e| format!("{} {} {}", e.actor, e.action, e.subject)).collect();
    assert_eq!(lines, ["ines declared a deploy 2 of reception in production"; 2]);
}

async fn a_declared_deploy_is_the_one_that_was_seen_before(database: Arc<Database>) {
    let catalog = database.catalog().await;
    runs(&catalog, &instance("a1", "1", 0), 0).await;
    let first = DeclaredDeploy { version: "1".into(), commit: String::new(), ..declaration() };
    declare(&catalog, &first, 10).await;
    assert_eq!(told(&catalog).await, ">1 0-0 by ines", "the first is one when somebody says so");

    runs(&catalog, &instance("b1", "2", 50), 50).await;
    let exact = DeclaredDeploy { started_at: Some(noon_plus(45)), ..declaration() };
    declare(&catalog, &exact, 60).await;
    assert_eq!(told(&catalog).await, "1>2 45- by ines, >1 0-0 by ines");
    // A rollout of hours, declared again at its end.
    declare(&catalog, &declaration(), 3 * 3600).await;
    assert_eq!(told(&catalog).await, "1>2 45- by ines, >1 0-0 by ines");
}

async fn what_is_far_apart_or_differs_is_another_deploy(database: Arc<Database>) {
    let catalog = database.catalog().await;
    runs(&catalog, &instance("a1", "1", 0), 0).await;
    runs(&catalog, &instance("b1", "2", 50), 50).await;
    stops(&catalog, &instance("a1", "1", 0), 60).await;
    // The same build once more, two hours later: nothing that instances tell apart.
    declare(&catalog, &declaration(), 7200).await;
    let other = DeclaredDeploy { commit: "99".into(), ..declaration() };
    declare(&catalog, &other, 7300).await;
    let staging = DeclaredDeploy { environment: "staging".into(), ..declaration() };
    declare(&catalog, &staging, 7400).await;
    let back = DeclaredDeploy { version: "1".into(), ..declaration() };
    declare(&catalog, &back, 9000).await;
    assert_eq!(
        told(&catalog).await,
        "2>1 9000- back by ines, >2 7400- by ines, 2>2 7300- by ines, 2>2 7200- by ines, 1>2 50-60"
    );
    // What was declared two hours before is not what is seen now.
    runs(&catalog, &instance("a2", "1", 2 * 7200), 9000 + 7200).await;
    assert!(told(&catalog).await.starts_with("2>1 16200- back, 2>1 9000- back by ines"));
}

async fn a_declaration_that_makes_no_sense_is_refused_with_the_field(database: Arc<Database>) {
    let catalog = database.catalog().await;
    runs(&catalog, &instance("a1", "1", 0), 0).await;
    let fine = declaration();
    let long = "x".repeat(256);
    let cases = [
        (DeclaredDeploy { service: String::new(), ..fine.clone() }, "service"),
        (DeclaredDeploy { service: "receptoin".into(), ..fine.clone() }, "service"),
        (DeclaredDeploy { environment: long.clone(), ..fine.clone() }, "environment"),
        (DeclaredDeploy { version: " ".into(), ..fine.clone() }, "version"),
        (DeclaredDeploy { version: "1\n".repeat(2), ..fine.clone() }, "version"),
        (DeclaredDeploy { commit: long.clone(), ..fine.clone() }, "commit"),
        (DeclaredDeploy { link: "javascript:alert(1)".into(), ..fine.clone() }, "link"),
        (DeclaredDeploy { link: format!("https://{long}"), ..fine.clone() }, "link"),
        (DeclaredDeploy { started_at: Some(noon_plus(3600)), ..fine.clone() }, "started_at"),
        (DeclaredDeploy { ended_at: Some(noon_plus(3600)), ..fine.clone() }, "ended_at"),
        (
            DeclaredDeploy { started_at: Some(noon_plus(0)), ended_at: Some(noon_plus(-1)), ..fine.clone() },
            "ended_at",
        ),
    ];
    for (declared, field) in cases {
        let refused = catalog.declare_deploy(&declared, &actor(), noon_plus(10)).await;
        assert!(
            matches!(&refused, Err(CatalogError::Refused { field: named, .. }) if *named == field),
            "{field}: {refused:?}"
        );
    }
    assert_eq!(told(&catalog).await, "");
    assert_eq!(catalog.services().await.unwrap().len(), 1, "a slip of the pen makes no service");
}

async fn old_deploys_are_forgotten_and_the_latest_of_each_environment_is_not(database: Arc<Database>) {
    const YEAR: i64 = 400 * 24 * 3600;
    let catalog = database.catalog().await;
    for (name, version, at) in [("a", "1", 0), ("b", "2", 50), ("c", "3", 100)] {
        runs(&catalog, &instance(name, version, at), at).await;
        stops(&catalog, &instance(name, version, at), at + 20).await;
    }
    let alone = DeclaredDeploy { version: "9".into(), ..declaration() };
    declare(&catalog, &alone, 110).await;
    let pruned = catalog.prune(noon_plus(YEAR + 51), Keep::default()).await.unwrap();
    assert_eq!((pruned.deploys, pruned.shutdowns), (2, 1), "the first that was seen, and the first deploy");
    assert_eq!(told(&catalog).await, "3>9 110- by ines, 2>3 100-100");
    let pruned = catalog.prune(noon_plus(2 * YEAR), Keep::default()).await.unwrap();
    assert_eq!((pruned.deploys, pruned.shutdowns), (1, 2));
    assert_eq!(told(&catalog).await, "2>3 100-100");
    runs(&catalog, &instance("d", "4", 2 * YEAR), 2 * YEAR).await;
    assert!(told(&catalog).await.starts_with("3>4 "));
}
