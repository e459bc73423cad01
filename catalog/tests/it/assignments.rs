use std::{slice, sync::Arc};

use seaworthy_catalog::{Assignment, AssignmentDefinition, Catalog, CatalogError, ItemKey, Role};

use crate::{
    accounts::{actor, member},
    answers::{key, other},
    database::{Database, noon_plus, on_both_databases},
};

on_both_databases!(
    an_assignment_is_kept_as_it_was_written,
    what_somebody_sees_to_comes_by_its_day,
    an_item_is_taken_from_somebody_and_given_again,
    only_somebody_with_an_account_sees_to_an_item,
    an_assignment_that_somebody_else_changed_is_refused,
    of_two_who_assign_one_succeeds,
    every_assignment_is_in_the_audit_log,
);

fn to(owner: Option<&str>, due: Option<&str>) -> AssignmentDefinition {
    let due = due.map(|due| due.parse().unwrap());
    AssignmentDefinition { owner: owner.map(str::to_owned), due }
}

/// The catalog, in which Rui and Ana have accounts.
async fn catalog(database: &Database) -> Catalog {
    let catalog = database.catalog().await;
    for login in ["rui", "ana"] {
        member(&catalog, login, Role::Editor).await;
    }
    catalog
}

async fn assign(catalog: &Catalog, key: &ItemKey, expected: i64, to: &AssignmentDefinition) -> Assignment {
    catalog.assign_item(key, expected, to, &actor(), noon_plus(0)).await.unwrap()
}

async fn an_assignment_is_kept_as_it_was_written(database: Arc<Database>) {
    let catalog = catalog(&database).await;
    let (timeouts, version) = (key("till", "timeouts"), key("reception", "version"));
    let second = assign(&catalog, &timeouts, 0, &to(Some(" Rui"), Some("2026-12-24"))).await;
    let expected = Assignment {
        key: timeouts.clone(),
        definition: to(Some("rui"), Some("2026-12-24")),
        version: 1,
        updated_at: noon_plus(0),
        updated_by: "ines".into(),
    };
    assert_eq!(second, expected);
    let first = assign(&catalog, &version, 0, &to(Some(" "), Some("2026-12-01"))).await;
    assert_eq!(first.definition, to(None, Some("2026-12-01")));
    assert_eq!(catalog.assignments(None).await.unwrap(), [first.clone(), second.clone()]);
    assert_eq!(catalog.assignments(Some("till")).await.unwrap(), [second]);
    let later =
        catalog.assign_item(&timeouts, 1, &to(Some("ana"), None), &other(), noon_plus(9)).await.unwrap();
    let expected = Assignment {
        definition: to(Some("ana"), None),
        version: 2,
        updated_at: noon_plus(9),
        updated_by: "rui".into(),
        ..expected
    };
    assert_eq!(later, expected);
    assert_eq!(catalog.assignments(None).await.unwrap(), [first, later]);
}

async fn what_somebody_sees_to_comes_by_its_day(database: Arc<Database>) {
    let catalog = catalog(&database).await;
    let days = [("a", None), ("b", Some("2027-01-02")), ("c", Some("2026-12-24")), ("d", Some("2027-01-02"))];
    for (item, due) in days {
        assign(&catalog, &key("reception", item), 0, &to(Some("rui"), due)).await;
    }
    assign(&catalog, &key("reception", "e"), 0, &to(Some("ana"), None)).await;
    let items = async |login| -> Vec<String> {
        let assignments = catalog.assignments_to(login).await.unwrap();
        assignments.into_iter().map(|assignment| assignment.key.item).collect()
    };
    assert_eq!(items("rui").await, ["c", "b", "d", "a"]);
    assert_eq!(items("ana").await, ["e"]);
    assert!(items("ines").await.is_empty());
}

