use std::{sync::Arc, time::Duration};

use seaworthy_catalog::{Catalog, CatalogError, Keep, Role, Secret, SessionTerms};

use crate::{
    accounts::{actor, first_admin, member},
    database::{Database, noon_plus, on_both_databases},
};

on_both_databases!(
    a_session_ends_at_its_time_however_much_it_is_used,
    a_session_ends_when_it_is_not_used,
    a_cookie_that_opens_nothing_opens_nothing,
    a_person_sees_and_ends_their_own_sessions_only,
    a_new_password_ends_every_session,
    a_disabled_person_is_signed_out,
    a_sign_in_that_was_overtaken_by_a_new_password_opens_nothing,
    sessions_that_have_ended_are_forgotten,
);

fn terms(lasts: u64, idle: u64) -> SessionTerms {
    SessionTerms {
        lasts: Duration::from_secs(lasts),
        idle: Duration::from_secs(idle),
        address: "192.0.2.7".into(),
        user_agent: "Browser/1\0".into(),
    }
}

async fn sign_in(catalog: &Catalog, login: &str, terms: &SessionTerms, at: i64) -> Option<Secret> {
    let credentials = catalog.credentials(login).await.unwrap().unwrap();
    catalog.start_session(&credentials, terms, noon_plus(at)).await.unwrap()
}

async fn a_session_ends_at_its_time_however_much_it_is_used(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let person = first_admin(&catalog).await;
    let cookie = sign_in(&catalog, "ines", &terms(1000, 400), 0).await.unwrap();
    for at in [0, 399, 700, 999] {
        let session = catalog.session(cookie.reveal(), noon_plus(at)).await.unwrap();
        let session = session.unwrap_or_else(|| panic!("ended before {at} s"));
        assert_eq!((session.person.id, session.expires_at), (person.id, noon_plus(1000)));
        assert_eq!((&*session.address, &*session.user_agent), ("192.0.2.7", "Browser/1"));
    }
    assert_eq!(catalog.session(cookie.reveal(), noon_plus(1000)).await.unwrap(), None);
    assert_eq!(catalog.people().await.unwrap()[0].last_signed_in_at, Some(noon_plus(0)));
}

async fn a_session_ends_when_it_is_not_used(database: Arc<Database>) {
    let catalog = database.catalog().await;
    first_admin(&catalog).await;
    let cookie = sign_in(&catalog, "ines", &terms(100_000, 400), 0).await.unwrap();
    assert!(
        catalog.session(cookie.reveal(), noon_plus(59)).await.unwrap().is_some(),
        "too early to be noted"
    );
    assert!(catalog.session(cookie.reveal(), noon_plus(300)).await.unwrap().is_some());
    assert!(catalog.session(cookie.reveal(), noon_plus(699)).await.unwrap().is_some(), "used at 300 s");
    assert_eq!(catalog.session(cookie.reveal(), noon_plus(1099)).await.unwrap(), None);
}

async fn a_cookie_that_opens_nothing_opens_nothing(database: Arc<Database>) {
    let catalog = database.catalog().await;
    first_admin(&catalog).await;
    let cookie = sign_in(&catalog, "ines", &terms(100, 100), 0).await.unwrap();
    let cut = &cookie.reveal()[1..];
    for wrong in ["", "x", "'", "\0", cut, &cookie.reveal().to_uppercase()] {
        assert_eq!(catalog.session(wrong, noon_plus(1)).await.unwrap(), None, "{wrong:?}");
    }
}

