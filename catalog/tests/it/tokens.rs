use std::sync::Arc;

use sea_orm_migration::sea_orm::{ConnectionTrait, Statement};
use seaworthy_catalog::{CatalogError, Scope, Scopes};
use sha2::{Digest, Sha256};

use crate::{
    accounts::{actor, first_admin},
    database::{Database, noon_plus, on_both_databases},
};

on_both_databases!(
    a_token_opens_what_its_scopes_say_until_it_is_revoked,
    the_use_of_a_token_is_noted_to_the_minute,
    tokens_are_listed_working_ones_first,
    of_what_opens_a_door_only_a_hash_is_stored,
);

fn scopes(scopes: &[Scope]) -> Scopes {
    Scopes::new(scopes.iter().copied()).unwrap()
}

async fn a_token_opens_what_its_scopes_say_until_it_is_revoked(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let ines = first_admin(&catalog).await;
    let (token, secret) = catalog
        .create_token(" reception ", scopes(&[Scope::Ingest]), Some(ines.id), &actor(), noon_plus(0))
        .await
        .unwrap();
    assert!(secret.reveal().starts_with("sw_") && secret.reveal().len() > 40, "{}", secret.reveal());
    assert!(secret.reveal().starts_with(&token.hint) && token.hint.len() == 9, "{}", token.hint);
    assert_eq!((&*token.name, token.created_by.as_deref()), ("reception", Some("ines")));

    let found = catalog.token(secret.reveal(), noon_plus(1)).await.unwrap().expect("it works");
    assert!(found.scopes.contains(Scope::Ingest) && !found.scopes.contains(Scope::Read));
    assert_eq!(found.created_by.as_deref(), Some("ines"));
    for wrong in ["", "sw_", &secret.reveal()[3..], &secret.reveal().to_uppercase()] {
        assert_eq!(catalog.token(wrong, noon_plus(1)).await.unwrap(), None, "{wrong:?}");
    }
    catalog.revoke_token(token.id, &actor(), noon_plus(2)).await.unwrap();
    catalog.revoke_token(token.id, &actor(), noon_plus(9)).await.unwrap();
    assert_eq!(catalog.token(secret.reveal(), noon_plus(3)).await.unwrap(), None);
    assert_eq!(catalog.tokens().await.unwrap()[0].revoked_at, Some(noon_plus(2)), "once is for good");
    let unknown = catalog.revoke_token(token.id + 1, &actor(), noon_plus(2)).await;
    assert!(matches!(unknown, Err(CatalogError::NotFound("token"))), "{unknown:?}");

    let log: Vec<_> =
        catalog.audit_log(None, 2).await.unwrap().into_iter().map(|e| (e.action, e.subject)).collect();
    assert_eq!(
        log,
        [
            ("revoked a token".to_owned(), "reception".to_owned()),
            ("made a token for ingest".to_owned(), "reception".to_owned())
        ]
    );
}

async fn the_use_of_a_token_is_noted_to_the_minute(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let (_, secret) =
        catalog.create_token("ci", scopes(&[Scope::Read]), None, &actor(), noon_plus(0)).await.unwrap();
    assert_eq!(catalog.tokens().await.unwrap()[0].last_used_at, None);
    for (at, noted) in [(5, 5), (64, 5), (65, 65)] {
        catalog.token(secret.reveal(), noon_plus(at)).await.unwrap().expect("it works");
        assert_eq!(catalog.tokens().await.unwrap()[0].last_used_at, Some(noon_plus(noted)), "used at {at} s");
    }
}

async fn tokens_are_listed_working_ones_first(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let both = scopes(&[Scope::Read, Scope::Ingest, Scope::Read]);
    let mut ids = Vec::new();
    for name in ["c", "a", "b"] {
        ids.push(catalog.create_token(name, both.clone(), None, &actor(), noon_plus(0)).await.unwrap().0.id);
    }
    catalog.revoke_token(ids[1], &actor(), noon_plus(1)).await.unwrap();
    let tokens = catalog.tokens().await.unwrap();
    assert_eq!(tokens.iter().map(|t| &*t.name).collect::<Vec<_>>(), ["b", "c", "a"]);
    assert_eq!(tokens[0].scopes, both);
    assert_eq!(tokens[0].scopes.iter().collect::<Vec<_>>(), [Scope::Ingest, Scope::Read]);
    for (name, field) in [("", "name"), ("a\nb", "name")] {
        let refused = catalog.create_token(name, both.clone(), None, &actor(), noon_plus(0)).await;
        assert!(matches!(&refused, Err(CatalogError::Refused { field: named, .. }) if *named == field));
    }
    assert!(matches!(Scopes::new([]), Err(CatalogError::Refused { field: "scopes", .. })));
}

async fn of_what_opens_a_door_only_a_hash_is_stored(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let ines = first_admin(&catalog).await;
    let (_, token) =
        catalog.create_token("ci", scopes(&[Scope::Read]), None, &actor(), noon_plus(0)).await.unwrap();
    let link = catalog.invite_again(ines.id, &actor(), noon_plus(0)).await.unwrap().secret;
    let db = database.raw().await;
    for (table, secret) in [("tokens", &token), ("invitations", &link)] {
        let all =
            Statement::from_string(db.get_database_backend(), format!("SELECT token_hash FROM {table}"));
        let stored: Vec<u8> =
            db.query_one_raw(all).await.unwrap().unwrap().try_get("", "token_hash").unwrap();
        assert_eq!(stored, Sha256::digest(secret.reveal()).to_vec(), "{table}");
    }
}
