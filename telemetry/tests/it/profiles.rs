use seaworthy_telemetry::{
    Telemetry,
    model::Window,
    profile::{LastProfile, ProfileId, ProfileInfo, ProfileQuery, StoredProfile},
};

use crate::support::{ALWAYS, DAY, MINUTE, NOON, open, store};

fn info(service: &str, kind: &str, taken_at: u64) -> ProfileInfo {
    ProfileInfo {
        service: service.into(),
        instance: "a".into(),
        version: "1.8.2".into(),
        commit: "4f1c2aa".into(),
        environment: "production".into(),
        kind: kind.into(),
        taken_at,
        duration: 10_000_000_000,
        samples: 1_005,
        total: 10_050_000_000,
        unit: "nanoseconds".into(),
        asked_by: "ines".into(),
    }
}

fn query(service: &str) -> ProfileQuery {
    let service = service.into();
    ProfileQuery { service, kind: None, instance: None, version: None, window: ALWAYS, limit: 100 }
}

fn times(found: &[StoredProfile]) -> Vec<u64> {
    found.iter().map(|profile| profile.info.taken_at).collect()
}

#[tokio::test]
async fn a_profile_is_found_again_as_it_came_and_after_reopening() {
    let (store, folder) = store();
    let sent = info("reception", "cpu", NOON);
    let id = store.append_profile(sent.clone(), vec![7; 100]).await.unwrap();
    assert_eq!(store.append_profile(sent.clone(), vec![7; 100]).await.unwrap(), id, "it was sent twice");
    store.close().await;
    let store = open(&folder);
    let (stored, body) = store.profile(id).await.unwrap().unwrap();
    assert_eq!((stored.clone(), body), (StoredProfile { id, info: sent, bytes: 100 }, vec![7; 100]));
    assert_eq!(store.profiles(query("reception")).await.unwrap(), [stored]);
    assert_eq!(store.profile(ProfileId(id.0 + 1)).await.unwrap(), None);
    assert_eq!(store.profile(ProfileId(u64::MAX)).await.unwrap(), None, "a day that never was");
    assert_eq!(id.to_string().parse(), Ok(id));
    for other in ["", "17", "0000000000000000f", "+00000000000000f"] {
        assert!(other.parse::<ProfileId>().is_err(), "{other}");
    }
}

#[tokio::test]
async fn profiles_are_found_by_what_they_are_of_the_latest_first() {
    let (store, _folder) = store();
    for (service, kind, taken_at) in [
        ("reception", "cpu", NOON - DAY),
        ("reception", "heap", NOON - MINUTE),
        ("reception", "cpu", NOON),
        ("roastery", "cpu", NOON + MINUTE),
    ] {
        store.append_profile(info(service, kind, taken_at), vec![1]).await.unwrap();
    }
    let all = store.profiles(query("reception")).await.unwrap();
    assert_eq!(times(&all), [NOON, NOON - MINUTE, NOON - DAY]);
    let two = store.profiles(ProfileQuery { limit: 2, ..query("reception") }).await.unwrap();
    assert_eq!(times(&two), [NOON, NOON - MINUTE]);
    let cpu = ProfileQuery { kind: Some("cpu".into()), ..query("reception") };
    assert_eq!(times(&store.profiles(cpu).await.unwrap()), [NOON, NOON - DAY]);
    for (instance, version) in [(Some("b"), None), (None, Some("1.8.1"))] {
        let (instance, version) = (instance.map(str::to_owned), version.map(str::to_owned));
        let none = ProfileQuery { instance, version, ..query("reception") };
        assert_eq!(store.profiles(none).await.unwrap(), []);
    }
    let minute = Window { from: NOON - MINUTE, to: NOON };
    let found = store.profiles(ProfileQuery { window: minute, ..query("reception") }).await.unwrap();
    assert_eq!(times(&found), [NOON - MINUTE]);
}

#[tokio::test]
async fn the_latest_of_each_kind_and_build_is_known() {
    let (store, _folder) = store();
    for (kind, taken_at) in [("cpu", NOON - DAY), ("cpu", NOON), ("cpu", NOON - MINUTE), ("heap", NOON - DAY)]
    {
        store.append_profile(info("reception", kind, taken_at), vec![1]).await.unwrap();
    }
    let mut last = store.last_profiles(ALWAYS).await.unwrap();
    last.sort_by(|one, other| one.kind.cmp(&other.kind));
    let of = |kind: &str, taken_at| LastProfile {
        service: "reception".into(),
        version: "1.8.2".into(),
        commit: "4f1c2aa".into(),
        kind: kind.into(),
        taken_at,
    };
    assert_eq!(last, [of("cpu", NOON), of("heap", NOON - DAY)]);
}

#[tokio::test]
async fn profiles_go_with_their_day() {
    let (store, _folder) = store();
    let old = store.append_profile(info("reception", "cpu", NOON - 3 * DAY), vec![1]).await.unwrap();
    let kept = store.append_profile(info("reception", "cpu", NOON), vec![1]).await.unwrap();
    let now = jiff::Timestamp::from_second((NOON / 1_000_000_000) as i64).unwrap();
    store.retain(now, 2).await.unwrap();
    assert!(store.profile(old).await.unwrap().is_none());
    assert!(store.profile(kept).await.unwrap().is_some());
}
