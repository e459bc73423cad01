use std::{slice, sync::Arc};

use seaworthy_catalog::{
    Actor, Catalog, CatalogError, StoredWaiver, WaiverApproval, WaiverDefinition, WaiverEnd,
};

use crate::{
    accounts::actor,
    answers::{key, other},
    database::{Database, noon_plus, on_both_databases},
};

on_both_databases!(
    a_waiver_holds_from_its_approval_until_it_expires,
    nobody_approves_their_own_waiver,
    a_waiver_goes_on_until_the_next_is_approved,
    one_waiver_of_an_item_waits_for_approval,
    of_two_who_ask_one_succeeds,
    a_waiver_that_is_over_is_not_approved,
    a_waiver_is_ended_once,
    a_waiver_of_which_a_text_is_wrong_is_refused_with_the_field,
    everything_done_to_waivers_is_in_the_audit_log,
);

fn definition(expires: i64) -> WaiverDefinition {
    WaiverDefinition { reason: "The gateway is replaced".into(), expires_at: noon_plus(expires) }
}

/// A waiver that Inês asks for.
async fn ask(catalog: &Catalog, service: &str, expires: i64, at: i64) -> StoredWaiver {
    let key = key(service, "rate-limiting");
    catalog.ask_waiver(&key, &definition(expires), &actor(), noon_plus(at)).await.unwrap()
}

async fn approve(catalog: &Catalog, id: i64, at: i64) -> StoredWaiver {
    catalog.approve_waiver(id, &other(), noon_plus(at)).await.unwrap()
}

fn ids(waivers: &[StoredWaiver]) -> Vec<i64> {
    waivers.iter().map(|waiver| waiver.id).collect()
}

async fn a_waiver_holds_from_its_approval_until_it_expires(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let asked = ask(&catalog, "reception", 100, 0).await;
    let expected = StoredWaiver {
        id: asked.id,
        key: key("reception", "rate-limiting"),
        definition: definition(100),
        asked_by: "ines".into(),
        asked_at: noon_plus(0),
        approval: None,
        end: None,
    };
    assert_eq!(asked, expected);
    let till = ask(&catalog, "till", 50, 1).await;
    assert_eq!(catalog.open_waivers(None).await.unwrap(), [asked.clone(), till.clone()]);
    assert_eq!(catalog.open_waivers(Some("till")).await.unwrap(), slice::from_ref(&till));
    assert_eq!(catalog.waivers_awaiting_approval(noon_plus(49)).await.unwrap(), [asked.clone(), till]);
    assert_eq!(catalog.waivers_awaiting_approval(noon_plus(50)).await.unwrap(), slice::from_ref(&asked));
    assert!(!asked.holds(noon_plus(1)), "nobody has approved it");

    let approved = approve(&catalog, asked.id, 2).await;
    let approval = Some(WaiverApproval { by: "rui".into(), at: noon_plus(2) });
    assert_eq!(approved, StoredWaiver { approval, ..asked });
    assert_eq!(catalog.waiver(approved.id).await.unwrap(), Some(approved.clone()));
    assert_eq!(catalog.waivers("reception").await.unwrap(), slice::from_ref(&approved));
    for (at, holds) in [(1, false), (2, true), (99, true), (100, false)] {
        assert_eq!(approved.holds(noon_plus(at)), holds, "{at} s");
    }
    assert_eq!(approve(&catalog, approved.id, 3).await, approved, "approved once");
    assert_eq!(catalog.waivers_awaiting_approval(noon_plus(50)).await.unwrap(), []);
}

async fn nobody_approves_their_own_waiver(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let asked = ask(&catalog, "reception", 100, 0).await;
    for login in ["ines", "Ines", "INES"] {
        let herself = Actor { login: login.into(), address: String::new() };
        let own = catalog.approve_waiver(asked.id, &herself, noon_plus(1)).await;
        assert!(matches!(own, Err(CatalogError::OwnWaiver)), "{own:?}");
    }
    assert_eq!(catalog.open_waivers(None).await.unwrap(), [asked]);
    assert_eq!(catalog.audit_log(None, 10).await.unwrap().len(), 1);
}

async fn a_waiver_goes_on_until_the_next_is_approved(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let first = ask(&catalog, "reception", 100, 0).await;
    approve(&catalog, first.id, 1).await;
    let elsewhere = ask(&catalog, "till", 100, 1).await;
    approve(&catalog, elsewhere.id, 1).await;
    let second = ask(&catalog, "reception", 200, 50).await;
    let open = catalog.open_waivers(Some("reception")).await.unwrap();
    assert_eq!(ids(&open), [first.id, second.id]);
    assert!(open[0].holds(noon_plus(51)) && !open[1].holds(noon_plus(51)));

    approve(&catalog, second.id, 60).await;
    let all = catalog.waivers("reception").await.unwrap();
    assert_eq!(ids(&all), [second.id, first.id]);
    assert_eq!(all[1].end, Some(WaiverEnd { by: "rui".into(), at: noon_plus(60) }));
    assert!(all[1].holds(noon_plus(59)) && !all[1].holds(noon_plus(60)));
    assert!(all[0].holds(noon_plus(60)));
    let open = catalog.open_waivers(None).await.unwrap();
    assert_eq!(ids(&open), [elsewhere.id, second.id], "that of another service is not touched");
}

