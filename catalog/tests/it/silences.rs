use std::sync::Arc;

use seaworthy_catalog::{CatalogError, Silence, SilenceDefinition};

use crate::{
    accounts::actor,
    database::{Database, noon_plus, on_both_databases},
};

on_both_databases!(
    silences_are_listed_until_they_are_over,
    a_silence_covers_what_it_names_while_it_lasts,
    a_silence_that_makes_no_sense_is_refused_with_the_field,
    a_silence_is_ended_before_its_time,
);

fn definition(from: i64, to: i64) -> SilenceDefinition {
    SilenceDefinition {
        service: None,
        slo: None,
        starts_at: noon_plus(from),
        ends_at: noon_plus(to),
        reason: "known, being fixed".into(),
    }
}

async fn make(database: &Database, definition: &SilenceDefinition) -> Silence {
    database.catalog().await.create_silence(definition, &actor(), noon_plus(0)).await.unwrap()
}

async fn silences_are_listed_until_they_are_over(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let later = make(&database, &definition(10, 20)).await;
    let sooner = make(&database, &definition(0, 30)).await;
    assert_eq!((&later.definition, &*later.created_by), (&definition(10, 20), "ines"));
    let both = [sooner.clone(), later.clone()];
    assert_eq!(catalog.silences(noon_plus(19)).await.unwrap(), both);
    assert_eq!(catalog.past_silences(noon_plus(19), 9).await.unwrap(), []);
    assert_eq!(catalog.silences(noon_plus(20)).await.unwrap(), both[..1]);
    assert_eq!(catalog.past_silences(noon_plus(30), 9).await.unwrap(), both);
    assert_eq!(catalog.past_silences(noon_plus(30), 1).await.unwrap(), both[..1]);
}

async fn a_silence_covers_what_it_names_while_it_lasts(database: Arc<Database>) {
    let some = |text: &str| Some(text.to_owned());
    let all = make(&database, &definition(0, 10)).await;
    let till = SilenceDefinition { service: some("till"), ..definition(0, 10) };
    let orders = SilenceDefinition { slo: some("orders"), ..definition(0, 10) };
    let both = SilenceDefinition { service: some("till"), slo: some("orders"), ..definition(0, 10) };
    let cases = [
        // (silence, till, till's orders, bar's orders)
        (all, [true, true, true]),
        (make(&database, &till).await, [true, true, false]),
        (make(&database, &orders).await, [false, true, true]),
        (make(&database, &both).await, [false, true, false]),
    ];
    for (silence, expected) in cases {
        let alerts = [("till", None), ("till", Some("orders")), ("bar", Some("orders"))];
        let covered = alerts.map(|(service, slo)| silence.covers(service, slo, noon_plus(9)));
        assert_eq!(covered, expected, "{silence:?}");
        for outside in [-1, 10] {
            assert!(!silence.covers("till", Some("orders"), noon_plus(outside)), "at {outside} s");
        }
    }
}

async fn a_silence_that_makes_no_sense_is_refused_with_the_field(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let cases = [
        (definition(10, 10), "end"),
        (definition(-10, 0), "end"),
        (SilenceDefinition { service: Some("".into()), ..definition(0, 10) }, "service"),
        (SilenceDefinition { slo: Some("\n".into()), ..definition(0, 10) }, "SLO"),
        (SilenceDefinition { reason: "".into(), ..definition(0, 10) }, "reason"),
    ];
    for (definition, field) in cases {
        let refused = catalog.create_silence(&definition, &actor(), noon_plus(0)).await;
        assert!(
            matches!(&refused, Err(CatalogError::Refused { field: named, .. }) if *named == field),
            "{definition:?}: {refused:?}"
        );
    }
    assert_eq!(catalog.silences(noon_plus(-100)).await.unwrap(), []);
}

async fn a_silence_is_ended_before_its_time(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let begun =
        make(&database, &SilenceDefinition { slo: Some("orders".into()), ..definition(0, 100) }).await;
    let to_come = make(&database, &definition(50, 100)).await;
    catalog.end_silence(begun.id, &actor(), noon_plus(5)).await.unwrap();
    catalog.end_silence(begun.id, &actor(), noon_plus(9)).await.unwrap();
    catalog.end_silence(to_come.id, &actor(), noon_plus(10)).await.unwrap();
    assert_eq!(catalog.silences(noon_plus(5)).await.unwrap(), []);
    let past = catalog.past_silences(noon_plus(5), 9).await.unwrap();
    assert_eq!(
        past.iter().map(|s| (s.id, s.definition.ends_at)).collect::<Vec<_>>(),
        [(begun.id, noon_plus(5))]
    );
    let gone = catalog.end_silence(to_come.id, &actor(), noon_plus(11)).await;
    assert!(matches!(gone, Err(CatalogError::NotFound("silence"))), "{gone:?}");

    let log = catalog.audit_log(None, 10).await.unwrap();
    let lines: Vec<_> = log.iter().map(|e| format!("{} {}", e.action, e.subject)).collect();
    let made = "2026-11-20T12:00:50Z to 2026-11-20T12:01:40Z: known, being fixed";
    let orders = "orders, 2026-11-20T12:00:00Z to 2026-11-20T12:01:40Z: known, being fixed";
    assert_eq!(
        lines,
        [
            format!("ended a silence everything, {made}"),
            format!("ended a silence {orders}"),
            format!("made a silence everything, {made}"),
            format!("made a silence {orders}"),
        ]
    );
}
