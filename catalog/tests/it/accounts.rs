use std::sync::Arc;

use seaworthy_catalog::{Actor, Catalog, CatalogError, Person, Role};

use crate::database::{Database, noon_plus, on_both_databases};

on_both_databases!(
    the_first_admin_is_made_once,
    of_two_set_ups_at_once_one_succeeds,
    a_person_signs_in_by_any_capitals_and_a_name_is_taken_once,
    names_are_checked,
    an_invitation_works_once_and_for_a_week,
    of_two_who_accept_an_invitation_one_succeeds,
    a_new_link_ends_the_one_before,
    the_last_admin_stays,
    of_two_admins_who_remove_each_other_one_stays,
    a_disabled_person_cannot_sign_in_until_enabled,
    everything_done_to_accounts_is_in_the_audit_log,
);

pub(crate) fn actor() -> Actor {
    Actor { login: "ines".into(), address: "192.0.2.7".into() }
}

/// The hash is what the catalog is told; whether it is one, only a sign-in asks.
pub(crate) async fn first_admin(catalog: &Catalog) -> Person {
    catalog.create_first_admin("Inês", "ines", "hash", &actor(), noon_plus(0)).await.unwrap()
}

pub(crate) async fn member(catalog: &Catalog, login: &str, role: Role) -> Person {
    let invitation = catalog.invite(login, login, role, &actor(), noon_plus(0)).await.unwrap();
    catalog.accept_invitation(invitation.secret.reveal(), "hash", "", noon_plus(0)).await.unwrap();
    invitation.person
}

async fn the_first_admin_is_made_once(database: Arc<Database>) {
    let catalog = database.catalog().await;
    assert!(catalog.needs_set_up().await.unwrap());
    let person = first_admin(&catalog).await;
    assert!(!catalog.needs_set_up().await.unwrap());
    assert_eq!((&*person.name, &*person.login, person.role), ("Inês", "ines", Role::Admin));
    assert_eq!(catalog.people().await.unwrap(), [person]);

    let again = catalog.create_first_admin("Eve", "eve", "hash", &actor(), noon_plus(1)).await;
    assert!(matches!(again, Err(CatalogError::AlreadySetUp)), "{again:?}");
    assert_eq!(catalog.people().await.unwrap().len(), 1);
}

async fn of_two_set_ups_at_once_one_succeeds(database: Arc<Database>) {
    let mut all = tokio::task::JoinSet::new();
    for n in 0..6 {
        let catalog = database.catalog().await;
        all.spawn(async move {
            catalog.create_first_admin("X", &format!("x{n}"), "hash", &actor(), noon_plus(0)).await.is_ok()
        });
    }
    let made = all.join_all().await;
    assert_eq!(made.iter().filter(|made| **made).count(), 1, "{made:?}");
    assert_eq!(database.catalog().await.people().await.unwrap().len(), 1);
}

async fn a_person_signs_in_by_any_capitals_and_a_name_is_taken_once(database: Arc<Database>) {
    let catalog = database.catalog().await;
    first_admin(&catalog).await;
    for login in ["ines", "INES", " Ines "] {
        let found = catalog.credentials(login).await.unwrap().expect("known");
        assert_eq!(found.password_hash.as_deref(), Some("hash"));
    }
    for login in ["", "eve", "in es", &"x".repeat(300), "a\0"] {
        assert!(catalog.credentials(login).await.unwrap().is_none(), "{login:?}");
    }
    let taken = catalog.invite("Other", "iNes", Role::Viewer, &actor(), noon_plus(0)).await;
    assert!(matches!(&taken, Err(CatalogError::LoginTaken(login)) if login == "ines"), "{taken:?}");
    assert_eq!(catalog.people().await.unwrap().len(), 1);
}

async fn names_are_checked(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let long = "x".repeat(256);
    for (name, login, field) in [
        ("", "a", "name"),
        (&*long, "a", "name"),
        ("A", "", "sign-in name"),
        ("A", "a b", "sign-in name"),
        ("A\0", "a", "name"),
    ] {
        let refused = catalog.invite(name, login, Role::Viewer, &actor(), noon_plus(0)).await;
        assert!(
            matches!(&refused, Err(CatalogError::Refused { field: named, .. }) if *named == field),
            "{name:?} {login:?}: {refused:?}"
        );
    }
    assert_eq!(catalog.people().await.unwrap(), []);
    assert_eq!(catalog.audit_log(None, 10).await.unwrap(), []);
}