async fn one_waiver_of_an_item_waits_for_approval(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let key = key("reception", "rate-limiting");
    let first = ask(&catalog, "reception", 100, 0).await;
    let again = catalog.ask_waiver(&key, &definition(200), &other(), noon_plus(99)).await;
    assert!(matches!(again, Err(CatalogError::Refused { field: "waiver", .. })), "{again:?}");
    let second = catalog.ask_waiver(&key, &definition(200), &other(), noon_plus(100)).await.unwrap();
    let all = catalog.waivers("reception").await.unwrap();
    assert_eq!(ids(&all), [second.id, first.id], "one that has expired waits no longer");
    assert_eq!(all[1].end, Some(WaiverEnd { by: "rui".into(), at: noon_plus(100) }));
}

async fn of_two_who_ask_one_succeeds(database: Arc<Database>) {
    let mut all = tokio::task::JoinSet::new();
    for n in 0..4 {
        let catalog = database.catalog().await;
        let key = key("reception", "rate-limiting");
        all.spawn(async move { catalog.ask_waiver(&key, &definition(100), &actor(), noon_plus(n)).await });
    }
    let (asked, refused): (Vec<_>, Vec<_>) = all.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!(asked.len(), 1);
    for refused in refused {
        assert!(matches!(&refused, Err(CatalogError::Refused { field: "waiver", .. })), "{refused:?}");
    }
}

async fn a_waiver_that_is_over_is_not_approved(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let expired = ask(&catalog, "reception", 100, 0).await;
    let ended = ask(&catalog, "till", 100, 0).await;
    catalog.end_waiver(ended.id, &actor(), noon_plus(1)).await.unwrap();
    for (id, at) in [(expired.id, 100), (ended.id, 2)] {
        let late = catalog.approve_waiver(id, &other(), noon_plus(at)).await;
        assert!(matches!(late, Err(CatalogError::Refused { field: "waiver", .. })), "{late:?}");
        assert_eq!(catalog.waiver(id).await.unwrap().unwrap().approval, None);
    }
    let unknown = catalog.approve_waiver(999, &other(), noon_plus(0)).await;
    assert!(matches!(unknown, Err(CatalogError::NotFound("waiver"))), "{unknown:?}");
}

async fn a_waiver_is_ended_once(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let waiver = ask(&catalog, "reception", 100, 0).await;
    approve(&catalog, waiver.id, 1).await;
    catalog.end_waiver(waiver.id, &actor(), noon_plus(5)).await.unwrap();
    catalog.end_waiver(waiver.id, &other(), noon_plus(6)).await.unwrap();
    let ended = catalog.waiver(waiver.id).await.unwrap().unwrap();
    assert_eq!(ended.end, Some(WaiverEnd { by: "ines".into(), at: noon_plus(5) }));
    assert!(ended.holds(noon_plus(4)) && !ended.holds(noon_plus(5)));
    assert_eq!(catalog.open_waivers(None).await.unwrap(), []);
    let unknown = catalog.end_waiver(999, &actor(), noon_plus(0)).await;
    assert!(matches!(unknown, Err(CatalogError::NotFound("waiver"))), "{unknown:?}");
}

async fn a_waiver_of_which_a_text_is_wrong_is_refused_with_the_field(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let reason = |reason: &str| WaiverDefinition { reason: reason.into(), ..definition(100) };
    let cases = [
        (key("", "rate-limiting"), definition(100), "service"),
        (key("reception", ""), definition(100), "item"),
        (key("reception", "a"), reason(" "), "reason"),
        (key("reception", "a"), reason(&"x".repeat(16_385)), "reason"),
        (key("reception", "a"), definition(0), "end"),
    ];
    for (key, definition, field) in cases {
        let refused = catalog.ask_waiver(&key, &definition, &actor(), noon_plus(0)).await;
        assert!(
            matches!(&refused, Err(CatalogError::Refused { field: named, .. }) if *named == field),
            "{field}: {refused:?}"
        );
    }
    assert_eq!(catalog.open_waivers(None).await.unwrap(), []);
}

async fn everything_done_to_waivers_is_in_the_audit_log(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let waiver = ask(&catalog, "reception", 60, 0).await;
    approve(&catalog, waiver.id, 1).await;
    catalog.end_waiver(waiver.id, &actor(), noon_plus(2)).await.unwrap();
    catalog.end_waiver(waiver.id, &actor(), noon_plus(3)).await.unwrap();
    let log = catalog.audit_log(None, 10).await.unwrap();
    let lines: Vec<_> = log.iter().map(|e| format!("{} {} {}", e.actor, e.action, e.subject)).collect();
    let of = "rate-limiting of reception (twelve-point) until 2026-11-20T12:01:00Z: The gateway is replaced";
    assert_eq!(
        lines,
        [
            format!("ines ended a waiver {of}"),
            format!("rui approved a waiver {of}"),
            format!("ines asked for a waiver {of}"),
        ]
    );
}
