use std::sync::Arc;

use seaworthy_catalog::{
    AnswerDefinition, AnswerKind, Catalog, CatalogError, Change, FromFile, ItemKey, RecordDefinition,
    RecordFilter, RecordKind, ServiceSettings, SloChange, TemplateDefinition,
};

use crate::{
    accounts::actor,
    answers::key,
    database::{Database, noon_plus, on_both_databases},
    slos,
};

on_both_databases!(
    changes_of_every_kind_are_applied_together,
    where_one_change_is_refused_none_is_done,
    what_came_from_files_is_remembered_until_it_is_gone,
);

fn template(version: &str) -> TemplateDefinition {
    TemplateDefinition {
        template: "own".into(),
        version: version.into(),
        yaml: format!("version: '{version}'"),
    }
}

fn answer() -> AnswerDefinition {
    AnswerDefinition {
        kind: AnswerKind::Satisfied,
        note: "Rui".into(),
        link: None,
        build: None,
        file: Some("till.yaml".into()),
    }
}

fn runbook(title: &str) -> RecordDefinition {
    RecordDefinition {
        kind: RecordKind::Runbook,
        service: "till".into(),
        title: title.into(),
        at: noon_plus(0),
        open: false,
        body: "{}".into(),
    }
}

fn item() -> ItemKey {
    key("till", "on-call")
}

/// One change of each kind that makes something.
fn making() -> Vec<Change> {
    let settings = ServiceSettings { kind: Some("http".into()), ..ServiceSettings::default() };
    vec![
        Change::AddTemplate { definition: template("1"), expected: None },
        Change::SetService { service: "till".into(), expected: 0, settings },
        Change::Answer { key: item(), expected: 0, definition: answer() },
        Change::CreateRecord(runbook("Till is stuck")),
        Change::Slo(SloChange::Make { name: "orders".into(), definition: slos::definition("till") }),
    ]
}

async fn apply(catalog: &Catalog, changes: &[Change]) -> Result<(), CatalogError> {
    catalog.apply(changes, (&[], &[]), ("rui", &actor()), noon_plus(1)).await
}

/// How many there are of templates in use, settings with a kind, answers, records and SLOs.
async fn counts(catalog: &Catalog) -> [usize; 5] {
    let settings = catalog.all_service_settings().await.unwrap();
    [
        catalog.templates_in_use().await.unwrap().len(),
        settings.iter().filter(|stored| stored.settings.kind.is_some()).count(),
        catalog.answers(None).await.unwrap().len(),
        catalog.records(&RecordFilter { limit: 9, ..RecordFilter::default() }).await.unwrap().len(),
        catalog.slos().await.unwrap().len(),
    ]
}

async fn changes_of_every_kind_are_applied_together(database: Arc<Database>) {
    let catalog = database.catalog().await;
    apply(&catalog, &making()).await.unwrap();
    assert_eq!(counts(&catalog).await, [1; 5]);
    let audit = catalog.audit_log(None, 10).await.unwrap();
    assert_eq!(audit.iter().filter(|entry| entry.at == noon_plus(1)).count(), 5);
    // Who answers is a person, also where a program brings it.
    let said = catalog.answers_by("rui").await.unwrap();
    assert_eq!((said.len(), &said[0].definition), (1, &answer()));
    let note = audit.iter().find(|entry| entry.action == "answered satisfied for rui").unwrap();
    assert_eq!(note.actor, actor().login);

    let records = catalog.records(&RecordFilter { limit: 9, ..RecordFilter::default() }).await.unwrap();
    let id = records[0].id;
    let changing = [
        Change::AddTemplate { definition: template("2"), expected: Some("1".into()) },
        Change::UpdateRecord { id, expected: 1, definition: runbook("Till is stuck") },
    ];
    apply(&catalog, &changing).await.unwrap();
    assert_eq!(counts(&catalog).await, [1; 5]);

    let ending = [
        Change::UseTemplate { template: "own".into(), version: None, expected: Some("2".into()) },
        Change::SetService { service: "till".into(), expected: 1, settings: ServiceSettings::default() },
        Change::WithdrawAnswer { key: item(), expected: 1 },
        Change::DeleteRecord { id, expected: 2 },
        Change::Slo(SloChange::Delete { name: "orders".into(), expected: 1 }),
    ];
    apply(&catalog, &ending).await.unwrap();
    assert_eq!(counts(&catalog).await, [0; 5]);
}

async fn where_one_change_is_refused_none_is_done(database: Arc<Database>) {
    let catalog = database.catalog().await;
    apply(&catalog, &making()).await.unwrap();
    let records = catalog.records(&RecordFilter { limit: 9, ..RecordFilter::default() }).await.unwrap();
    let id = records[0].id;
    let audit = catalog.audit_log(None, 100).await.unwrap().len();
    let settings = ServiceSettings { owner: Some("nobody".into()), ..ServiceSettings::default() };
    for refused in [
        Change::AddTemplate { definition: template("2"), expected: None },
        Change::AddTemplate { definition: template("1"), expected: Some("1".into()) },
        Change::UseTemplate { template: "own".into(), version: None, expected: Some("2".into()) },
        Change::SetService { service: "till".into(), expected: 1, settings },
        Change::SetService { service: "till".into(), expected: 0, settings: ServiceSettings::default() },
        Change::Answer { key: item(), expected: 0, definition: answer() },
        Change::WithdrawAnswer { key: item(), expected: 7 },
        Change::UpdateRecord { id, expected: 2, definition: runbook("x") },
        Change::DeleteRecord { id, expected: 2 },
        Change::Slo(SloChange::Delete { name: "orders".into(), expected: 2 }),
    ] {
        let another = Change::CreateRecord(runbook("Another"));
        let mark = FromFile { kind: "runbook".into(), name: "x".into() };
        let told =
            catalog.apply(&[another, refused.clone()], (&[mark], &[]), ("rui", &actor()), noon_plus(2)).await;
        assert!(told.is_err(), "{refused:?}");
        assert_eq!(counts(&catalog).await, [1; 5], "{refused:?}");
        assert_eq!(catalog.from_files().await.unwrap().len(), 0);
        assert_eq!(catalog.audit_log(None, 100).await.unwrap().len(), audit);
    }
}

async fn what_came_from_files_is_remembered_until_it_is_gone(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let mark = |kind: &str, name: &str| FromFile { kind: kind.into(), name: name.into() };
    let (own, till) = (mark("template", "own"), mark("service", "till"));
    for _ in 0..2 {
        let marks = [own.clone(), till.clone()];
        catalog.apply(&[], (&marks, &[]), ("rui", &actor()), noon_plus(1)).await.unwrap();
        assert_eq!(catalog.from_files().await.unwrap(), marks.into_iter().collect());
    }
    let other = [mark("answer", "own")];
    catalog.apply(&[], (&[], &[own, other[0].clone()]), ("rui", &actor()), noon_plus(1)).await.unwrap();
    assert_eq!(catalog.from_files().await.unwrap(), [till].into_iter().collect());
}
