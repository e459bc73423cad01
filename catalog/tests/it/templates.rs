use std::sync::Arc;

use seaworthy_catalog::{Actor, Catalog, CatalogError, StoredTemplate, TemplateDefinition};

use crate::{
    accounts::actor,
    database::{Database, noon_plus, on_both_databases},
};

on_both_databases!(
    every_version_of_a_template_is_kept_and_one_is_in_use,
    a_version_is_added_once,
    a_template_of_which_a_text_is_wrong_is_refused_with_the_field,
    who_saw_another_version_in_use_changes_nothing,
    of_two_who_add_a_first_version_one_succeeds,
    of_two_who_replace_a_version_one_succeeds,
    everything_done_to_templates_is_in_the_audit_log,
);

fn definition(template: &str, version: &str) -> TemplateDefinition {
    let yaml = format!("id: {template}\nversion: '{version}'\n");
    TemplateDefinition { template: template.into(), version: version.into(), yaml }
}

async fn add(catalog: &Catalog, template: &str, version: &str, expected: Option<&str>) -> StoredTemplate {
    let definition = definition(template, version);
    catalog.add_template(&definition, expected, &actor(), noon_plus(0)).await.unwrap()
}

/// Template and version, with a star where it is in use.
fn names(templates: &[StoredTemplate]) -> Vec<String> {
    let name = |stored: &StoredTemplate| {
        let star = if stored.in_use { "*" } else { "" };
        format!("{} {}{star}", stored.definition.template, stored.definition.version)
    };
    templates.iter().map(name).collect()
}

async fn every_version_of_a_template_is_kept_and_one_is_in_use(database: Arc<Database>) {
    let catalog = database.catalog().await;
    assert_eq!(catalog.templates_in_use().await.unwrap(), []);
    let worker = add(&catalog, "worker", "1", None).await;
    assert_eq!((&worker.definition, worker.in_use), (&definition("worker", "1"), true));
    assert_eq!((worker.created_at, &*worker.created_by), (noon_plus(0), "ines"));
    add(&catalog, "twelve-point", "1", None).await;
    add(&catalog, "twelve-point", "2", Some("1")).await;
    assert_eq!(names(&catalog.templates_in_use().await.unwrap()), ["twelve-point 2*", "worker 1*"]);
    let other = Actor { login: "rui".into(), address: String::new() };
    let used = catalog.use_template("twelve-point", Some("1"), Some("2"), &other, noon_plus(9)).await;
    used.unwrap();
    let versions = catalog.template_versions("twelve-point").await.unwrap();
    assert_eq!(names(&versions), ["twelve-point 2", "twelve-point 1*"]);
    assert_eq!((versions[1].changed_at, &*versions[1].changed_by), (noon_plus(9), "rui"));
    assert_eq!((versions[1].created_at, &*versions[1].created_by), (noon_plus(0), "ines"));
    assert_eq!(names(&catalog.templates().await.unwrap()), ["twelve-point 1*", "worker 1*"]);

    catalog.use_template("twelve-point", None, Some("1"), &actor(), noon_plus(10)).await.unwrap();
    assert_eq!(names(&catalog.templates_in_use().await.unwrap()), ["worker 1*"]);
    assert_eq!(names(&catalog.templates().await.unwrap()), ["twelve-point 2", "worker 1*"]);
    add(&catalog, "twelve-point", "3", None).await;
    assert_eq!(names(&catalog.templates_in_use().await.unwrap()), ["twelve-point 3*", "worker 1*"]);
}

async fn a_version_is_added_once(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let first = add(&catalog, "worker", "1", None).await;
    let second = add(&catalog, "worker", "2", Some("1")).await;
    for version in ["1", "2"] {
        let other = TemplateDefinition { yaml: "other".into(), ..definition("worker", version) };
        let taken = catalog.add_template(&other, Some("2"), &actor(), noon_plus(1)).await.unwrap_err();
        assert!(matches!(&taken, CatalogError::Taken { name, .. } if *name == format!("worker {version}")));
    }
    let kept = catalog.template_versions("worker").await.unwrap();
    assert_eq!(kept[0], second);
    assert_eq!(kept[1].definition, first.definition);
}

