use std::sync::Arc;

use seaworthy_catalog::{Acknowledgement, CatalogError, ChannelTest};

use crate::{
    accounts::actor,
    channels::channel,
    database::{Database, noon_plus, on_both_databases},
};

on_both_databases!(
    a_test_alert_is_sent_delivered_and_acknowledged,
    of_two_test_alerts_the_later_counts,
    a_channel_that_is_deleted_takes_its_test_alert_along,
);

async fn only(database: &Database) -> ChannelTest {
    let tests = database.catalog().await.channel_tests().await.unwrap();
    assert_eq!(tests.len(), 1);
    tests.into_iter().next().unwrap()
}

async fn a_test_alert_is_sent_delivered_and_acknowledged(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let channel = channel(&database, "on-call").await;
    let sent = catalog.begin_channel_test(channel.id, &actor(), noon_plus(0)).await.unwrap();
    let test = only(&database).await;
    assert_eq!((test.sent_at, test.delivered_at, test.acknowledged), (sent, None, None));
    catalog.end_channel_test(channel.id, sent, Err("it is away"), noon_plus(1)).await.unwrap();
    assert_eq!(only(&database).await.error.as_deref(), Some("it is away"));
    catalog.end_channel_test(channel.id, sent, Ok(()), noon_plus(2)).await.unwrap();
    let test = only(&database).await;
    assert_eq!((test.delivered_at, test.error), (Some(noon_plus(2)), None));
    for at in [3, 9] {
        let test = catalog.acknowledge_channel_test(channel.id, sent, &actor(), noon_plus(at)).await.unwrap();
        // The first stays.
        assert_eq!(test.acknowledged, Some(Acknowledgement { by: actor().login, at: noon_plus(3) }));
    }
}

async fn of_two_test_alerts_the_later_counts(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let channel = channel(&database, "on-call").await;
    let first = catalog.begin_channel_test(channel.id, &actor(), noon_plus(0)).await.unwrap();
    catalog.acknowledge_channel_test(channel.id, first, &actor(), noon_plus(1)).await.unwrap();
    let second = catalog.begin_channel_test(channel.id, &actor(), noon_plus(60)).await.unwrap();
    catalog.end_channel_test(channel.id, first, Ok(()), noon_plus(61)).await.unwrap();
    let test = only(&database).await;
    assert_eq!((test.sent_at, test.delivered_at, test.acknowledged), (second, None, None));
    let late = catalog.acknowledge_channel_test(channel.id, first, &actor(), noon_plus(62)).await;
    assert!(matches!(late, Err(CatalogError::NotFound(_))), "{late:?}");
}

async fn a_channel_that_is_deleted_takes_its_test_alert_along(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let channel = channel(&database, "on-call").await;
    catalog.begin_channel_test(channel.id, &actor(), noon_plus(0)).await.unwrap();
    catalog.delete_channel("on-call", &actor(), noon_plus(1)).await.unwrap();
    assert_eq!(catalog.channel_tests().await.unwrap(), []);
}
