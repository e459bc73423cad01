use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use seaworthy_catalog::{AfterFailure, AlertState, Catalog, Keep, Lease, OutboxMessage, RecordedAlert};

use crate::{
    accounts::actor,
    alerts::{becomes, begins, lease, record},
    channels::channel,
    database::{Database, noon_plus, on_both_databases},
};

on_both_databases!(
    a_message_is_written_with_its_alert_and_delivered,
    of_each_alert_in_each_channel_one_message_is_due_at_a_time,
    a_message_that_failed_holds_up_those_behind_it_until_it_is_given_up,
    a_message_of_a_portal_that_died_is_delivered_by_another,
    who_was_too_slow_undoes_nothing,
    a_dead_letter_is_tried_again,
    a_dead_letter_says_whether_it_is_old_news,
    what_is_for_a_channel_that_is_gone_is_passed_over,
    many_portals_deliver_everything_once_and_in_order,
    messages_delivered_long_ago_are_forgotten,
);

/// A change of which something is told in channels.
async fn tell(
    catalog: &Catalog,
    lease: &Lease,
    alert: Option<RecordedAlert>,
    channels: &[i64],
    text: &str,
) -> RecordedAlert {
    let mut change = match alert {
        Some(alert) => becomes(alert, AlertState::Firing),
        None => begins(text, AlertState::Firing),
    };
    change.messages = channels.iter().map(|channel| (*channel, text.to_owned())).collect();
    record(catalog, lease, change).await
}

async fn claim(catalog: &Catalog, at: i64) -> Vec<OutboxMessage> {
    catalog.outbox_due(noon_plus(at + 30), 100, noon_plus(at)).await.unwrap()
}

fn texts(messages: &[OutboxMessage]) -> Vec<&str> {
    messages.iter().map(|message| &*message.payload).collect()
}