async fn an_invitation_works_once_and_for_a_week(database: Arc<Database>) {
    const WEEK: i64 = 7 * 24 * 3600;
    let catalog = database.catalog().await;
    let invitation = catalog.invite("Rui", "rui", Role::Editor, &actor(), noon_plus(0)).await.unwrap();
    let secret = invitation.secret.reveal();
    assert!(!invitation.person.has_password);
    assert_eq!(invitation.expires_at, noon_plus(WEEK));
    assert_eq!(catalog.credentials("rui").await.unwrap().unwrap().password_hash, None);

    let person = catalog.invited(secret, noon_plus(WEEK - 1)).await.unwrap().expect("invited");
    assert_eq!(person, invitation.person);
    assert_eq!(catalog.invited(secret, noon_plus(WEEK)).await.unwrap(), None);
    assert_eq!(catalog.invited("", noon_plus(0)).await.unwrap(), None);
    let late = catalog.accept_invitation(secret, "late", "", noon_plus(WEEK)).await;
    assert!(matches!(late, Err(CatalogError::NotFound("invitation"))), "{late:?}");

    catalog.accept_invitation(secret, "chosen", "192.0.2.9", noon_plus(60)).await.unwrap();
    assert_eq!(catalog.credentials("rui").await.unwrap().unwrap().password_hash.as_deref(), Some("chosen"));
    let again = catalog.accept_invitation(secret, "stolen", "", noon_plus(61)).await;
    assert!(matches!(again, Err(CatalogError::NotFound("invitation"))), "{again:?}");
    assert_eq!(catalog.credentials("rui").await.unwrap().unwrap().password_hash.as_deref(), Some("chosen"));
}

async fn of_two_who_accept_an_invitation_one_succeeds(database: Arc<Database>) {
    let catalog = Arc::new(database.catalog().await);
    let invitation = catalog.invite("Rui", "rui", Role::Editor, &actor(), noon_plus(0)).await.unwrap();
    let mut all = tokio::task::JoinSet::new();
    for n in 0..6 {
        let (catalog, secret) = (catalog.clone(), invitation.secret.clone());
        all.spawn(async move {
            catalog.accept_invitation(secret.reveal(), &format!("hash {n}"), "", noon_plus(1)).await.is_ok()
        });
    }
    let accepted = all.join_all().await;
    assert_eq!(accepted.iter().filter(|accepted| **accepted).count(), 1, "{accepted:?}");
}

async fn a_new_link_ends_the_one_before(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let person = first_admin(&catalog).await;
    let first = catalog.invite_again(person.id, &actor(), noon_plus(0)).await.unwrap().secret;
    let second = catalog.invite_again(person.id, &actor(), noon_plus(1)).await.unwrap().secret;
    assert_eq!(catalog.invited(first.reveal(), noon_plus(2)).await.unwrap(), None);
    assert!(catalog.invited(second.reveal(), noon_plus(2)).await.unwrap().is_some());
    assert!(
        catalog.credentials("ines").await.unwrap().unwrap().password_hash.is_some(),
        "the password still works"
    );
    catalog.change_password(person.id, "new", &actor(), noon_plus(3)).await.unwrap();
    assert_eq!(
        catalog.invited(second.reveal(), noon_plus(4)).await.unwrap(),
        None,
        "used up by a new password"
    );
    let nobody = catalog.invite_again(person.id + 1, &actor(), noon_plus(0)).await;
    assert!(matches!(nobody, Err(CatalogError::NotFound("person"))), "{nobody:?}");
}

