use std::sync::Arc;

use seaworthy_catalog::{Catalog, CatalogError, Role, ServiceSettings, StoredServiceSettings};

use crate::{
    accounts::{actor, member},
    answers::other,
    database::{Database, noon_plus, on_both_databases},
};

on_both_databases!(
    settings_of_a_service_are_kept_as_they_were_written,
    settings_of_which_a_text_is_wrong_are_refused_with_the_field,
    settings_that_somebody_else_changed_are_refused,
    of_two_who_set_one_succeeds,
    every_change_of_settings_is_in_the_audit_log,
);

fn settings() -> ServiceSettings {
    ServiceSettings {
        kind: Some("http".into()),
        url: Some("https://shop.example.org/health".into()),
        owner: Some("Rui".into()),
    }
}

async fn catalog(database: &Database) -> Catalog {
    let catalog = database.catalog().await;
    member(&catalog, "rui", Role::Editor).await;
    catalog
}

async fn set(catalog: &Catalog, service: &str, expected: i64) -> StoredServiceSettings {
    catalog.set_service_settings(service, expected, &settings(), &actor(), noon_plus(0)).await.unwrap()
}

async fn settings_of_a_service_are_kept_as_they_were_written(database: Arc<Database>) {
    let catalog = catalog(&database).await;
    assert_eq!(catalog.service_settings("till").await.unwrap(), None);
    let till = set(&catalog, "till", 0).await;
    let expected = StoredServiceSettings {
        service: "till".into(),
        settings: ServiceSettings { owner: Some("rui".into()), ..settings() },
        version: 1,
        updated_at: noon_plus(0),
        updated_by: "ines".into(),
    };
    assert_eq!(till, expected);
    let reception = set(&catalog, "reception", 0).await;
    let blank = ServiceSettings { kind: Some(" ".into()), url: Some(String::new()), owner: Some(" ".into()) };
    let emptied = catalog.set_service_settings("reception", 1, &blank, &other(), noon_plus(9)).await.unwrap();
    let expected = StoredServiceSettings {
        settings: ServiceSettings::default(),
        version: 2,
        updated_at: noon_plus(9),
        updated_by: "rui".into(),
        ..reception
    };
    assert_eq!(emptied, expected);
    assert_eq!(catalog.service_settings("reception").await.unwrap(), Some(emptied.clone()));
    assert_eq!(catalog.all_service_settings().await.unwrap(), [emptied, till]);
}

async fn settings_of_which_a_text_is_wrong_are_refused_with_the_field(database: Arc<Database>) {
    let catalog = catalog(&database).await;
    let some = |text: &str| Some(text.to_owned());
    let cases = [
        (" ", settings(), "service"),
        ("till", ServiceSettings { kind: some("a\nb"), ..settings() }, "kind"),
        ("till", ServiceSettings { url: some("file:///etc/passwd"), ..settings() }, "url"),
        ("till", ServiceSettings { owner: some("nobody"), ..settings() }, "owner"),
    ];
    for (service, settings, field) in cases {
        let refused = catalog.set_service_settings(service, 0, &settings, &actor(), noon_plus(0)).await;
        assert!(
            matches!(&refused, Err(CatalogError::Refused { field: named, .. }) if *named == field),
            "{field}: {refused:?}"
        );
    }
    assert_eq!(catalog.all_service_settings().await.unwrap(), []);
}

async fn settings_that_somebody_else_changed_are_refused(database: Arc<Database>) {
    let catalog = catalog(&database).await;
    let never = catalog.set_service_settings("till", 1, &settings(), &actor(), noon_plus(0)).await;
    assert!(matches!(never, Err(CatalogError::NotFound(_))), "{never:?}");
    let hers = set(&catalog, "till", 0).await;
    for expected in [0, 2] {
        let his = ServiceSettings::default();
        let his = catalog.set_service_settings("till", expected, &his, &other(), noon_plus(1)).await;
        assert!(matches!(&his, Err(CatalogError::Changed { name, .. }) if name == "till"), "{his:?}");
    }
    assert_eq!(catalog.all_service_settings().await.unwrap(), [hers]);
}

async fn of_two_who_set_one_succeeds(database: Arc<Database>) {
    catalog(&database).await;
    for expected in [0, 1] {
        let mut all = tokio::task::JoinSet::new();
        for n in 0..4 {
            let catalog = database.catalog().await;
            all.spawn(async move {
                catalog.set_service_settings("till", expected, &settings(), &actor(), noon_plus(n)).await
            });
        }
        let (taken, refused): (Vec<_>, Vec<_>) = all.join_all().await.into_iter().partition(Result::is_ok);
        assert_eq!(taken.len(), 1);
        for refused in refused {
            assert!(matches!(&refused, Err(CatalogError::Changed { .. })), "{refused:?}");
        }
    }
}

async fn every_change_of_settings_is_in_the_audit_log(database: Arc<Database>) {
    let catalog = catalog(&database).await;
    set(&catalog, "till", 0).await;
    set(&catalog, "till", 1).await;
    let log = catalog.audit_log(None, 2).await.unwrap();
    for entry in log {
        let line = format!("{} {} {}", entry.actor, entry.action, entry.subject);
        assert_eq!(line, "ines changed the settings of a service till");
    }
}