async fn a_message_is_written_with_its_alert_and_delivered(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog).await;
    let (first, second) = (channel(&database, "a").await.id, channel(&database, "b").await.id);
    let mut change = begins("orders", AlertState::Firing);
    change.messages = BTreeMap::from([(first, r#"{"to": "a"}"#.into()), (second, r#"{"to": "b"}"#.into())]);
    let alert = catalog.record_alerts(&lease, &[change], noon_plus(5)).await.unwrap()[0].unwrap();

    assert!(claim(&catalog, 4).await.is_empty(), "not due yet");
    let due = claim(&catalog, 5).await;
    assert_eq!(texts(&due), [r#"{"to": "a"}"#, r#"{"to": "b"}"#]);
    let message = OutboxMessage {
        id: due[0].id,
        channel_id: first,
        alert_id: alert.id,
        sequence: 1,
        payload: r#"{"to": "a"}"#.into(),
        created_at: noon_plus(5),
        due_at: noon_plus(5),
        attempts: 1,
        last_error: None,
        delivered_at: None,
        dead_at: None,
    };
    assert_eq!(due[0], message);
    catalog.outbox_delivered(message.id, noon_plus(6)).await.unwrap();
    catalog.outbox_delivered(message.id, noon_plus(8)).await.unwrap();
    let told = catalog.alert_messages(alert.id).await.unwrap();
    assert_eq!(told[0], OutboxMessage { delivered_at: Some(noon_plus(6)), ..message });
    assert_eq!(told[1], due[1]);
    assert_eq!(texts(&claim(&catalog, 100).await), [r#"{"to": "b"}"#]);
}

async fn of_each_alert_in_each_channel_one_message_is_due_at_a_time(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog).await;
    let (a, b) = (channel(&database, "a").await.id, channel(&database, "b").await.id);
    let alert = tell(&catalog, &lease, None, &[a], "1").await;
    let alert = tell(&catalog, &lease, Some(alert), &[a, b], "2").await;
    tell(&catalog, &lease, Some(alert), &[a, b], "3").await;
    tell(&catalog, &lease, None, &[a], "other").await;

    let due = claim(&catalog, 0).await;
    let places: Vec<_> = due.iter().map(|due| (due.channel_id, &*due.payload)).collect();
    assert_eq!(places, [(a, "1"), (b, "2"), (a, "other")]);
    assert!(claim(&catalog, 29).await.is_empty(), "claimed messages hold up what is behind them");
    catalog.outbox_delivered(due[0].id, noon_plus(29)).await.unwrap();
    assert_eq!(texts(&claim(&catalog, 29).await), ["2"]);

    let one = catalog.outbox_due(noon_plus(90), 1, noon_plus(60)).await.unwrap();
    assert_eq!(one.len(), 1, "no more than the limit");
}

async fn a_message_that_failed_holds_up_those_behind_it_until_it_is_given_up(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog).await;
    let channel = channel(&database, "a").await.id;
    let alert = tell(&catalog, &lease, None, &[channel], "firing").await;
    tell(&catalog, &lease, Some(alert), &[channel], "resolved").await;

    let due = claim(&catalog, 0).await;
    let retry = AfterFailure::RetryAt(noon_plus(3600));
    catalog.outbox_failed(&due[0], "connection refused\0", retry, noon_plus(1)).await.unwrap();
    assert!(claim(&catalog, 3599).await.is_empty());
    let due = claim(&catalog, 3600).await;
    assert_eq!((&*due[0].payload, due[0].attempts), ("firing", 2));
    assert_eq!(due[0].last_error.as_deref(), Some("connection refused"));
    catalog.outbox_failed(&due[0], "404", AfterFailure::GiveUp, noon_plus(3601)).await.unwrap();
    assert_eq!(texts(&claim(&catalog, 3601).await), ["resolved"]);
}

async fn a_message_of_a_portal_that_died_is_delivered_by_another(database: Arc<Database>) {
    let (dead, alive) = (database.catalog().await, database.catalog().await);
    let lease = lease(&dead).await;
    let channel = channel(&database, "a").await.id;
    tell(&dead, &lease, None, &[channel], "1").await;
    assert_eq!(claim(&dead, 0).await.len(), 1);
    dead.close().await;
    assert!(claim(&alive, 29).await.is_empty());
    let due = claim(&alive, 30).await;
    assert_eq!((&*due[0].payload, due[0].attempts), ("1", 2));
    alive.outbox_delivered(due[0].id, noon_plus(31)).await.unwrap();
    assert!(claim(&alive, 1000).await.is_empty());
}

async fn who_was_too_slow_undoes_nothing(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog).await;
    let channel = channel(&database, "a").await.id;
    let alert = tell(&catalog, &lease, None, &[channel], "1").await;
    let slow = claim(&catalog, 0).await.remove(0);
    let quick = claim(&catalog, 30).await.remove(0);
    for after in [AfterFailure::RetryAt(noon_plus(31)), AfterFailure::GiveUp] {
        catalog.outbox_failed(&slow, "timeout", after, noon_plus(31)).await.unwrap();
        assert_eq!(
            catalog.alert_messages(alert.id).await.unwrap(),
            std::slice::from_ref(&quick),
            "another has it now"
        );
    }
    catalog.outbox_delivered(quick.id, noon_plus(32)).await.unwrap();
    catalog.outbox_failed(&quick, "timeout", AfterFailure::GiveUp, noon_plus(33)).await.unwrap();
    let delivered = OutboxMessage { delivered_at: Some(noon_plus(32)), ..quick };
    assert_eq!(catalog.alert_messages(alert.id).await.unwrap(), [delivered]);
}

async fn a_dead_letter_is_tried_again(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog).await;
    let channel = channel(&database, "on-call").await.id;
    tell(&catalog, &lease, None, &[channel], "orders").await;
    let due = claim(&catalog, 0).await;
    assert!(catalog.retry_dead(due[0].id, &actor(), noon_plus(1)).await.is_err(), "it is not dead");
    catalog.outbox_failed(&due[0], "410", AfterFailure::GiveUp, noon_plus(1)).await.unwrap();
    assert!(claim(&catalog, 1000).await.is_empty());

    let letters = catalog.dead_letters(10).await.unwrap();
    assert_eq!(letters.len(), 1);
    assert_eq!((&*letters[0].channel, &*letters[0].alert_key), ("on-call", "orders"));
    let dead = &letters[0].message;
    assert_eq!((dead.dead_at, dead.last_error.as_deref()), (Some(noon_plus(1)), Some("410")));

    catalog.retry_dead(dead.id, &actor(), noon_plus(50)).await.unwrap();
    assert!(catalog.dead_letters(10).await.unwrap().is_empty());
    let due = claim(&catalog, 50).await;
    assert_eq!((due[0].id, due[0].attempts, due[0].dead_at), (dead.id, 1, None));
    let entry = &catalog.audit_log(None, 1).await.unwrap()[0];
    assert_eq!((&*entry.action, &*entry.subject), ("had a dead letter tried again", "orders"));
}

async fn a_dead_letter_says_whether_it_is_old_news(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog).await;
    let (a, b) = (channel(&database, "a").await.id, channel(&database, "b").await.id);
    let alert = tell(&catalog, &lease, None, &[a, b], "firing").await;
    for due in claim(&catalog, 0).await {
        catalog.outbox_failed(&due, "404", AfterFailure::GiveUp, noon_plus(1)).await.unwrap();
    }
    tell(&catalog, &lease, Some(alert), &[a], "resolved").await;
    let overtaken = async || {
        let letters = catalog.dead_letters(10).await.unwrap();
        let mut told: Vec<_> = letters.into_iter().map(|letter| (letter.channel, letter.overtaken)).collect();
        told.sort_unstable();
        told
    };
    assert_eq!(overtaken().await, [("a".to_owned(), false), ("b".to_owned(), false)]);
    let due = claim(&catalog, 2).await;
    catalog.outbox_delivered(due[0].id, noon_plus(3)).await.unwrap();
    assert_eq!(overtaken().await, [("a".to_owned(), true), ("b".to_owned(), false)]);
    assert_eq!(catalog.dead_letters(1).await.unwrap().len(), 1);
}

async fn what_is_for_a_channel_that_is_gone_is_passed_over(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog).await;
    let (gone, kept) = (channel(&database, "gone").await.id, channel(&database, "kept").await.id);
    let alert = tell(&catalog, &lease, None, &[gone], "1").await;
    catalog.delete_channel("gone", &actor(), noon_plus(1)).await.unwrap();
    assert!(claim(&catalog, 1).await.is_empty(), "what was for it is gone with it");
    tell(&catalog, &lease, Some(alert), &[gone, kept], "2").await;
    let due = claim(&catalog, 1).await;
    assert_eq!(due.iter().map(|due| due.channel_id).collect::<Vec<_>>(), [kept]);
}

