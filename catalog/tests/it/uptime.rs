use std::sync::Arc;

use seaworthy_catalog::{Catalog, CatalogError, Lease, ServiceSettings, UptimeProbe};

use crate::{
    accounts::actor,
    database::{Database, noon_plus, on_both_databases},
};

on_both_databases!(
    a_probe_replaces_the_one_before,
    a_probe_of_another_url_than_the_one_now_is_none,
    who_has_no_url_any_more_is_forgotten,
    of_a_wrong_text_no_probe_is_recorded,
    who_has_lost_the_lease_records_no_probe,
);

const URL: &str = "https://shop.example.org/livez";

async fn lease(catalog: &Catalog, holder: &str, from: i64) -> Lease {
    let lease = catalog.take_lease("uptime", holder, noon_plus(from + 60), noon_plus(from)).await;
    lease.unwrap().expect("nobody else holds it")
}

/// Says where a service answers; none for nowhere.
async fn set_url(catalog: &Catalog, service: &str, url: Option<&str>) {
    let before = catalog.service_settings(service).await.unwrap();
    let version = before.map_or(0, |stored| stored.version);
    let settings = ServiceSettings { url: url.map(str::to_owned), ..ServiceSettings::default() };
    catalog.set_service_settings(service, version, &settings, &actor(), noon_plus(0)).await.unwrap();
}

fn answered(service: &str, at: i64) -> UptimeProbe {
    UptimeProbe {
        service: service.into(),
        url: URL.into(),
        at: noon_plus(at),
        answered: true,
        status: Some(200),
        took_ms: 12,
        error: None,
        failing_since: None,
    }
}

fn failed(service: &str, at: i64, since: i64) -> UptimeProbe {
    UptimeProbe {
        answered: false,
        status: None,
        took_ms: 10_000,
        error: Some("shop.example.org did not answer within 10 s".into()),
        failing_since: Some(noon_plus(since)),
        ..answered(service, at)
    }
}

async fn a_probe_replaces_the_one_before(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog, "a", 0).await;
    for service in ["till", "reception"] {
        set_url(&catalog, service, Some(URL)).await;
    }
    assert_eq!(catalog.uptime_probes().await.unwrap(), []);
    let first = [answered("till", 0), failed("reception", 0, 0)];
    catalog.record_uptime_probes(&lease, &first).await.unwrap();
    let [till, reception] = first;
    assert_eq!(catalog.uptime_probes().await.unwrap(), [reception, till.clone()]);
    // Both ways, so that nothing is left of what was before.
    let (back, down) = (answered("reception", 60), failed("till", 120, 60));
    catalog.record_uptime_probes(&lease, std::slice::from_ref(&back)).await.unwrap();
    assert_eq!(catalog.uptime_probes().await.unwrap(), [back.clone(), till]);
    catalog.record_uptime_probes(&lease, std::slice::from_ref(&down)).await.unwrap();
    assert_eq!(catalog.uptime_probes().await.unwrap(), [back.clone(), down]);
    assert_eq!(catalog.uptime_probe("reception").await.unwrap(), Some(back));
    assert_eq!(catalog.uptime_probe("nobody").await.unwrap(), None);
}

async fn a_probe_of_another_url_than_the_one_now_is_none(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog, "a", 0).await;
    set_url(&catalog, "till", Some(URL)).await;
    catalog.record_uptime_probes(&lease, &[failed("till", 0, 0)]).await.unwrap();
    set_url(&catalog, "till", Some("https://till.example.org/")).await;
    assert_eq!(catalog.uptime_probe("till").await.unwrap(), None);
    assert_eq!(catalog.uptime_probes().await.unwrap(), []);
    let new = UptimeProbe { url: "https://till.example.org/".into(), ..answered("till", 60) };
    catalog.record_uptime_probes(&lease, std::slice::from_ref(&new)).await.unwrap();
    assert_eq!(catalog.uptime_probes().await.unwrap(), [new]);
}

async fn who_has_no_url_any_more_is_forgotten(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog, "a", 0).await;
    for service in ["reception", "till"] {
        set_url(&catalog, service, Some(URL)).await;
    }
    let both = [answered("reception", 0), answered("till", 0)];
    catalog.record_uptime_probes(&lease, &both).await.unwrap();
    set_url(&catalog, "till", None).await;
    catalog.record_uptime_probes(&lease, &[]).await.unwrap();
    // Whoever gives it the same URL again is told nothing of before.
    set_url(&catalog, "till", Some(URL)).await;
    assert_eq!(catalog.uptime_probes().await.unwrap(), both[..1]);
}

async fn of_a_wrong_text_no_probe_is_recorded(database: Arc<Database>) {
    let catalog = database.catalog().await;
    let lease = lease(&catalog, "a", 0).await;
    set_url(&catalog, "till", Some(URL)).await;
    let wrong = UptimeProbe { url: "ftp://shop.example.org".into(), ..answered("reception", 0) };
    let refused = catalog.record_uptime_probes(&lease, &[answered("till", 0), wrong]).await;
    assert!(matches!(refused, Err(CatalogError::Refused { field: "url", .. })), "{refused:?}");
    assert_eq!(catalog.uptime_probes().await.unwrap(), []);
    let long = UptimeProbe { error: Some("x".repeat(2_000)), ..failed("till", 0, 0) };
    catalog.record_uptime_probes(&lease, &[long]).await.unwrap();
    let kept = catalog.uptime_probe("till").await.unwrap().unwrap().error;
    assert_eq!(kept, Some("x".repeat(1_024)));
}

async fn who_has_lost_the_lease_records_no_probe(database: Arc<Database>) {
    let catalog = database.catalog().await;
    set_url(&catalog, "till", Some(URL)).await;
    let lost = lease(&catalog, "a", 0).await;
    let held = lease(&catalog, "b", 60).await;
    let late = catalog.record_uptime_probes(&lost, &[answered("till", 61)]).await;
    assert!(matches!(late, Err(CatalogError::LeaseLost(_))), "{late:?}");
    assert_eq!(catalog.uptime_probes().await.unwrap(), []);
    catalog.record_uptime_probes(&held, &[answered("till", 61)]).await.unwrap();
    assert_eq!(catalog.uptime_probes().await.unwrap().len(), 1);
}