async fn a_template_of_which_a_text_is_wrong_is_refused_with_the_field(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let yaml = |yaml: String| TemplateDefinition { yaml, ..definition("worker", "1") };
    let cases = [
        (definition("", "1"), "template"),
        (definition("worker", &"1".repeat(256)), "version"),
        (yaml("x".repeat(1_048_577)), "yaml"),
        (yaml("a\0".into()), "yaml"),
    ];
    for (definition, field) in cases {
        let refused = catalog.add_template(&definition, None, &actor(), noon_plus(0)).await;
        assert!(
            matches!(&refused, Err(CatalogError::Refused { field: named, .. }) if *named == field),
            "{field}: {refused:?}"
        );
    }
    let unknown = catalog.use_template("worker", None, None, &actor(), noon_plus(0)).await;
    assert!(matches!(unknown, Err(CatalogError::NotFound("template"))), "{unknown:?}");
    assert_eq!(catalog.templates().await.unwrap(), []);
    assert_eq!(catalog.audit_log(None, 10).await.unwrap(), []);
}

async fn who_saw_another_version_in_use_changes_nothing(database: Arc<Database>) {
    let catalog = database.catalog().await;
    add(&catalog, "worker", "1", None).await;
    add(&catalog, "worker", "2", Some("1")).await;
    let third = definition("worker", "3");
    for expected in [None, Some("1"), Some("9")] {
        let late = catalog.add_template(&third, expected, &actor(), noon_plus(1)).await;
        assert!(matches!(&late, Err(CatalogError::Changed { name, .. }) if name == "worker"), "{late:?}");
        let late = catalog.use_template("worker", Some("1"), expected, &actor(), noon_plus(1)).await;
        assert!(matches!(&late, Err(CatalogError::Changed { by, .. }) if by == "ines"), "{late:?}");
        let late = catalog.use_template("worker", None, expected, &actor(), noon_plus(1)).await;
        assert!(matches!(&late, Err(CatalogError::Changed { .. })), "{late:?}");
    }
    let unknown = catalog.use_template("worker", Some("9"), Some("2"), &actor(), noon_plus(1)).await;
    assert!(matches!(unknown, Err(CatalogError::NotFound("template"))), "{unknown:?}");
    assert_eq!(names(&catalog.template_versions("worker").await.unwrap()), ["worker 2*", "worker 1"]);
}

/// Adds versions 10 to 13 at once, and tells how many were added. The others must have been told of a change.
async fn added_at_once(database: &Database, expected: Option<&'static str>) -> usize {
    let mut all = tokio::task::JoinSet::new();
    for n in 10..14 {
        let catalog = database.catalog().await;
        let mine = definition("worker", &n.to_string());
        all.spawn(async move { catalog.add_template(&mine, expected, &actor(), noon_plus(n)).await });
    }
    let (added, refused): (Vec<_>, Vec<_>) = all.join_all().await.into_iter().partition(Result::is_ok);
    for refused in refused {
        assert!(matches!(&refused, Err(CatalogError::Changed { .. })), "{refused:?}");
    }
    assert_eq!(names(&database.catalog().await.templates_in_use().await.unwrap()).len(), 1);
    added.len()
}

async fn of_two_who_add_a_first_version_one_succeeds(database: Arc<Database>) {
    assert_eq!(added_at_once(&database, None).await, 1);
}

async fn of_two_who_replace_a_version_one_succeeds(database: Arc<Database>) {
    add(&database.catalog().await, "worker", "1", None).await;
    assert_eq!(added_at_once(&database, Some("1")).await, 1);
}

async fn everything_done_to_templates_is_in_the_audit_log(database: Arc<Database>) {
    let catalog = database.catalog().await;
    add(&catalog, "worker", "1", None).await;
    add(&catalog, "worker", "2", Some("1")).await;
    catalog.use_template("worker", Some("1"), Some("2"), &actor(), noon_plus(1)).await.unwrap();
    catalog.use_template("worker", None, Some("1"), &actor(), noon_plus(2)).await.unwrap();
    let log = catalog.audit_log(None, 10).await.unwrap();
    let lines: Vec<_> = log.iter().map(|e| format!("{} {} {}", e.actor, e.action, e.subject)).collect();
    assert_eq!(
        lines,
        [
            "ines took a template out of use worker",
            "ines put a template into use worker 1",
            "ines added a template worker 2",
            "ines added a template worker 1",
        ]
    );
}