async fn an_item_is_taken_from_somebody_and_given_again(database: Arc<Database>) {
    let catalog = catalog(&database).await;
    let key = key("reception", "timeouts");
    assign(&catalog, &key, 0, &to(Some("rui"), None)).await;
    assign(&catalog, &key, 1, &to(None, None)).await;
    assert_eq!(catalog.assignments(None).await.unwrap(), []);
    assert_eq!(catalog.assignments_to("rui").await.unwrap(), []);
    let late = catalog.assign_item(&key, 1, &to(Some("ana"), None), &actor(), noon_plus(1)).await;
    assert!(matches!(late, Err(CatalogError::Changed { .. })), "{late:?}");
    let again = assign(&catalog, &key, 0, &to(Some("ana"), None)).await;
    assert_eq!(again.version, 3, "who saw the first is not taken for having seen this one");
    assert_eq!(catalog.assignments_to("ana").await.unwrap(), slice::from_ref(&again));
}

async fn only_somebody_with_an_account_sees_to_an_item(database: Arc<Database>) {
    let catalog = catalog(&database).await;
    let gone = member(&catalog, "gone", Role::Viewer).await;
    member(&catalog, "admin", Role::Admin).await;
    catalog.disable_person(gone.id, &actor(), noon_plus(1)).await.unwrap();
    for owner in ["nobody", "gone", "ru i", "rui\0"] {
        let to = to(Some(owner), None);
        let refused = catalog.assign_item(&key("reception", "a"), 0, &to, &actor(), noon_plus(2)).await;
        assert!(matches!(refused, Err(CatalogError::Refused { field: "owner", .. })), "{owner}: {refused:?}");
    }
    let blank = catalog.assign_item(&key("reception", " "), 0, &to(None, None), &actor(), noon_plus(2)).await;
    assert!(matches!(blank, Err(CatalogError::Refused { field: "item", .. })), "{blank:?}");
    assert_eq!(catalog.assignments(None).await.unwrap(), []);
}

async fn an_assignment_that_somebody_else_changed_is_refused(database: Arc<Database>) {
    let catalog = catalog(&database).await;
    let key = key("reception", "timeouts");
    let never = catalog.assign_item(&key, 1, &to(Some("ana"), None), &actor(), noon_plus(0)).await;
    assert!(matches!(never, Err(CatalogError::NotFound("assignment"))), "{never:?}");
    let hers = assign(&catalog, &key, 0, &to(Some("rui"), None)).await;
    for expected in [0, 2] {
        let his = catalog.assign_item(&key, expected, &to(Some("ana"), None), &other(), noon_plus(1)).await;
        assert!(matches!(&his, Err(CatalogError::Changed { by, .. }) if by == "ines"), "{his:?}");
    }
    assert_eq!(catalog.assignments(None).await.unwrap(), [hers]);
}

async fn of_two_who_assign_one_succeeds(database: Arc<Database>) {
    catalog(&database).await;
    for expected in [0, 1] {
        let mut all = tokio::task::JoinSet::new();
        for n in 0..4 {
            let catalog = database.catalog().await;
            let (key, to) = (key("reception", "timeouts"), to(Some("rui"), None));
            all.spawn(async move { catalog.assign_item(&key, expected, &to, &actor(), noon_plus(n)).await });
        }
        let (taken, refused): (Vec<_>, Vec<_>) = all.join_all().await.into_iter().partition(Result::is_ok);
        assert_eq!(taken.len(), 1);
        for refused in refused {
            assert!(matches!(&refused, Err(CatalogError::Changed { .. })), "{refused:?}");
        }
    }
}

async fn every_assignment_is_in_the_audit_log(database: Arc<Database>) {
    let catalog = catalog(&database).await;
    let key = key("reception", "timeouts");
    let all = [to(Some("rui"), Some("2026-12-24")), to(Some("ana"), None), to(None, Some("2026-12-24"))];
    for (expected, to) in (0..).zip(&all) {
        assign(&catalog, &key, expected, to).await;
    }
    assign(&catalog, &key, 3, &to(None, None)).await;
    let log = catalog.audit_log(None, 4).await.unwrap();
    let lines: Vec<_> = log.iter().map(|e| format!("{} {}: {}", e.actor, e.action, e.subject)).collect();
    let item = "timeouts of reception (twelve-point)";
    assert_eq!(
        lines,
        [
            format!("ines assigned to nobody: {item}"),
            format!("ines assigned to nobody until 2026-12-24: {item}"),
            format!("ines assigned to ana: {item}"),
            format!("ines assigned to rui until 2026-12-24: {item}"),
        ]
    );
}
