use std::{collections::BTreeMap, slice, sync::Arc};

use seaworthy_catalog::{CatalogError, Comment, ItemKey};

use crate::{
    accounts::actor,
    answers::{key, other},
    database::{Database, noon_plus, on_both_databases},
};

on_both_databases!(
    comments_are_told_earliest_first,
    a_comment_that_says_nothing_or_too_much_is_refused,
    everything_done_to_comments_is_in_the_audit_log,
);

async fn comments_are_told_earliest_first(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let (timeouts, version) = (key("reception", "timeouts"), key("reception", "version"));
    let text = "First line\nsecond line\t'quoted'";
    let first = catalog.add_comment(&timeouts, text, &actor(), noon_plus(0)).await.unwrap();
    let expected = Comment {
        id: first.id,
        key: timeouts.clone(),
        text: text.into(),
        by: "ines".into(),
        at: noon_plus(0),
    };
    assert_eq!(first, expected);
    let second = catalog.add_comment(&timeouts, "agreed", &other(), noon_plus(1)).await.unwrap();
    let elsewhere = catalog.add_comment(&version, "see above", &other(), noon_plus(2)).await.unwrap();
    catalog.add_comment(&key("till", "timeouts"), "here too", &other(), noon_plus(3)).await.unwrap();
    assert_eq!(catalog.comments(&timeouts).await.unwrap(), [first.clone(), second.clone()]);
    assert_eq!(catalog.comments(&version).await.unwrap(), slice::from_ref(&elsewhere));
    let none = ItemKey { template: "worker".into(), ..timeouts.clone() };
    assert_eq!(catalog.comments(&none).await.unwrap(), []);
    let counts = BTreeMap::from([(timeouts.clone(), 2), (version, 1)]);
    assert_eq!(catalog.comment_counts("reception").await.unwrap(), counts);

    catalog.delete_comment(first.id, &other(), noon_plus(4)).await.unwrap();
    assert_eq!(catalog.comment(first.id).await.unwrap(), None);
    assert_eq!(catalog.comment(second.id).await.unwrap(), Some(second.clone()));
    assert_eq!(catalog.comments(&timeouts).await.unwrap(), [second]);
    let again = catalog.delete_comment(first.id, &other(), noon_plus(5)).await;
    assert!(matches!(again, Err(CatalogError::NotFound("comment"))), "{again:?}");
}

async fn a_comment_that_says_nothing_or_too_much_is_refused(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let long = "x".repeat(16_385);
    let fine = key("reception", "timeouts");
    let cases = [
        (fine.clone(), " \n", "comment"),
        (fine.clone(), "a\0", "comment"),
        (fine, &*long, "comment"),
        (key("", "timeouts"), "hello", "service"),
    ];
    for (key, text, field) in cases {
        let refused = catalog.add_comment(&key, text, &actor(), noon_plus(0)).await;
        assert!(
            matches!(&refused, Err(CatalogError::Refused { field: named, .. }) if *named == field),
            "{field}: {refused:?}"
        );
    }
    assert_eq!(catalog.comment_counts("reception").await.unwrap(), BTreeMap::new());
}

async fn everything_done_to_comments_is_in_the_audit_log(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let comment =
        catalog.add_comment(&key("reception", "timeouts"), "hm", &actor(), noon_plus(0)).await.unwrap();
    catalog.delete_comment(comment.id, &other(), noon_plus(1)).await.unwrap();
    let log = catalog.audit_log(None, 10).await.unwrap();
    let lines: Vec<_> = log.iter().map(|e| format!("{} {} {}", e.actor, e.action, e.subject)).collect();
    assert_eq!(
        lines,
        [
            "rui deleted a comment of ines on timeouts of reception (twelve-point)",
            "ines commented on timeouts of reception (twelve-point)",
        ]
    );
}
