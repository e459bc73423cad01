use std::sync::Arc;

use seaworthy_catalog::{
    Actor, Answer, AnswerDefinition, AnswerKind, Catalog, CatalogError, ItemKey, PastAnswer,
};

use crate::{
    accounts::actor,
    database::{Database, noon_plus, on_both_databases},
};

on_both_databases!(
    an_answer_is_kept_as_it_was_written,
    what_was_said_before_is_kept,
    who_says_what_now_is_known,
    an_answer_is_withdrawn_and_given_again,
    an_answer_of_which_a_text_is_wrong_is_refused_with_the_field,
    an_answer_to_what_somebody_else_answered_is_refused,
    of_two_who_answer_first_one_succeeds,
    of_two_who_change_an_answer_one_succeeds,
    everything_said_of_items_is_in_the_audit_log,
);

pub(crate) fn key(service: &str, item: &str) -> ItemKey {
    ItemKey { service: service.into(), template: "twelve-point".into(), item: item.into() }
}

pub(crate) fn other() -> Actor {
    Actor { login: "rui".into(), address: String::new() }
}

fn definition(kind: AnswerKind, note: &str) -> AnswerDefinition {
    let link = Some("https://wiki.example.org/on-call".to_owned());
    AnswerDefinition { kind, note: note.into(), link, build: Some("1.4.2".into()), file: None }
}

fn yes() -> AnswerDefinition {
    definition(AnswerKind::Satisfied, "First line\nsecond line\t'quoted'")
}

async fn answer(catalog: &Catalog, key: &ItemKey, expected: i64, said: &AnswerDefinition) -> Answer {
    catalog.answer_item(key, expected, said, &actor(), noon_plus(0)).await.unwrap()
}

async fn an_answer_is_kept_as_it_was_written(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let (on_call, escalation) = (key("till", "on-call"), key("reception", "escalation"));
    let second = answer(&catalog, &on_call, 0, &yes()).await;
    let not =
        AnswerDefinition { link: Some(" ".into()), build: None, ..definition(AnswerKind::NotSatisfied, "") };
    let first = answer(&catalog, &escalation, 0, &not).await;
    let expected =
        Answer { key: on_call, definition: yes(), version: 1, by: "ines".into(), at: noon_plus(0) };
    assert_eq!(second, expected);
    assert_eq!(first.definition, AnswerDefinition { link: None, ..not });
    assert_eq!(catalog.answers(None).await.unwrap(), [first, second.clone()]);
    assert_eq!(catalog.answers(Some("till")).await.unwrap(), [second]);
}

async fn who_says_what_now_is_known(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let own = answer(&catalog, &key("till", "on-call"), 0, &yes()).await;
    let replaced = answer(&catalog, &key("till", "escalation"), 0, &yes()).await;
    let said = catalog.answer_item(&replaced.key, 1, &yes(), &other(), noon_plus(1)).await.unwrap();
    assert_eq!(catalog.answers_by("ines").await.unwrap(), std::slice::from_ref(&own));
    assert_eq!(catalog.answers_by("rui").await.unwrap(), [said]);
    catalog.withdraw_answer(&own.key, 1, &actor(), noon_plus(2)).await.unwrap();
    assert_eq!(catalog.answers_by("ines").await.unwrap(), []);
}

async fn what_was_said_before_is_kept(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let key = key("reception", "autoscaling-sane");
    answer(&catalog, &key, 0, &yes()).await;
    let not_applicable = definition(AnswerKind::NotApplicable, "One instance, on purpose");
    let later = catalog.answer_item(&key, 1, &not_applicable, &other(), noon_plus(9)).await.unwrap();
    assert_eq!((later.version, &*later.by, later.at), (2, "rui", noon_plus(9)));
    assert_eq!(catalog.answers(None).await.unwrap(), [later]);
    let past = |version, definition, by: &str, at| PastAnswer {
        version,
        definition: Some(definition),
        by: by.into(),
        at: noon_plus(at),
    };
    let history = [past(2, not_applicable, "rui", 9), past(1, yes(), "ines", 0)];
    assert_eq!(catalog.answer_history(&key).await.unwrap(), history);
    let elsewhere = ItemKey { template: "worker".into(), ..key };
    assert_eq!(catalog.answer_history(&elsewhere).await.unwrap(), []);
}

