use std::sync::Arc;

use seaworthy_catalog::{CatalogError, Channel, ChannelDefinition, ChannelKind};

use crate::{
    accounts::actor,
    database::{Database, noon_plus, on_both_databases},
};

on_both_databases!(
    a_channel_is_kept_as_it_was_written_and_its_settings_are_not_shown,
    a_channel_of_which_a_text_is_wrong_is_refused_with_the_field,
    of_two_changes_to_a_channel_the_second_is_refused,
    everything_done_to_channels_is_in_the_audit_log,
);

fn definition(kind: ChannelKind) -> ChannelDefinition {
    ChannelDefinition { kind, settings: r#"{"url": "https://example.org/hook/s3cret"}"#.into() }
}

/// A channel of this name.
pub(crate) async fn channel(database: &Database, name: &str) -> Channel {
    let catalog = database.catalog().await;
    let definition = definition(ChannelKind::Webhook);
    catalog.create_channel(name, &definition, &actor(), noon_plus(0)).await.unwrap()
}

async fn a_channel_is_kept_as_it_was_written_and_its_settings_are_not_shown(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let mut made = Vec::new();
    for (name, kind) in [("c", ChannelKind::Webhook), ("a", ChannelKind::Slack), ("b", ChannelKind::Email)] {
        let channel = catalog.create_channel(name, &definition(kind), &actor(), noon_plus(0)).await.unwrap();
        assert_eq!((&channel.definition, channel.version), (&definition(kind), 1));
        made.push(channel);
    }
    made.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(catalog.channels().await.unwrap(), made);
    assert_eq!(catalog.channel("a").await.unwrap().as_ref(), made.first());
    assert_eq!(catalog.channel("d").await.unwrap(), None);
    assert!(!format!("{made:?}").contains("s3cret"), "{made:?}");
}

async fn a_channel_of_which_a_text_is_wrong_is_refused_with_the_field(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let fine = definition(ChannelKind::Slack);
    let long = ChannelDefinition { settings: "x".repeat(70_000), ..fine.clone() };
    for (name, definition, field) in [("On call", fine, "name"), ("on-call", long, "settings")] {
        let refused = catalog.create_channel(name, &definition, &actor(), noon_plus(0)).await;
        assert!(
            matches!(&refused, Err(CatalogError::Refused { field: named, .. }) if *named == field),
            "{refused:?}"
        );
    }
    let made = channel(&database, "on-call").await;
    let taken = catalog.create_channel("on-call", &made.definition, &actor(), noon_plus(0)).await;
    assert!(matches!(&taken, Err(CatalogError::Taken { what: "channel", name }) if name == "on-call"));
}

async fn of_two_changes_to_a_channel_the_second_is_refused(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let made = channel(&database, "on-call").await;
    let hers = definition(ChannelKind::Email);
    let changed = catalog.update_channel("on-call", 1, &hers, &actor(), noon_plus(1)).await.unwrap();
    let expected = Channel { definition: hers, version: 2, updated_at: noon_plus(1), ..made };
    assert_eq!(changed, expected);
    let his = definition(ChannelKind::Slack);
    let his = catalog.update_channel("on-call", 1, &his, &actor(), noon_plus(2)).await;
    assert!(matches!(&his, Err(CatalogError::Changed { what: "channel", .. })), "{his:?}");
    assert_eq!(catalog.channel("on-call").await.unwrap(), Some(expected));
}

async fn everything_done_to_channels_is_in_the_audit_log(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let made = channel(&database, "on-call").await;
    catalog.update_channel("on-call", 1, &made.definition, &actor(), noon_plus(1)).await.unwrap();
    catalog.delete_channel("on-call", &actor(), noon_plus(2)).await.unwrap();
    let gone = catalog.delete_channel("on-call", &actor(), noon_plus(3)).await;
    assert!(matches!(gone, Err(CatalogError::NotFound("channel"))), "{gone:?}");
    let log = catalog.audit_log(None, 10).await.unwrap();
    let lines: Vec<_> = log.iter().map(|e| format!("{} {} {}", e.actor, e.action, e.subject)).collect();
    assert_eq!(
        lines,
        [
            "ines deleted a channel on-call",
            "ines changed a channel on-call",
            "ines made a channel by webhook on-call"
        ]
    );
}
