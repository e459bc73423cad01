use std::sync::Arc;

use seaworthy_catalog::{AfterFailure, AlertState, Catalog, ChannelStanding};

use crate::{
    alerts::{begins, lease, record},
    channels::channel,
    database::{Database, noon_plus, on_both_databases},
};

on_both_databases!(a_channel_stands_as_its_messages_do,);

/// Puts a message of an alert of its own into a channel.
async fn tell(catalog: &Catalog, channel: i64, key: &str) {
    let lease = lease(catalog).await;
    let mut change = begins(key, AlertState::Firing);
    change.messages = [(channel, "{}".to_owned())].into();
    record(catalog, &lease, change).await;
}

async fn a_channel_stands_as_its_messages_do(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let (busy, idle) = (channel(&database, "a").await.id, channel(&database, "b").await.id);
    assert!(catalog.channel_standings().await.unwrap().is_empty());

    for key in ["delivered", "dead", "failing", "new"] {
        tell(&catalog, busy, key).await;
    }
    let due = catalog.outbox_due(noon_plus(30), 3, noon_plus(10)).await.unwrap();
    catalog.outbox_delivered(due[0].id, noon_plus(11)).await.unwrap();
    catalog.outbox_failed(&due[1], "410", AfterFailure::GiveUp, noon_plus(12)).await.unwrap();
    let retry = AfterFailure::RetryAt(noon_plus(60));
    catalog.outbox_failed(&due[2], "503", retry, noon_plus(13)).await.unwrap();

    let standings = catalog.channel_standings().await.unwrap();
    assert_eq!(standings.get(&idle), None);
    let expected = ChannelStanding {
        last_delivered_at: Some(noon_plus(11)),
        waiting: 2,
        waiting_since: Some(due[2].created_at),
        waiting_error: Some("503".into()),
        dead: 1,
        last_dead_at: Some(noon_plus(12)),
        dead_error: Some("410".into()),
    };
    assert_eq!(standings.get(&busy), Some(&expected));
}