async fn many_portals_deliver_everything_once_and_in_order(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog).await;
    let channels = [channel(&database, "a").await.id, channel(&database, "b").await.id];
    for alert in 0..5 {
        let mut known = tell(&catalog, &lease, None, &channels, &format!("{alert}")).await;
        for _ in 0..4 {
            known = tell(&catalog, &lease, Some(known), &channels, &format!("{alert}")).await;
        }
    }
    let told = Arc::new(Mutex::new(Vec::new()));
    let mut portals = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let (catalog, told) = (database.catalog().await, told.clone());
        portals.spawn(async move {
            // Nothing runs out meanwhile, so that nothing is told twice.
            while told.lock().unwrap().len() < 50 {
                for due in catalog.outbox_due(noon_plus(3600), 3, noon_plus(1)).await.unwrap() {
                    told.lock().unwrap().push((due.alert_id, due.channel_id, due.sequence));
                    catalog.outbox_delivered(due.id, noon_plus(1)).await.unwrap();
                }
            }
        });
    }
    tokio::time::timeout(Duration::from_secs(60), portals.join_all()).await.expect("all is told");
    let mut sequences: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (alert, channel, sequence) in told.lock().unwrap().drain(..) {
        sequences.entry((alert, channel)).or_default().push(sequence);
    }
    assert_eq!(sequences.len(), 10);
    for (place, sequences) in sequences {
        assert_eq!(sequences, [1, 2, 3, 4, 5], "{place:?}");
    }
}

async fn messages_delivered_long_ago_are_forgotten(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog).await;
    let channel = channel(&database, "a").await.id;
    let alert = tell(&catalog, &lease, None, &[channel], "1").await;
    tell(&catalog, &lease, Some(alert), &[channel], "2").await;
    let due = claim(&catalog, 0).await;
    catalog.outbox_delivered(due[0].id, noon_plus(0)).await.unwrap();
    let keep = Keep { delivered: Duration::from_secs(100), ..Keep::default() };
    assert_eq!(catalog.prune(noon_plus(100), keep).await.unwrap().delivered, 0);
    assert_eq!(catalog.prune(noon_plus(101), keep).await.unwrap().delivered, 1);
    assert_eq!(texts(&catalog.alert_messages(alert.id).await.unwrap()), ["2"]);
}