async fn the_last_admin_stays(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let ines = first_admin(&catalog).await;
    let invited = catalog.invite("Rui", "rui", Role::Admin, &actor(), noon_plus(0)).await.unwrap();
    let demoted = catalog.change_role(ines.id, Role::Editor, &actor(), noon_plus(1)).await;
    assert!(
        matches!(demoted, Err(CatalogError::LastAdmin)),
        "one who never signed in does not count: {demoted:?}"
    );
    let disabled = catalog.disable_person(ines.id, &actor(), noon_plus(1)).await;
    assert!(matches!(disabled, Err(CatalogError::LastAdmin)), "{disabled:?}");

    catalog.accept_invitation(invited.secret.reveal(), "hash", "", noon_plus(2)).await.unwrap();
    catalog.change_role(ines.id, Role::Viewer, &actor(), noon_plus(3)).await.unwrap();
    let disabled = catalog.disable_person(invited.person.id, &actor(), noon_plus(4)).await;
    assert!(matches!(disabled, Err(CatalogError::LastAdmin)), "{disabled:?}");
    let roles: Vec<_> = catalog.people().await.unwrap().into_iter().map(|p| (p.login, p.role)).collect();
    assert_eq!(roles, [("ines".into(), Role::Viewer), ("rui".into(), Role::Admin)]);
}

async fn of_two_admins_who_remove_each_other_one_stays(database: Arc<Database>) {
    for round in 0..5 {
        let catalog = Arc::new(database.catalog().await);
        let people = catalog.people().await.unwrap();
        let ines = match people.into_iter().find(|p| p.role == Role::Admin) {
            Some(admin) => admin,
            None => first_admin(&catalog).await,
        };
        let rui = member(&catalog, &format!("rui{round}"), Role::Admin).await;
        let mut all = tokio::task::JoinSet::new();
        for id in [ines.id, rui.id] {
            let catalog = catalog.clone();
            all.spawn(
                async move { catalog.change_role(id, Role::Viewer, &actor(), noon_plus(1)).await.is_ok() },
            );
        }
        let removed = all.join_all().await;
        assert_eq!(removed.iter().filter(|removed| **removed).count(), 1, "{removed:?}");
        assert!(!catalog.needs_set_up().await.unwrap());
    }
}

async fn a_disabled_person_cannot_sign_in_until_enabled(database: Arc<Database>) {
    let catalog = database.catalog().await;
    first_admin(&catalog).await;
    let rui = member(&catalog, "rui", Role::Viewer).await;
    catalog.disable_person(rui.id, &actor(), noon_plus(5)).await.unwrap();
    let found = catalog.credentials("rui").await.unwrap().expect("still known");
    assert_eq!((found.password_hash, found.person.disabled_at), (None, Some(noon_plus(5))));
    assert!(catalog.invite_again(rui.id, &actor(), noon_plus(6)).await.is_err());
    catalog.enable_person(rui.id, &actor(), noon_plus(7)).await.unwrap();
    assert_eq!(catalog.credentials("rui").await.unwrap().unwrap().password_hash.as_deref(), Some("hash"));
}

async fn everything_done_to_accounts_is_in_the_audit_log(database: Arc<Database>) {
    let catalog = database.catalog().await;
    first_admin(&catalog).await;
    let rui = member(&catalog, "rui", Role::Viewer).await;
    catalog.change_role(rui.id, Role::Editor, &actor(), noon_plus(1)).await.unwrap();
    catalog.invite_again(rui.id, &actor(), noon_plus(2)).await.unwrap();
    catalog.disable_person(rui.id, &actor(), noon_plus(3)).await.unwrap();
    catalog.enable_person(rui.id, &actor(), noon_plus(4)).await.unwrap();
    catalog.note(&actor(), "failed to sign in", "rui", noon_plus(5)).await.unwrap();
    assert!(catalog.change_role(rui.id + 9, Role::Editor, &actor(), noon_plus(6)).await.is_err());

    let log = catalog.audit_log(None, 100).await.unwrap();
    let lines: Vec<_> = log.iter().map(|e| format!("{} {} {}", e.actor, e.action, e.subject)).collect();
    assert_eq!(
        lines,
        [
            "ines failed to sign in rui",
            "ines enabled rui",
            "ines disabled rui",
            "ines made a new sign-in link rui",
            "ines changed the role to editor rui",
            "rui chose a password by invitation rui",
            "ines invited as viewer rui",
            "ines set up the portal ines",
        ]
    );
    assert_eq!((&*log[0].address, log[0].at), ("192.0.2.7", noon_plus(5)));
    let page = catalog.audit_log(Some(log[2].id), 2).await.unwrap();
    assert_eq!(page, log[3..5]);
}
