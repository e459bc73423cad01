use std::{collections::BTreeSet, sync::Arc};

use crate::database::{Database, noon_plus, on_both_databases};

on_both_databases!(a_key_stays_for_good_and_is_not_shown, portals_that_ask_at_once_get_the_same_key,);

async fn a_key_stays_for_good_and_is_not_shown(database: Arc<Database>) {
    let key = database.catalog().await.key("acknowledge", noon_plus(0)).await.unwrap();
    let again = database.catalog().await;
    assert_eq!(again.key("acknowledge", noon_plus(9)).await.unwrap(), key);
    assert_ne!(again.key("other", noon_plus(9)).await.unwrap(), key);
    assert_ne!(key.bytes(), &[0; 32]);
    assert_eq!(format!("{key:?}"), "Key");
}

async fn portals_that_ask_at_once_get_the_same_key(database: Arc<Database>) {
    let mut asking = Vec::new();
    for _ in 0..8 {
        let catalog = database.catalog().await;
        asking.push(tokio::spawn(
            async move { *catalog.key("acknowledge", noon_plus(0)).await.unwrap().bytes() },
        ));
    }
    let mut keys = BTreeSet::new();
    for asked in asking {
        keys.insert(asked.await.unwrap());
    }
    assert_eq!(keys.len(), 1);
}
