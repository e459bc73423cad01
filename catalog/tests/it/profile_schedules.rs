use std::sync::Arc;

use seaworthy_catalog::{CatalogError, ProfileSchedule};

use crate::{
    accounts::actor,
    database::{Database, noon_plus, on_both_databases},
};

on_both_databases!(
    profiles_are_due_every_so_often_for_one_who_asks,
    a_schedule_is_changed_and_ended,
    a_schedule_keeps_within_bounds,
);

const HOURLY: ProfileSchedule = ProfileSchedule { every_minutes: 60, cpu: true, heap: true, tasks: false };

async fn profiles_are_due_every_so_often_for_one_who_asks(database: Arc<Database>) {
    let catalog = database.catalog().await;
    assert_eq!(catalog.begin_scheduled_profiles(noon_plus(0)).await.unwrap(), []);
    for service in ["roastery", "reception"] {
        catalog.set_profile_schedule(service, Some(HOURLY), &actor(), noon_plus(0)).await.unwrap();
    }
    for (at, due) in [(0, 2), (0, 0), (3_599, 0), (3_600, 2), (3_601, 0)] {
        let begun = catalog.begin_scheduled_profiles(noon_plus(at)).await.unwrap();
        assert_eq!(begun.len(), due, "after {at} s");
    }
    let again = database.catalog().await;
    let (one, other) = tokio::join!(
        catalog.begin_scheduled_profiles(noon_plus(7_300)),
        again.begin_scheduled_profiles(noon_plus(7_300))
    );
    assert_eq!(one.unwrap().len() + other.unwrap().len(), 2);
}

async fn a_schedule_is_changed_and_ended(database: Arc<Database>) {
    let catalog = database.catalog().await;
    catalog.set_profile_schedule("reception", Some(HOURLY), &actor(), noon_plus(0)).await.unwrap();
    catalog.begin_scheduled_profiles(noon_plus(1)).await.unwrap();
    let daily = ProfileSchedule { every_minutes: 24 * 60, cpu: false, heap: false, tasks: true };
    catalog.set_profile_schedule("reception", Some(daily), &actor(), noon_plus(9)).await.unwrap();
    let stored = catalog.profile_schedule("reception").await.unwrap().unwrap();
    assert_eq!((stored.schedule, stored.updated_by), (daily, actor().login));
    assert_eq!((stored.updated_at, stored.begun_at), (noon_plus(9), Some(noon_plus(1))));
    catalog.set_profile_schedule("reception", None, &actor(), noon_plus(10)).await.unwrap();
    assert_eq!(catalog.profile_schedule("reception").await.unwrap(), None);
    assert_eq!(catalog.audit_log(None, 1).await.unwrap()[0].action, "ended the schedule of profiles of");
}

async fn a_schedule_keeps_within_bounds(database: Arc<Database>) {
    let catalog = database.catalog().await;
    for schedule in [
        ProfileSchedule { every_minutes: 4, ..HOURLY },
        ProfileSchedule { every_minutes: 10_081, ..HOURLY },
        ProfileSchedule { cpu: false, heap: false, ..HOURLY },
    ] {
        let refused = catalog.set_profile_schedule("reception", Some(schedule), &actor(), noon_plus(0)).await;
        assert!(matches!(refused, Err(CatalogError::Refused { .. })), "{refused:?}");
    }
}