async fn a_person_sees_and_ends_their_own_sessions_only(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let ines = first_admin(&catalog).await;
    let rui = member(&catalog, "rui", Role::Viewer).await;
    let first = sign_in(&catalog, "ines", &terms(100, 100), 0).await.unwrap();
    let second = sign_in(&catalog, "ines", &terms(100, 100), 1).await.unwrap();
    sign_in(&catalog, "rui", &terms(100, 100), 2).await.unwrap();

    let sessions = catalog.sessions(ines.id, noon_plus(3)).await.unwrap();
    assert_eq!(sessions.iter().map(|s| s.created_at).collect::<Vec<_>>(), [noon_plus(1), noon_plus(0)]);
    let stolen = catalog.end_session(rui.id, sessions[0].id, &actor(), noon_plus(3)).await;
    assert!(matches!(stolen, Err(CatalogError::NotFound("session"))), "{stolen:?}");
    assert!(catalog.session(second.reveal(), noon_plus(3)).await.unwrap().is_some());

    catalog.end_session(ines.id, sessions[0].id, &actor(), noon_plus(3)).await.unwrap();
    assert_eq!(catalog.session(second.reveal(), noon_plus(3)).await.unwrap(), None);
    assert!(catalog.session(first.reveal(), noon_plus(3)).await.unwrap().is_some());
    assert_eq!(catalog.sessions(ines.id, noon_plus(3)).await.unwrap().len(), 1);
    assert_eq!(catalog.sessions(ines.id, noon_plus(200)).await.unwrap(), [], "ended ones are not listed");
}

async fn a_new_password_ends_every_session(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let ines = first_admin(&catalog).await;
    member(&catalog, "rui", Role::Viewer).await;
    let hers = sign_in(&catalog, "ines", &terms(100, 100), 0).await.unwrap();
    let his = sign_in(&catalog, "rui", &terms(100, 100), 0).await.unwrap();
    catalog.change_password(ines.id, "new hash", &actor(), noon_plus(1)).await.unwrap();
    assert_eq!(catalog.session(hers.reveal(), noon_plus(1)).await.unwrap(), None);
    assert!(catalog.session(his.reveal(), noon_plus(1)).await.unwrap().is_some());
}

async fn a_disabled_person_is_signed_out(database: Arc<Database>) {
    let catalog = database.catalog().await;
    first_admin(&catalog).await;
    let rui = member(&catalog, "rui", Role::Viewer).await;
    let cookie = sign_in(&catalog, "rui", &terms(100, 100), 0).await.unwrap();
    catalog.disable_person(rui.id, &actor(), noon_plus(1)).await.unwrap();
    assert_eq!(catalog.session(cookie.reveal(), noon_plus(1)).await.unwrap(), None);
    assert_eq!(sign_in(&catalog, "rui", &terms(100, 100), 2).await, None);
    catalog.enable_person(rui.id, &actor(), noon_plus(3)).await.unwrap();
    assert_eq!(catalog.session(cookie.reveal(), noon_plus(3)).await.unwrap(), None, "stays ended");
}

async fn a_sign_in_that_was_overtaken_by_a_new_password_opens_nothing(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let ines = first_admin(&catalog).await;
    let verified = catalog.credentials("ines").await.unwrap().unwrap();
    catalog.change_password(ines.id, "new hash", &actor(), noon_plus(1)).await.unwrap();
    let begun = catalog.start_session(&verified, &terms(100, 100), noon_plus(2)).await.unwrap();
    assert_eq!(begun, None);
    assert_eq!(catalog.sessions(ines.id, noon_plus(2)).await.unwrap(), []);
}

async fn sessions_that_have_ended_are_forgotten(database: Arc<Database>) {
    let catalog = database.catalog().await;
    first_admin(&catalog).await;
    for (lasts, idle) in [(100, 1000), (1000, 100), (1000, 1000)] {
        sign_in(&catalog, "ines", &terms(lasts, idle), 0).await.unwrap();
    }
    assert_eq!(catalog.prune(noon_plus(99), Keep::default()).await.unwrap().sessions, 0);
    assert_eq!(catalog.prune(noon_plus(100), Keep::default()).await.unwrap().sessions, 2);
    assert_eq!(catalog.prune(noon_plus(100), Keep::default()).await.unwrap().sessions, 0);
}