async fn an_answer_is_withdrawn_and_given_again(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let key = key("reception", "on-call");
    let nothing = catalog.withdraw_answer(&key, 0, &actor(), noon_plus(0)).await;
    assert!(matches!(nothing, Err(CatalogError::NotFound("answer"))), "{nothing:?}");
    answer(&catalog, &key, 0, &yes()).await;
    let late = catalog.withdraw_answer(&key, 7, &other(), noon_plus(1)).await;
    assert!(matches!(&late, Err(CatalogError::Changed { by, .. }) if by == "ines"), "{late:?}");
    catalog.withdraw_answer(&key, 1, &other(), noon_plus(1)).await.unwrap();
    assert_eq!(catalog.answers(None).await.unwrap(), []);
    let late = catalog.answer_item(&key, 1, &yes(), &actor(), noon_plus(2)).await;
    assert!(matches!(&late, Err(CatalogError::Changed { by, .. }) if by == "rui"), "{late:?}");
    assert_eq!(answer(&catalog, &key, 0, &yes()).await.version, 3);
    let history = catalog.answer_history(&key).await.unwrap();
    let said: Vec<_> = history.iter().map(|past| (past.version, past.definition.is_some())).collect();
    assert_eq!(said, [(3, true), (2, false), (1, true)]);
}

async fn an_answer_of_which_a_text_is_wrong_is_refused_with_the_field(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let link = |link: &str| AnswerDefinition { link: Some(link.into()), ..yes() };
    let fine = key("reception", "on-call");
    let cases = [
        (key("", "on-call"), yes(), "service"),
        (key("reception", "a\0"), yes(), "item"),
        (ItemKey { template: " ".into(), ..fine.clone() }, yes(), "template"),
        (fine.clone(), definition(AnswerKind::Satisfied, &"x".repeat(16_385)), "note"),
        (fine.clone(), definition(AnswerKind::NotApplicable, " "), "note"),
        (fine.clone(), link("javascript:alert(1)"), "link"),
    ];
    for (key, definition, field) in cases {
        let refused = catalog.answer_item(&key, 0, &definition, &actor(), noon_plus(0)).await;
        assert!(
            matches!(&refused, Err(CatalogError::Refused { field: named, .. }) if *named == field),
            "{field}: {refused:?}"
        );
    }
    assert_eq!(catalog.answers(None).await.unwrap(), []);
    assert_eq!(catalog.audit_log(None, 10).await.unwrap(), []);
}

async fn an_answer_to_what_somebody_else_answered_is_refused(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let key = key("reception", "on-call");
    let first = answer(&catalog, &key, 0, &yes()).await;
    let his = definition(AnswerKind::NotSatisfied, "his");
    let his = catalog.answer_item(&key, 0, &his, &other(), noon_plus(1)).await;
    assert_eq!(
        his.unwrap_err().to_string(),
        "ines changed the answer to on-call of reception (twelve-point) at 2026-11-20T12:00:00Z, after you had opened \
         it; see what it says now, and save your changes again"
    );
    assert_eq!(catalog.answers(None).await.unwrap(), [first]);
    assert_eq!(catalog.answer_history(&key).await.unwrap().len(), 1);
}

/// Answers four times at once, and tells how many were taken. The others must have been told of a change.
async fn answered_at_once(database: &Database, expected: i64) -> usize {
    let mut all = tokio::task::JoinSet::new();
    for n in 0..4 {
        let catalog = database.catalog().await;
        let mine = definition(AnswerKind::Satisfied, &format!("note {n}"));
        let key = key("reception", "on-call");
        all.spawn(async move { catalog.answer_item(&key, expected, &mine, &actor(), noon_plus(n)).await });
    }
    let (taken, refused): (Vec<_>, Vec<_>) = all.join_all().await.into_iter().partition(Result::is_ok);
    for refused in refused {
        assert!(matches!(&refused, Err(CatalogError::Changed { .. })), "{refused:?}");
    }
    taken.len()
}

async fn of_two_who_answer_first_one_succeeds(database: Arc<Database>) {
    assert_eq!(answered_at_once(&database, 0).await, 1);
    assert_eq!(database.catalog().await.answers(None).await.unwrap()[0].version, 1);
}

async fn of_two_who_change_an_answer_one_succeeds(database: Arc<Database>) {
    let catalog = database.catalog().await;
    answer(&catalog, &key("reception", "on-call"), 0, &yes()).await;
    assert_eq!(answered_at_once(&database, 1).await, 1);
    assert_eq!(catalog.answers(None).await.unwrap()[0].version, 2);
}

async fn everything_said_of_items_is_in_the_audit_log(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let key = key("reception", "on-call");
    answer(&catalog, &key, 0, &yes()).await;
    answer(&catalog, &key, 1, &definition(AnswerKind::NotApplicable, "no users")).await;
    catalog.withdraw_answer(&key, 2, &actor(), noon_plus(2)).await.unwrap();
    let log = catalog.audit_log(None, 10).await.unwrap();
    let lines: Vec<_> = log.iter().map(|e| format!("{} {} {}", e.actor, e.action, e.subject)).collect();
    let item = "on-call of reception (twelve-point)";
    assert_eq!(
        lines,
        [
            format!("ines withdrew an answer {item}"),
            format!("ines answered not applicable {item}"),
            format!("ines answered satisfied {item}"),
        ]
    );
}
